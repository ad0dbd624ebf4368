"""Splitting an action: into parts and milestones, each with its own owner, date and progress."""

from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden
from tests.api.writing import Caller, Row, faults

alice, bob, people = writing.alice, writing.bob, peopled.people


def _split(caller: Caller, action: Row, parts: list[Any]) -> Any:
    return caller.post(f"{action['self']}/split", {"parts": parts}, seen=caller.etag(action["self"]))


def test_the_parts_of_an_action_are_actions_of_their_own(people: People) -> None:
    whole = people.alice.a("action", owner=people.force)
    other = people.inspectorate

    answer = _split(
        people.office(), whole, [{"title": "First", "due_on": "2030-01-01"}, {"title": "Second", "owner": other}]
    )

    first, second = people.alice.read("/api/v1/actions", part_of=whole["ref"])["items"]
    assert answer.status_code == 200
    assert (first["title"], first["owner"], first["due_on"]) == ("First", people.force, "2030-01-01")
    assert (second["title"], second["owner"]) == ("Second", other)


def test_no_part_is_added_where_one_is_wrong(people: People) -> None:
    whole = people.alice.a("action")

    answer = _split(people.office(), whole, [{"title": "First"}, {"title": "Second", "owner": "not-there"}])

    assert set(faults(answer)) == {"/parts/1/owner"}
    assert people.alice.read("/api/v1/actions", part_of=whole["ref"])["items"] == []


@pytest.mark.parametrize(
    ("parts", "fault"),
    [([], "/parts"), ([{"title": "P"}] * 51, "/parts"), ([{}], "/parts/0/title"), (["P"], "/parts/0")],
    ids=["none", "too-many", "untitled", "no-object"],
)
def test_parts_that_are_told_badly_are_refused(people: People, parts: list[Any], fault: str) -> None:
    whole = people.alice.a("action")

    assert fault in faults(_split(people.office(), whole, parts))


def test_an_officer_splits_no_action(people: People) -> None:
    whole = people.alice.a("action", owner=people.force)

    forbidden(_split(people.officer(), whole, [{"title": "First"}]))


def test_nothing_is_a_part_of_its_own_part(people: People) -> None:
    whole = people.alice.a("action")
    _split(people.office(), whole, [{"title": "First"}])
    (part,) = people.alice.read("/api/v1/actions", part_of=whole["ref"])["items"]

    answer = people.alice.adding("link", type="contributes_to", source=whole["ref"], target=part["ref"])

    assert answer.status_code == 409
