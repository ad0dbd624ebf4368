"""A database made ready for measuring: filled on either engine, its data as files for the peers."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.database import Database
from api.loading import bring_up_to_date, is_empty
from api.settings import VAR
from bench.connecting import connected
from bench.filling import fill
from bench.known_at import url_of
from bench.programme import Size
from bench.raw import Asker

_ITEMS = (
    "SELECT item.id, item.ref, item.kind, item.title, item.parent_id, item.owner_id, evidence.evidence_kind "
    "FROM item LEFT JOIN evidence ON evidence.id = item.id WHERE item.withdrawn_seq IS NULL ORDER BY item.id"
)
_LINKS = (
    "SELECT id, ref, type, source_id, target_id, basis, rationale FROM link WHERE withdrawn_seq IS NULL ORDER BY id"
)


@dataclass
class Ready:
    """A filled database, a bare connection to it, and the folder with its files."""

    size: Size
    url: str
    folder: Path
    database: Database
    asker: Asker

    @property
    def engine(self) -> str:
        """Which engine it is on."""
        return "sqlite" if self.database.is_sqlite else "postgresql"

    def id_of(self, ref: str) -> int:
        """The id of an item."""
        return int(self.asker.all("SELECT id FROM item WHERE ref = ?", ref)[0][0])


@contextmanager
def prepared(engine: str, size: Size, advance: Callable[[int], None]) -> Iterator[Ready]:
    """A filled database, kept under var/; one that a run before this has filled is taken as it is."""
    folder = VAR / f"bench-{engine}-{size.name}"
    folder.mkdir(parents=True, exist_ok=True)
    with url_of(engine, folder) as url:
        database = Database(url)
        bring_up_to_date(database)
        if is_empty(database):
            fill(database, size, advance)
        yield Ready(size, url, folder, database, connected(url))
        database.close()


def write_files(ready: Ready) -> None:
    """Write the items and the links that everybody sees as CSV files, for the peers."""
    for name, statement in (("item", _ITEMS), ("link", _LINKS)):
        names, rows = ready.asker.named(statement)
        with (ready.folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(rows)
