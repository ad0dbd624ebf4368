"""The migrations: they make exactly the schema that the classes describe, there and back."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Inspector, inspect, text

from api.database import Database
from api.loading import bring_up_to_date
from models.base import Base
from models.links import LINK_RULES
from models.schema import TooNew, current, newest

TABLES = sorted(Base.metadata.tables)
# The index on an expression cannot be read back on SQLite; its text is compared instead.
UNREADABLE = r"(Skipped unsupported reflection of|autogenerate skipping metadata-specified) expression-based index"


def _plain(index: Any) -> dict[str, Any]:
    """An index whose conditions can be compared."""
    return {**index, "dialect_options": {name: str(value) for name, value in index["dialect_options"].items()}}


def _described(inspector: Inspector, table: str) -> dict[str, Any]:
    """Everything that the database says of a table."""
    return {
        "columns": [{**column, "type": str(column["type"])} for column in inspector.get_columns(table)],
        "primary": inspector.get_pk_constraint(table),
        "foreign": sorted(inspector.get_foreign_keys(table), key=lambda key: str(key["name"])),
        "unique": sorted(inspector.get_unique_constraints(table), key=lambda key: str(key["name"])),
        "checks": sorted(inspector.get_check_constraints(table), key=lambda check: str(check["name"])),
        "indexes": sorted(map(_plain, inspector.get_indexes(table)), key=lambda index: str(index["name"])),
    }


def _everything(database: Database) -> dict[str, dict[str, Any]]:
    """What the database says of all of its tables."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        inspector = inspect(database.engine)
        return {table: _described(inspector, table) for table in TABLES}


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_migrated_schema_differs_in_nothing_that_alembic_compares(database: Database) -> None:
    with database.engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_the_migrated_schema_has_every_constraint_as_the_classes_have_it(database: Database) -> None:
    migrated = _everything(database)

    bring_up_to_date(database, "base")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        Base.metadata.create_all(connection)
    described = _everything(database)

    assert len(migrated["item"]["checks"]) == 13
    for table in TABLES:
        assert migrated[table] == described[table]


def test_the_index_on_an_expression_is_there(database: Database) -> None:
    where = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'uq_item_external_id'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_item_external_id'",
    }

    with database.engine.connect() as connection:
        defined = connection.scalar(text(where[connection.dialect.name])) or ""

    assert defined.startswith("CREATE UNIQUE INDEX")
    assert "coalesce(owner_id, 0), external_id)" in defined.lower()


def test_going_back_leaves_no_table_and_coming_again_makes_the_same(database: Database) -> None:
    before = _everything(database)

    bring_up_to_date(database, "base")
    nothing = _tables(database)
    bring_up_to_date(database)

    assert nothing == set()
    assert _tables(database) == set(TABLES)
    assert _everything(database) == before


def test_a_database_that_is_up_to_date_stays_as_it_is(database: Database) -> None:
    before = _everything(database)

    bring_up_to_date(database)

    assert _everything(database) == before
    with database.engine.connect() as connection:
        assert current(connection) == newest()


@pytest.mark.parametrize("revision", ["head", "base", "0001"])
def test_refuses_a_database_of_a_newer_version(database: Database, revision: str) -> None:
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(TooNew, match="9999"):
        bring_up_to_date(database, revision)

    assert _tables(database) == set(TABLES)
    with database.engine.connect() as connection:
        assert current(connection) == "9999"


def test_the_rules_of_links_in_the_database_are_those_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT type, source_kind, target_kind FROM link_rule")).mappings().all()

    def order(rule: Any) -> tuple[str, ...]:
        return tuple(rule.values())

    assert sorted(map(dict, rows), key=order) == sorted(LINK_RULES, key=order)


def test_every_table_of_sqlite_is_strict(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'strict.db'}")
    bring_up_to_date(database)

    with database.engine.connect() as connection:
        rows = connection.execute(text("PRAGMA table_list")).mappings().all()
    database.close()

    assert {row["name"] for row in rows if row["strict"]} == set(TABLES)
