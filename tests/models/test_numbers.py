"""The numbers of changes: each reader counts those that he may see, and no gap tells him of another."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.changes import Change, last_seq
from models.errors import Invalid, NotFound
from models.items import Item
from models.keys import Key
from models.lens import Lens
from models.links import Link
from models.markings import Marking, listed, read_list
from models.queries.listing import Wanted
from models.queries.numbers import Numbers, newest_number, numbers_of
from models.queries.points import point_of
from models.queries.record import find_change, list_changes
from models.record_lens import changes, hidden_changes
from models.versions import VERSIONS
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.releasing import asked_for, release

TODAY = date(2026, 1, 1)
READERS = [
    Lens(clearance, body=body, today=TODAY, record=record)
    for clearance, body, record in (
        ("PUBLIC", None, "seen"),
        ("OFFICIAL", "own", "seen"),
        ("OFFICIAL-SENSITIVE", "other", "seen"),
        ("OFFICIAL", "own", "own"),
        ("PUBLIC", None, "accounts"),
    )
]
OFFICIAL, OWN = Marking("OFFICIAL"), Marking("PUBLIC", frozenset({"own"}))
HELD = Marking("OFFICIAL", None, date(2026, 6, 1), frozenset({"own"}))
MARKINGS = (Marking(), Marking(), OFFICIAL, Marking("OFFICIAL-SENSITIVE"), OWN, HELD)


@given(hidden=st.sets(st.integers(1, 40)), last=st.integers(0, 40))
@settings(max_examples=300)
def test_a_readers_numbers_count_what_he_sees_and_lead_back_to_it(hidden: set[int], last: int) -> None:
    numbers = Numbers(sorted(hidden))
    shown = [seq for seq in range(1, 100) if seq not in hidden]

    assert [numbers.of(seq) for seq in shown] == list(range(1, len(shown) + 1))
    assert [numbers.seq(number) for number in range(1, len(shown) + 1)] == shown
    assert numbers.of(last) == sum(seq <= last for seq in shown)
    assert (numbers.of(0), numbers.seq(0)) == (0, 0)


@given(hidden=st.sets(st.integers(1, 40)), number=st.integers(0, 80))
def test_a_number_and_the_change_that_it_stands_for_are_inverse(hidden: set[int], number: int) -> None:
    numbers = Numbers(sorted(hidden))

    assert numbers.of(numbers.seq(number)) == number
    assert numbers.seq(number) < numbers.seq(number + 1)
    assert numbers.of(number) <= numbers.of(number + 1) <= numbers.of(number) + 1


@dataclass
class _History:
    """What is done, step by step; what a `lens` does not see is left out, where one is given."""

    session: Session
    lens: Lens | None = None
    things: dict[int, tuple[Any, Marking]] = field(default_factory=dict)
    marking: bool = True

    def __post_init__(self) -> None:
        """Begin with the bodies that markings name."""
        for ref in ("own", "other"):
            an("body", self.session, ref=ref)

    def seen(self, *markings: Marking) -> bool:
        """Whether the reader sees what is marked so."""
        return self.lens is None or all(
            marking.shows_to(self.lens.clearance, self.lens.body, TODAY) for marking in markings
        )

    def do(self, what: str, number: int, marking: Marking) -> None:
        """Do one step, if the reader sees what comes of it."""
        step: Callable[[int, Marking], None] = getattr(self, what)
        step(number, marking)
        self.session.flush()

    def add(self, number: int, marking: Marking) -> None:
        """Add an item of its own number, once."""
        if number not in self.things:
            made = an("evidence", self.session, ref=f"E{number}", **_marked(marking)) if self.seen(marking) else None
            self.things[number] = (made, marking)

    def tie(self, number: int, marking: Marking) -> None:
        """Tie an item to the one before it."""
        (one, first), (other, second) = (self.things.get(at, (None, Marking())) for at in (number, number - 1))
        there = {number, number - 1} <= self.things.keys() and number + 100 not in self.things
        if there and self._active(one) and self._active(other):
            made = None
            if self.seen(marking, first, second):
                made = link(self.session, one, "derived_from", other, ref=f"L{number}", **_marked(marking))
            self.things[number + 100] = (made, marking)

    @staticmethod
    def _active(thing: Any) -> bool:
        """Whether a thing is there: one that is left out counts as there."""
        return thing is None or thing.withdrawn_seq is None

    def alter(self, number: int, _marking: Marking) -> None:
        """Change an item."""
        thing, _was = self.things.get(number, (None, None))
        if thing is not None and thing.withdrawn_seq is None:
            thing.title = f"{thing.title}'"

    def withdraw(self, number: int, _marking: Marking) -> None:
        """Withdraw a link."""
        thing, _was = self.things.get(number + 100, (None, None))
        if thing is not None and thing.withdrawn_seq is None:
            thing.withdraw()

    def mark(self, number: int, marking: Marking) -> None:
        """Mark a thing otherwise; not where things are left out by how they are marked."""
        thing, _was = self.things.get(number + 100, self.things.get(number, (None, None)))
        if self.lens is None and self.marking and thing is not None:
            self.session.refresh(thing)  # what it was has to be known
            if marking.covers(thing.marking):
                thing.mark(marking)
            elif thing.withdrawn_seq is None:
                release(self.session, thing, marking)

    def name(self, number: int, _marking: Marking) -> None:
        """Name a point of the record, ask for a release, and grant a key: the last two are no reader's to know."""
        if not self.session.query(Baseline).filter_by(name=f"b{number}").count():
            self.session.add(Baseline(name=f"b{number}", seq=1, digest="0" * 64))
        thing, _was = self.things.get(number, (None, None))
        if self.lens is None and thing is not None:
            asked_for(self.session, thing, Marking())
            word = f"{number} {last_seq(self.session)}"
            grant = {"role": "auditor", "clearance": "PUBLIC", "asked_by": "x", "expires_at": "2999"}
            self.session.add(Key(ref=word, name=word, secret_digest=word, **grant))


