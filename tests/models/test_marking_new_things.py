"""How a new thing is marked: as asked, as its review says, at least as its whole, and so that its writer sees it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.errors import Invalid
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.markings import Marking
from models.vocabulary import HANDLINGS
from models.writing.items import add_item
from models.writing.links import add_link
from tests.factories import an

TODAY, LATER = date(2026, 1, 1), date(2026, 6, 1)
WRITER = Lens(HANDLINGS[-1], body="own", today=TODAY)
OWN = frozenset({"own"})
EVIDENCE = {"title": "Seen", "evidence_kind": "observation", "statement": "A thing was observed."}
ASKED = {
    "title": "Asked",
    "category": "recommendation",
    "short_name": "Asked",
    "text": "The body should do the thing.",
}


@pytest.fixture(autouse=True)
def _bodies(session: Session) -> None:
    for ref in ("own", "other"):
        an("body", session, ref=ref)


def _a_review(session: Session, ref: str = "V", **values: Any) -> Item:
    return an("review", session, ref=ref, published_on=date(2020, 1, 1), **values)


def _item(session: Session, kind: str, values: dict[str, Any], lens: Lens = WRITER) -> Item:
    """A new item, as it is stored."""
    ref = add_item(session, lens, kind, values)
    return session.query(Item).filter_by(ref=ref).one()


def _evidence(session: Session, lens: Lens = WRITER, **values: Any) -> Marking:
    """The marking of new evidence."""
    return _item(session, "evidence", EVIDENCE | values, lens).marking


def _asked(session: Session, lens: Lens = WRITER, review: str = "V", **values: Any) -> Marking:
    """The marking of a new recommendation."""
    return _item(session, "recommendation", ASKED | {"review": review} | values, lens).marking


def _faults(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault.pointer for fault in refused.value.faults]


def test_what_is_not_marked_otherwise_is_for_everybody(session: Session) -> None:
    _a_review(session)

    assert _evidence(session) == Marking()
    assert _asked(session) == Marking()


@pytest.mark.parametrize("usual", HANDLINGS)
def test_what_stands_under_a_review_is_marked_as_the_review_says(session: Session, usual: str) -> None:
    review = _a_review(session, new_handling=usual)
    _a_review(session, "W", new_handling="OFFICIAL-SENSITIVE")

    asked = _item(session, "recommendation", ASKED | {"review": "V"})
    clause = _item(session, "clause", {"recommendation": asked.ref, "title": "Part", "span_start": 0, "span_end": 3})

    assert review.handling == "PUBLIC"
    assert (asked.marking, clause.marking) == (Marking(usual), Marking(usual))


def test_what_stands_under_no_review_is_marked_as_the_strictest_says_that_the_writer_sees(session: Session) -> None:
    _a_review(session, "V", new_handling="OFFICIAL")
    _a_review(session, "W")
    hidden = {"new_handling": "OFFICIAL-SENSITIVE", "handling": "OFFICIAL-SENSITIVE", "limited_to": "other"}
    _a_review(session, "X", **hidden)

    assert _evidence(session) == Marking("OFFICIAL")
    assert _evidence(session, handling="PUBLIC") == Marking("PUBLIC")


def test_a_new_review_and_a_new_body_are_for_everybody(session: Session) -> None:
    _a_review(session, new_handling="OFFICIAL")

    review = _item(session, "review", {"title": "Another", "published_on": date(2021, 1, 1)})
    body = _item(session, "body", {"title": "Another"})

    assert (review.marking, body.marking) == (Marking(), Marking())


@pytest.mark.parametrize("usual", [None, *HANDLINGS])
def test_a_new_link_is_marked_as_the_review_of_its_target_says(session: Session, usual: str | None) -> None:
    asked = an("recommendation", session, ref="R", parent=_a_review(session, new_handling=usual), number=1)
    an("evidence", session, ref="E")
    ends = {"source": "E", "target": asked.ref, "type": "supports", "basis": "stated", "rationale": "So it is said."}

    ref = add_link(session, WRITER, ends, "a writer")

    assert session.query(Link).filter_by(ref=ref).one().marking == Marking(usual or "PUBLIC")


def test_a_link_is_marked_as_asked_whatever_its_ends_are(session: Session) -> None:
    asked = an("recommendation", session, ref="R", parent=_a_review(session), number=1)
    an("evidence", session, ref="E", handling="OFFICIAL")
    ends = {"source": "E", "target": asked.ref, "type": "supports", "basis": "stated", "rationale": "So it is said."}

    ref = add_link(session, WRITER, ends | {"limited_to": ["own", "other"]}, "a writer")

    assert session.query(Link).filter_by(ref=ref).one().marking == Marking("PUBLIC", frozenset({"own", "other"}))


def test_a_part_is_marked_at_least_as_its_whole(session: Session) -> None:
    _a_review(session, handling="OFFICIAL", limited_to="other own", embargo_until=LATER, embargo_bodies="own")

    whole = Marking("OFFICIAL", frozenset({"own", "other"}), LATER, OWN)
    assert _asked(session) == whole
    assert _asked(session, handling="OFFICIAL-SENSITIVE") == whole.joined(Marking("OFFICIAL-SENSITIVE"))
    assert _asked(session, limited_to=["own"]) == whole.joined(Marking(limited_to=OWN))
    assert _asked(session, embargo_until=date(2026, 2, 1)) == whole


def test_a_part_cannot_be_asked_for_below_its_whole(session: Session) -> None:
    _a_review(session, handling="OFFICIAL")

    with pytest.raises(Invalid, match="must be at least OFFICIAL") as refused:
        _asked(session, handling="PUBLIC")

    assert _faults(refused) == ["/handling"]


def test_nobody_writes_above_his_clearance(session: Session) -> None:
    with pytest.raises(Invalid, match="above what you are cleared for, OFFICIAL") as refused:
        _evidence(session, Lens("OFFICIAL", body="own"), handling="OFFICIAL-SENSITIVE")

    assert _faults(refused) == ["/handling"]


def test_nobody_writes_above_his_clearance_because_a_review_says_so(session: Session) -> None:
    _a_review(session, new_handling="OFFICIAL")

    with pytest.raises(Invalid, match="above what you are cleared for, PUBLIC"):
        _asked(session, Lens("PUBLIC", body="own"))

    assert _asked(session, Lens("PUBLIC", body="own"), handling="PUBLIC") == Marking()


@pytest.mark.parametrize("body", ["own", None])
def test_nobody_writes_what_his_own_body_would_not_see(session: Session, body: str | None) -> None:
    with pytest.raises(Invalid, match="would hide it from your own body") as refused:
        _evidence(session, Lens("OFFICIAL", body=body), limited_to=["other"])

    assert _faults(refused) == ["/limited_to"]


def test_nobody_writes_a_part_that_no_body_would_see(session: Session) -> None:
    _a_review(session, limited_to="own")

    with pytest.raises(Invalid, match="would hide it from your own body"):
        _asked(session, limited_to=["other"])


def test_until_the_embargo_has_passed_the_writers_body_and_the_owner_see_it(session: Session) -> None:
    assert _evidence(session, embargo_until=LATER) == Marking("PUBLIC", None, LATER, OWN)
    assert _evidence(session, embargo_until=LATER, owner="other") == Marking("PUBLIC", None, LATER, OWN | {"other"})


def test_an_embargo_needs_a_body_that_sees_it_until_then(session: Session) -> None:
    bodiless = Lens(HANDLINGS[-1], today=TODAY)

    with pytest.raises(Invalid, match="needs an owner") as refused:
        _evidence(session, bodiless, embargo_until=LATER)

    assert _faults(refused) == ["/embargo_until"]


def test_nobody_without_a_body_writes_what_he_would_not_see_until_the_embargo_has_passed(session: Session) -> None:
    with pytest.raises(Invalid, match="would hide it from your own body") as refused:
        _evidence(session, Lens(HANDLINGS[-1], today=TODAY), embargo_until=LATER, owner="other")

    assert _faults(refused) == ["/embargo_until"]


@pytest.mark.parametrize(
    ("limited_to", "pointer"),
    [
        ([], "/limited_to"),
        (["nobody"], "/limited_to/0"),
        (["own", "V"], "/limited_to/1"),
        (["own", "hidden"], "/limited_to/1"),
    ],
)
def test_a_limit_names_bodies_that_the_writer_sees(session: Session, limited_to: list[str], pointer: str) -> None:
    _a_review(session)
    an("body", session, ref="hidden", handling="OFFICIAL-SENSITIVE", limited_to="other")

    with pytest.raises(Invalid) as refused:
        _evidence(session, limited_to=limited_to)

    assert _faults(refused) == [pointer]
