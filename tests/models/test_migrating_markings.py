"""The revision that brought markings: what was stored before it is as if written now, and nothing hidden goes back."""

import warnings
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, insert, inspect, select
from sqlalchemy.orm import Session

from api.database import Database
from api.loading import bring_up_to_date
from models.base import Base
from models.schema import current, newest
from models.verifier import verify
from tests.conftest import Databases
from tests.factories import an, link
from tests.models.database_described import TABLES, UNREADABLE, everything_of, guards_of, indexes_of, rows_of
from tests.models.releasing import release
from tests.models.small_records import everything_public, random_changes

LATER = date(2999, 1, 1)


@pytest.fixture(scope="module")
def written_now(databases: Databases) -> Database:
    """A record of everything that the second revision knew, written at the newest; for reading only."""
    database = databases.copy("empty")
    with database.writing("an inspector", "to try it") as session:
        everything_public(session)
        random_changes(session, Random(3), 20, hiding=False)  # noqa: S311 - to be drawn again
    return database


@pytest.fixture
def of_the_second(written_now: Database, database: Database) -> Database:
    """The same record, stored at the second revision by plain SQL."""
    bring_up_to_date(database, "base")
    bring_up_to_date(database, "0002")
    with (
        written_now.engine.connect() as source,
        database.engine.connect().execution_options(writing=True) as target,
        target.begin(),
    ):
        _copy(source, target)
    return database


def _copy(source: Connection, target: Connection) -> None:
    """Copy every row that there is a place for."""
    inspector = inspect(target)
    for table in Base.metadata.sorted_tables:
        if table.name not in inspector.get_table_names() or table.name == "link_rule":
            continue
        names = {column["name"] for column in inspector.get_columns(table.name)}
        columns = [column for column in table.c if column.name in names]
        rows = source.execute(select(*columns).order_by(*table.primary_key)).mappings().all()
        if rows:
            target.execute(insert(table).values(dict.fromkeys(names)), [dict(row) for row in rows])


def test_what_was_stored_at_the_second_revision_is_as_if_it_were_written_now(
    of_the_second: Database, written_now: Database
) -> None:
    bring_up_to_date(of_the_second)

    assert {table: rows_of(of_the_second, table) for table in TABLES} == {
        table: rows_of(written_now, table) for table in TABLES
    }
    assert everything_of(of_the_second) == everything_of(written_now)
    assert guards_of(of_the_second) == guards_of(written_now)
    assert indexes_of(of_the_second) == indexes_of(written_now)


def test_the_verifier_finds_nothing_in_what_was_stored_at_the_second_revision(of_the_second: Database) -> None:
    bring_up_to_date(of_the_second)

    with of_the_second.engine.connect() as connection:
        faults = verify(_runs_on(connection))

    assert faults == []


def test_the_second_revision_is_gone_back_to_as_it_was(of_the_second: Database) -> None:
    schema, guards = _there(of_the_second), guards_of(of_the_second)

    bring_up_to_date(of_the_second)
    bring_up_to_date(of_the_second, "0002")

    assert _there(of_the_second) == schema
    assert guards_of(of_the_second) == guards


def _runs_on(connection: Connection) -> Callable[[str], tuple[list[str], list[Any]]]:
    def execute(sql: str) -> tuple[list[str], list[Any]]:
        result = connection.exec_driver_sql(sql)
        return list(result.keys()), list(result.all())

    return execute


def _there(database: Database) -> dict[str, Any]:
    """What is there at an earlier revision: columns, constraints, and rows, of every table but that of revisions."""
    with database.engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        inspector = inspect(connection)
        found: dict[str, Any] = {}
        for table in sorted(set(inspector.get_table_names()) - {"alembic_version"}):
            names = sorted(column["name"] for column in inspector.get_columns(table))
            told = ", ".join(f'"{name}"' for name in names)
            rows = connection.exec_driver_sql(f'SELECT {told} FROM "{table}"').all()  # noqa: S608 - its own names
            unique = sorted(tuple(one["column_names"]) for one in inspector.get_unique_constraints(table))
            checks = sorted(str(one["name"]) for one in inspector.get_check_constraints(table))
            found[table] = (names, unique, checks, sorted(map(repr, rows)))
    return found


def _hide_an_item(session: Session) -> None:
    an("evidence", session, handling="OFFICIAL")


def _limit_an_item(session: Session) -> None:
    an("evidence", session, limited_to="body")


def _hold_an_item_back(session: Session) -> None:
    an("evidence", session, embargo_until=LATER, embargo_bodies="body")


def _hide_a_link(session: Session) -> None:
    link(session, an("evidence", session), "derived_from", an("source", session), limited_to="body")


def _hide_what_is_withdrawn(session: Session) -> None:
    item = an("evidence", session, handling="OFFICIAL-SENSITIVE")
    item.withdraw()
    session.flush()


def _release_what_was_limited(session: Session) -> None:
    item = an("evidence", session, limited_to="body")
    release(session, item)


@pytest.mark.parametrize(
    "hide",
    [
        _hide_an_item,
        _limit_an_item,
        _hold_an_item_back,
        _hide_a_link,
        _hide_what_is_withdrawn,
        _release_what_was_limited,
    ],
)
@pytest.mark.parametrize("revision", ["0002", "0001", "base"])
def test_nobody_goes_back_while_something_is_or_was_hidden(
    database: Database, hide: Callable[[Session], None], revision: str
) -> None:
    with database.writing("an inspector", "to try it") as session:
        hide(session)
    before = {table: rows_of(database, table) for table in TABLES}
    schema, guards = everything_of(database), guards_of(database)

    with pytest.raises(RuntimeError, match="hidden from some readers"):
        bring_up_to_date(database, revision)

    assert {table: rows_of(database, table) for table in TABLES} == before
    assert (everything_of(database), guards_of(database)) == (schema, guards)
    with database.engine.connect() as connection:
        assert current(connection) == newest()


def _two_parts_of_one_number(session: Session) -> None:
    whole = an("review", session, ref="whole", published_on=date(2020, 1, 1), handling="OFFICIAL")
    for ref in ("one", "two"):
        an("recommendation", session, ref=ref, parent=whole, number=1, handling="OFFICIAL")


def _two_of_one_external_id(session: Session) -> None:
    for ref in ("one", "two"):
        an("evidence", session, ref=ref, external_id="X", handling="OFFICIAL")


def _two_links_between_two_ends(session: Session) -> None:
    ends = an("evidence", session, ref="one"), an("source", session, ref="two")
    for ref in ("first", "second"):
        link(session, ends[0], "derived_from", ends[1], ref=ref, limited_to="body")


@pytest.mark.parametrize("name_twice", [_two_parts_of_one_number, _two_of_one_external_id, _two_links_between_two_ends])
def test_what_has_one_name_and_one_marking_twice_does_not_go_back(
    database: Database, name_twice: Callable[[Session], None]
) -> None:
    with database.writing("test", "test") as session:
        name_twice(session)

    with pytest.raises(RuntimeError, match="have the same name and marking"):
        bring_up_to_date(database, "0005")

    with database.engine.connect() as connection:
        assert current(connection) == newest()
