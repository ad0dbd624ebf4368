"""What is hidden stands in nobody's way: its names, numbers and ends are free, and it goes with what it stands on."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.changes import Change, last_seq
from models.errors import Conflict
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.queries.sight import owner_of
from models.vocabulary import HANDLINGS
from models.writing.items import add_item, amend_item, withdraw_item
from models.writing.links import add_link
from tests.factories import an, link

TODAY, LATER = date(2026, 1, 1), date(2026, 6, 1)
WRITER = Lens("OFFICIAL", body="own", today=TODAY)
ALL_SEEING = Lens(HANDLINGS[-1], today=TODAY, whole=True)
EVIDENCE = {"title": "Seen", "evidence_kind": "observation", "statement": "A thing was observed."}
ASKED = {"title": "Asked", "category": "recommendation", "short_name": "Asked", "text": "The body should do it."}
# How a thing is marked that the writer does not see.
HIDDEN: dict[str, dict[str, Any]] = {
    "above his clearance": {"handling": "OFFICIAL-SENSITIVE"},
    "limited to another": {"limited_to": "other"},
    "held back for another": {"embargo_until": LATER, "embargo_bodies": "other"},
}
SEEN: dict[str, dict[str, Any]] = {
    "for everybody": {},
    "limited to him": {"limited_to": "own"},
    "held back for him": {"embargo_until": LATER, "embargo_bodies": "other own"},
}
EVERY_MARKING: list[dict[str, Any]] = [
    {"handling": handling, "limited_to": limited_to, "embargo_until": until, "embargo_bodies": bodies}
    for handling in HANDLINGS
    for limited_to in (None, "", "own", "other", "other own")
    for until, bodies in ((None, None), (TODAY, ""), (LATER, ""), (LATER, "own"), (LATER, "other own"))
]
EMBARGO = ("embargo_until", "embargo_bodies")
hidden = pytest.mark.parametrize("marked", HIDDEN.values(), ids=HIDDEN)
seen = pytest.mark.parametrize("marked", SEEN.values(), ids=SEEN)


@pytest.fixture(autouse=True)
def _bodies(session: Session) -> None:
    for ref in ("own", "other"):
        an("body", session, ref=ref)


@pytest.fixture
def review(session: Session) -> Item:
    return an("review", session, ref="V", published_on=date(2020, 1, 1))


def test_the_tables_refuse_a_second_of_one_name_among_what_everybody_sees_alone(session: Session) -> None:
    refused = []
    for number, marked in enumerate([*EVERY_MARKING, *EVERY_MARKING]):
        attempt = session.begin_nested()
        try:
            an("evidence", session, ref=f"E{number}", external_id="X", **marked)
        except IntegrityError:
            attempt.rollback()
            refused.append(number)

    everybody = EVERY_MARKING.index({"handling": "PUBLIC", **dict.fromkeys(("limited_to", *EMBARGO))})
    assert refused == [len(EVERY_MARKING) + everybody]


def test_what_has_a_name_twice_can_be_changed_by_whoever_sees_both(session: Session) -> None:
    for ref, limited_to in (("E1", None), ("E2", "own")):
        an("evidence", session, ref=ref, external_id="X", limited_to=limited_to)

    amend_item(session, WRITER, "evidence", "E2", {"title": "Another"})

    assert session.scalars(select(Item.title).where(Item.ref == "E2")).one() == "Another"


def test_nothing_is_given_to_an_owner_that_gave_its_external_id_to_something_seen(session: Session) -> None:
    own = session.scalars(select(Item).where(Item.ref == "own")).one()
    an("evidence", session, ref="E1", external_id="X", owner=own)
    an("evidence", session, ref="E2", external_id="X")

    with pytest.raises(Conflict, match="external id 'X'"):
        amend_item(session, WRITER, "evidence", "E2", {"owner": "own"})


def _number(session: Session, ref: str) -> int | None:
    return session.scalars(select(Item.number).where(Item.ref == ref)).one()


@hidden
@pytest.mark.parametrize("asked", [{}, {"limited_to": ["own"]}, {"embargo_until": LATER}])
def test_an_external_id_that_something_hidden_has_is_free(session: Session, marked: Any, asked: Any) -> None:
    an("evidence", session, ref="twin", external_id="X", **marked)

    ref = add_item(session, WRITER, "evidence", EVIDENCE | {"external_id": "X"} | asked)

    assert session.query(Item).filter_by(external_id="X").count() == 2
    assert ref != "twin"


@seen
def test_an_external_id_that_something_seen_has_is_taken(session: Session, marked: Any) -> None:
    an("evidence", session, ref="twin", external_id="X", **marked)

    with pytest.raises(Conflict, match="external id 'X'") as refused:
        add_item(session, WRITER, "evidence", EVIDENCE | {"external_id": "X"})

    assert refused.value.with_whom == (("evidence", "twin"),)


@hidden
def test_a_number_that_something_hidden_has_is_free(session: Session, review: Item, marked: Any) -> None:
    an("recommendation", session, ref="twin", parent=review, number=1, **marked)
    an("recommendation", session, ref="far", parent=review, number=7, **marked)

    given = add_item(session, WRITER, "recommendation", ASKED | {"review": "V", "number": 7})
    following = add_item(session, WRITER, "recommendation", ASKED | {"review": "V"})

    assert (_number(session, given), _number(session, following)) == (7, 8)


@hidden
def test_the_next_number_counts_what_is_seen_alone(session: Session, review: Item, marked: Any) -> None:
    an("recommendation", session, ref="far", parent=review, number=7, **marked)

    numbers = [_number(session, add_item(session, WRITER, "recommendation", ASKED | {"review": "V"})) for _ in range(2)]

    assert numbers == [1, 2]


@seen
def test_a_number_that_something_seen_has_is_taken(session: Session, review: Item, marked: Any) -> None:
    an("recommendation", session, ref="twin", parent=review, number=1, **marked)

    with pytest.raises(Conflict, match="Number 1 is taken") as refused:
        add_item(session, WRITER, "recommendation", ASKED | {"review": "V", "number": 1})

    assert refused.value.with_whom == (("recommendation", "twin"),)


def _two(session: Session, kind: str = "action") -> tuple[Item, Item]:
    return an(kind, session, ref="one"), an(kind, session, ref="two")


def _tie(session: Session, source: str, target: str, **values: Any) -> str:
    ends = {"source": source, "target": target, "type": "depends_on", "basis": "stated", "rationale": "So it is."}
    return add_link(session, WRITER, ends | values, "a writer")


@hidden
@pytest.mark.parametrize("asked", [{}, {"limited_to": ["own"]}, {"handling": "OFFICIAL"}])
def test_a_link_that_is_there_hidden_can_be_made(session: Session, marked: Any, asked: Any) -> None:
    link(session, *_pair(session), ref="twin", **marked)

    _tie(session, "one", "two", **asked)

    assert session.query(Link).count() == 2


def _pair(session: Session) -> tuple[Item, str, Item]:
    one, two = _two(session)
    return one, "depends_on", two


@seen
def test_a_link_that_is_seen_cannot_be_made_again(session: Session, marked: Any) -> None:
    link(session, *_pair(session), ref="twin", **marked)

    with pytest.raises(Conflict, match="such a link between the two already") as refused:
        _tie(session, "one", "two")

    assert refused.value.with_whom == (("link", "twin"),)


@hidden
def test_a_circle_through_a_hidden_link_is_let_be(session: Session, marked: Any) -> None:
    one, two = _two(session)
    link(session, two, "depends_on", one, **marked)

    assert _tie(session, "one", "two")


@hidden
def test_a_circle_through_a_hidden_thing_is_let_be(session: Session, marked: Any) -> None:
    one, two = _two(session)
    between = an("action", session, ref="between", **marked)
    link(session, two, "depends_on", between)
    link(session, between, "depends_on", one)

    assert _tie(session, "one", "two")


@seen
def test_a_circle_that_is_seen_is_refused(session: Session, marked: Any) -> None:
    one, two = _two(session)
    between = an("action", session, ref="between", **marked)
    link(session, two, "depends_on", between, **marked)
    link(session, between, "depends_on", one)

    with pytest.raises(Conflict, match="close a circle"):
        _tie(session, "one", "two")


def _gone(session: Session) -> set[str]:
    """What is withdrawn."""
    things: list[Any] = [*session.query(Item), *session.query(Link)]
    return {thing.ref for thing in things if thing.withdrawn_seq is not None}


@hidden
def test_what_stands_hidden_on_a_thing_is_withdrawn_with_it(session: Session, review: Item, marked: Any) -> None:
    asked = an("recommendation", session, ref="R", parent=review, number=1)
    clause = an("clause", session, ref="C", parent=asked, number=1, **marked)
    evidence = an("evidence", session, ref="E")
    link(session, evidence, "supports", asked, ref="tie", **marked)
    link(session, evidence, "supports", clause, ref="far tie")
    link(session, an("evidence", session, ref="H", **marked), "qualifies", asked, ref="near tie")
    session.expunge_all()
    before = last_seq(session)

    withdraw_item(session, WRITER, "recommendation", "R")

    assert _gone(session) == {"R", "C", "tie", "far tie", "near tie"}
    changes = session.scalars(select(Change).where(Change.seq > before).order_by(Change.seq)).all()
    assert {change.action for change in changes} == {"withdrawn"}
    assert changes[-1].ref == "R"


def test_what_stands_hidden_under_hidden_parts_is_withdrawn_too(session: Session, review: Item) -> None:
    hidden_asked = an("recommendation", session, ref="R", parent=review, number=1, limited_to="other")
    an("clause", session, ref="C", parent=hidden_asked, number=1, limited_to="other")
    an("assessment", session, ref="J", parent=hidden_asked, handling="OFFICIAL-SENSITIVE", limited_to="other")
    session.expunge_all()

    withdraw_item(session, WRITER, "review", "V")

    assert _gone(session) == {"V", "R", "C", "J"}


@seen
def test_what_stands_seen_on_a_thing_refuses_its_withdrawal(session: Session, review: Item, marked: Any) -> None:
    asked = an("recommendation", session, ref="R", parent=review, number=1)
    an("clause", session, ref="C", parent=asked, number=1, **marked)
    link(session, an("evidence", session), "supports", asked, ref="tie", **marked)
    link(session, an("evidence", session), "qualifies", asked, ref="hidden tie", limited_to="other")

    with pytest.raises(Conflict, match="Withdraw first") as refused:
        withdraw_item(session, WRITER, "recommendation", "R")

    assert set(refused.value.with_whom) == {("clause", "C"), ("link", "tie")}
    assert _gone(session) == set()


def test_whoever_sees_everything_withdraws_nothing_unseen(session: Session, review: Item) -> None:
    an("recommendation", session, ref="R", parent=review, number=1, handling="OFFICIAL-SENSITIVE", limited_to="other")

    with pytest.raises(Conflict, match="recommendation R"):
        withdraw_item(session, ALL_SEEING, "review", "V")


@hidden
def test_what_a_withdrawn_body_owned_hidden_is_nobody_elses(session: Session, marked: Any) -> None:
    gone = an("body", session, ref="gone")
    an("evidence", session, ref="E", owner=gone, **marked)
    session.expunge_all()

    withdraw_item(session, WRITER, "body", "gone")

    assert owner_of(session, ALL_SEEING, "evidence", "E") == "gone"
