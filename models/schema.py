"""Bringing a database to the schema of this version, and telling when it is of a newer one."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from models.errors import DomainError


class TooNew(DomainError):
    """The database was made by a newer version of the service than this one."""

    def __init__(self, revision: str) -> None:
        """Name the revision that is not known here."""
        super().__init__(f"The database is at revision '{revision}', which this version of the service does not know.")


def _config(connection: Connection) -> Config:
    """Alembic's settings: the scripts beside this file, the connection handed in."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def current(connection: Connection) -> str | None:
    """The revision that the database is at; None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


@cache
def newest() -> str | None:
    """The newest revision that this version of the service knows."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the database to a revision, by default the newest; refuses a database that is newer."""
    at = current(connection)
    known = {script.revision for script in ScriptDirectory(str(Path(__file__).parent / "migrations")).walk_revisions()}
    if at is not None and at not in known:
        raise TooNew(at)
    if at is not None and revision != "head":
        command.downgrade(_config(connection), revision)
    elif at != newest():
        command.upgrade(_config(connection), revision)
