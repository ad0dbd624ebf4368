"""The ground: one database on which one script after another is played, each on the same beginning."""

import shutil
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from api.database import Database
from tests.conftest import Databases
from tests.leaks.playing import play
from tests.leaks.readers import begin
from tests.leaks.sameness import Same
from tests.leaks.script import Script

# A statement is made once for all scripts; a service has one database, and asks fewer questions in a row.
_STATEMENTS = 20_000
# Databases on a server that are done with are thrown away so many at a time: each alone has it write everything down.
_MOST_DONE = 30


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
        for engine in self.database.engines:
            engine._compiled_cache.capacity = _STATEMENTS
        self._name = self._now = name_of(self.database)
        self._numbers, self._done, self._kept = count(1), list[str](), dict[str, str]()
        if databases.postgres is not None:
            event.listen(self.database.engine, "do_connect", self._connect_to_what_is_now)

    def _connect_to_what_is_now(self, _dialect: Any, _record: Any, _given: Sequence[Any], told: dict[str, Any]) -> None:
        told["dbname"] = self._now

    def lay(self, script: Script) -> None:
        """Make the database what a script makes of the beginning."""
        self._become(self._beginning)
        play(self.database, script, self.same)

    def keep(self, name: str) -> None:
        """Keep what the database is now under a name, to lay it again."""
        self._let_go()
        self._kept[name] = self._now
        if self._databases.postgres is None:
            self._kept[name] = f"{self._name}_{name}"
            self._copy(self._name, self._kept[name])

    def lay_kept(self, name: str) -> None:
        """Make the database what was kept under a name."""
        self._become(self._kept[name])

    def served(self) -> Database:
        """The database as it is now, for another process; nothing may be connected to it."""
        self._let_go()
        if self._databases.postgres is None:
            return self.database
        return Database(self._databases.postgres(self._now))

    def _let_go(self) -> None:
        """Close every connection; what was compiled is kept, since the next script asks the same."""
        for engine in self.database.engines:
            engine.dispose()

    def _become(self, template: str) -> None:
        """Put a copy of a database in place of the one that is there; nothing may be connected to either."""
        self._let_go()
        if self._databases.postgres is None:
            self._copy(template, self._name)
            return
        self._done += [self._now] if self._now not in {self._name, template, *self._kept.values()} else []
        self._now = f"{self._name}_{next(self._numbers)}"
        done = self._done[:_MOST_DONE] if len(self._done) > _MOST_DONE else []
        self._done = self._done[len(done) :]
        made = f'CREATE DATABASE "{self._now}" TEMPLATE "{template}" STRATEGY FILE_COPY'
        self._on_the_server(made, *(f'DROP DATABASE "{name}"' for name in done))

    def _copy(self, template: str, name: str) -> None:
        """Copy a file over another."""
        folder = self._databases.folder
        for end in ("-wal", "-shm"):
            (folder / f"{name}.db{end}").unlink(missing_ok=True)
        shutil.copy(folder / f"{template}.db", folder / f"{name}.db")

    def _on_the_server(self, *statements: str) -> None:
        """Do something on the server."""
        assert self._databases.postgres is not None
        server = Database(self._databases.postgres("postgres"))
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for statement in statements:
                connection.execute(text(statement))
        server.close()


def name_of(database: Database) -> str:
    """By what name the databases of an engine know one."""
    return Path(database.url.database or "").stem
