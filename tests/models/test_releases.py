"""How a marking is lowered: one person asks for it, and another confirms or declines it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from api.database import Database
from models.approvals import Approval
from models.changes import Change
from models.errors import Conflict, Invalid, NotFound
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.markings import Marking
from models.vocabulary import HANDLINGS
from models.writing.items import withdraw_item
from models.writing.markings import approval_of, ask_release, confirm_release, decline, raise_marking
from tests.factories import an, link

TODAY, LATER = date(2026, 1, 1), date(2026, 6, 1)
WRITER = Lens(HANDLINGS[-1], body="own", today=TODAY)
OWN = frozenset({"own"})
HIDDEN = {"handling": "OFFICIAL", "limited_to": "own", "embargo_until": LATER, "embargo_bodies": "own"}
EVERYBODY = {"handling": "PUBLIC", "limited_to": None, "embargo_until": None}


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a review, its recommendation, evidence and a link; all but the review are hidden."""
    with database.writing("a clerk", "begin") as session:
        for ref in ("own", "other"):
            an("body", session, ref=ref)
        review = an("review", session, ref="V", published_on=date(2020, 1, 1))
        asked = an("recommendation", session, ref="R", parent=review, number=1, **HIDDEN)
        an("clause", session, ref="C", parent=asked, number=1, **HIDDEN)
        evidence = an("evidence", session, ref="E", **HIDDEN)
        link(session, evidence, "supports", asked, ref="tie", **HIDDEN)
    return database


def _ask(database: Database, kind: str = "evidence", ref: str = "E", by: str = "one", **values: Any) -> str:
    """Ask for a release, for everybody unless told otherwise; the approval's reference."""
    with database.writing(by, "ask") as session:
        return ask_release(session, WRITER, {"kind": kind, "ref": ref, **(values or EVERYBODY)}, by)


def _confirm(database: Database, ref: str, by: str = "two") -> None:
    with database.writing(by, "confirm") as session:
        confirm_release(session, WRITER, approval_of(session, ref), by)


def _decline(database: Database, ref: str, by: str = "two") -> None:
    with database.writing(by, "decline") as session:
        decline(session, approval_of(session, ref), by)


def _raise(database: Database, kind: str, ref: str, **values: Any) -> None:
    with database.writing("three", "raise") as session:
        raise_marking(session, WRITER, kind, ref, values)


def _marking(database: Database, ref: str = "E") -> Marking:
    with database.reading() as session:
        of: Any = Link if ref == "tie" else Item
        return session.scalars(select(of).where(of.ref == ref)).one().marking


def _approval(database: Database, ref: str) -> Approval:
    with database.reading() as session:
        return approval_of(session, ref)


WAS = Marking("OFFICIAL", OWN, LATER, OWN)


@pytest.mark.parametrize(("kind", "ref"), [("evidence", "E"), ("recommendation", "R"), ("link", "tie")])
def test_a_thing_is_released_by_two_persons(filled: Database, kind: str, ref: str) -> None:
    approval = _ask(filled, kind, ref)
    waiting = _marking(filled, ref)
    _confirm(filled, approval)

    assert (waiting, _marking(filled, ref)) == (WAS, Marking())
    found = _approval(filled, approval)
    assert (found.action, found.kind, found.of_ref) == ("release", kind, ref)
    assert (found.state, found.asked_by, found.decided_by, found.applied_version) == ("confirmed", "one", "two", 2)


def test_the_record_says_who_asked_and_who_confirmed(filled: Database) -> None:
    approval = _ask(filled)
    _confirm(filled, approval)

    with filled.reading() as session:
        last = session.scalars(select(Change).order_by(Change.seq.desc()).limit(3)).all()
    asked, confirmed, released = reversed(last)
    assert [(one.principal, one.action, one.ref) for one in (asked, confirmed, released)] == [
        ("one", "created", approval),
        ("two", "updated", approval),
        ("two", "updated", "E"),
    ]
    assert asked.after is not None
    assert {name: asked.after.get(name) for name in ("handling", "of_ref", "asked_by", "state")} == {
        "handling": "PUBLIC",
        "of_ref": "E",
        "asked_by": "one",
        "state": "open",
    }
    assert confirmed.after == {"state": "confirmed", "decided_by": "two", "applied_version": 2}
    assert released.before == {name: value for name, value in HIDDEN.items() if name != "embargo_until"} | {
        "embargo_until": LATER.isoformat()
    }


