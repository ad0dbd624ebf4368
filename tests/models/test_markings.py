"""Markings: what they say of each other, and whom they show a thing to, against a model that tries every reader."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import last_seq
from models.evidence import Evidence
from models.lens import Lens
from models.markings import Marking, listed, read_list
from models.vocabulary import HANDLINGS
from tests.factories import an, link
from tests.models.releasing import release

BODIES = ("a", "b")
DAYS = (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3))
# Every sort of reader: of a body that may be named, of one that never is, of none, on each day and the one before.
READERS = tuple(product(HANDLINGS, (*BODIES, "z", None), (date(2025, 12, 31), *DAYS)))

some_bodies = st.frozensets(st.sampled_from(BODIES))
embargoes = st.none() | st.tuples(st.sampled_from(DAYS), some_bodies)


@st.composite
def _markings(draw: st.DrawFn) -> Marking:
    until, then = draw(embargoes) or (None, None)
    return Marking(draw(st.sampled_from(HANDLINGS)), draw(st.none() | some_bodies), until, then)


markings = _markings()
EVERY = [
    Marking(handling, limit, *(embargo or (None, None)))
    for handling in HANDLINGS[:2]
    for limit in (None, frozenset(), frozenset("a"), frozenset("ab"))
    for embargo in (None, *product(DAYS[:2], (frozenset(), frozenset("b"))))
]


def _sees(marking: Marking, clearance: str, body: str | None, today: date) -> bool:
    """Whether a reader sees what is marked so, as the design says it."""
    rank = {"PUBLIC": 0, "OFFICIAL": 1, "OFFICIAL-SENSITIVE": 2}
    if rank[clearance] < rank[marking.handling]:
        return False
    if marking.limited_to is not None and body not in marking.limited_to:
        return False
    held_back = marking.embargo_until is not None and today < marking.embargo_until
    return not held_back or body in (marking.until_then or frozenset())


def _seen_by(marking: Marking) -> set[tuple[str, str | None, date]]:
    """Every reader who sees what is marked so."""
    return {reader for reader in READERS if _sees(marking, *reader)}


def _parts(marking: Marking) -> Iterator[Marking]:
    """A marking's handling, limit and embargo, each by itself."""
    yield Marking(marking.handling)
    yield Marking(limited_to=marking.limited_to)
    yield Marking(embargo_until=marking.embargo_until, until_then=marking.until_then)


@given(markings)
def test_a_marking_shows_to_whom_the_design_says(marking: Marking) -> None:
    shown = {reader for reader in READERS if marking.shows_to(*reader)}

    assert shown == _seen_by(marking)


@given(markings, markings)
@settings(max_examples=500)
def test_a_marking_covers_another_if_in_each_respect_nobody_sees_more(one: Marking, other: Marking) -> None:
    covered = all(_seen_by(part) <= _seen_by(of) for part, of in zip(_parts(one), _parts(other), strict=True))

    assert one.covers(other) is covered


@given(markings, markings)
def test_nobody_sees_what_covers_who_does_not_see_what_is_covered(one: Marking, other: Marking) -> None:
    joined = one.joined(other)

    assert joined.covers(one)
    assert joined.covers(other)
    assert _seen_by(joined) <= _seen_by(one) & _seen_by(other)


@given(markings, markings)
@settings(max_examples=50)
def test_two_markings_joined_are_the_least_that_covers_both(one: Marking, other: Marking) -> None:
    above = [marking for marking in EVERY if marking.covers(one) and marking.covers(other)]

    assert all(marking.covers(one.joined(other)) for marking in above)


@given(markings, markings, markings)
def test_markings_are_joined_in_any_order(one: Marking, other: Marking, third: Marking) -> None:
    assert one.joined(other) == other.joined(one)
    assert one.joined(other).joined(third) == one.joined(other.joined(third))
    assert one.joined(one) == one.joined(Marking()) == one


