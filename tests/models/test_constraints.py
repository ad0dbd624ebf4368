"""What the tables themselves refuse, whoever writes: every named constraint, attacked with plain SQL.

The triggers, which would refuse some of it first, are out of the way; test_guards.py attacks them.
"""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

import pytest
from sqlalchemy import CheckConstraint, Column, Connection, ForeignKeyConstraint, Index, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import Database
from models.base import Base
from models.baselines import Baseline
from models.links import LINK_RULES
from models.replies import Told, keep_reply
from models.versions import VERSIONS
from models.vocabulary import KINDS, TRACE_TYPES
from tests.conftest import Databases
from tests.models.specimens import one_of_each

LONG = "'" + "x" * 501 + "'"


class Case(NamedTuple):
    """A constraint, and a statement that it alone refuses."""

    constraint: str
    statement: str


def _id(ref: str) -> str:
    """The id of an item."""
    return f"(SELECT id FROM item WHERE ref = '{ref}')"  # noqa: S608 - the references are the test's own


def _copy(table: str, where: str, /, **changed: str) -> str:
    """Insert a row once more, with other values; ids are given out by the database where none is named."""
    given = {"item", "link", "baseline"} - ({table} if "id" in changed else set())
    columns_of = [column.name for column in Base.metadata.tables[table].columns]
    names = [name for name in columns_of if not (name == "id" and table in given)]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" WHERE {where}'  # noqa: S608 - as above


def _set(table: str, where: str, /, **values: str) -> str:
    """Change a row."""
    changed = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f'UPDATE "{table}" SET {changed} WHERE {where}'  # noqa: S608 - as above


def _item(name: str, /, **values: str) -> str:
    return _set("item", f"ref = '{name}'", **values)


def _own(kind: str, **values: str) -> str:
    return _set(kind, f"id = {_id(kind)}", **values)


def _link(**values: str) -> str:
    return _set("link", "ref = 'tie'", **values)


def _another_item(like: str, /, **values: str) -> str:
    return _copy("item", f"ref = '{like}'", **{"ref": "'another'", "external_id": "'another'"} | values)


def _another_link(**values: str) -> str:
    return _copy("link", "ref = 'tie'", **{"ref": "'another'"} | values)


def _another_baseline(**values: str) -> str:
    return _copy("baseline", FIRST, **{"name": "'another'"} | values)