def _marked(marking: Marking) -> dict[str, Any]:
    """The columns of a marking."""
    until_then = {"embargo_until": marking.embargo_until, "embargo_bodies": listed(marking.until_then)}
    return {"handling": marking.handling, "limited_to": listed(marking.limited_to), **until_then}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "tie", "tie", "alter", "withdraw", "mark", "mark", "name"]),
        st.integers(1, 4),
        st.sampled_from(MARKINGS),
    ),
    min_size=10,
    max_size=30,
)


def _shown(session: Session, lens: Lens) -> list[int]:
    """The numbers in the record of the changes that a reader is shown."""
    change = changes(lens)
    return list(lens.read(session, select(change.c.seq).order_by(change.c.seq)).scalars())


def _expected(session: Session, lens: Lens) -> list[int]:
    """The same by the rule: the thing is seen, and was to be seen as the change left it; of a link, both ends, too."""
    now: dict[tuple[str, str], bool] = {}
    for item in session.query(Item):
        now[item.kind, item.ref] = item.marking.shows_to(lens.clearance, lens.body, TODAY)
    for tie in session.query(Link):
        things = (tie, tie.source, tie.target)
        now["link", tie.ref] = all(thing.marking.shows_to(lens.clearance, lens.body, TODAY) for thing in things)
    then = {}
    for table in (VERSIONS["item"], VERSIONS["link"]):
        for row in session.execute(select(table)).mappings():
            left = Marking(
                row["handling"], read_list(row["limited_to"]), row["embargo_until"], read_list(row["embargo_bodies"])
            )
            then[row["from_seq"]] = left.shows_to(lens.clearance, lens.body, TODAY)
    return [
        change.seq
        for change in session.scalars(select(Change).order_by(Change.seq))
        if change.kind == "baseline" or (now.get((change.kind, change.ref)) and then[change.seq])
    ]


