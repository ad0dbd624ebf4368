"""`mappa-trace` with one promise broken, for the controls: `python -m tests.faults.weak WEAKNESS serve ...`.

A checker that finds nothing proves something only if it finds what these lose.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

import api.database
import api.engines
import api.server
import api.transfer
import explorer.cli
from api.database import Database, Uncertain
from models.changes import author
from models.guarding import set_rules

LATER_SECONDS = 0.05


def _answers_first() -> None:
    """Answer a write, and commit it a little later."""

    @contextmanager
    def writing(database: Database, principal: str, reason: str, request_id: str | None = None) -> Iterator[Session]:
        session = database._sessions()
        try:
            session.begin()
            session.connection(execution_options={"writing": True})
            author(session, principal, reason, request_id)
            set_rules(session, database.rules)
            yield session
            session.flush()
        except BaseException:
            session.close()
            raise

        def commit() -> None:
            time.sleep(LATER_SECONDS)
            try:
                session.commit()
            except DBAPIError:
                session.rollback()
            finally:
                session.close()

        Thread(target=commit).start()

    Database.writing = writing  # type: ignore[method-assign]


def _swallows() -> None:
    """Answer a write as done although its commit failed."""
    whole = Database.writing

    @contextmanager
    def writing(database: Database, *told: Any) -> Iterator[Session]:
        done = False
        try:
            with whole(database, *told) as session:
                yield session
                session.flush()
                done = True
        except (DBAPIError, Uncertain):
            if not done:
                raise

    Database.writing = writing  # type: ignore[method-assign]


def _syncs(how: str) -> Callable[[], None]:
    """Flush less to the disk than a commit promises."""

    def weaken() -> None:
        prepare = api.engines._prepare

        def prepared(connection: Any, record: Any) -> None:
            prepare(connection, record)
            connection.execute(f"PRAGMA synchronous = {how}")

        api.engines._prepare = prepared

    return weaken


def _keeps_connections() -> None:
    """Go on with connections that could no longer write, as if that were for ever."""
    api.engines._let_go_of_unusable = lambda _context: None


def _listens_to_few() -> None:
    """Listen to no more clients than waitress does by itself."""
    api.server._most_connections = lambda: 100


def _imports_in_parts() -> None:
    """Commit an import after every hundred changes."""
    whole = api.transfer.replay

    def replay(session: Session, changes: Any, advance: Callable[[int], None]) -> int:
        def committing(seq: int) -> None:
            advance(seq)
            if seq % 100 == 0:
                connection = session.connection()
                connection.connection.commit()
                if connection.dialect.name == "sqlite":
                    connection.exec_driver_sql("BEGIN IMMEDIATE")

        return whole(session, changes, committing)

    api.transfer.replay = replay


def _dies(at: int) -> None:
    """Be killed when an import has done so many changes, or all of them and nothing after."""
    whole = api.transfer.replay

    def replay(session: Session, changes: Any, advance: Callable[[int], None]) -> int:
        def dying(seq: int) -> None:
            advance(seq)
            if seq == at:
                os.kill(os.getpid(), signal.SIGKILL)

        count = whole(session, changes, dying)
        if at > count:
            event.listen(session, "after_commit", lambda _session: os.kill(os.getpid(), signal.SIGKILL))
        return count

    api.transfer.replay = replay


WEAKNESSES: dict[str, Callable[[], None]] = {
    "answers-first": _answers_first,
    "swallows": _swallows,
    "synchronous-normal": _syncs("NORMAL"),
    "synchronous-off": _syncs("OFF"),
    "keeps-connections": _keeps_connections,
    "listens-to-few": _listens_to_few,
    "imports-in-parts": _imports_in_parts,
}


def main() -> int:
    """Break the promises that are named first, with commas between, then do as `mappa-trace` does."""
    for name in sys.argv[1].split(","):
        if name.startswith("dies-at="):
            _dies(int(name.removeprefix("dies-at=")))
        else:
            WEAKNESSES[name]()
    return explorer.cli.main(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
