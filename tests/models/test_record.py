"""The record of changes: everything that is written is in it once, in order, chained, and stays."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import Action, Due, DueDate
from models.baselines import Baseline
from models.changes import Change, author, last_seq, newest_change
from models.errors import Conflict
from models.items import Involvement, Item
from models.links import Link
from models.recording import record_writes
from models.verifier import START, canonical, hash_of
from tests.conftest import Databases
from tests.factories import an, link
from tests.models.specimens import one_of_each


class _Writing(Session):
    """A session that writes the record, outside of any request."""


record_writes(_Writing)


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with at least one of everything."""
    with database.writing("an inspector", "to try it") as session:
        one_of_each(session)
    return database


class _Enough(Exception):
    """Raised to roll back."""


@pytest.fixture(scope="module")
def known(databases: Databases) -> Database:
    """A database with at least one of everything, and what the tests know by name; what a test does is rolled back."""
    database = databases.copy("empty")
    with database.writing("an inspector", "to try it") as session:
        one_of_each(session)
        an("evidence", session, ref="named", title="A title", period="2019")
        session.add(Baseline(name="first", seq=1, digest="0" * 64))
    return database


@pytest.fixture
def writer(known: Database) -> Iterator[Session]:
    """A transaction to write in, of one test alone."""
    try:
        with known.writing("a clerk", "“to alter it”", "request-1") as session:
            yield session
            raise _Enough  # noqa: TRY301 - the way out of a transaction without keeping it
    except _Enough:
        pass


def _changes(database: Database) -> list[Change]:
    with database.reading() as session:
        return list(session.scalars(select(Change).order_by(Change.seq)))


def _numbers(database: Database) -> list[int]:
    return [change.seq for change in _changes(database)]


def test_each_new_item_link_and_baseline_has_exactly_one_change(known: Database) -> None:
    with known.reading() as session:
        items = [(item.kind, item.ref, item.created_seq) for item in session.scalars(select(Item))]
        links = [("link", found.ref, found.created_seq) for found in session.scalars(select(Link))]
        baselines = [("baseline", found.name, found.created_seq) for found in session.scalars(select(Baseline))]

    recorded = [(change.kind, change.ref, change.seq) for change in _changes(known)]
    assert len(recorded) == len(items) + len(links) + len(baselines)
    assert sorted(recorded) == sorted(items + links + baselines)


def test_the_record_is_numbered_from_one_without_a_gap(known: Database) -> None:
    numbers = _numbers(known)

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_numbering_goes_on_in_the_next_transaction(filled: Database) -> None:
    before = len(_numbers(filled))

    with filled.writing("test", "test") as session:
        an("source", session)
        an("evidence", session)

    assert _numbers(filled) == list(range(1, before + 3))


def test_a_change_says_who_wrote_why_and_what(known: Database) -> None:
    change = _changes(known)[0]

    assert (change.principal, change.reason) == ("an inspector", "to try it")
    assert (change.action, change.before) == ("created", None)


def test_a_change_holds_references_and_no_ids(known: Database) -> None:
    for change in _changes(known):
        assert change.after is not None
        names = set(change.after) - {"external_id", "evidence_kind"}
        assert not [name for name in names if name == "id" or name.endswith(("_id", "_kind", "_seq"))]
        assert change.after["name" if change.kind == "baseline" else "ref"] == change.ref


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        ("clause", {"parent": "recommendation", "number": 1}),
        ("recommendation", {"parent": "review", "bodies": [{"role": "lead", "body": "body"}]}),
        ("action", {"owner": "body", "due_dates": [{"number": 1, "due_on": "2021-01-01", "note": None}]}),
        ("tie", {"source": "evidence", "target": "recommendation", "type": "supports", "basis": "stated"}),
        ("review", {"published_on": "2020-01-01"}),
    ],
)
def test_a_change_tells_relations_by_reference(known: Database, ref: str, expected: dict[str, Any]) -> None:
    (change,) = [change for change in _changes(known) if change.ref == ref]

    assert change.after is not None
    assert {name: change.after.get(name) for name in expected} == expected


def test_refuses_to_write_without_an_author(database: Database) -> None:
    with _Writing(database.engine) as session, pytest.raises(RuntimeError, match="author"):
        an("evidence", session)

    assert _numbers(database) == []


def _found(session: Session, ref: str) -> Any:
    """An item by its reference, with everything that describes it read."""
    item = session.scalars(select(Item).where(Item.ref == ref)).one()
    session.refresh(item)
    return item


def _tie(session: Session) -> Link:
    return session.scalars(select(Link).where(Link.ref == "tie")).one()