@settings(deadline=None, derandomize=True, database=None, max_examples=25, phases=[Phase.generate])
@given(steps=STEPS)
def test_a_reader_is_shown_what_the_rule_says_and_his_numbers_count_it(scratch: Scratch, steps: Any) -> None:
    with scratch() as session:
        history = _History(session)
        for step in steps:
            history.do(*step)

        for lens in READERS[:3]:
            shown, numbers = _shown(session, lens), numbers_of(session, lens)
            assert shown == _expected(session, lens)
            assert [numbers.of(seq) for seq in shown] == list(range(1, len(shown) + 1))
            assert newest_number(session, lens) == len(shown)
            assert set(numbers.hidden) == set(range(1, last_seq(session) + 1)) - set(shown)
            rows = list_changes(session, lens, Wanted(limit=200)).rows
            assert [row["seq"] for row in rows] == list(range(1, len(shown) + 1))
        for lens in READERS[3:]:
            hidden = set(lens.read(session, hidden_changes(lens)).scalars())
            assert not hidden & set(_shown(session, lens))


@settings(deadline=None, derandomize=True, database=None, max_examples=25, phases=[Phase.generate])
@given(steps=STEPS, lens=st.sampled_from(READERS[:3]))
def test_a_readers_numbers_are_those_of_a_record_without_what_he_does_not_see(
    scratch: Scratch, steps: Any, lens: Lens
) -> None:
    told = []
    for left_out in (None, lens):
        with scratch() as session:
            history = _History(session, left_out, marking=False)
            for step in steps:
                history.do(*step)
            rows = list_changes(session, lens, Wanted(limit=200)).rows
            told.append([(row["seq"], row["action"], row["kind"], row["ref"]) for row in rows])
            told[-1].append((newest_number(session, lens), "newest", "", ""))

    assert told[0] == told[1]


@pytest.fixture
def gapped(session: Session) -> Session:
    """A record of which the public sees the second, the fourth and the last change, which names a point."""
    for number, handling in enumerate(("OFFICIAL", "PUBLIC", "OFFICIAL", "PUBLIC", "OFFICIAL"), start=1):
        an("evidence", session, ref=f"E{number}", handling=handling)
    session.add(Baseline(name="here", seq=4, digest="0" * 64))
    session.flush()
    return session


def test_a_change_is_found_by_the_readers_own_number(gapped: Session) -> None:
    found = {number: find_change(gapped, Lens(), number) for number in (1, 2, 3)}

    assert {number: (row["seq"], row["ref"]) for number, row in found.items()} == {
        1: (1, "E2"),
        2: (2, "E4"),
        3: (3, "here"),
    }
    assert found[3]["after"]["seq"] == 2
    assert {row["hash"] for row in found.values()} == {None}
    for number in (0, 4, 6, 2**31):
        with pytest.raises(NotFound):
            find_change(gapped, Lens(), number)


def test_a_point_is_named_by_the_readers_own_number(gapped: Session) -> None:
    points = [point_of(gapped, Lens(), f"{number}").seq for number in range(4)]

    assert points == [0, 2, 4, 6]
    with pytest.raises(Invalid, match="has no change 4 yet; its newest is 3"):
        point_of(gapped, Lens(), "4")


def test_who_is_shown_the_whole_record_knows_its_numbers(gapped: Session) -> None:
    auditor = Lens(record="hashed")

    rows = list_changes(gapped, auditor, Wanted(limit=200)).rows

    assert [row["seq"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert all(row["hash"] for row in rows)
    assert numbers_of(gapped, auditor).hidden == ()


def test_a_reader_who_reads_on_misses_nothing_that_was_hidden_or_released_since(gapped: Session) -> None:
    first = list_changes(gapped, Lens(), Wanted(limit=2))
    evidence = gapped.query(Item).filter_by(ref="E2").one()
    gapped.refresh(evidence)  # what it was has to be known
    evidence.mark(OFFICIAL)
    gapped.flush()
    an("evidence", gapped, ref="E6")

    on = list_changes(gapped, Lens(), Wanted(limit=2, after=first.after))

    assert [row["ref"] for row in first.rows] == ["E2", "E4"]
    assert [(row["seq"], row["ref"]) for row in on.rows] == [(2, "here"), (3, "E6")]
