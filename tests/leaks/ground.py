"""The ground: databases that begin with the bodies and keys, copied, played to, and thrown away."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from api.database import Database
from tests.conftest import Databases
from tests.leaks.playing import play
from tests.leaks.readers import begin
from tests.leaks.sameness import Same
from tests.leaks.script import Script


class Ground:
    """Makes databases of one engine, each with what every script begins with."""

    def __init__(self, databases: Databases, same: Same) -> None:
        """Make the one that all others are copies of."""
        self._databases, self._same = databases, same
        database = databases.copy("empty")
        begin(database, same)
        database.close()
        self._begun = name_of(database)
        self.url = database.url.render_as_string(hide_password=False)

    @contextmanager
    def played(self, script: Script) -> Iterator[Database]:
        """A database with what a script makes."""
        with self._copy(self._begun) as database:
            play(database, script, self._same)
            yield database

    @contextmanager
    def copied(self, database: Database) -> Iterator[Database]:
        """A copy of a database, to be written to."""
        database.close()
        with self._copy(name_of(database)) as copy:
            yield copy

    @contextmanager
    def _copy(self, name: str) -> Iterator[Database]:
        """A copy of a database, which is thrown away at the end."""
        database = self._databases.copy(name)
        try:
            yield database
        finally:
            database.close()
            self._databases.opened.remove(database)
            self._drop(database)

    def _drop(self, database: Database) -> None:
        """Throw a database away."""
        if database.file is not None:
            for file in (database.file, *(Path(f"{database.file}-{end}") for end in ("wal", "shm"))):
                file.unlink(missing_ok=True)
            return
        server = Database(self._databases.postgres("postgres"))  # type: ignore[misc]  # there is one
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'DROP DATABASE "{name_of(database)}"'))
        server.close()


def name_of(database: Database) -> str:
    """By what name the databases of an engine know one."""
    return Path(database.url.database or "").stem