def _told(session: Session, alter: Callable[[Session], None]) -> list[tuple[Any, ...]]:
    """What the record says of what is altered and written at once."""
    last = last_seq(session)
    with session.no_autoflush:
        alter(session)
    session.flush()
    added = session.scalars(select(Change).where(Change.seq > last).order_by(Change.seq))
    return [(one.action, one.kind, one.ref, one.before, one.after) for one in added]


def _alter_title(session: Session) -> None:
    _found(session, "named").title = "Another title"


def _empty_a_field(session: Session) -> None:
    _found(session, "named").period = None


def _alter_own_column(session: Session) -> None:
    _found(session, "recommendation").short_name = "Another name"


def _fill_own_column(session: Session) -> None:
    _found(session, "source").method = "interview"


def _alter_day(session: Session) -> None:
    _found(session, "review").published_on = date(2020, 2, 1)


def _alter_link(session: Session) -> None:
    _tie(session).strength = "strong"


def _review_link(session: Session) -> None:
    tie = _tie(session)
    tie.finding, tie.review_note = "valid", "Looked at again."


def _give_an_owner(session: Session) -> None:
    _found(session, "named").owner = _found(session, "second")


def _change_the_owner(session: Session) -> None:
    _found(session, "action").owner = _found(session, "second")


def _take_the_owner(session: Session) -> None:
    _found(session, "action").owner = None


def _give_a_link_an_owner(session: Session) -> None:
    _tie(session).owner = _found(session, "second")


def _add_part(session: Session) -> None:
    action, body = _found(session, "action"), _found(session, "second")
    action.bodies.append(Involvement(role="partner", body=body, position=1))


def _add_another_part(session: Session) -> None:
    asked, body = _found(session, "recommendation"), _found(session, "second")
    asked.bodies.append(Involvement(role="partner", body=body, position=2))


def _put_another_in_the_lead(session: Session) -> None:
    _found(session, "recommendation").bodies = [Involvement(role="lead", body=_found(session, "second"), position=1)]


def _take_part(session: Session) -> None:
    _found(session, "recommendation").bodies = []


def _revise_due_date(session: Session) -> None:
    _found(session, "action").fall_due(Due(date(2022, 1, 1), "moved"))


def _alter_several(session: Session) -> None:
    item = _found(session, "recommendation")
    item.locator, item.short_name, item.bodies = "page 1", "Another name", []


LED = {"role": "lead", "body": "body"}
FIRST_DUE = {"number": 1, "due_on": "2021-01-01", "note": None}
MOVED = {"number": 2, "due_on": "2022-01-01", "note": "moved"}
PARTNER = {"role": "partner", "body": "second"}


def _alter_what_was_not_read(session: Session) -> None:
    item: Any = session.scalars(select(Item).where(Item.ref == "recommendation")).one()
    item.short_name = "Another name"


ALTERATIONS: list[tuple[Callable[[Session], None], tuple[str, str], dict[str, Any], dict[str, Any]]] = [
    (_alter_title, ("evidence", "named"), {"title": "A title"}, {"title": "Another title"}),
    (_alter_own_column, ("recommendation", "recommendation"), {"short_name": "Thing"}, {"short_name": "Another name"}),
    (
        _alter_what_was_not_read,
        ("recommendation", "recommendation"),
        {"short_name": "Thing"},
        {"short_name": "Another name"},
    ),
    (_fill_own_column, ("source", "source"), {"method": None}, {"method": "interview"}),
    (_empty_a_field, ("evidence", "named"), {"period": "2019"}, {"period": None}),
    (_alter_day, ("review", "review"), {"published_on": "2020-01-01"}, {"published_on": "2020-02-01"}),
    (_alter_link, ("link", "tie"), {"strength": None}, {"strength": "strong"}),
    (
        _review_link,
        ("link", "tie"),
        {"finding": None, "review_note": None},
        {"finding": "valid", "review_note": "Looked at again."},
    ),
    (_give_an_owner, ("evidence", "named"), {"owner": None}, {"owner": "second"}),
    (_change_the_owner, ("action", "action"), {"owner": "body"}, {"owner": "second"}),
    (_take_the_owner, ("action", "action"), {"owner": "body"}, {"owner": None}),
    (_give_a_link_an_owner, ("link", "tie"), {"owner": None}, {"owner": "second"}),
    (_add_part, ("action", "action"), {"bodies": None}, {"bodies": [PARTNER]}),
    (_add_another_part, ("recommendation", "recommendation"), {"bodies": [LED]}, {"bodies": [LED, PARTNER]}),
    (
        _put_another_in_the_lead,
        ("recommendation", "recommendation"),
        {"bodies": [LED]},
        {"bodies": [{"role": "lead", "body": "second"}]},
    ),
    (_take_part, ("recommendation", "recommendation"), {"bodies": [LED]}, {"bodies": None}),
    (_revise_due_date, ("action", "action"), {"due_dates": [FIRST_DUE]}, {"due_dates": [FIRST_DUE, MOVED]}),
    (
        _alter_several,
        ("recommendation", "recommendation"),
        {"locator": None, "short_name": "Thing", "bodies": [LED]},
        {"locator": "page 1", "short_name": "Another name", "bodies": None},
    ),
]


