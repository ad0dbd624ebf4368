"""Withdrawing: not while anything stands on it, and never the end of what was known."""

import pytest

from tests.api import writing
from tests.api.writing import NOUNS, Caller, address, conflicts

alice = writing.alice
ITEMS = tuple(noun for noun in NOUNS if noun != "link")
# What stands on a thing, and the field by which it does.
STANDING = [
    ("review", "recommendation", "review"),
    ("recommendation", "clause", "recommendation"),
    ("recommendation", "assessment", "subject"),
    ("action", "progress", "action"),
    ("evidence", "link", "source"),
    ("recommendation", "link", "target"),
    *(("body", noun, "owner") for noun in ITEMS if noun != "body"),
    ("body", "recommendation", "lead"),
]
PARTS = [("review", "publishers"), ("recommendation", "partners"), ("action", "partners"), ("assessment", "assessors")]


@pytest.mark.parametrize("noun", NOUNS)
def test_no_longer_shows_what_was_withdrawn(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    answer = alice.delete(made["self"])

    shown = alice.read(address(noun), limit=200)["items"]
    assert (answer.status_code, answer.data) == (204, b"")
    assert alice.get(made["self"]).status_code == 404
    assert made["self"] not in {row["self"] for row in shown}


@pytest.mark.parametrize("noun", NOUNS)
def test_still_shows_it_as_it_was_known(alice: Caller, noun: str) -> None:
    made = alice.a(noun)
    seq = alice.count()

    alice.delete(made["self"])

    assert alice.read(made["self"], known_at=seq)["version"] == made["version"]
    assert alice.get(made["self"], known_at=seq + 1).status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_keeps_the_history_of_what_was_withdrawn(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    alice.delete(made["self"], reason="It was a mistake")

    history = alice.read(f"{made['self']}/history")["items"]
    assert [change["action"] for change in history] == ["created", "withdrawn"]
    assert (history[1]["reason"], history[1]["principal"]) == ("It was a mistake", "alice")


@pytest.mark.parametrize("noun", NOUNS)
def test_withdraws_once(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    answers = [alice.delete(made["self"]) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]


@pytest.mark.parametrize(("below", "above", "field"), STANDING)
def test_keeps_what_something_stands_on(alice: Caller, below: str, above: str, field: str) -> None:
    made = alice.a(below)
    standing = alice.a(above, **{field: made["ref"]})

    answer = alice.delete(made["self"])

    assert conflicts(answer) == [(above, standing.get("ref") or standing["id"])]
    assert alice.get(made["self"]).status_code == 200


@pytest.mark.parametrize(("below", "above", "field"), STANDING)
def test_withdraws_it_once_nothing_stands_on_it(alice: Caller, below: str, above: str, field: str) -> None:
    made = alice.a(below)
    alice.delete(alice.a(above, **{field: made["ref"]})["self"])

    answer = alice.delete(made["self"])

    assert answer.status_code == 204, answer.text


@pytest.mark.parametrize(("noun", "field"), PARTS)
def test_keeps_a_body_that_has_a_part_in_something(alice: Caller, noun: str, field: str) -> None:
    body = alice.a("body")
    whole = alice.a(noun, **{field: [body["ref"]]})

    answer = alice.delete(body["self"])

    assert conflicts(answer) == [(noun, whole["ref"])]


def test_lets_a_body_go_that_no_longer_has_a_part(alice: Caller) -> None:
    body = alice.a("body")
    whole = alice.a("action", partners=[body["ref"]])
    alice.patch(whole["self"], {"partners": []})

    answer = alice.delete(body["self"])

    assert answer.status_code == 204


def test_names_everything_that_stands_on_it(alice: Caller) -> None:
    action = alice.a("action")
    reports = [alice.a("progress", action=action["ref"])["ref"] for _ in range(3)]

    answer = alice.delete(action["self"])

    assert sorted(conflicts(answer)) == sorted(("progress", ref) for ref in reports)


def test_builds_nothing_on_what_was_withdrawn(alice: Caller) -> None:
    review = alice.a("review")
    alice.delete(review["self"])

    answer = alice.adding("recommendation", review=review["ref"])

    assert answer.status_code == 422


def test_changes_nothing_that_was_withdrawn(alice: Caller) -> None:
    made = alice.a("evidence")
    alice.delete(made["self"])

    answer = alice.patch(made["self"], {"title": "Another title"})

    assert answer.status_code == 404


def test_takes_progress_back_from_what_an_action_claims(alice: Caller) -> None:
    action = alice.a("action")
    alice.a("progress", action=action["ref"], claimed_status="under_way", effective_from="2020-01-01")
    later = alice.a("progress", action=action["ref"], claimed_status="complete", effective_from="2020-02-01")

    alice.delete(later["self"])

    assert alice.read(action["self"])["claimed_status"] == "under_way"