@given(markings, markings)
def test_markings_that_cover_each_other_are_the_same(one: Marking, other: Marking) -> None:
    assert (one.covers(other) and other.covers(one)) is (one == other)


@given(markings)
def test_what_is_marked_says_its_marking(marking: Marking) -> None:
    thing = Evidence()

    thing.mark(marking)

    assert thing.marking == marking
    assert read_list(listed(marking.limited_to)) == marking.limited_to


def test_what_is_not_marked_is_for_everybody() -> None:
    assert Evidence().marking == Marking()
    assert _seen_by(Marking()) == set(READERS)


# Names of which some are part of others, or mean something in a pattern.
NAMES = ("b", "bb", "b-b", "_", "%")
LIMITS = (None, frozenset(), frozenset({"b"}), frozenset({"bb", "b-b"}), frozenset({"b", "bb", "x"}), frozenset({"%"}))
UNTIL = ((None, None), *((day, then) for day in DAYS[:2] for then in (frozenset[str](), *LIMITS[2:5])))
MARKINGS = tuple(Marking(handling, limit, *until) for handling in HANDLINGS for limit in LIMITS for until in UNTIL)
LENSES = [
    Lens(clearance, body=body, today=today) for clearance in HANDLINGS for body in (None, *NAMES) for today in DAYS
]


def _marked(marking: Marking) -> dict[str, object]:
    """The columns of a marking."""
    until_then = {"embargo_until": marking.embargo_until, "embargo_bodies": listed(marking.until_then)}
    return {"handling": marking.handling, "limited_to": listed(marking.limited_to), **until_then}


def _shows(marking: Marking, lens: Lens) -> bool:
    assert lens.today is not None
    return marking.shows_to(lens.clearance, lens.body, lens.today)


def test_the_lens_shows_the_items_that_their_markings_show(session: Session) -> None:
    for number, marking in enumerate(MARKINGS):
        an("evidence", session, ref=f"{number}", **_marked(marking))

    for lens in LENSES:
        shown = set(lens.read(session, select(lens.items().c.ref)).scalars())
        assert shown == {f"{number}" for number, marking in enumerate(MARKINGS) if _shows(marking, lens)}, lens


FEW = (
    Marking(),
    Marking("OFFICIAL"),
    Marking("PUBLIC", frozenset({"b"})),
    Marking("OFFICIAL", frozenset({"b", "bb"}), DAYS[1], frozenset({"b"})),
    Marking("PUBLIC", None, DAYS[1], frozenset()),
)


def test_the_lens_shows_a_link_if_it_shows_the_link_and_both_ends(session: Session) -> None:
    sources = [an("evidence", session, **_marked(marking)) for marking in FEW]
    targets = [an("source", session, **_marked(marking)) for marking in FEW]
    for one, other, own in product(range(len(FEW)), repeat=3):
        ends = sources[one], "derived_from", targets[other]
        link(session, *ends, ref=f"{one}{other}{own}", **_marked(FEW[own]))

    for lens in LENSES:
        shown = set(lens.read(session, select(lens.links().c.ref)).scalars())
        seen = [f"{number}" for number, marking in enumerate(FEW) if _shows(marking, lens)]
        assert shown == {"".join(three) for three in product(seen, repeat=3)}, lens


@pytest.mark.parametrize("now", FEW)
@pytest.mark.parametrize("then", FEW)
def test_the_lens_shows_a_version_if_the_thing_is_shown_as_it_was_marked_and_as_it_is_now(
    session: Session, then: Marking, now: Marking
) -> None:
    item = an("evidence", session, **_marked(then))
    created = last_seq(session)
    if now.covers(then):
        session.refresh(item)  # what it was has to be known
        item.mark(now)
        session.flush()
    else:
        release(session, item, now)

    for lens in (replace(lens, known_at=created) for lens in LENSES):
        shown = bool(lens.read(session, select(lens.items().c.ref)).first())
        assert shown is (_shows(then, lens) and _shows(now, lens)), lens