def _name(value: Any) -> str | None:
    return value.__name__.strip("_") if callable(value) else None


@pytest.mark.parametrize(("alter", "subject", "before", "after"), ALTERATIONS, ids=_name)
def test_what_is_altered_gives_one_change_with_the_fields_that_changed(
    writer: Session,
    alter: Callable[[Session], None],
    subject: tuple[str, str],
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    told = _told(writer, alter)

    assert told == [("updated", *subject, before, after)]


def _versions(session: Session) -> dict[tuple[str, str], int]:
    """The version of everything."""
    found = {(kind, ref): version for kind, ref, version in session.execute(select(Item.kind, Item.ref, Item.version))}
    return found | {("link", ref): version for ref, version in session.execute(select(Link.ref, Link.version))}


@pytest.mark.parametrize(("alter", "subject"), [case[:2] for case in ALTERATIONS], ids=_name)
def test_what_is_altered_has_one_more_version_and_nothing_else_has(
    writer: Session, alter: Callable[[Session], None], subject: tuple[str, str]
) -> None:
    before = _versions(writer)

    _told(writer, alter)

    assert _versions(writer) == before | {subject: before[subject] + 1}


def test_two_things_that_are_altered_give_a_change_each(writer: Session) -> None:
    def alter(session: Session) -> None:
        _alter_title(session)
        _alter_link(session)

    # Nothing else would keep them until they are written.
    kept = (_found(writer, "named"), _tie(writer))
    told = _told(writer, alter)

    assert sorted(change[:3] for change in told) == [("updated", "evidence", "named"), ("updated", "link", "tie")]
    assert [thing.version for thing in kept] == [2, 2]


def _put_back(session: Session) -> None:
    item = _found(session, "named")
    was = item.title
    item.title = "Another title"
    item.title = was


def _say_the_same(session: Session) -> None:
    item = _found(session, "action")
    item.title, item.owner, item.due_dates = str(item.title), item.owner, list(item.due_dates)


def _fall_due_on_the_same_day(session: Session) -> None:
    _found(session, "action").fall_due(Due(date(2021, 1, 1)))


def _name_the_same_parts(session: Session) -> None:
    item = _found(session, "recommendation")
    item.bodies = [Involvement(role="lead", body=_found(session, "body"), position=1)]


@pytest.mark.parametrize(
    "alter", [_put_back, _say_the_same, _fall_due_on_the_same_day, _name_the_same_parts], ids=_name
)
def test_nothing_is_recorded_where_nothing_changed(writer: Session, alter: Callable[[Session], None]) -> None:
    before = _versions(writer)

    told = _told(writer, alter)

    assert told == []
    assert _versions(writer) == before


@pytest.mark.parametrize(
    ("subject", "find"),
    [
        (("evidence", "named"), lambda session: _found(session, "named")),
        (("link", "tie"), _tie),
        (("baseline", "first"), lambda session: session.scalars(select(Baseline)).one()),
    ],
    ids=["item", "link", "baseline"],
)
def test_what_is_withdrawn_gives_one_change_and_keeps_its_number(
    writer: Session, subject: tuple[str, str], find: Callable[[Session], Any]
) -> None:
    told = _told(writer, lambda session: find(session).withdraw())

    thing = find(writer)
    writer.refresh(thing)
    assert told == [("withdrawn", *subject, None, None)]
    assert (thing.version, thing.withdrawn_seq) == (2, last_seq(writer))


def _change_and_withdraw(session: Session) -> None:
    item = _found(session, "named")
    item.title = "Another title"
    item.withdraw()


def test_refuses_what_it_cannot_tell(writer: Session) -> None:
    before = last_seq(writer)

    with pytest.raises(RuntimeError, match="either changed or withdrawn"):
        _told(writer, _change_and_withdraw)

    writer.expunge_all()
    assert last_seq(writer) == before


def test_refuses_to_change_what_was_withdrawn(writer: Session) -> None:
    _told(writer, lambda session: _found(session, "named").withdraw())

    with pytest.raises(IntegrityError, match="stays as it was"):
        _told(writer, _alter_title)


def _alter_due_date(session: Session) -> None:
    session.scalars(select(DueDate)).first().due_on = date(2030, 1, 1)  # type: ignore[union-attr]


def _alter_part(session: Session) -> None:
    session.scalars(select(Involvement)).first().position = 9  # type: ignore[union-attr]


def _alter_due_date_of_what_is_altered(session: Session) -> None:
    action = _found(session, "action")
    action.title, action.due_dates[0].due_on = "Another title", date(2030, 1, 1)


def _add_due_date(session: Session) -> None:
    action = session.scalars(select(Action).where(Item.ref == "action")).one()
    session.add(DueDate(action_id=action.id, number=2, due_on=date(2022, 1, 1), note="moved"))


def _add_a_part_alone(session: Session) -> None:
    item, body = _found(session, "action"), _found(session, "second")
    session.add(Involvement(item_id=item.id, item_kind="action", role="partner", body=body, position=1))


def _delete_item(session: Session) -> None:
    session.delete(session.scalars(select(Item).where(Item.ref == "loose")).one())


def _delete_link(session: Session) -> None:
    session.delete(_tie(session))


def _delete_due_date(session: Session) -> None:
    session.delete(session.scalars(select(DueDate)).first())


def _delete_part(session: Session) -> None:
    session.delete(session.scalars(select(Involvement)).first())


def _delete_baseline(session: Session) -> None:
    session.delete(session.scalars(select(Baseline)).one())


@pytest.mark.parametrize(
    "alter",
    [
        _alter_due_date,
        _alter_part,
        _alter_due_date_of_what_is_altered,
        _add_due_date,
        _add_a_part_alone,
        _delete_item,
        _delete_link,
        _delete_due_date,
        _delete_part,
        _delete_baseline,
    ],
    ids=_name,
)
def test_refuses_what_goes_around_the_thing_that_it_belongs_to(
    writer: Session, alter: Callable[[Session], None]
) -> None:
    before = last_seq(writer)

    with pytest.raises(RuntimeError, match=r"^Nothing is deleted, and nothing altered"):
        _told(writer, alter)

    writer.expunge_all()
    assert last_seq(writer) == before


def test_refuses_another_text_than_the_published_one(writer: Session) -> None:
    asked = _found(writer, "recommendation")

    with pytest.raises(Conflict, match="Published text never changes"):
        asked.text = "Another text."

    assert asked.text == "The body should do the thing."


@pytest.fixture
def altered(writer: Session) -> Session:
    """A transaction in which much was altered, one after the other, and some withdrawn."""
    for alter in (_alter_title, _alter_link, _alter_own_column, _revise_due_date, _change_the_owner, _add_part):
        _told(writer, alter)
    for alter in (_add_another_part, _alter_day, _fill_own_column, _empty_a_field, _take_the_owner, _review_link):
        _told(writer, alter)
    for alter in (_alter_several, lambda session: _tie(session).withdraw()):
        _told(writer, alter)
    return writer


def test_the_hashes_chain_the_changes_from_the_start(altered: Session) -> None:
    changes = altered.scalars(select(Change).order_by(Change.seq)).all()

    previous = START
    for change in changes:
        row = {column.key: getattr(change, column.key) for column in Change.__table__.columns}
        assert change.hash == hash_of(row, previous)
        previous = change.hash
    assert {change.action for change in changes} == {"created", "updated", "withdrawn"}


def test_the_states_are_kept_in_their_canonical_form(altered: Session) -> None:
    rows = altered.execute(text('SELECT "before", "after" FROM change')).all()

    told = [state for row in rows for state in row if state is not None]
    assert told == [canonical(json.loads(state)) for state in told]
    assert {type(state) for state in told} == {str}


KEPT_BESIDE = {"id", "version", "created_seq", "withdrawn_seq", "content"}
KEYS = {f"{role}_{part}" for role in ("parent", "owner", "source", "target") for part in ("id", "kind")}
PARTS = {
    "due_dates": "SELECT number, due_on, note FROM due_date WHERE action_id = :id ORDER BY number",
    "bodies": (
        "SELECT role, ref AS body FROM involvement JOIN item ON item.id = body_id WHERE item_id = :id ORDER BY position"
    ),
}


def _written(session: Session, statement: str, thing: int) -> list[dict[str, Any]]:
    """What rows say that belong to a thing, days as text."""
    rows = session.execute(text(statement), {"id": thing}).mappings()
    return [{name: str(one) if isinstance(one, date) else one for name, one in row.items()} for row in rows]


def _present(session: Session, kind: str, thing: int) -> dict[str, Any]:
    """What the tables say of a thing: what describes it and is not empty, references in place of ids."""
    told: dict[str, Any] = {}
    for table in ("link",) if kind == "link" else ("item", kind):
        (row,) = _written(session, f"SELECT * FROM {table} WHERE id = :id", thing)  # noqa: S608 - a table of ours
        told |= row
    for role in ("parent", "owner", "source", "target"):
        if told.get(f"{role}_id") is not None:
            told[role] = session.scalar(text("SELECT ref FROM item WHERE id = :id"), {"id": told[f"{role}_id"]})
    for name, statement in PARTS.items():
        if kind != "link":
            told[name] = _written(session, statement, thing) or None
    return {name: one for name, one in told.items() if one is not None and name not in KEPT_BESIDE | KEYS}


def test_what_the_record_tells_of_a_thing_comes_to_what_it_is_now(altered: Session) -> None:
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for change in altered.scalars(select(Change).where(Change.kind != "baseline").order_by(Change.seq)):
        # A field that was not given has the default of its column.
        given = {"handling": "PUBLIC"} | ({"is_group": False} if change.kind == "body" else {})
        told.setdefault((change.kind, change.ref), given).update(change.after or {})

    folded = {thing: {name: one for name, one in state.items() if one is not None} for thing, state in told.items()}

    things = [*altered.execute(select(Item.kind, Item.ref, Item.id))]
    things += [("link", ref, thing) for ref, thing in altered.execute(select(Link.ref, Link.id))]
    assert folded == {(kind, ref): _present(altered, kind, thing) for kind, ref, thing in things}


def test_the_time_of_the_record_never_goes_back(writer: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    _seq, last, _hash = newest_change(writer)
    monkeypatch.setattr("models.recording.moment", lambda: "1999-12-31T00:00:00.000000Z")

    _told(writer, _alter_title)

    assert newest_change(writer)[1] == last


def test_a_change_is_recorded_at_its_moment_in_utc(writer: Session) -> None:
    before = datetime.now(UTC)

    _told(writer, _alter_title)

    at = newest_change(writer)[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", at)
    assert before <= datetime.fromisoformat(at) <= datetime.now(UTC)


def test_what_failed_leaves_nothing_behind_for_what_is_written_next(writer: Session) -> None:
    item = _found(writer, "named")
    attempt = writer.begin_nested()
    item.confidence = "certain"
    with pytest.raises(IntegrityError):
        writer.flush()
    attempt.rollback()

    _told(writer, _put_back)

    kept = writer.execute(text("SELECT from_seq FROM item_version WHERE ref = 'named'")).all()
    assert kept == [(item.created_seq,)]


def test_a_failed_transaction_leaves_no_change_and_no_gap(filled: Database) -> None:
    before = _numbers(filled)

    def write_two() -> None:
        with filled.writing("test", "test") as session:
            an("evidence", session, ref="fine")
            an("evidence", session, ref="refused", confidence="certain")

    with pytest.raises(IntegrityError):
        write_two()
    after_failure = _numbers(filled)
    with filled.writing("test", "test") as session:
        an("evidence", session, ref="next")

    assert after_failure == before
    assert _numbers(filled) == [*before, len(before) + 1]
    assert _changes(filled)[-1].ref == "next"


def test_two_writers_at_once_leave_no_gap(database: Database) -> None:
    start, failed = Barrier(2), []

    def write(name: str) -> None:
        try:
            start.wait(timeout=10)
            for turn in range(8):
                with database.writing(name, "test") as session:
                    source = an("source", session, ref=f"{name}-source{turn}")
                    link(session, an("evidence", session, ref=f"{name}-evidence{turn}"), "derived_from", source)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failed.append(error)

    threads = [Thread(target=write, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failed == []
    changes = _changes(database)
    assert [change.seq for change in changes] == list(range(1, 49))
    assert {change.principal for change in changes} == {"first", "second"}


def test_an_author_of_a_session_is_kept_for_all_that_it_writes(database: Database) -> None:
    with _Writing(database.engine) as session, session.begin():
        session.connection(execution_options={"writing": True})
        author(session, "a clerk", "a reason", "request-1")
        an("evidence", session)
        an("evidence", session)

    told = [(change.principal, change.reason, change.request_id) for change in _changes(database)]
    assert told == [("a clerk", "a reason", "request-1")] * 2
