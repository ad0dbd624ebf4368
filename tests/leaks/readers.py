"""The readers: one for each role, with its key; and the bodies and keys with which every script begins."""

from typing import NamedTuple

from api.access import SCOPES
from api.database import Database
from models.lens import Lens
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key
from tests.factories import an
from tests.leaks.sameness import Same

A, B, C = BODIES = ("body-a", "body-b", "body-c")
# Whoever sees the whole record, and what stands in it in plain.
KEEPER = "keeper"
KEEPERS_KEY = "key-of-the-keeper-0123456789"
BEGINNING = "2020-01-01T00:00:00.000000Z"


class Reader(NamedTuple):
    """Who reads: his role, the highest handling that he sees, and his body."""

    name: str
    role: str
    clearance: str = "PUBLIC"
    body: str | None = None

    @property
    def level(self) -> int:
        """His clearance as a number."""
        return HANDLINGS.index(self.clearance)

    @property
    def key(self) -> str | None:
        """The secret of his key; the public has none."""
        return None if self.role == "public" else f"mtr_secret-of-{self.name}-0123456789"

    @property
    def headers(self) -> dict[str, str]:
        """How he says who he is."""
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}


PUBLIC = Reader("public", "public")
OFFICER = Reader("officer-a", "officer", "OFFICIAL", A)
INSPECTOR_B = Reader("inspector-b", "inspector", "OFFICIAL-SENSITIVE", B)
INSPECTOR_A = Reader("inspector-a", "inspector", "OFFICIAL", A)
OFFICE = Reader("office-b", "programme_office", "PUBLIC", B)
MACHINE = Reader("machine-a", "machine", "OFFICIAL", A)
ADMIN = Reader("admin", "admin")
AUDITOR = Reader("auditor", "auditor")
READERS = (PUBLIC, OFFICER, INSPECTOR_B, INSPECTOR_A, OFFICE, MACHINE, ADMIN, AUDITOR)


def begin(database: Database, same: Same) -> None:
    """Write the bodies and the keys: what is there before, and whatever, a script writes."""
    same.now = BEGINNING
    with database.writing("operator", "The bodies and keys") as session:
        for ref in BODIES:
            an("body", session, ref=ref, title=f"The body {ref[-1].upper()}", is_group=ref == C)
        for reader in READERS:
            if reader.key is None:
                continue
            same.begin(reader.name)
            values = {"name": reader.name, "role": reader.role, "body": reader.body, "clearance": reader.clearance}
            scopes = {"scopes": list(SCOPES)} if reader.role == "machine" else {}
            same.keep(reader.key)
            add_key(session, Lens(whole=True), values | scopes, "operator", alone=True)
