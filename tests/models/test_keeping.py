"""Keeping what a lens makes."""

from datetime import date, timedelta

from models.keeping import SHAPES, kept
from models.lens import Lens
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


def test_lets_go_of_what_was_made_for_shapes_that_nobody_asks_for_any_more() -> None:
    made: list[Lens] = []

    @kept(32)
    def make(lens: Lens, number: int) -> Thing:
        made.append(lens)
        return Thing()

    shapes = [
        Lens(clearance, day, point, body)
        for clearance in HANDLINGS
        for day in (None, date(2020, 1, 1))
        for point in (None, 1)
        for body in (None, "own")
    ]
    for lens in [*shapes, shapes[0], shapes[0]]:
        for number in range(3):
            make(lens, number)

    assert len(shapes) > SHAPES
    assert len(made) == (len(shapes) + 1) * 3
