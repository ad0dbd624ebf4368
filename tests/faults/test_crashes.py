"""Short forms of the crashes: a killed service, a lost power, a killed import; each with its control."""

import pytest

from tests.faults.ground import Ground
from tests.faults.interrupted_import import interrupted
from tests.faults.kill import killed
from tests.faults.power_loss import is_possible, power_lost

needs_strace = pytest.mark.skipif(not is_possible(), reason="needs strace")


def _nothing() -> None:
    """Nobody watches."""


def test_a_killed_service_loses_nothing_acknowledged(ground: Ground) -> None:
    tally = killed(ground, 1, 0, _nothing)

    assert tally.sound, tally.broken
    assert tally.acknowledged


def test_a_service_that_answers_first_is_found_out(sqlite: Ground) -> None:
    tally = killed(sqlite, 10, 0, _nothing, weakness="answers-first")

    assert tally.lost


@needs_strace
def test_a_power_loss_loses_nothing_acknowledged(sqlite: Ground) -> None:
    tally = power_lost(sqlite, 60, 0, _nothing, writes=30)

    assert tally.sound, tally.broken
    assert tally.acknowledged >= 30


@needs_strace
def test_flushing_less_is_found_out(sqlite: Ground) -> None:
    tally = power_lost(sqlite, 60, 0, _nothing, weakness="synchronous-normal", writes=30)

    assert tally.lost


def test_a_killed_import_leaves_all_or_nothing(ground: Ground) -> None:
    tally = interrupted(ground, 3, 0, _nothing, changes=60)

    assert tally.sound, tally.broken
    assert "2 empty, 1 whole, 0 in part" in str(tally)


def test_an_import_in_parts_is_found_out(ground: Ground) -> None:
    tally = interrupted(ground, 3, 0, _nothing, changes=150, weakness="imports-in-parts")

    assert any("a part was there" in told for told in tally.broken)