NOWHERE = "999999"
FIRST = "name = 'first'"
CHANGE = "seq = 1"
DUE = f"action_id = {_id('action')}"
LED = f"role = 'lead' AND item_id = {_id('recommendation')}"
PUBLISHED = f"role = 'publisher' AND item_id = {_id('review')}"
CASES = [
    Case("pk_change", _copy("change", CHANGE)),
    Case("ck_change_seq", _copy("change", CHANGE, seq="0")),
    Case("ck_change_action", _copy("change", CHANGE, seq=NOWHERE, action="'lost'")),
    Case("pk_link_rule", _copy("link_rule", "type = 'addresses' AND target_kind = 'clause'")),
    *(Case(f"pk_{kind}", _copy(kind, f"id = {_id(kind)}")) for kind in KINDS),
    *(Case(f"fk_{kind}_id", _copy(kind, f"id = {_id(kind)}", id=NOWHERE)) for kind in KINDS),
    Case("pk_item", _another_item("evidence", id=_id("source"))),
    Case("uq_item_ref", _another_item("evidence", ref="'evidence'")),
    Case("uq_item_external_id", _another_item("evidence", external_id="'evidence'")),
    Case("uq_item_external_id", _another_item("action", external_id="'action'")),
    Case("uq_item_parent_id_kind_number", _another_item("clause")),
    Case("uq_item_parent_id_kind_number", _another_item("recommendation")),
    Case("fk_item_parent", _item("clause", parent_id=NOWHERE)),
    Case("fk_item_parent", _item("assessment", parent_kind="'clause'")),
    Case("fk_item_owner", _item("evidence", owner_id=NOWHERE, owner_kind="'body'")),
    Case("fk_item_owner", _item("evidence", owner_id=_id("source"), owner_kind="'body'")),
    Case("fk_item_created_seq", _item("evidence", created_seq=NOWHERE)),
    Case("fk_item_withdrawn_seq", _item("evidence", withdrawn_seq=NOWHERE)),
    Case("ck_item_kind", _item("loose", kind="'rumour'")),
    Case("ck_item_parent", _item("clause", parent_id="NULL", parent_kind="NULL")),
    Case("ck_item_parent", _item("clause", parent_id=_id("review"), parent_kind="'review'")),
    Case("ck_item_parent", _item("recommendation", parent_id="NULL", parent_kind="NULL")),
    Case("ck_item_parent", _item("progress", parent_id=_id("recommendation"), parent_kind="'recommendation'")),
    Case("ck_item_parent", _item("assessment", parent_id=_id("evidence"), parent_kind="'evidence'")),
    Case("ck_item_parent", _item("decision", parent_id=_id("clause"), parent_kind="'clause'")),
    Case("ck_item_parent", _item("evidence", parent_id=_id("recommendation"), parent_kind="'recommendation'")),
    Case("ck_item_parent", _item("loose", parent_id=_id("source"), parent_kind="'source'")),
    Case("ck_item_parent_whole", _item("clause", parent_id="NULL")),
    Case("ck_item_owner", _item("evidence", owner_id=_id("source"), owner_kind="'source'")),
    Case("ck_item_owner_whole", _item("evidence", owner_kind="'body'")),
    Case("ck_item_owner_whole", _item("action", owner_kind="NULL")),
    Case("ck_item_handling", _item("evidence", handling="'SECRET'")),
    Case("ck_item_handling", _item("evidence", handling="'public'")),
    Case("ck_item_publication_type", _item("evidence", publication_type="'gossip'")),
    Case("ck_item_confidence", _item("evidence", confidence="'certain'")),
    Case("ck_item_effective", _item("evidence", effective_from="'2020-01-02'", effective_to="'2020-01-01'")),
    Case("ck_item_effective", _item("evidence", effective_from="'2020-01-02'", effective_to="'2020-01-02'")),
    Case("ck_item_period", _item("evidence", period_from="'2020-01-02'", period_to="'2020-01-01'")),
    Case("ck_item_ref_length", _item("loose", ref="''")),
    Case("ck_item_ref_length", _item("loose", ref="'" + "r" * 121 + "'")),
    Case("ck_item_title_length", _item("loose", title="''")),
    Case("ck_item_title_length", _item("loose", title=LONG)),
    Case("ck_item_version", _item("evidence", version="0")),
    Case("ck_assessment_verdict", _own("assessment", verdict="'nearly_met'")),
    Case("ck_assessment_verdict_or_tally", _own("assessment", tally_not_met="1")),
    Case("ck_assessment_verdict_or_tally", _own("assessment", verdict="NULL")),
    Case("ck_assessment_verdict_or_tally", _set("assessment", "verdict IS NULL", tally_not_met="NULL")),
    Case("ck_assessment_verdict_or_tally", _set("assessment", "verdict IS NULL", verdict="'fully_met'")),
    Case("ck_assessment_tally", _set("assessment", "verdict IS NULL", tally_not_met="-1")),
    Case("ck_clause_span", _own("clause", span_start="-1")),
    Case("ck_clause_span", _own("clause", span_start="8", span_end="8")),
    Case("ck_decision_decision", _own("decision", decision="'forgotten'")),
    Case("ck_evidence_evidence_kind", _own("evidence", evidence_kind="'rumour'")),
    Case("ck_progress_claimed_status", _own("progress", claimed_status="'nearly'")),
    Case("ck_recommendation_category", _own("recommendation", category="'wish'")),
    Case("ck_recommendation_short_name_length", _own("recommendation", short_name="'Seventeen letters'")),
    Case("ck_recommendation_short_name_length", _own("recommendation", short_name="''")),
    Case("ck_recommendation_text_length", _own("recommendation", text="''")),
    Case("ck_source_method", _own("source", method="'guess'")),
    Case("ck_source_source_class", _own("source", source_class="'hearsay'")),
    Case("ck_source_sample_size", _own("source", sample_size="-1")),
    Case("pk_due_date", _copy("due_date", DUE, note="'moved'")),
    Case("fk_due_date_action_id", _copy("due_date", DUE, action_id=NOWHERE)),
    Case("fk_due_date_action_id", _copy("due_date", DUE, action_id=_id("evidence"))),
    Case("ck_due_date_number", _copy("due_date", DUE, number="0", note="'moved'")),
    Case("ck_due_date_revision_has_reason", _copy("due_date", DUE, number="2", note="NULL")),
    Case("pk_involvement", _copy("involvement", PUBLISHED, position="2")),
    Case("fk_involvement_item", _copy("involvement", LED, item_id=NOWHERE)),
    Case("fk_involvement_item", _copy("involvement", LED, item_id=_id("clause"))),
    Case("fk_involvement_body_id", _copy("involvement", PUBLISHED, body_id=NOWHERE)),
    Case("fk_involvement_body_id", _copy("involvement", PUBLISHED, body_id=_id("source"))),
    Case("ck_involvement_role", _copy("involvement", LED, role="'lead'", item_id=_id("review"), item_kind="'review'")),
    Case("ck_involvement_role", _copy("involvement", LED, role="'bystander'")),
    Case("uq_involvement_lead", _copy("involvement", LED, body_id=_id("second"))),
    Case("pk_link", _another_link(id="(SELECT id FROM link WHERE ref = 'tie')", type="'qualifies'")),
    Case("uq_link_ref", _another_link(ref="'tie'", type="'qualifies'")),
    Case("uq_link_active", _another_link()),
    Case("fk_link_rule", _link(type="'addresses'")),
    Case("fk_link_rule", _link(type="'dreams_of'")),
    Case("fk_link_rule", _link(source_id=_id("source"), source_kind="'source'")),
    Case("fk_link_source", _link(source_id=NOWHERE)),
    Case("fk_link_source", _link(source_id=_id("source"))),
    Case("fk_link_target", _link(target_id=NOWHERE)),
    Case("fk_link_target", _link(target_id=_id("clause"))),
    Case("fk_link_owner", _link(owner_id=NOWHERE, owner_kind="'body'")),
    Case("fk_link_created_seq", _link(created_seq=NOWHERE)),
    Case("fk_link_withdrawn_seq", _link(withdrawn_seq=NOWHERE)),
    Case("ck_link_no_self_link", _link(type="'supersedes'", target_id=_id("evidence"), target_kind="'evidence'")),
    Case("ck_link_owner", _link(owner_id=_id("source"), owner_kind="'source'")),
    Case("ck_link_owner_whole", _link(owner_kind="'body'")),
    Case("ck_link_supersedes_same_kind", _link(type="'supersedes'")),
    Case("ck_link_basis", _link(basis="'guessed'")),
    Case("ck_link_strength", _link(strength="'overwhelming'")),
    Case("ck_link_handling", _link(handling="'SECRET'")),
    Case("ck_link_finding", _link(finding="'doubtful'")),
    Case("ck_link_finding", _link(finding="''")),
    Case("ck_link_effective", _link(effective_from="'2020-01-02'", effective_to="'2020-01-02'")),
    Case("ck_link_ref_length", _link(ref="''")),
    Case("ck_link_rationale_length", _link(rationale="''")),
    Case("ck_link_rationale_length", _link(rationale="'" + "x" * 2001 + "'")),
    Case("ck_link_version", _link(version="0")),
    Case("pk_baseline", _another_baseline(id="(SELECT id FROM baseline WHERE name = 'first')")),
    Case("uq_baseline_name", _another_baseline(name="'first'")),
    Case("fk_baseline_created_seq", _another_baseline(created_seq=NOWHERE)),
    Case("fk_baseline_withdrawn_seq", _another_baseline(withdrawn_seq=NOWHERE)),
    Case("ck_baseline_name_length", _another_baseline(name="''")),
    Case("ck_baseline_name_length", _another_baseline(name="'" + "n" * 61 + "'")),
    Case("ck_baseline_digest_length", _another_baseline(digest="'" + "0" * 63 + "'")),
    Case("ck_baseline_digest_length", _another_baseline(digest="'" + "0" * 65 + "'")),
    Case("ck_baseline_seq", _another_baseline(seq="-1")),
    Case("ck_baseline_version", _another_baseline(version="0")),
    Case("pk_reply", _copy("reply", "status = 200", status="201")),
    *(
        Case(f"pk_{table}_version", _copy(f"{table}_version", "from_seq >= 1", until_seq="from_seq"))
        for table in VERSIONS
    ),
]
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
        one_of_each(session)
        session.add(Baseline(name="first", seq=1, digest="0" * 64))
        keep_reply(session, "test", "key", Told("request", 200, None, None, ""))
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        _let_go(connection)
    return database


