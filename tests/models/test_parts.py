"""The bodies of a recommendation: what part each has, what it claims with its own actions, and how it responded."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Involvement, Item
from models.lens import Lens
from models.queries.paging import Wanted
from models.queries.parts import PART_FIELDS, RESPONSES, bodies_of
from models.vocabulary import DECISIONS
from tests.factories import an, link
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

NOW = Lens()
EARLY, LATE = date(2020, 1, 1), date(2021, 1, 1)
PUBLISHED = published_plain()
ADDRESSES = ("addresses", "stated")


@pytest.fixture
def led(session: Session, review: Item) -> Item:
    """A recommendation that one body leads, with two partners."""
    bodies = [an("body", session, ref=ref, title=f"The {ref}") for ref in ("second", "first", "leading")]
    roles = zip(("partner", "partner", "lead"), bodies, strict=True)
    parts = [Involvement(role=role, body=body, position=place) for place, (role, body) in enumerate(roles, start=1)]
    return an("recommendation", session, ref="L", number=9, parent=review, bodies=parts)


def _rows(session: Session, lens: Lens = NOW, **wanted: Any) -> list[Any]:
    return bodies_of(session, lens, "L", Wanted(**wanted)).rows


def _by_body(session: Session, lens: Lens = NOW) -> dict[str | None, Any]:
    return {row["body"]: row for row in _rows(session, lens)}


def _body(session: Session, ref: str) -> Item:
    return session.query(Item).filter_by(ref=ref).one()


def _action(session: Session, target: Item, owner: Item | None, claim: str | None, basis: str = "stated") -> Item:
    action = an("action", session, owner=owner, effective_from=EARLY)
    link(session, action, "addresses", target, basis=basis)
    ref = f"{action.ref}-1"
    an("progress", session, ref=ref, parent=action, number=1, claimed_status=claim, effective_from=EARLY)
    return action


def test_who_leads_comes_first_then_the_partners_in_their_order(session: Session, led: Item) -> None:
    rows = _rows(session)

    assert [(row["body"], row["part"], row["title"]) for row in rows] == [
        ("leading", "lead", "The leading"),
        ("second", "partner", "The second"),
        ("first", "partner", "The first"),
    ]
    assert all(tuple(row) == PART_FIELDS for row in rows)
    nothing = {"actions": 0, "claimed_status": None, "claimed_on": None, "rests_on": [], "response": None}
    assert all(row | nothing == row for row in rows)


def test_the_owner_of_an_action_that_is_stated_to_address_it_has_a_part_in_it(session: Session, led: Item) -> None:
    clause, owners = an("clause", session, parent=led, number=1), [an("body", session, ref=ref) for ref in "abc"]
    _action(session, led, owners[0], "under_way")
    _action(session, clause, owners[1], "complete")
    _action(session, led, owners[2], "complete", basis="inferred")

    rows = _rows(session)

    assert [(row["body"], row["part"]) for row in rows[3:]] == [("a", "owner"), ("b", "owner")]


def test_a_body_that_is_more_than_one_thing_has_one_row_with_its_actions(session: Session, led: Item) -> None:
    first, second = (_action(session, led, _body(session, "leading"), claim) for claim in ("complete", "stalled"))
    _action(session, led, _body(session, "first"), "complete")

    found = _by_body(session)

    assert len(found) == 3
    assert (found["leading"]["part"], found["leading"]["actions"]) == ("lead", 2)
    assert (found["leading"]["claimed_status"], found["leading"]["claimed_on"]) == ("under_way", EARLY)
    assert found["leading"]["rests_on"] == [f"{first.ref}-1", f"{second.ref}-1"]
    assert (found["first"]["part"], found["first"]["claimed_status"]) == ("partner", "complete")


def test_actions_that_nobody_owns_have_a_last_row_without_a_body(session: Session, led: Item) -> None:
    _action(session, led, None, "complete")
    _action(session, led, an("body", session, ref="late"), "stalled")

    rows = _rows(session)

    assert [(row["body"], row["title"], row["claimed_status"]) for row in rows[3:]] == [
        ("late", rows[3]["title"], "stalled"),
        (None, None, "complete"),
    ]


def test_the_latest_response_of_each_body_is_told(session: Session, led: Item) -> None:
    told = [("leading", LATE, "D1"), ("leading", EARLY, "D2"), ("leading", None, "D3"), ("first", None, "D4")]
    for body, day, ref in told:
        owner = _body(session, body)
        an("decision", session, ref=ref, parent=led, owner=owner, decision="disputed", effective_from=day)
    an("decision", session, parent=led, owner=_body(session, "second"), decision="proposed")
    an("decision", session, parent=led, decision="disputed")

    found = _by_body(session)

    assert {
        body: (row["response"], row["responded_on"], row["decision"]) for body, row in found.items() if row["response"]
    } == {"leading": ("disputed", LATE, "D1"), "first": ("disputed", None, "D4")}


@pytest.mark.parametrize("word", sorted(set(DECISIONS)))
def test_a_step_of_closure_is_no_response(session: Session, led: Item, word: str) -> None:
    an("decision", session, parent=led, owner=_body(session, "leading"), decision=word)

    assert _by_body(session)["leading"]["response"] == (word if word in RESPONSES else None)


def test_on_a_day_the_undated_are_left_out_and_counted(session: Session, led: Item) -> None:
    leading = _body(session, "leading")
    _action(session, led, leading, "complete")
    undated = an("action", session, owner=leading)
    link(session, undated, "addresses", led)
    an("decision", session, parent=led, owner=leading, decision="disputed")
    for item in (led.parent, led):
        session.refresh(item)
        item.effective_from = EARLY
    session.flush()

    page = bodies_of(session, Lens(as_of=LATE), "L", Wanted())

    assert page.undated == 2
    assert (page.rows[0]["actions"], page.rows[0]["response"]) == (1, None)
    assert bodies_of(session, NOW, "L", Wanted()).undated is None


def test_pages_hold_each_body_once(session: Session, led: Item) -> None:
    whole, paged, after = _rows(session), [], None
    while True:
        page = bodies_of(session, NOW, "L", Wanted(limit=2, after=after, count=True))
        paged += page.rows
        after = page.after
        if after is None:
            break

    assert (paged, page.total) == (whole, 3)


def test_the_bodies_of_the_published_recommendations_are_what_its_files_say(published: Session) -> None:
    owners = {entry["ref"]: entry.get("owner") for entry in entries_of("action")}
    stated = {(tie.target, owners[tie.source]) for tie in PUBLISHED.links if (tie.type, tie.basis) == ADDRESSES}
    for entry in entries_of("recommendation"):
        named = {
            part["body"]: part["role"] for part in sorted(entry["bodies"], key=lambda part: part["role"] == "lead")
        }
        also = {body: "owner" for target, body in stated if target == entry["ref"]}

        rows = bodies_of(published, NOW, entry["ref"], Wanted()).rows

        assert {row["body"]: row["part"] for row in rows} == also | named
        assert {row["response"] for row in rows} == {None}


def test_the_bodies_take_the_same_number_of_statements_however_many(database: Database) -> None:
    counts = []
    for more in (2, 20):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=EARLY)
            asked = an("recommendation", session, ref=f"many{more}", number=1, parent=review)
            for _ in range(more):
                owner = an("body", session)
                _action(session, asked, owner, "complete")
                an("decision", session, parent=asked, owner=owner, decision="disputed")
        with database.reading() as session, counted(*database.engines) as ran:
            found = bodies_of(session, NOW, asked.ref, Wanted())
            counts.append((len(found.rows), len(ran)))

    assert counts == [(2, 6), (20, 6)]
