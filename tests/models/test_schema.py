"""The migrations: they make exactly the schema that the classes describe, there and back, and keep what is stored."""

import warnings
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from api.database import Database
from api.loading import bring_up_to_date
from models.base import Base
from models.links import LINK_RULES
from models.schema import TooNew, current, newest
from models.versions import VERSIONS
from tests.models.database_described import TABLES, UNREADABLE, everything_of, guards_of, indexes_of, tables_of


def test_the_migrated_schema_differs_in_nothing_that_alembic_compares(database: Database) -> None:
    with database.engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_the_migrated_schema_has_every_constraint_as_the_classes_have_it(database: Database) -> None:
    migrated = everything_of(database)

    bring_up_to_date(database, "base")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        Base.metadata.create_all(connection)
    described = everything_of(database)

    assert len(migrated["item"]["checks"]) == 14
    for table in TABLES:
        assert migrated[table] == described[table]


WHAT_EVERYBODY_SEES = "handling = 'public' and limited_to is null and embargo_until is null"


@pytest.mark.parametrize(
    ("name", "columns", "where"),
    [
        ("uq_item_external_id", "coalesce(owner_id, 0), external_id)", ""),
        ("uq_item_number", "parent_id, kind, number)", ""),
        ("uq_link_active", "source_id, type, target_id)", "withdrawn_seq is null and "),
    ],
)
def test_names_are_unique_among_what_everybody_sees(database: Database, name: str, columns: str, where: str) -> None:
    unique, _where, rows = indexes_of(database)[name].partition(" where ")

    assert unique.startswith("create unique index")
    assert unique.endswith(columns)
    assert rows.replace("(", "").replace(")", "").replace("::text", "") == where + WHAT_EVERYBODY_SEES


def test_the_migrated_schema_has_every_index_as_the_classes_have_it(database: Database) -> None:
    migrated = indexes_of(database)

    bring_up_to_date(database, "base")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        Base.metadata.create_all(connection)
    described = indexes_of(database)

    migrated.pop("alembic_version_pkc", None)
    described.pop("alembic_version_pkc", None)
    assert migrated == described
    assert {name for name in migrated if name.endswith("_restricted")} == {
        f"ix_{table}_restricted" for table in ("item", "link", "item_version", "link_version")
    }


def test_going_back_leaves_no_table_and_coming_again_makes_the_same(database: Database) -> None:
    before = everything_of(database)

    bring_up_to_date(database, "base")
    nothing = tables_of(database)
    bring_up_to_date(database)

    assert nothing == set()
    assert tables_of(database) == set(TABLES)
    assert everything_of(database) == before


def test_going_back_and_coming_again_brings_every_guard(database: Database) -> None:
    before = guards_of(database)

    bring_up_to_date(database, "base")
    none = guards_of(database)
    bring_up_to_date(database)

    assert none == set()
    assert guards_of(database) == before
    assert len(before) > len(VERSIONS)


def test_a_database_that_is_up_to_date_stays_as_it_is(database: Database) -> None:
    before = everything_of(database)

    bring_up_to_date(database)

    assert everything_of(database) == before
    with database.engine.connect() as connection:
        assert current(connection) == newest()


@pytest.mark.parametrize("revision", ["head", "base", "0001"])
def test_refuses_a_database_of_a_newer_version(database: Database, revision: str) -> None:
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(TooNew, match="9999"):
        bring_up_to_date(database, revision)

    assert tables_of(database) == set(TABLES)
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
