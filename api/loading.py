"""Getting a database ready to answer: the schema of this version, and the published record where it is empty."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from api.database import Database
from models.changes import last_seq
from models.schema import migrate
from seed.load import Loaded, load

LOADER = "mappa-trace seed"


def bring_up_to_date(database: Database, revision: str = "head") -> None:
    """Migrate the database, whole or not at all."""
    with database.migrating() as connection:
        migrate(connection, revision)


def is_empty(database: Database) -> bool:
    """Whether the database holds nothing yet."""
    with database.reading() as session:
        return _nothing(session)


def _nothing(session: Session) -> bool:
    """Whether there is no change on record, and so nothing at all."""
    return last_seq(session) == 0


def seed(database: Database, folder: Path, advance: Callable[[str], None] = lambda _ref: None) -> Loaded:
    """Load a data set in one transaction; entries that are there already stay as they are."""
    with database.writing(LOADER, f"Load the published record {folder.name}") as session:
        loaded = load(session, folder, advance)
    database.take_stock()
    return loaded


def prepare(database: Database, folder: Path, advance: Callable[[str], None] = lambda _ref: None) -> Loaded | None:
    """Migrate, and load the data set if the database is empty; what was loaded, if anything."""
    bring_up_to_date(database)
    return seed(database, folder, advance) if is_empty(database) else None
