"""A database as it describes itself: its tables, constraints, indexes, guards, and rows."""

import warnings
from typing import Any

from sqlalchemy import inspect, select, text

from api.database import Database
from models.base import Base
from models.baselines import Baseline
from models.replies import Reply

assert {Baseline.__tablename__, Reply.__tablename__} <= set(Base.metadata.tables)  # the metadata is whole
TABLES = sorted(Base.metadata.tables)
# The index on an expression cannot be read back on SQLite; its text is compared instead.
UNREADABLE = r"(Skipped unsupported reflection of|autogenerate skipping metadata-specified) expression-based index"


def _plain(part: dict[str, Any]) -> dict[str, Any]:
    """A column, constraint or index whose type and conditions can be compared."""
    options = {name: str(value) for name, value in part.get("dialect_options", {}).items()}
    return part | {"type": str(part.get("type")), "dialect_options": options}


def _described(part: Any) -> Any:
    """The parts of one sort that a table has, in the order of their names, or the one that it has."""
    return sorted(map(_plain, part), key=lambda found: str(found["name"])) if isinstance(part, list) else part


def everything_of(database: Database) -> dict[str, dict[str, Any]]:
    """What the database says of all of its tables; each sort of part is asked for of all of them at once."""
    with warnings.catch_warnings(), database.engine.connect() as connection:
        warnings.filterwarnings("ignore", UNREADABLE)
        inspector = inspect(connection)
        parts = {
            "columns": inspector.get_multi_columns(),
            "primary": inspector.get_multi_pk_constraint(),
            "foreign": inspector.get_multi_foreign_keys(),
            "unique": inspector.get_multi_unique_constraints(),
            "checks": inspector.get_multi_check_constraints(),
            "indexes": inspector.get_multi_indexes(),
        }
    return {table: {name: _described(found[None, table]) for name, found in parts.items()} for table in TABLES}


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
