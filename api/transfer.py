"""Taking the record out of a database and into another: the export as a file, and a file as a database."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from api.database import Database
from api.loading import bring_up_to_date, is_empty
from models.changes import last_seq
from models.lens import Lens
from models.queries.export import digest_of, export
from models.queries.points import point_of
from models.verifier import export_faults
from models.writing.replay import BadRecord, replay

IMPORTER = "mappa-trace import"


def write_export(database: Database, known_at: str | None, file: IO[bytes]) -> int:
    """Write the export of everything, at a point of the record or now; how many changes it holds."""
    with database.reading() as session:
        seq = point_of(session, Lens(whole=True), known_at).seq if known_at is not None else last_seq(session)
        file.writelines(export(session, Lens(known_at=seq, whole=True)))
    return seq


def changes_in(file: Path) -> Iterator[dict[str, Any]]:
    """The changes in an export, in order."""
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"change":'):
                yield json.loads(line)["change"]


def read_export(database: Database, file: Path, advance: Callable[[int], None]) -> int:
    """Make an empty database what the export says, whole or not at all; how many changes it holds.

    The export is checked first; afterwards the export of the database is compared with it, byte for byte.
    """
    with file.open("rb") as lines:
        faults = export_faults(lines)
    if faults:
        raise BadRecord(f"{file.name} is no whole export: {faults[0].where}: {faults[0].what}.")
    bring_up_to_date(database)
    if not is_empty(database):
        raise BadRecord("The database holds something already: import into an empty one.")
    with database.writing(IMPORTER, f"Import {file.name}") as session:
        count = replay(session, changes_in(file), advance)
        session.flush()
        with file.open("rb") as lines:
            told = digest_of(lines)
        if digest_of(export(session, Lens(known_at=count, whole=True))) != told:
            raise BadRecord(f"What was made of {file.name} is not what it says: it was written by another version.")
    database.take_stock()
    return count
