"""The numbers of changes: each reader counts those that he may see, and no gap tells him of another."""

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
from models.lens import Lens
from models.links import Link
from models.markings import Marking, read_list
from models.queries.numbers import Numbers, newest_number, numbers_of
from models.queries.paging import Wanted
from models.queries.points import point_of
from models.queries.record import find_change, list_changes
from models.record_lens import changes, hidden_changes
from models.versions import VERSIONS
from tests.factories import an
from tests.models.conftest import Scratch
from tests.models.marked_histories import MARKINGS, OFFICIAL, TODAY, History

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


@settings(deadline=None, derandomize=True, database=None, max_examples=15, phases=[Phase.generate])
@given(steps=STEPS)
def test_a_reader_is_shown_what_the_rule_says_and_his_numbers_count_it(scratch: Scratch, steps: Any) -> None:
    with scratch() as session:
        history = History(session)
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


@settings(deadline=None, derandomize=True, database=None, max_examples=15, phases=[Phase.generate])
@given(steps=STEPS, lens=st.sampled_from(READERS[:3]))
def test_a_readers_numbers_are_those_of_a_record_without_what_he_does_not_see(
    scratch: Scratch, steps: Any, lens: Lens
) -> None:
    told = []
    for left_out in (None, lens):
        with scratch() as session:
            history = History(session, left_out, marking=False)
            for step in steps:
                history.do(*step)
            rows = list_changes(session, lens, Wanted(limit=200)).rows
            told.append([(row["seq"], row["action"], row["kind"], row["ref"]) for row in rows])
            told[-1].append((newest_number(session, lens), "newest", "", ""))

    assert told[0] == told[1]


@pytest.mark.parametrize("ref", ["E1", "E2", "L2"])
def test_what_was_hidden_later_leaves_no_gap(session: Session, ref: str) -> None:
    history = History(session)
    for what, number in (("add", 1), ("add", 2), ("tie", 2), ("add", 3), ("alter", 1), ("withdraw", 2), ("add", 4)):
        history.do(what, number, Marking())
    before = _shown(session, Lens())
    thing: Any = session.query(Link if ref == "L2" else Item).filter_by(ref=ref).one()
    session.refresh(thing)  # what it was has to be known
    thing.mark(OFFICIAL)
    session.flush()

    shown, numbers = _shown(session, Lens()), numbers_of(session, Lens())

    assert shown == _expected(session, Lens())
    assert len(shown) == len(before) - {"E1": 4, "E2": 3, "L2": 2}[ref]
    assert [numbers.of(seq) for seq in shown] == list(range(1, len(shown) + 1))


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