@pytest.mark.parametrize(
    ("values", "released"),
    [
        ({"handling": "PUBLIC"}, Marking("PUBLIC", OWN, LATER, OWN)),
        ({"limited_to": None}, Marking("OFFICIAL", None, LATER, OWN)),
        ({"limited_to": ["own", "other"]}, Marking("OFFICIAL", OWN | {"other"}, LATER, OWN)),
        ({"embargo_until": None}, Marking("OFFICIAL", OWN)),
        ({"embargo_until": date(2026, 2, 1)}, Marking("OFFICIAL", OWN, date(2026, 2, 1), OWN)),
        ({"handling": "OFFICIAL-SENSITIVE", "limited_to": None}, Marking("OFFICIAL-SENSITIVE", None, LATER, OWN)),
    ],
)
def test_a_thing_is_released_in_any_respect(filled: Database, values: dict[str, Any], released: Marking) -> None:
    _confirm(filled, _ask(filled, **values))

    assert _marking(filled) == released


@pytest.mark.parametrize(
    "values", [{"handling": "OFFICIAL"}, {"handling": "OFFICIAL-SENSITIVE"}, {"embargo_until": date(2027, 1, 1)}]
)
def test_what_shows_a_thing_to_nobody_more_is_no_release(filled: Database, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="that is not a release"):
        _ask(filled, **values)

    assert _marking(filled) == WAS


@pytest.mark.parametrize("lens", [WRITER, Lens("OFFICIAL", body="own", today=TODAY)])
def test_nobody_asks_for_a_release_out_of_his_own_sight(filled: Database, lens: Lens) -> None:
    values = {"kind": "evidence", "ref": "E", "limited_to": ["other"]}

    with filled.writing("one", "try") as session, pytest.raises(Invalid, match="hide it from your own body") as refused:
        ask_release(session, lens, values, "one")

    assert [fault.pointer for fault in refused.value.faults] == ["/limited_to"]


def test_whoever_asked_for_a_release_cannot_confirm_it(filled: Database) -> None:
    approval = _ask(filled)

    with pytest.raises(Conflict, match="a second person has to"):
        _confirm(filled, approval, by="one")

    assert _marking(filled) == WAS
    assert _approval(filled, approval).state == "open"


@pytest.mark.parametrize("by", ["one", "two"])
def test_a_release_is_declined_by_another_or_taken_back_and_another_asked_for(filled: Database, by: str) -> None:
    approval = _ask(filled)
    _decline(filled, approval, by)

    found, again = _approval(filled, approval), _ask(filled)

    assert (found.state, found.decided_by, found.applied_version) == ("declined", by, None)
    assert _marking(filled) == WAS
    assert again != approval


@pytest.mark.parametrize("first", [_confirm, _decline])
@pytest.mark.parametrize("then", [_confirm, _decline])
def test_a_release_is_decided_once(filled: Database, first: Any, then: Any) -> None:
    approval = _ask(filled)
    first(filled, approval)
    before = _marking(filled)

    with pytest.raises(Conflict, match=r"It is (confirmed|declined) already"):
        then(filled, approval)

    assert _marking(filled) == before


def test_one_release_of_a_thing_waits_at_a_time(filled: Database) -> None:
    approval = _ask(filled)

    with pytest.raises(Conflict, match="waits for a second person already") as refused:
        _ask(filled, by="three", handling="PUBLIC")

    assert refused.value.with_whom == (("approval", approval),)


def test_a_part_is_not_released_below_its_whole(filled: Database) -> None:
    with pytest.raises(Invalid, match="must be at least as what it belongs to, OFFICIAL"):
        _ask(filled, "clause", "C")


def test_a_part_is_released_after_its_whole(filled: Database) -> None:
    _confirm(filled, _ask(filled, "recommendation", "R"))
    part = _marking(filled, "C")
    _confirm(filled, _ask(filled, "clause", "C"))

    assert (part, _marking(filled, "C")) == (WAS, Marking())


