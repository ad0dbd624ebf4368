"""Numbers under a parent: the next one, a wanted one, and never the same twice."""

import pytest

from tests.api import writing
from tests.api.writing import Caller, conflicts, faults

alice = writing.alice
NUMBERED = [("recommendation", "review"), ("clause", "recommendation")]


@pytest.mark.parametrize(("noun", "parent"), NUMBERED)
def test_gives_the_next_number_under_a_parent(alice: Caller, noun: str, parent: str) -> None:
    above, other = (alice.a(parent)["ref"] for _ in range(2))

    numbers = [alice.a(noun, **{parent: ref})["number"] for ref in (above, above, other, above)]

    assert numbers == [1, 2, 1, 3]


@pytest.mark.parametrize(("noun", "parent"), NUMBERED)
def test_takes_a_wanted_number_that_is_free(alice: Caller, noun: str, parent: str) -> None:
    above = alice.a(parent)["ref"]

    numbers = [alice.a(noun, **{parent: above, "number": wanted})["number"] for wanted in (7, 3, None)]

    assert numbers == [7, 3, 8]


@pytest.mark.parametrize(("noun", "parent"), NUMBERED)
def test_refuses_a_number_that_is_taken_and_says_by_what(alice: Caller, noun: str, parent: str) -> None:
    above = alice.a(parent)["ref"]
    first = alice.a(noun, **{parent: above, "number": 2})

    answer = alice.adding(noun, **{parent: above, "number": 2})

    assert conflicts(answer) == [(noun, first["ref"])]


@pytest.mark.parametrize(("noun", "parent"), NUMBERED)
def test_gives_the_number_of_what_was_withdrawn_to_nothing_else(alice: Caller, noun: str, parent: str) -> None:
    above = alice.a(parent)["ref"]
    alice.delete(alice.a(noun, **{parent: above})["self"])

    wanted = alice.adding(noun, **{parent: above, "number": 1})
    following = alice.a(noun, **{parent: above})

    assert wanted.status_code == 409
    assert following["number"] == 2


@pytest.mark.parametrize("number", [0, -1, 2**31, "1", 1.5, True])
def test_refuses_what_is_no_number(alice: Caller, number: object) -> None:
    answer = alice.adding("recommendation", number=number)

    assert set(faults(answer)) == {"/number"}


@pytest.mark.parametrize(("noun", "parent"), NUMBERED)
def test_says_when_no_number_follows(alice: Caller, noun: str, parent: str) -> None:
    above = alice.a(parent)["ref"]
    alice.a(noun, **{parent: above, "number": 2**31 - 1})

    answer = alice.adding(noun, **{parent: above})

    assert answer.status_code in {409, 422}, answer.text


def test_numbers_progress_in_the_order_of_its_reports(alice: Caller) -> None:
    action, other = (alice.a("action")["ref"] for _ in range(2))

    numbers = [alice.a("progress", action=ref)["number"] for ref in (action, action, other)]

    assert numbers == [1, 2, 1]
