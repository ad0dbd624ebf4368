"""What the triggers refuse, whoever writes: every guard, attacked with plain SQL while no other guard stands."""

from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import Database
from models.base import Base
from models.baselines import Baseline
from models.changes import FOREVER
from models.items import Item
from models.links import Link
from models.versions import VERSIONS
from models.vocabulary import KINDS
from tests.conftest import Databases
from tests.models.specimens import one_of_each

# ruff: noqa: S608 - statements are made of names of our own

GONE = "nothing is deleted"
ONLY_APPENDED = "it is only appended to"
FIXED = "what identifies it never changes"
STEP = "each change makes one more version"
WITHDRAWN = "what was withdrawn stays as it was"
ENDED = "a version only ends, and once"
RECORD = "the record is only appended to"
NEXT = "the record goes on by one, with a hash"
GUARDED = ("item", *KINDS, "involvement", "due_date", "link", "baseline")


class Case(NamedTuple):
    """A guard, a statement that it alone refuses, what it says, and whether a foreign key would refuse it too."""

    guard: str
    statement: str
    says: str
    keyed: bool = False


def _next(**changed: str) -> str:
    """The next change, with other values."""
    values = {"seq": "seq + 1", "reason": "'more'"} | changed
    names = list(Base.metadata.tables["change"].columns.keys())
    told = ", ".join(values.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO change ({columns}) SELECT {told} FROM change WHERE seq = (SELECT MAX(seq) FROM change)"


def _set(table: str, where: str, /, **values: str) -> str:
    changed = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f'UPDATE "{table}" SET {changed} WHERE {where}'


def _further(table: str, where: str, /, **values: str) -> str:
    """A change that makes one more version."""
    return _set(table, where, version="version + 1", **values)


ITEM, CLAUSE, TIE, FIRST = "ref = 'loose'", "ref = 'clause'", "ref = 'tie'", "name = 'first'"
PLACES = {"item": ITEM, "link": TIE, "baseline": FIRST}
GONE_PLACES = {"item": "ref = 'gone'", "link": "ref = 'gone-tie'", "baseline": "name = 'gone'"}
# The change by which the loose item was altered: nothing refers to it, as things refer to those by which they came.
ALTERED = "action = 'updated'"
EARLIER = "(SELECT MIN(seq) FROM change WHERE action = 'withdrawn')"
NEWEST = f"until_seq = {FOREVER}"
ENDED_ONCE = f"id = (SELECT id FROM item WHERE {ITEM}) AND until_seq <> {FOREVER}"
CASES = [
    Case("change_update", _set("change", "seq = 1", reason="'another'"), RECORD),
    Case("change_update", _set("change", ALTERED, hash=f"'{'0' * 64}'"), RECORD),
    Case("change_update", _set("change", "seq = 1", reason="reason"), RECORD),
    Case("change_delete", f"DELETE FROM change WHERE {ALTERED}", RECORD),
    Case("change_next", _next(seq="seq + 2"), NEXT),
    Case("change_next", _next(seq="9999"), NEXT),
    Case("change_next", _next(at="'2020-01-01T00:00:00.000000Z'"), NEXT),
    Case("change_next", _next(hash=f"'{'0' * 63}'"), NEXT),
    Case("change_next", _next(hash=f"'{'0' * 65}'"), NEXT),
    Case("change_next", _next(hash="''"), NEXT),
    # Nothing but a whole row goes: what a key refers to would be refused by that key as well.
    *(Case(f"{kind}_delete", f"DELETE FROM {kind}", GONE, keyed=kind in {"body", "action"}) for kind in KINDS),
    Case("item_delete", f"DELETE FROM item WHERE {ITEM}", GONE, keyed=True),
    Case("due_date_delete", "DELETE FROM due_date", GONE),
    Case("link_delete", f"DELETE FROM link WHERE {TIE}", GONE),
    Case("baseline_delete", f"DELETE FROM baseline WHERE {FIRST}", GONE),
    *(Case(f"{table}_version_delete", f"DELETE FROM {table}_version", GONE) for table in VERSIONS),
    Case("item_fixed", _further("item", ITEM, id="999"), FIXED, keyed=True),
    Case("item_fixed", _further("item", ITEM, kind="'source'"), FIXED),
    Case("item_fixed", _further("item", ITEM, ref="'another'"), FIXED),
    Case("item_fixed", _further("item", ITEM, external_id="'another'"), FIXED),
    Case("item_fixed", _further("item", ITEM, created_seq="1"), FIXED),
    Case("item_fixed", _further("item", CLAUSE, number="7"), FIXED),
    Case("item_fixed", _further("item", CLAUSE, number="NULL"), FIXED),
    Case(
        "item_fixed",
        _further("item", CLAUSE, parent_id="(SELECT id FROM item WHERE ref = 'other-recommendation')", number="7"),
        FIXED,
    ),
    Case("link_fixed", _further("link", TIE, id="999"), FIXED),
    Case("link_fixed", _further("link", TIE, ref="'another'"), FIXED),
    Case("link_fixed", _further("link", TIE, type="'qualifies'"), FIXED),
    Case("link_fixed", _further("link", TIE, created_seq="1"), FIXED),
    Case(
        "link_fixed",
        _further("link", TIE, source_id="(SELECT id FROM item WHERE ref = 'other-evidence')"),
        FIXED,
    ),
    Case(
        "link_fixed",
        _further("link", TIE, target_id="(SELECT id FROM item WHERE ref = 'other-recommendation')"),
        FIXED,
    ),
    Case("baseline_fixed", _further("baseline", FIRST, id="999"), FIXED),
    Case("baseline_fixed", _further("baseline", FIRST, name="'another'"), FIXED),
    Case("baseline_fixed", _further("baseline", FIRST, seq="seq + 1"), FIXED),
    Case("baseline_fixed", _further("baseline", FIRST, digest=f"'{'1' * 64}'"), FIXED),
    Case("baseline_fixed", _further("baseline", FIRST, created_seq="1"), FIXED),
    *(
        case
        for table, where in PLACES.items()
        for case in (
            Case(f"{table}_step", _set(table, where, version="version + 2"), STEP),
            Case(f"{table}_step", _set(table, where, version="version"), STEP),
            Case(f"{table}_step", _set(table, where, withdrawn_seq=EARLIER), STEP),
        )
    ),
    Case("item_step", _set("item", ITEM, title="'Another'"), STEP),
    Case("item_step", _set("item", "version = 2", version="1"), STEP),
    Case("link_step", _set("link", TIE, strength="'weak'"), STEP),
    Case("baseline_step", _set("baseline", FIRST, description="'Another'"), STEP),
    *(
        case
        for table, where in GONE_PLACES.items()
        for case in (
            Case(f"{table}_gone", _further(table, where), WITHDRAWN),
            Case(f"{table}_gone", _further(table, where, withdrawn_seq="NULL"), WITHDRAWN),
            Case(f"{table}_gone", _further(table, where, withdrawn_seq="1"), WITHDRAWN),
        )
    ),
    Case("item_gone", _further("item", "ref = 'gone'", title="'Another'"), WITHDRAWN),
    Case("link_gone", _further("link", "ref = 'gone-tie'", strength="'weak'"), WITHDRAWN),
    Case("baseline_gone", _further("baseline", "name = 'gone'", description="'Another'"), WITHDRAWN),
    Case("recommendation_text", _set("recommendation", "1 = 1", text="text || '.'"), "published text never changes"),
    Case("recommendation_text", _set("recommendation", "1 = 1", id="id + 1000"), "published text never changes", True),
    Case("progress_update", _set("progress", "1 = 1", claimed_status="'complete'"), ONLY_APPENDED),
    Case("progress_update", _set("progress", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("assessment_update", _set("assessment", "verdict IS NOT NULL", verdict="'fully_met'"), ONLY_APPENDED),
    Case("assessment_update", _set("assessment", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("decision_update", _set("decision", "1 = 1", decision="'discharged'"), ONLY_APPENDED),
    Case("decision_update", _set("decision", "1 = 1", statement="'Another.'"), ONLY_APPENDED),
    Case("due_date_update", _set("due_date", "1 = 1", due_on="'2030-01-01'"), ONLY_APPENDED),
    Case("due_date_update", _set("due_date", "1 = 1", note="'moved'"), ONLY_APPENDED),
    *(
        case
        for table in VERSIONS
        for case in (
            Case(f"{table}_version_update", _set(f"{table}_version", NEWEST, from_seq="from_seq - 1"), ENDED),
            Case(f"{table}_version_update", _set(f"{table}_version", NEWEST, until_seq="from_seq"), ENDED),
        )
    ),
    Case("item_version_update", _set("item_version", NEWEST, title="'Another'"), ENDED),
    Case("item_version_update", _set("item_version", NEWEST, title="'Another'", until_seq="from_seq + 1"), ENDED),
    Case("recommendation_version_update", _set("recommendation_version", NEWEST, text="'Another.'"), ENDED),
    Case("evidence_version_update", _set("evidence_version", NEWEST, statement="'Another.'"), ENDED),
    Case("due_date_version_update", _set("due_date_version", NEWEST, due_on="'2030-01-01'"), ENDED),
    Case("involvement_version_update", _set("involvement_version", NEWEST, position="position + 1"), ENDED),
    Case("link_version_update", _set("link_version", NEWEST, strength="'weak'"), ENDED),
    Case("item_version_update", _set("item_version", ENDED_ONCE, until_seq="until_seq + 1"), ENDED),
    Case("item_version_update", _set("item_version", ENDED_ONCE, until_seq=str(FOREVER)), ENDED),
    Case("item_version_update", _set("item_version", ENDED_ONCE, title="'Another'"), ENDED),
    Case("evidence_version_update", _set("evidence_version", ENDED_ONCE, statement="'Another.'"), ENDED),
]
# Each engine has a statement of its own by which rows go: PostgreSQL empties a table and what refers to it, SQLite puts
# one row in the place of another.
REPLACED = "no row takes the place of another"
OWN_CASES = {
    "postgresql": [
        Case(f"{table}_truncate", f"TRUNCATE {table} CASCADE", GONE)
        for table in ("change", *GUARDED, *(f"{table}_version" for table in VERSIONS))
    ],
    "sqlite": [
        Case(f"{table}_replaced", f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", REPLACED)
        for table in (*(set(GUARDED) - {"involvement"}), *(f"{table}_version" for table in VERSIONS))
    ],
}
ALL_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal",
}


def _label(case: Case) -> str:
    return case.guard


def _triggers(connection: Connection) -> dict[str, tuple[str, str]]:
    """Every trigger of the database by the name of its guard: its own name, and its table."""
    found = connection.execute(text(ALL_TRIGGERS[connection.dialect.name])).all()
    return {name.removeprefix("guard_"): (name, table) for name, table in found}


def _let_only(guard: str, connection: Connection) -> None:
    """Let one guard stand, and no other."""
    triggers = _triggers(connection)
    name, table = triggers.pop(guard)
    if connection.dialect.name == "sqlite":
        for other, _table in triggers.values():
            connection.execute(text(f"DROP TRIGGER {other}"))
    else:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"))


def _let_none(connection: Connection) -> None:
    """Let no guard stand; foreign keys do."""
    if connection.dialect.name == "sqlite":
        for name, _table in _triggers(connection).values():
            connection.execute(text(f"DROP TRIGGER {name}"))
    else:
        connection.execute(text("DROP FUNCTION refuse() CASCADE"))
        connection.execute(text("DROP FUNCTION change_next() CASCADE"))


def _filled(databases: Databases) -> Database:
    """A database with at least one of everything, one of them altered, and one item, link and baseline withdrawn."""
    database = databases.copy("empty")
    with database.writing("test", "test") as session:
        made = one_of_each(session)
        evidence, asked = made["other-evidence"], made["other-recommendation"]
        tie = Link(ref="gone-tie", type="supports", source=evidence, target=asked)
        tie.basis, tie.rationale, tie.asserted_by, tie.handling = "stated", "Because.", "a test", "PUBLIC"
        gone = Baseline(name="gone", seq=1, digest="0" * 64)
        session.add_all([Baseline(name="first", seq=1, digest="0" * 64), gone, tie])
        session.flush()
        made["loose"].title = "Another title"
        session.flush()
        for thing in (tie, gone, _another(made["loose"])):
            session.add(thing)
            session.flush()
            thing.withdraw()
        session.flush()
    return database


def _another(item: Item) -> Item:
    """Another piece of evidence."""
    values = {"evidence_kind": "observation", "statement": "It went.", "bodies": [], "handling": "PUBLIC"}
    return type(item)(ref="gone", external_id="gone", title="Gone", **values)


@pytest.fixture(scope="module")
def guarded(databases: Databases) -> Database:
    """A database whose guards stand; what a test does to it is rolled back."""
    return _filled(databases)


@pytest.fixture(scope="module")
def unguarded(databases: Databases) -> Database:
    """The same database without its guards; what a test does to it is rolled back."""
    database = _filled(databases)
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        _let_none(connection)
    return database


@pytest.fixture
def attacked(guarded: Database) -> Iterator[Connection]:
    """A connection whose changes are forgotten."""
    with guarded.engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def unresisting(unguarded: Database) -> Iterator[Connection]:
    """A connection to what nothing guards, whose changes are forgotten."""
    with unguarded.engine.connect() as connection:
        yield connection
        connection.rollback()


def _refusal(refused: pytest.ExceptionInfo[IntegrityError]) -> str:
    """What the database said, without what the driver puts around it."""
    return str(refused.value.orig).partition("\n")[0]


@pytest.mark.parametrize("case", CASES, ids=_label)
def test_the_guard_refuses_by_itself(attacked: Connection, case: Case) -> None:
    _let_only(case.guard, attacked)

    with pytest.raises(IntegrityError) as refused:
        attacked.execute(text(case.statement))

    assert _refusal(refused) == case.says


@pytest.mark.parametrize("case", CASES, ids=_label)
def test_with_every_guard_in_place_one_of_them_refuses(attacked: Connection, case: Case) -> None:
    guards = {other.says for other in CASES}

    with pytest.raises(IntegrityError) as refused:
        attacked.execute(text(case.statement))

    assert _refusal(refused) in guards


@pytest.mark.parametrize("case", [case for case in CASES if not case.keyed], ids=_label)
def test_without_the_guards_nothing_refuses(unresisting: Connection, case: Case) -> None:
    result = unresisting.execute(text(case.statement))

    assert result.rowcount >= 1


def _told(connection: Connection, case: Case) -> str:
    """What a guard says that stands alone, as if nothing had been tried."""
    attempt = connection.begin_nested()
    _let_only(case.guard, connection)
    with pytest.raises(IntegrityError) as refused:
        connection.execute(text(case.statement))
    attempt.rollback()
    return _refusal(refused)


def test_each_guard_refuses_by_itself_what_only_its_engine_can_do(attacked: Connection) -> None:
    cases = OWN_CASES[attacked.dialect.name]

    told = {case.guard: _told(attacked, case) for case in cases}

    assert told == {case.guard: case.says for case in cases}


def test_without_the_guards_each_engine_does_what_only_it_can(unresisting: Connection) -> None:
    for case in OWN_CASES[unresisting.dialect.name]:
        attempt = unresisting.begin_nested()
        result = unresisting.execute(text(case.statement))
        attempt.rollback()
        assert result.rowcount != 0


def test_every_guard_of_the_database_is_attacked(attacked: Connection) -> None:
    own = OWN_CASES[attacked.dialect.name]

    triggers = set(_triggers(attacked))

    assert triggers == {case.guard for case in (*CASES, *own)}


def test_every_guard_of_the_database_is_switched_on(attacked: Connection) -> None:
    states = {
        "postgresql": "SELECT tgenabled::text = 'O' FROM pg_trigger WHERE NOT tgisinternal",
        "sqlite": "SELECT sql LIKE '%BEFORE%RAISE(ABORT%' FROM sqlite_master WHERE type = 'trigger'",
    }

    switched_on = attacked.scalars(text(states[attacked.dialect.name])).all()

    assert len(switched_on) > len(VERSIONS)
    assert all(switched_on)


def test_no_row_takes_the_place_of_another_that_has_the_same_name(attacked: Connection) -> None:
    named = "INSERT OR REPLACE INTO item (id, kind, ref, external_id, title, handling, version, created_seq)"
    statement = f"{named} SELECT 999, kind, ref, 'another', title, handling, 1, created_seq FROM item WHERE {ITEM}"

    with pytest.raises(DBAPIError):
        attacked.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        _next(),
        _next(at="'2999-01-01T00:00:00.000000Z'"),
        _further("item", ITEM, title="'Another'", handling="'OFFICIAL'"),
        _further("item", "ref = 'action'", owner_id="NULL", owner_kind="NULL"),
        _further("item", ITEM, withdrawn_seq=EARLIER),
        _further("link", TIE, strength="'weak'", finding="'valid'"),
        _further("link", TIE, withdrawn_seq=EARLIER),
        _further("baseline", FIRST, description="'Another'"),
        _further("baseline", FIRST, withdrawn_seq=EARLIER),
        _set("recommendation", "1 = 1", short_name="'Another'"),
        _set("evidence", "1 = 1", statement="'Another.'"),
        _set("item_version", f"{NEWEST} AND from_seq = 1", until_seq="2"),
        "DELETE FROM involvement WHERE role = 'lead'",
    ],
)
def test_the_guards_let_through_what_the_record_does(attacked: Connection, statement: str) -> None:
    result = attacked.execute(text(statement))

    assert result.rowcount >= 1
