"""Keeping what a lens makes."""

from datetime import date, timedelta

from models.keeping import kept
from models.lens import Lens
from models.queries.judging import Asked
from models.vocabulary import HANDLINGS


class Thing:
    """Something that takes long to make."""


def test_makes_once_what_equal_lenses_ask_for() -> None:
    made: list[Lens] = []

    @kept(32)
    def make(lens: Lens) -> Thing:
        made.append(lens)
        return Thing()

    assert make(Lens()) is make(Lens())
    assert made == [Lens()]


def test_keeps_apart_what_lenses_show_that_differ() -> None:
    @kept(32)
    def make(lens: Lens) -> tuple[str, bool]:
        return lens.clearance, lens.as_of is not None

    lenses = [Lens(), Lens("OFFICIAL"), Lens(as_of=date(2015, 11, 26)), Lens("OFFICIAL", date(2017, 6, 29))]

    assert [make(lens) for lens in lenses] == [
        ("PUBLIC", False),
        ("OFFICIAL", False),
        ("PUBLIC", True),
        ("OFFICIAL", True),
    ]


def test_makes_once_what_a_caller_asks_for_many_days() -> None:
    made: list[Lens] = []

    @kept(32)
    def make(lens: Lens) -> Thing:
        made.append(lens)
        return Thing()

    things = {make(Lens(as_of=date(2015, 1, 1) + timedelta(days=days))) for days in range(100)}

    assert len(things) == len(made) == 1


def test_lets_go_of_nothing_whoever_asks_for_whatever() -> None:
    made: list[Lens] = []

    @kept(32)
    def make(first: Lens | Asked, number: int) -> Thing:
        made.append(first if isinstance(first, Lens) else first.lens)
        return Thing()

    lenses = [
        Lens(clearance, day, point, body, whole=whole)
        for clearance in HANDLINGS
        for day in (None, date(2020, 1, 1))
        for point in (None, 1)
        for body, whole in ((None, False), ("own", False), (None, True))
    ]
    abouts = (None, (1, 2))
    everybody = [*lenses, *(Asked(lens, date(2020, 1, 1), about) for lens in lenses for about in abouts)]
    things = [make(first, 1) for first in everybody]

    assert [make(first, 1) for first in everybody] == things
    assert len(made) == len(set(things)) == 84


def test_lets_go_of_what_was_made_for_arguments_that_nobody_asks_with_any_more() -> None:
    made: list[int] = []

    @kept(2)
    def make(_lens: Lens, number: int) -> Thing:
        made.append(number)
        return Thing()

    for number in (1, 2, 3, 1):
        make(Lens(), number)

    assert made == [1, 2, 3, 1]
