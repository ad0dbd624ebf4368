"""What the triggers refuse, whoever writes: every guard, attacked with plain SQL while no other guard stands."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import Database
from models.baselines import Baseline
from models.items import Item
from models.links import Link
from models.versions import VERSIONS
from tests.conftest import Databases
from tests.factories import an
from tests.models import attacks_on_closure, attacks_on_guards, attacks_on_guards_of_grants
from tests.models.attacks_on_guards import EARLIER, FIRST, ITEM, NEWEST, OWN_CASES, TIE, Case, next_change
from tests.models.plain_sql import further, put
from tests.models.specimens import administration, hidden_ones, one_of_each

# ruff: noqa: S608 - statements are made of names of our own

CASES = [*attacks_on_guards.CASES, *attacks_on_guards_of_grants.CASES, *attacks_on_closure.CASES]
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
    on_sqlite = connection.dialect.name == "sqlite"
    for name, table in _triggers(connection).values():
        connection.execute(text(f"DROP TRIGGER {name}" + ("" if on_sqlite else f" ON {table}")))


def _filled(databases: Databases) -> Database:
    """A database with at least one of everything, one of them altered, and one item, link and baseline withdrawn."""
    database = databases.copy("empty")
    with database.writing("test", "test") as session:
        made = one_of_each(session)
        hidden_ones(session, made)
        administration(session)
        evidence, asked = made["other-evidence"], made["other-recommendation"]
        tie = Link(ref="gone-tie", type="supports", source=evidence, target=asked)
        tie.basis, tie.rationale, tie.asserted_by, tie.handling = "stated", "Because.", "a test", "PUBLIC"
        gone = Baseline(name="gone", seq=1, digest="0" * 64)
        session.add_all([Baseline(name="first", seq=1, digest="0" * 64), gone, tie])
        session.flush()
        said = {"decided_by": "an officer", "statement": "It was done.", "impact": "There is less of it."}
        an("decision", session, parent=asked, decision="proposed", **said)
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

    told = [(case.guard, case.statement, _told(attacked, case)) for case in cases]

    assert told == [(case.guard, case.statement, case.says) for case in cases]


def test_without_the_guards_each_engine_does_what_only_it_can(unresisting: Connection) -> None:
    for case in [case for case in OWN_CASES[unresisting.dialect.name] if not case.keyed]:
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
        next_change(),
        next_change(at="'2999-01-01T00:00:00.000000Z'"),
        further("item", ITEM, title="'Another'", handling="'OFFICIAL'"),
        further("item", "ref = 'action'", owner_id="NULL", owner_kind="NULL"),
        further("item", ITEM, withdrawn_seq=EARLIER),
        further("link", TIE, strength="'weak'", finding="'valid'"),
        further("link", TIE, withdrawn_seq=EARLIER),
        further("item", ITEM, limited_to="'body'", embargo_until="'2999-01-01'", embargo_bodies="''"),
        further("item", "ref = 'limited'", limited_to="''"),
        further("item", "ref = 'embargoed'", embargo_until="'2999-01-02'", embargo_bodies="''"),
        further("item", "ref = 'hidden-part'", handling="'OFFICIAL-SENSITIVE'", limited_to="''"),
        further("item", "ref = 'hidden'", title="'Another'"),
        further("item", "ref = 'hidden-gone'", handling="'OFFICIAL-SENSITIVE'", limited_to="'body'"),
        further("link", TIE, handling="'OFFICIAL'", limited_to="'body second'"),
        further("link", "ref = 'limited-tie'", limited_to="'second'"),
        further("link", "ref = 'gone-tie'", handling="'OFFICIAL'"),
        further("key", "ref = 'waiting-key'", confirmed_by="'another administrator'"),
        further("key", "ref = 'key'", withdrawn_seq=EARLIER),
        further("account", "ref = 'waiting-account'", confirmed_by="'another administrator'"),
        further("account", "ref = 'waiting-account'", withdrawn_seq=EARLIER),
        further("approval", "ref = 'open'", state="'confirmed'", decided_by="'another'", applied_version="2"),
        further("approval", "ref = 'open'", state="'declined'", decided_by="asked_by"),
        put("key_use", "key_id >= 1", used_at="'2026-01-02T00:00:00.000000Z'"),
        further("baseline", FIRST, description="'Another'"),
        further("baseline", FIRST, withdrawn_seq=EARLIER),
        put("recommendation", "1 = 1", short_name="'Another'"),
        put("evidence", "1 = 1", statement="'Another.'"),
        put("item_version", f"{NEWEST} AND from_seq = 1", until_seq="2"),
        "DELETE FROM involvement WHERE role = 'lead'",
    ],
)
def test_the_guards_let_through_what_the_record_does(attacked: Connection, statement: str) -> None:
    result = attacked.execute(text(statement))

    assert result.rowcount >= 1
