"""Writing very many rows: nothing checks them one by one, and what helps to find them is made when they are there.

For databases of measurements alone, which are made anew when this fails.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from api.database import Database

_CACHE_KIB = 1_500_000


class Bulk(ABC):
    """A connection that takes rows in bulk."""

    def __init__(self, connection: Any) -> None:
        """Begin a transaction on a connection of the driver."""
        self.connection = connection

    @abstractmethod
    def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of a table."""

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self.connection.execute(statement)


class _OnSQLite(Bulk):
    """Rows for SQLite: one prepared statement for each table."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of a table."""
        marks = ", ".join("?" * len(columns))
        self.connection.executemany(f"INSERT INTO {table} ({', '.join(_quoted(columns))}) VALUES ({marks})", rows)  # noqa: S608


class _OnPostgreSQL(Bulk):
    """Rows for PostgreSQL: copied."""

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows of a table."""
        with (
            self.connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({', '.join(_quoted(columns))}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)


def _quoted(columns: Sequence[str]) -> list[str]:
    """Names of columns as a statement has them, words of SQL too."""
    return [f'"{name}"' for name in columns]


@contextmanager
def bulk(database: Database) -> Iterator[Bulk]:
    """A connection for rows in bulk; afterwards the database has its triggers and indexes again."""
    database.close()  # SQLite goes without a journal only while nothing else is connected
    lent = database.engine.raw_connection()
    connection: Any = lent.driver_connection
    lent.detach()
    with closing(connection):
        yield from (_on_sqlite if database.is_sqlite else _on_postgresql)(connection)


def _on_sqlite(connection: Any) -> Iterator[Bulk]:
    """SQLite: without a journal, all rows in one transaction."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    pragmas = ("query_only = OFF", "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF")
    for pragma in (*pragmas, f"cache_size = -{_CACHE_KIB}", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    named = "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL"
    kept = connection.execute(f"{named} ORDER BY type").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for kind, name, _sql in kept:
        connection.execute(f"DROP {kind} {name}")
    yield _OnSQLite(connection)
    for _kind, _name, sql in kept:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL").fetchall()


def _on_postgresql(connection: Any) -> Iterator[Bulk]:
    """PostgreSQL: as a replica, whose rows were checked where they came from."""
    connection.rollback()
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '1GB'")
    kept = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)"
    ).fetchall()
    for name, _definition in kept:
        connection.execute(f'DROP INDEX "{name}"')
    yield _OnPostgreSQL(connection)
    for _name, definition in kept:
        connection.execute(definition)
    for table in ("item", "link"):
        connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")  # noqa: S608
    connection.execute("SET session_replication_role = DEFAULT")
    connection.commit()
