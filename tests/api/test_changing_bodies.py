"""Changing who owns a thing and which bodies have a part in it: each list as a whole, and the past as it was."""

import pytest

from tests.api import writing
from tests.api.writing import Caller

alice = writing.alice


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (1, 2)])
@pytest.mark.parametrize("noun", ["review", "evidence", "body"])
def test_gives_a_thing_to_another_owner(alice: Caller, noun: str, before: int, after: int) -> None:
    owners = [None, alice.a("body")["ref"], alice.a("body")["ref"]]
    made = alice.a(noun, owner=owners[before])

    answer = alice.patch(made["self"], {"owner": owners[after]})

    assert (answer.status_code, answer.get_json()["owner"]) == (200, owners[after])


def test_fails_at_nothing_where_a_body_is_to_own_itself(alice: Caller) -> None:
    made = alice.a("body")

    answer = alice.patch(made["self"], {"owner": made["ref"]})

    assert answer.status_code in {200, 409, 422}, answer.text


@pytest.mark.parametrize("places", [(2, 1, 0), (1, 2, 0), (2,), (3, 0), ()])
def test_replaces_a_list_of_bodies_as_a_whole(alice: Caller, places: tuple[int, ...]) -> None:
    bodies = [alice.a("body")["ref"] for _ in range(4)]
    made = alice.a("recommendation", partners=bodies[:3], lead=bodies[0])

    changed = alice.patch(made["self"], {"partners": [bodies[place] for place in places]}).get_json()

    assert (changed["lead"], changed["partners"]) == (bodies[0], [bodies[place] for place in places])


def test_keeps_who_took_part_before(alice: Caller) -> None:
    bodies = [alice.a("body")["ref"] for _ in range(2)]
    made = alice.a("recommendation", partners=bodies)
    seq = alice.count()

    alice.patch(made["self"], {"partners": bodies[::-1]})

    assert alice.read(made["self"], known_at=seq)["partners"] == bodies
    assert alice.read(made["self"])["partners"] == bodies[::-1]


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0), (1, 2)])
def test_gives_the_lead_to_another_body(alice: Caller, before: int, after: int) -> None:
    bodies = [None, alice.a("body")["ref"], alice.a("body")["ref"]]
    made = alice.a("recommendation", lead=bodies[before], partners=[bodies[1]])

    answer = alice.patch(made["self"], {"lead": bodies[after]})

    assert answer.status_code == 200, answer.text
    assert (answer.get_json()["lead"], answer.get_json()["partners"]) == (bodies[after], [bodies[1]])


def test_empties_a_list_of_bodies_by_null_as_it_does_every_field(alice: Caller) -> None:
    made = alice.a("action", partners=[alice.a("body")["ref"]])

    answer = alice.patch(made["self"], {"partners": None})

    assert (answer.status_code, answer.get_json().get("partners")) == (200, [])
