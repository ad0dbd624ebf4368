"""The ground: one database on which one script after another is played, each on the same beginning."""

import shutil
from pathlib import Path

from sqlalchemy import text

from api.database import Database
from tests.conftest import Databases
from tests.leaks.playing import play
from tests.leaks.readers import begin
from tests.leaks.sameness import Same
from tests.leaks.script import Script

# A statement is made once for all scripts; a service has one database, and asks fewer questions in a row.
_STATEMENTS = 20_000


class Ground:
    """A database of one engine that is laid anew for each script."""

    def __init__(self, databases: Databases, same: Same) -> None:
        """Make what every script begins with, and the database to play on."""
        self._databases, self.same = databases, same
        beginning = databases.copy("empty")
        begin(beginning, same)
        beginning.close()
        self._beginning = name_of(beginning)
        self.database = databases.copy(self._beginning)
        self.database.engine._compiled_cache.capacity = _STATEMENTS
        self._name = name_of(self.database)

    @property
    def url(self) -> str:
        """Where the database is."""
        return self.database.url.render_as_string(hide_password=False)

    def lay(self, script: Script) -> None:
        """Make the database what a script makes of the beginning."""
        self._replace(self._name, self._beginning)
        play(self.database, script, self.same)

    def keep(self) -> None:
        """Keep what the database is now, to lay it again."""
        self._replace(f"{self._name}_kept", self._name)

    def lay_kept(self) -> None:
        """Make the database what was kept."""
        self._replace(self._name, f"{self._name}_kept")

    def _replace(self, name: str, template: str) -> None:
        """Put a copy of a database in place of another; nothing may be connected to either."""
        self.database.close()
        if self._databases.postgres is None:
            folder = self._databases.folder
            for end in ("-wal", "-shm"):
                (folder / f"{name}.db{end}").unlink(missing_ok=True)
            shutil.copy(folder / f"{template}.db", folder / f"{name}.db")
            return
        server = Database(self._databases.postgres("postgres"))
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        server.close()


def name_of(database: Database) -> str:
    """By what name the databases of an engine know one."""
    return Path(database.url.database or "").stem
