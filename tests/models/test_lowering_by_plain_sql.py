"""Whoever writes plain SQL lowers no marking by himself: the database knows what covers what, as the classes do."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.items import Item
from models.markings import Marking, listed
from tests.factories import an, link
from tests.models.plain_sql import copied, further, id_of
from tests.models.releasing import asked_for

DAYS = (date(2026, 1, 1), date(2026, 1, 2))
LIMITS = (None, frozenset(), frozenset({"a"}), frozenset({"ab"}), frozenset({"a", "ab"}), frozenset({'"\\', "ab"}))
UNTIL = (
    (None, None),
    (DAYS[0], frozenset[str]()),
    *((day, frozenset({"a", *more})) for day in DAYS for more in ((), "b")),
)
MARKINGS = [
    Marking(handling, limit, *until)
    for handling in ("PUBLIC", "OFFICIAL-SENSITIVE")
    for limit, until in product(LIMITS, UNTIL)
]
PUBLIC, OFFICIAL = Marking(), Marking("OFFICIAL")
RELEASED, WHOLE = "a marking is lowered by two persons", "a part is marked at least as its whole"


def _marked(marking: Marking) -> dict[str, Any]:
    """The columns of a marking."""
    until_then = {"embargo_until": marking.embargo_until, "embargo_bodies": listed(marking.until_then)}
    return {"handling": marking.handling, "limited_to": listed(marking.limited_to), **until_then}


def _in_sql(marking: Marking) -> dict[str, str]:
    """The columns of a marking, as SQL writes them."""
    return {name: "NULL" if value is None else f"'{value}'" for name, value in _marked(marking).items()}


def _refused(connection: Connection, statement: str) -> str | None:
    """What the database says against a statement, which is taken back; nothing where it lets it pass."""
    attempt = connection.begin_nested()
    try:
        assert connection.execute(text(statement.replace(":", r"\:"))).rowcount == 1
    except IntegrityError as error:
        return str(error.orig).partition("\n")[0]
    finally:
        attempt.rollback()
    return None


def _each_refused(session: Session, statements: Iterator[tuple[Any, str]]) -> dict[Any, str | None]:
    """What the database says against each statement."""
    connection = session.connection()
    return {key: _refused(connection, statement) for key, statement in statements}


def test_an_item_is_marked_so_by_one_person_if_that_covers_how_it_was_marked(session: Session) -> None:
    for number, marking in enumerate(MARKINGS):
        an("evidence", session, ref=f"E{number}", **_marked(marking))

    refused = _each_refused(
        session,
        (
            ((was, now), further("item", f"ref = 'E{number}'", **_in_sql(now)))
            for number, was in enumerate(MARKINGS)
            for now in MARKINGS
        ),
    )

    assert refused == {(was, now): None if now.covers(was) else RELEASED for was, now in product(MARKINGS, MARKINGS)}


def test_a_link_is_marked_so_by_one_person_if_that_covers_how_it_was_marked(session: Session) -> None:
    source, some = an("source", session), MARKINGS[::5]
    for number, marking in enumerate(some):
        link(session, an("evidence", session), "derived_from", source, ref=f"L{number}", **_marked(marking))

    refused = _each_refused(
        session,
        (
            ((was, now), further("link", f"ref = 'L{number}'", **_in_sql(now)))
            for number, was in enumerate(some)
            for now in MARKINGS
        ),
    )

    assert refused == {(was, now): None if now.covers(was) else RELEASED for was, now in product(some, MARKINGS)}


def test_a_part_is_added_if_its_marking_covers_that_of_its_whole(session: Session) -> None:
    review, some = an("review", session, ref="V", published_on=date(2020, 1, 1)), MARKINGS[::5]
    an("clause", session, ref="C", parent=an("recommendation", session, parent=review, number=1), number=1)
    for number, marking in enumerate(some):
        an("recommendation", session, ref=f"R{number}", parent=review, number=2 + number, **_marked(marking))

    def added(number: int, marking: Marking) -> str:
        named = {"ref": "'another'", "external_id": "'another'", "parent_id": id_of(f"R{number}")}
        return copied("item", "ref = 'C'", **named, **_in_sql(marking))

    refused = _each_refused(
        session,
        (((whole, part), added(number, part)) for number, whole in enumerate(some) for part in MARKINGS),
    )

    assert refused == {pair: None if pair[1].covers(pair[0]) else WHOLE for pair in product(some, MARKINGS)}


def test_a_whole_is_marked_so_if_its_parts_are_at_least(session: Session) -> None:
    review, some = an("review", session, ref="V", published_on=date(2020, 1, 1)), MARKINGS[::5]
    for number, marking in enumerate(some):
        asked = an("recommendation", session, ref=f"R{number}", parent=review, number=number)
        an("clause", session, parent=asked, number=1, **_marked(marking))
        an("clause", session, parent=asked, number=2, **_marked(MARKINGS[-1].joined(marking)))

    refused = _each_refused(
        session,
        (
            ((part, whole), further("item", f"ref = 'R{number}'", **_in_sql(whole)))
            for number, part in enumerate(some)
            for whole in MARKINGS
        ),
    )

    assert refused == {pair: None if pair[0].covers(pair[1]) else WHOLE for pair in product(some, MARKINGS)}


@pytest.fixture
def hidden(session: Session) -> Item:
    """A thing that is OFFICIAL and limited."""
    return an("evidence", session, ref="E", handling="OFFICIAL", limited_to="a")


LOWERED = further("item", "ref = 'E'", **_in_sql(PUBLIC))


def _approve(session: Session, thing: Item, marking: Marking = PUBLIC, **values: Any) -> None:
    """An approval for the next version of a thing, as it would be confirmed but for what is said otherwise."""
    approval = asked_for(session, thing, marking)
    told = {"state": "confirmed", "decided_by": "another inspector", "applied_version": thing.version + 1} | values
    for name, value in told.items():
        setattr(approval, name, value)
    session.flush()


def test_with_an_approval_of_a_second_person_it_is_lowered(session: Session, hidden: Item) -> None:
    _approve(session, hidden)

    assert _refused(session.connection(), LOWERED) is None


@pytest.mark.parametrize(
    ("marking", "values"),
    [
        (PUBLIC, {"state": "declined"}),
        (PUBLIC, {"state": "open", "decided_by": None}),
        (PUBLIC, {"applied_version": None}),
        (PUBLIC, {"applied_version": 1}),
        (PUBLIC, {"applied_version": 3}),
        (OFFICIAL, {}),
        (Marking("PUBLIC", frozenset({"a"})), {}),
        (Marking("PUBLIC", frozenset({"a", "b"})), {}),
        (Marking("PUBLIC", None, DAYS[0]), {}),
    ],
)
def test_with_another_approval_it_is_not_lowered(
    session: Session, hidden: Item, marking: Marking, values: dict[str, Any]
) -> None:
    _approve(session, hidden, marking, **values)

    assert _refused(session.connection(), LOWERED) == RELEASED


def test_with_an_approval_of_something_else_it_is_not_lowered(session: Session, hidden: Item) -> None:
    _approve(session, an("evidence", session, ref="F", handling="OFFICIAL"))
    _approve(session, link(session, hidden, "derived_from", an("source", session), ref="E"))

    assert _refused(session.connection(), LOWERED) == RELEASED


def test_an_approval_lowers_once(session: Session, hidden: Item) -> None:
    connection = session.connection()
    _approve(session, hidden)
    connection.execute(text(LOWERED))
    connection.execute(text(further("item", "ref = 'E'", handling="'OFFICIAL'")))

    assert _refused(connection, LOWERED) == RELEASED


def test_nobody_approves_for_himself(session: Session, hidden: Item) -> None:
    asked_for(session, hidden, PUBLIC)
    by_himself = further("approval", "1 = 1", state="'confirmed'", decided_by="asked_by", applied_version="2")

    assert "ck_approval_second" in str(_refused(session.connection(), by_himself))
