"""The record of changes: everything that is written is in it once, in order, and stays."""

from collections.abc import Callable
from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import Action, DueDate
from models.changes import Change, author, record_writes
from models.items import Involvement, Item
from models.links import Link
from models.recommendations import Recommendation
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


def _changes(database: Database) -> list[Change]:
    with database.reading() as session:
        return list(session.scalars(select(Change).order_by(Change.seq)))


def _numbers(database: Database) -> list[int]:
    return [change.seq for change in _changes(database)]


def test_each_new_item_and_link_has_exactly_one_change(filled: Database) -> None:
    with filled.reading() as session:
        items = [(item.kind, item.ref, item.created_seq) for item in session.scalars(select(Item))]
        links = [("link", found.ref, found.created_seq) for found in session.scalars(select(Link))]

    recorded = [(change.kind, change.ref, change.seq) for change in _changes(filled)]
    assert len(recorded) == len(items) + len(links)
    assert sorted(recorded) == sorted(items + links)


def test_the_record_is_numbered_from_one_without_a_gap(filled: Database) -> None:
    numbers = _numbers(filled)

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_numbering_goes_on_in_the_next_transaction(filled: Database) -> None:
    before = len(_numbers(filled))

    with filled.writing("test", "test") as session:
        an("source", session)
        an("evidence", session)

    assert _numbers(filled) == list(range(1, before + 3))


def test_a_change_says_who_wrote_why_and_what(filled: Database) -> None:
    change = _changes(filled)[0]

    assert (change.principal, change.reason) == ("an inspector", "to try it")
    assert (change.action, change.before) == ("created", None)


def test_a_change_holds_references_and_no_ids(filled: Database) -> None:
    for change in _changes(filled):
        assert change.after is not None
        names = set(change.after) - {"external_id", "evidence_kind"}
        assert not [name for name in names if name == "id" or name.endswith(("_id", "_kind", "_seq"))]
        assert change.after["ref"] == change.ref


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
def test_a_change_tells_relations_by_reference(filled: Database, ref: str, expected: dict[str, Any]) -> None:
    (change,) = [change for change in _changes(filled) if change.ref == ref]

    assert change.after is not None
    assert {name: change.after.get(name) for name in expected} == expected


def test_refuses_to_write_without_an_author(database: Database) -> None:
    with _Writing(database.engine) as session, pytest.raises(RuntimeError, match="author"):
        an("evidence", session)

    assert _numbers(database) == []


def _alter_title(session: Session) -> None:
    session.scalars(select(Item).where(Item.ref == "evidence")).one().title = "Another title"


def _alter_own_column(session: Session) -> None:
    session.scalars(select(Recommendation).where(Item.ref == "recommendation")).one().text = "Another text."


def _alter_link(session: Session) -> None:
    session.scalars(select(Link)).one().strength = "strong"


def _add_part(session: Session) -> None:
    body = session.scalars(select(Item).where(Item.ref == "second")).one()
    action = session.scalars(select(Item).where(Item.ref == "action")).one()
    action.bodies.append(Involvement(role="partner", body=body, position=1))


def _alter_due_date(session: Session) -> None:
    session.scalars(select(DueDate)).first().due_on = date(2030, 1, 1)  # type: ignore[union-attr]


def _alter_part(session: Session) -> None:
    session.scalars(select(Involvement)).first().position = 9  # type: ignore[union-attr]


def _add_due_date(session: Session) -> None:
    action = session.scalars(select(Action).where(Item.ref == "action")).one()
    session.add(DueDate(action_id=action.id, number=2, due_on=date(2022, 1, 1), note="moved"))


def _delete_item(session: Session) -> None:
    session.delete(session.scalars(select(Item).where(Item.ref == "loose")).one())


def _delete_link(session: Session) -> None:
    session.delete(session.scalars(select(Link)).one())


def _delete_due_date(session: Session) -> None:
    session.delete(session.scalars(select(DueDate)).first())


def _delete_part(session: Session) -> None:
    session.delete(session.scalars(select(Involvement)).first())


@pytest.mark.parametrize(
    "alter",
    [
        _alter_title,
        _alter_own_column,
        _alter_link,
        _add_part,
        _alter_due_date,
        _alter_part,
        _add_due_date,
        _delete_item,
        _delete_link,
        _delete_due_date,
        _delete_part,
    ],
)
def test_refuses_to_alter_or_delete_what_is_recorded(filled: Database, alter: Callable[[Session], None]) -> None:
    before = _numbers(filled)

    with pytest.raises(RuntimeError, match="altered or deleted"), filled.writing("test", "test") as session:
        alter(session)

    assert _numbers(filled) == before


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
