"""How a marking is raised: by one person, with everything that stands under the thing, and never lowered by it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import Change, last_seq
from models.errors import Invalid, NotFound
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.markings import Marking
from models.vocabulary import HANDLINGS
from models.writing.markings import raise_marking
from tests.factories import an, link
from tests.models.conftest import Scratch

TODAY, LATER = date(2026, 1, 1), date(2026, 6, 1)
WRITER = Lens(HANDLINGS[-1], body="own", today=TODAY)
OPERATOR = Lens(HANDLINGS[-1], today=TODAY, whole=True)
OWN, OTHER = frozenset({"own"}), frozenset({"other"})


def _begin(session: Session) -> None:
    """A review with two recommendations, clauses, a verdict and a decision; some hidden, one withdrawn."""
    own = an("body", session, ref="own")
    an("body", session, ref="other")
    review = an("review", session, ref="V", published_on=date(2020, 1, 1), owner=own)
    first, second = (an("recommendation", session, ref=f"R{number}", parent=review, number=number) for number in (1, 2))
    an("clause", session, ref="R1.1", parent=first, number=1)
    an("clause", session, ref="R1.2", parent=first, number=2, handling="OFFICIAL-SENSITIVE", limited_to="other")
    gone = an("clause", session, ref="R2.1", parent=second, number=1)
    an("assessment", session, ref="J", parent=first, limited_to="other own")
    an("decision", session, ref="D", parent=second)
    link(session, an("evidence", session, ref="E"), "supports", first, ref="tie")
    gone.withdraw()
    session.flush()
    session.expunge_all()  # as in a request of its own, everything is read


@pytest.fixture
def begun(session: Session) -> Session:
    """A transaction with the small review in it."""
    _begin(session)
    return session


def _thing(session: Session, ref: str) -> Any:
    """An item or a link."""
    found = session.query(Item).filter_by(ref=ref).one_or_none()
    return found or session.query(Link).filter_by(ref=ref).one()


def _markings(session: Session) -> dict[str, Marking]:
    """How everything is marked."""
    things: list[Any] = [*session.query(Item), *session.query(Link)]
    return {thing.ref: thing.marking for thing in things}


def _refs_changed(session: Session, since: int) -> list[str]:
    return list(session.scalars(select(Change.ref).where(Change.seq > since).order_by(Change.seq)))


@pytest.mark.parametrize("ref", ["E", "tie"])
def test_a_marking_is_raised_and_recorded_as_a_change(begun: Session, ref: str) -> None:
    kind = "link" if ref == "tie" else "evidence"
    before = last_seq(begun)

    raise_marking(begun, WRITER, kind, ref, {"handling": "OFFICIAL", "limited_to": ["other", "own"]})

    change = begun.scalars(select(Change).where(Change.seq > before)).one()
    assert _thing(begun, ref).marking == Marking("OFFICIAL", OWN | OTHER)
    assert _thing(begun, ref).version == 2
    assert (change.action, change.kind, change.ref) == ("updated", kind, ref)
    assert change.before == {"handling": "PUBLIC", "limited_to": None}
    assert change.after == {"handling": "OFFICIAL", "limited_to": "other own"}


def test_what_is_not_asked_for_stays_as_it_was(begun: Session) -> None:
    raise_marking(begun, WRITER, "evidence", "E", {"limited_to": ["own"]})
    raise_marking(begun, WRITER, "evidence", "E", {"handling": "OFFICIAL"})
    raise_marking(begun, WRITER, "evidence", "E", {"embargo_until": LATER})

    assert _thing(begun, "E").marking == Marking("OFFICIAL", OWN, LATER, OWN)


def test_an_embargo_is_put_off_for_the_bodies_that_see_it_until_then(begun: Session) -> None:
    raise_marking(begun, WRITER, "evidence", "E", {"embargo_until": LATER})

    other = replace(OPERATOR, body="other")
    raise_marking(begun, other, "evidence", "E", {"embargo_until": date(2027, 1, 1)})

    assert _thing(begun, "E").marking == Marking("PUBLIC", None, date(2027, 1, 1), OWN)


RAISED = {"handling": "OFFICIAL", "limited_to": ["own"], "embargo_until": LATER}


@pytest.mark.parametrize(
    "values",
    [
        {"handling": "PUBLIC"},
        {"limited_to": None},
        {"limited_to": ["other"]},
        {"limited_to": ["own", "other"]},
        {"embargo_until": None},
        {"embargo_until": date(2026, 5, 31)},
        {"handling": "OFFICIAL-SENSITIVE", "limited_to": None},
        {"handling": "PUBLIC", "embargo_until": date(2027, 1, 1)},
    ],
)
@pytest.mark.parametrize(("kind", "ref"), [("review", "V"), ("evidence", "E"), ("link", "tie")])
def test_nobody_lowers_a_marking_by_raising_it(begun: Session, values: dict[str, Any], kind: str, ref: str) -> None:
    raise_marking(begun, WRITER, kind, ref, RAISED)
    before = _markings(begun)

    with pytest.raises(Invalid, match="ask for a release"):
        raise_marking(begun, WRITER, kind, ref, values)

    assert _markings(begun) == before


@pytest.mark.parametrize("values", [{}, {"handling": "PUBLIC"}, {"limited_to": None}, {"embargo_until": None}])
def test_what_is_marked_so_already_is_refused(begun: Session, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match="is marked so already"):
        raise_marking(begun, WRITER, "evidence", "E", values)


@pytest.mark.parametrize(
    ("lens", "values", "pointer"),
    [
        (Lens("OFFICIAL", body="own"), {"handling": "OFFICIAL-SENSITIVE"}, "/handling"),
        (WRITER, {"limited_to": ["other"]}, "/limited_to"),
        (Lens("OFFICIAL"), {"limited_to": ["own"]}, "/limited_to"),
        (Lens("OFFICIAL"), {"embargo_until": LATER}, "/embargo_until"),
    ],
)
def test_nobody_hides_a_thing_from_himself(begun: Session, lens: Lens, values: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        raise_marking(begun, lens, "evidence", "E", values)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
    assert _thing(begun, "E").marking == Marking()


@pytest.mark.parametrize(("kind", "ref"), [("clause", "R1.2"), ("clause", "nothing"), ("action", "E")])
def test_nobody_raises_what_he_does_not_see(begun: Session, kind: str, ref: str) -> None:
    with pytest.raises(NotFound, match=ref):
        raise_marking(begun, WRITER, kind, ref, {"handling": "OFFICIAL"})


def test_what_was_withdrawn_is_raised_and_stays_withdrawn(begun: Session) -> None:
    raise_marking(begun, WRITER, "clause", "R2.1", {"handling": "OFFICIAL"})

    gone = _thing(begun, "R2.1")
    assert gone.marking == Marking("OFFICIAL")
    assert gone.withdrawn_seq is not None


def test_an_embargo_is_put_off_for_the_bodies_that_see_the_thing_until_then(begun: Session) -> None:
    an("evidence", begun, ref="early", embargo_until=TODAY, embargo_bodies="other")

    raise_marking(begun, OPERATOR, "evidence", "early", {"embargo_until": LATER})

    assert _thing(begun, "early").marking == Marking("PUBLIC", None, LATER, OTHER)


def test_what_stands_under_a_thing_is_raised_with_it_hidden_and_withdrawn_parts_too(begun: Session) -> None:
    before, since = _markings(begun), last_seq(begun)
    raised = Marking("OFFICIAL", OWN, LATER, OWN)

    raise_marking(begun, WRITER, "review", "V", RAISED)

    parts = {"V", "R1", "R2", "R1.1", "R1.2", "R2.1", "J", "D"}
    assert _markings(begun) == {ref: raised.joined(was) if ref in parts else was for ref, was in before.items()}
    assert _thing(begun, "R1.2").marking == Marking("OFFICIAL-SENSITIVE", frozenset(), LATER, OWN)
    assert sorted(_refs_changed(begun, since)) == sorted(parts)
    assert _thing(begun, "R2.1").withdrawn_seq is not None


def test_parts_are_raised_before_their_wholes(begun: Session) -> None:
    since = last_seq(begun)

    raise_marking(begun, WRITER, "review", "V", {"handling": "OFFICIAL"})

    changed = _refs_changed(begun, since)
    pairs = (("R1.1", "R1"), ("R2.1", "R2"), ("J", "R1"), ("D", "R2"), ("R1", "V"), ("R2", "V"))
    assert all(changed.index(part) < changed.index(whole) for part, whole in pairs)
    assert "R1.2" not in changed


def test_a_part_that_is_marked_more_strictly_stays_as_it_was(begun: Session) -> None:
    raise_marking(begun, WRITER, "recommendation", "R1", {"handling": "OFFICIAL"})

    assert _thing(begun, "R1.2").marking == Marking("OFFICIAL-SENSITIVE", OTHER)
    assert _thing(begun, "J").marking == Marking("OFFICIAL", OWN | OTHER)
    assert _thing(begun, "V").marking == _thing(begun, "R2").marking == Marking()


PLACES = [("review", "V"), ("recommendation", "R1"), ("clause", "R1.1"), ("clause", "R1.2"), ("assessment", "J")]
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "handling": st.sampled_from(HANDLINGS),
        "limited_to": st.none() | st.lists(st.sampled_from(["own", "other"]), min_size=1, unique=True),
        "embargo_until": st.none() | st.dates(date(2026, 2, 1), date(2026, 2, 3)),
    },
)


@settings(deadline=None, derandomize=True, database=None, max_examples=25, phases=[Phase.generate])
@given(steps=st.lists(st.tuples(st.sampled_from(PLACES), VALUES), min_size=1, max_size=6))
def test_whatever_is_raised_nobody_sees_more_and_no_part_without_its_whole(scratch: Scratch, steps: Any) -> None:
    with scratch() as session:
        _begin(session)
        before = _markings(session)

        for (kind, ref), values in steps:
            try:
                raise_marking(session, OPERATOR, kind, ref, values)
            except Invalid:
                assert _markings(session) == before
            after = _markings(session)
            assert all(after[name].covers(was) for name, was in before.items())
            before = after

        wholes = [(item.ref, item.parent.ref) for item in session.query(Item) if item.parent is not None]
        assert len(wholes) == 7
        assert all(before[part].covers(before[whole]) for part, whole in wholes)
