"""Keeping what a lens makes."""

import gc
import weakref
from datetime import date, timedelta

from models.keeping import kept
from models.lens import Lens


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
    def make(lens: Lens) -> tuple[str, date | None]:
        return lens.clearance, lens.as_of

    lenses = [Lens(), Lens("OFFICIAL"), Lens(as_of=date(2015, 11, 26)), Lens(as_of=date(2017, 6, 29))]

    assert [make(lens) for lens in lenses] == [(lens.clearance, lens.as_of) for lens in lenses]


def test_keeps_only_a_few_of_the_many_days_that_a_caller_can_name() -> None:
    made: list[weakref.ref[Thing]] = []

    @kept(32)
    def make(_lens: Lens) -> Thing:
        thing = Thing()
        made.append(weakref.ref(thing))
        return thing

    for days in range(100):
        make(Lens(as_of=date(2015, 1, 1) + timedelta(days=days)))
    gc.collect()

    assert len(made) == 100
    assert sum(thing() is not None for thing in made) == 2
