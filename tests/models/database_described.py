"""A database as it describes itself: its tables, constraints, indexes, guards, and rows."""

import warnings
from typing import Any

from sqlalchemy import Inspector, inspect, select, text

from api.database import Database
from models.base import Base
from models.baselines import Baseline
from models.replies import Reply

assert {Baseline.__tablename__, Reply.__tablename__} <= set(Base.metadata.tables)  # the metadata is whole
TABLES = sorted(Base.metadata.tables)
# The index on an expression cannot be read back on SQLite; its text is compared instead.
UNREADABLE = r"(Skipped unsupported reflection of|autogenerate skipping metadata-specified) expression-based index"


def _plain(index: Any) -> dict[str, Any]:
    """An index whose conditions can be compared."""
    return {**index, "dialect_options": {name: str(value) for name, value in index["dialect_options"].items()}}


def _described(inspector: Inspector, table: str) -> dict[str, Any]:
    """Everything that the database says of a table."""
    columns = sorted(inspector.get_columns(table), key=lambda column: column["name"])
    return {
        "columns": [{**column, "type": str(column["type"])} for column in columns],
        "primary": inspector.get_pk_constraint(table),
        "foreign": sorted(inspector.get_foreign_keys(table), key=lambda key: str(key["name"])),
        "unique": sorted(inspector.get_unique_constraints(table), key=lambda key: str(key["name"])),
        "checks": sorted(inspector.get_check_constraints(table), key=lambda check: str(check["name"])),
        "indexes": sorted(map(_plain, inspector.get_indexes(table)), key=lambda index: str(index["name"])),
    }


def everything_of(database: Database) -> dict[str, dict[str, Any]]:
    """What the database says of all of its tables."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        inspector = inspect(database.engine)
        return {table: _described(inspector, table) for table in TABLES}


def tables_of(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def indexes_of(database: Database) -> dict[str, str]:
    """What makes each index, as the database tells it."""
    made = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        "postgresql": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    }
    with database.engine.connect() as connection:
        found = connection.execute(text(made[connection.dialect.name]))
        return {name: sql.lower().replace("::character varying", "").replace("::date", "") for name, sql in found}


def guards_of(database: Database) -> set[tuple[str, str]]:
    """The triggers of the database, with what each does; on PostgreSQL the functions and policies, too."""
    triggers = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": (
            "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
            "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "UNION ALL SELECT tablename, qual FROM pg_policies"
        ),
    }
    with database.engine.connect() as connection:
        return {(name, sql) for name, sql in connection.execute(text(triggers[connection.dialect.name]))}


def rows_of(database: Database, table: str) -> list[dict[str, Any]]:
    """The rows of a table, in the order of its key."""
    kept = Base.metadata.tables[table]
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(kept).order_by(*kept.primary_key)).mappings()]