def _let_go(connection: Connection) -> None:
    """Drop every trigger of our own; what keeps foreign keys stays."""
    if connection.dialect.name == "sqlite":
        for name in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("DROP FUNCTION refuse() CASCADE"))
        connection.execute(text("DROP FUNCTION change_next() CASCADE"))


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
                    _another_link(
                        type=f"'{type_}'",
                        source_id=_id(source),
                        source_kind=f"'{source}'",
                        target_id=_id(f"other-{target}"),
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
        _another_item("evidence", owner_id=_id("second"), owner_kind="'body'", external_id="'action'"),
        _another_item("clause", number="7"),
        _copy("due_date", DUE, number="2", note="'moved'"),
        _copy("involvement", LED, role="'partner'", body_id=_id("second")),
    ],
)
def test_the_database_takes_what_breaks_no_rule(attacked: Connection, statement: str) -> None:
    result = attacked.execute(text(statement))

    assert result.rowcount == 1


def test_a_withdrawn_link_makes_room_for_another_between_the_same_ends(attacked: Connection) -> None:
    attacked.execute(text(_link(withdrawn_seq="1", version="2")))

    result = attacked.execute(text(_another_link(withdrawn_seq="NULL", version="1")))

    assert result.rowcount == 1


@pytest.mark.parametrize(("table", "column"), [("item", "version"), ("clause", "span_end"), ("body", "is_group")])
def test_a_number_column_refuses_a_text(attacked: Connection, table: str, column: str) -> None:
    with pytest.raises(DBAPIError):
        attacked.execute(text(_set(table, "1 = 1", **{column: "'seven'"})))
