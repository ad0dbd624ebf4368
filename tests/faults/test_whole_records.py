"""Short forms of what takes a whole record in hand: copies under load, migrations; and the control of races."""

import pytest

from tests.faults.concurrent_writers import OPERATIONS, unconditional
from tests.faults.ground import Ground
from tests.faults.migrating import altered, migrated
from tests.faults.online_backup import copied


def _nothing() -> None:
    """Nobody watches."""


def test_a_copy_made_under_load_restores_and_verifies(ground: Ground) -> None:
    tally = copied(ground, 1, _nothing)

    assert tally.sound, tally.broken
    assert tally.acknowledged


def test_a_copy_that_is_none_is_found_out(ground: Ground) -> None:
    tally = copied(ground, 3, _nothing, weak=True)

    assert not tally.sound


def test_going_back_and_coming_again_exports_the_same(ground: Ground) -> None:
    found = migrated(ground, 120, _nothing)

    assert found.differences == []


def test_a_title_altered_on_the_way_is_found_out(sqlite: Ground) -> None:
    found = altered(sqlite, _nothing)

    assert found.differences


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_writers_who_look_at_nothing_are_found_out(sqlite: Ground) -> None:
    judged = unconditional(sqlite, OPERATIONS // 4, _nothing)

    assert any("accepts_one_of_all_who_saw_the_same" in told for told in judged.faults)
