"""Short forms of the outages: a full disk, a database that can only be read, PostgreSQL restarted, slow clients."""

import pytest

from tests.faults.disk_full import limited
from tests.faults.ground import Ground
from tests.faults.read_only import is_possible, read_only
from tests.faults.restart import restarted
from tests.faults.slow_clients import compared


def _nothing() -> None:
    """Nobody watches."""


def test_a_full_disk_is_told_and_writes_go_on_afterwards(sqlite: Ground) -> None:
    tally = limited(sqlite, 1, _nothing)

    assert tally.sound, tally.broken


def test_a_service_that_answers_although_its_commit_failed_is_found_out(sqlite: Ground) -> None:
    tally = limited(sqlite, 3, _nothing, weakness="swallows")

    assert tally.lost


def test_an_unalterable_file_is_told_and_writes_go_on_afterwards(sqlite: Ground) -> None:
    if not is_possible(sqlite.folder):
        pytest.skip("here no file can be made so that nobody may alter it")

    tally = read_only(sqlite, 1, _nothing)

    assert tally.sound, tally.broken


def test_a_standby_is_told_and_writes_go_on_when_it_is_promoted(postgresql: Ground) -> None:
    tally = read_only(postgresql, 1, _nothing)

    assert tally.sound, tally.broken


def test_a_restart_of_postgresql_loses_nothing_acknowledged(postgresql: Ground) -> None:
    tally = restarted(postgresql, 1, _nothing)

    assert tally.sound, tally.broken


def test_a_service_that_answers_first_is_found_out_by_a_restart(postgresql: Ground) -> None:
    tally = restarted(postgresql, 5, _nothing, weakness="answers-first")

    assert tally.lost


def test_slow_clients_do_not_keep_a_healthy_one_from_being_answered(sqlite: Ground) -> None:
    found = compared(sqlite, 200, 40, _nothing)

    assert found.beside.failed == 0
    assert found.stayed == 200


def test_a_server_that_listens_to_few_is_found_out(sqlite: Ground) -> None:
    found = compared(sqlite, 200, 1, _nothing, weakness="listens-to-few")

    assert found.beside.failed
    assert not found.holds
