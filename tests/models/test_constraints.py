"""What the tables themselves refuse, whoever writes: every named constraint, attacked with plain SQL.

The triggers, which would refuse some of it first, are out of the way; test_guards.py attacks them.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column, Connection, ForeignKeyConstraint, Index, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import Database
from models.base import Base
from models.baselines import Baseline
from models.links import LINK_RULES
from models.replies import Told, keep_reply
from models.vocabulary import KINDS, TRACE_TYPES
from tests.conftest import Databases
from tests.models.attacks_on_constraints import CASES, DUE, LED, another_item, another_link, link_put
from tests.models.plain_sql import Case, copied, id_of, put
from tests.models.specimens import administration, hidden_ones, one_of_each

# A wider unique key that foreign keys point at: the primary key, part of it, is always broken first.
IMPLIED = {"uq_item_id_kind": {"id"}}


def _constraints() -> dict[str, Any]:
    """Every named constraint and unique index of the metadata."""
    found: dict[str, Any] = {}
    for table in Base.metadata.sorted_tables:
        for thing in (*table.constraints, *(index for index in table.indexes if index.unique)):
            found[str(thing.name)] = thing
    return found


CONSTRAINTS = _constraints()


def _as_sqlite_tells(name: str) -> str:
    """What SQLite says where this constraint refuses something; it names the columns of a key, and no foreign key."""
    thing = CONSTRAINTS[name]
    if isinstance(thing, CheckConstraint):
        return f"CHECK constraint failed: {name}"
    if isinstance(thing, ForeignKeyConstraint):
        return "FOREIGN KEY constraint failed"
    if isinstance(thing, Index) and not all(isinstance(part, Column) for part in thing.expressions):
        return f"UNIQUE constraint failed: index '{name}'"
    return "UNIQUE constraint failed: " + ", ".join(f"{thing.table.name}.{column.name}" for column in thing.columns)


@pytest.fixture(scope="module")
def specimens(databases: Databases) -> Database:
    """A database with at least one of everything and no triggers; what a test does to it is rolled back."""
    database = databases.copy("empty")
    with database.writing("test", "test") as session:
        hidden_ones(session, one_of_each(session))
        administration(session)
        session.add(Baseline(name="first", seq=1, digest="0" * 64))
        keep_reply(session, "test", "key", Told("request", 200, None, None, ""))
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        _let_go(connection)
    return database


TRIGGERS = {
    "sqlite": "SELECT name, NULL FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal",
}


def _let_go(connection: Connection) -> None:
    """Drop every trigger of our own; what keeps foreign keys stays."""
    for name, table in connection.execute(text(TRIGGERS[connection.dialect.name])).all():
        connection.execute(text(f"DROP TRIGGER {name}" + (f" ON {table}" if table else "")))


@pytest.fixture
def attacked(specimens: Database) -> Iterator[Connection]:
    """A connection whose changes are forgotten."""
    with specimens.engine.connect() as connection:
        yield connection
        connection.rollback()


def _label(case: Case) -> str:
    return case.constraint


@pytest.mark.parametrize("case", CASES, ids=_label)
def test_the_database_refuses_what_breaks_the_constraint(attacked: Connection, case: Case) -> None:
    if attacked.dialect.name == "postgresql":
        for name in case.first:
            attacked.execute(text(f"ALTER TABLE {CONSTRAINTS[name].table.name} DROP CONSTRAINT {name}"))

    with pytest.raises(IntegrityError) as refused:
        attacked.execute(text(case.statement))

    told: Any = refused.value.orig
    if attacked.dialect.name == "postgresql":
        assert told.diag.constraint_name == case.constraint
    else:
        assert _as_sqlite_tells(case.constraint) in str(told)


def test_every_constraint_of_the_metadata_is_attacked() -> None:
    attacked = {case.constraint for case in CASES}

    assert attacked | set(IMPLIED) == set(CONSTRAINTS)
    assert not attacked & set(IMPLIED)


@pytest.mark.parametrize("name", IMPLIED)
def test_a_constraint_that_cannot_be_broken_first_contains_a_primary_key(name: str) -> None:
    constraint = CONSTRAINTS[name]

    primary = {column.name for column in constraint.table.primary_key.columns}
    assert primary == IMPLIED[name]
    assert primary <= {column.name for column in constraint.columns}


def test_the_database_refuses_every_link_that_no_rule_allows(attacked: Connection) -> None:
    allowed = {(rule["type"], rule["source_kind"], rule["target_kind"]) for rule in LINK_RULES}
    possible = set(product(TRACE_TYPES, KINDS, KINDS))

    let_in = set()
    for type_, source, target in possible:
        attempt = attacked.begin_nested()
        try:
            attacked.execute(
                text(
                    another_link(
                        type=f"'{type_}'",
                        source_id=id_of(source),
                        source_kind=f"'{source}'",
                        target_id=id_of(f"other-{target}"),
                        target_kind=f"'{target}'",
                    )
                )
            )
            let_in.add((type_, source, target))
        except IntegrityError:
            pass
        finally:
            attempt.rollback()

    assert let_in == allowed


@pytest.mark.parametrize(
    "statement",
    [
        another_item("evidence", owner_id=id_of("second"), owner_kind="'body'", external_id="'action'"),
        another_item("evidence", external_id="'evidence'", handling="'OFFICIAL'"),
        another_item("evidence", external_id="'limited'"),
        another_item("evidence", external_id="'evidence'", limited_to="''"),
        another_item("limited", external_id="'limited'", limited_to="'second'"),
        another_item("embargoed", external_id="'embargoed'", embargo_until="'2999-01-02'"),
        another_item("embargoed", external_id="'embargoed'", embargo_bodies="'second'"),
        another_item("clause", number="7"),
        another_item("clause", handling="'OFFICIAL-SENSITIVE'"),
        another_item("clause", limited_to="'body'"),
        another_link(handling="'OFFICIAL-SENSITIVE'"),
        another_link(limited_to="'body'"),
        another_link(embargo_until="'2999-01-01'", embargo_bodies="'body'"),
        copied("due_date", DUE, number="2", note="'moved'"),
        copied("involvement", LED, role="'partner'", body_id=id_of("second")),
    ],
)
def test_the_database_takes_what_breaks_no_rule(attacked: Connection, statement: str) -> None:
    result = attacked.execute(text(statement))

    assert result.rowcount == 1


def test_a_withdrawn_link_makes_room_for_another_between_the_same_ends(attacked: Connection) -> None:
    attacked.execute(text(link_put(withdrawn_seq="1", version="2")))

    result = attacked.execute(text(another_link(withdrawn_seq="NULL", version="1")))

    assert result.rowcount == 1


@pytest.mark.parametrize(("table", "column"), [("item", "version"), ("clause", "span_end"), ("body", "is_group")])
def test_a_number_column_refuses_a_text(attacked: Connection, table: str, column: str) -> None:
    with pytest.raises(DBAPIError):
        attacked.execute(text(put(table, "1 = 1", **{column: "'seven'"})))
