"""The engines: how connections to SQLite and PostgreSQL are made, set up, and given up."""

from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext

from api.limits import POOL_WAIT, WRITE_WAIT

try:
    import pysqlite3 as sqlite
except ImportError:  # no wheel for this machine: the SQLite that Python came with
    import sqlite3 as sqlite

__all__ = ("BUSY", "postgresql_engine", "sqlite", "sqlite_engine")

# Before this version a reset of the write-ahead log could corrupt the file; such a SQLite keeps to the older journal.
_SAFE_WAL = (3, 51, 3)
# SQLite's codes of what is wrong with a connection's file: https://www.sqlite.org/rescode.html
_READONLY, _IOERR, _CANTOPEN = 8, 10, 14
# Compiled statements hold what they were made of, for every shape of lens that asked: no more of them than are hot.
_POOL: dict[str, Any] = {
    "pool_size": 10,
    "pool_timeout": POOL_WAIT.most,
    "pool_use_lifo": True,  # what was used last has the statements at hand
    "query_cache_size": 250,
    "hide_parameters": True,
}
BUSY = f"busy_timeout = {1000 * WRITE_WAIT.most}"
# How many operations of SQLite go by between two looks at the clock: well under a millisecond.
_OPERATIONS = 10_000


def sqlite_engine(url: str, seconds: float | None, *, reads: bool = False) -> Engine:
    """An engine for an SQLite file: WAL, durable commits, foreign keys, and transactions that we begin ourselves.

    One that `reads` cannot write. A connection that could now write and now not would do for both, but each time that
    it is told so, SQLite prepares every statement anew: for a question that takes 1 ms that takes 5.
    """
    engine = create_engine(url, module=sqlite, paramstyle="named", **_POOL)
    event.listen(engine, "connect", _prepare)
    if reads:
        event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only = ON"))
    event.listen(engine, "begin", _begin)
    event.listen(engine, "handle_error", _let_go_of_unusable)
    if seconds is not None:
        _stop_after(engine, seconds)
    return engine


def _stop_after(engine: Engine, seconds: float) -> None:
    """Let SQLite stop a statement that takes longer."""

    @event.listens_for(engine, "connect")
    def _watch(connection: Any, record: Any) -> None:
        until = record.info["until"] = [inf]
        connection.set_progress_handler(lambda: monotonic() > until[0], _OPERATIONS)

    @event.listens_for(engine, "before_cursor_execute")
    def _start(connection: Connection, *_args: Any) -> None:
        migrating = connection.get_execution_options().get("migrating")
        connection.info["until"][0] = inf if migrating else monotonic() + seconds


def postgresql_engine(url: str, seconds: float | None, **options: Any) -> Engine:
    """An engine for PostgreSQL, without compiling: that takes longer than any question that we ask."""
    engine = create_engine(url, **_POOL, **options)

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        """Set up a new connection."""
        connection.prepare_threshold, connection.prepared_max = 1, _POOL["query_cache_size"]
        connection.autocommit = True
        connection.execute("SET jit = off")
        if seconds is not None:
            connection.execute(f"SET statement_timeout = {1000 * seconds:.0f}")
        connection.autocommit = False

    event.listen(engine, "rollback", _roll_back)
    return engine


def _roll_back(connection: Connection) -> None:
    """Roll back by libpq itself: psycopg would forget what PostgreSQL has prepared, and have all of it planned anew.

    It forgets because a statement may have been prepared for a table that is rolled back with it: only where one
    migrates. The rest of the time a request that is refused, or finds nothing, would make the next ones slow.
    """
    if connection.invalidated or connection.get_execution_options().get("migrating"):
        return
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name in {"INTRANS", "INERROR"}:
        driver.pgconn.exec_(b"ROLLBACK")


def _prepare(connection: Any, _record: Any) -> None:
    """Set up a new SQLite connection."""
    connection.isolation_level = None
    journal = "WAL" if sqlite.sqlite_version_info >= _SAFE_WAL else "DELETE"
    for pragma in (f"journal_mode = {journal}", "synchronous = FULL", "foreign_keys = ON", BUSY):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA secure_delete = ON")  # what is no longer stored is overwritten


def _let_go_of_unusable(context: ExceptionContext) -> None:
    """Give up connections that can no longer write or read their file; new ones may, once what was wrong is mended.

    All of them where the file may only be read, which each of them would find out for itself. Otherwise that one alone:
    with the last of them SQLite's log would be closed, and where nothing can be written, none could open it again.
    """
    code = getattr(context.original_exception, "sqlite_errorcode", 0) & 0xFF  # the rest of it tells more exactly why
    if code in {_READONLY, _IOERR, _CANTOPEN}:
        context.is_disconnect = True
        context.invalidate_pool_on_disconnect = code == _READONLY


def _begin(connection: Connection) -> None:
    """Begin a transaction: a writer takes the write lock at once."""
    options = connection.get_execution_options()
    if options.get("hasty"):
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")
    if options.get("migrating"):  # a table that others refer to can only be made anew so
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