def test_a_part_is_not_released_if_its_whole_was_raised_in_the_meantime(filled: Database) -> None:
    _confirm(filled, _ask(filled, "recommendation", "R"))
    approval = _ask(filled, "clause", "C")
    _raise(filled, "review", "V", handling="OFFICIAL")

    with pytest.raises(Invalid, match="must be at least as what it belongs to"):
        _confirm(filled, approval)

    assert _marking(filled, "C") == WAS


def test_what_was_withdrawn_in_the_meantime_is_not_released(filled: Database) -> None:
    with filled.writing("three", "add") as session:
        an("evidence", session, ref="F", **HIDDEN)
    approval = _ask(filled, ref="F")
    with filled.writing("three", "withdraw") as session:
        withdraw_item(session, WRITER, "evidence", "F")

    with pytest.raises(NotFound, match="F"):
        _confirm(filled, approval)

    assert _marking(filled, "F") == WAS


@pytest.mark.parametrize("lens", [Lens(HANDLINGS[-1], body="other"), Lens("PUBLIC", body="own")])
def test_nobody_asks_for_or_confirms_the_release_of_what_he_does_not_see(filled: Database, lens: Lens) -> None:
    approval = _ask(filled)

    with filled.writing("two", "try") as session, pytest.raises(NotFound, match="E"):
        ask_release(session, lens, {"kind": "evidence", "ref": "E", **EVERYBODY}, "two")
    with filled.writing("two", "try") as session, pytest.raises(NotFound, match="E"):
        confirm_release(session, lens, approval_of(session, approval), "two")

    assert _marking(filled) == WAS


def test_nothing_is_released_to_where_another_has_its_name(filled: Database) -> None:
    with filled.writing("three", "add") as session:
        for kind, values in (("evidence", {"external_id": "E"}), ("recommendation", {"number": 1})):
            parent = session.query(Item).filter_by(ref="V").one() if kind == "recommendation" else None
            an(kind, session, ref=f"{kind}-twin", parent=parent, **values)
        ends = (session.query(Item).filter_by(ref=ref).one() for ref in ("E", "R"))
        source, target = ends
        link(session, source, "supports", target, ref="twin")

    refused = {}
    for kind, ref in (("evidence", "E"), ("recommendation", "R"), ("link", "tie")):
        with pytest.raises(Conflict, match="its readers see has its number, external id or ends") as told:
            _ask(filled, kind, ref)
        refused[ref] = told.value.with_whom

    assert refused == {
        "E": (("evidence", "evidence-twin"),),
        "R": (("recommendation", "recommendation-twin"),),
        "tie": (("link", "twin"),),
    }


@pytest.mark.parametrize(
    ("marked", "refused"),
    [
        ({"handling": "OFFICIAL"}, True),
        ({"limited_to": "other own"}, True),
        ({"handling": "OFFICIAL-SENSITIVE"}, False),
        ({"limited_to": "other"}, False),
    ],
)
def test_a_namesake_is_in_the_way_if_whoever_will_see_the_thing_sees_it(
    filled: Database, marked: dict[str, Any], refused: bool
) -> None:
    with filled.writing("three", "add") as session:
        an("evidence", session, ref="twin", external_id="E", **marked)

    found: tuple[tuple[str, str], ...] = ()
    try:
        _ask(filled, handling="OFFICIAL", limited_to=["own"], embargo_until=None)
    except Conflict as conflict:
        found = conflict.with_whom

    assert found == ((("evidence", "twin"),) if refused else ())


def test_there_is_no_approval_of_a_reference_that_none_has(filled: Database) -> None:
    with filled.reading() as session, pytest.raises(NotFound, match="No approval has the reference 'X'"):
        approval_of(session, "X")


def test_what_was_raised_in_the_meantime_is_not_released(filled: Database) -> None:
    approval = _ask(filled)
    _raise(filled, "evidence", "E", handling="OFFICIAL-SENSITIVE")

    with pytest.raises(Conflict):
        _confirm(filled, approval)

    assert _marking(filled) == Marking("OFFICIAL-SENSITIVE", OWN, LATER, OWN)
    assert _approval(filled, approval).state == "open"
