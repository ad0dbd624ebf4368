"""Who am I here: told from the service's own tables, with what the policy lets such a caller do."""

import pytest

from api.access import MEANINGS, POLICY
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, problem

alice, bob, people = writing.alice, writing.bob, peopled.people
ME = "/api/v1/me"
# A few of the permissions that make the roles differ; every one of them is tried in tests/policy.
TELLING = {
    "inspector": ({"assess", "write-reviews", "approve"}, {"plan-actions", "manage-accounts"}),
    "officer": ({"write-evidence", "revise-actions"}, {"assess", "plan-actions", "approve"}),
    "programme_office": ({"plan-actions", "lower-handling", "approve"}, {"assess", "write-reviews", "manage-accounts"}),
    "auditor": ({"read-checkpoint"}, {"write-evidence", "manage-keys", "approve"}),
    "admin": ({"manage-keys", "manage-accounts", "read-metrics"}, {"write-evidence", "approve", "read-checkpoint"}),
}


def test_tells_whoever_says_nothing_of_himself_that_he_is_the_public(people: People) -> None:
    me = people.alice.holding(None).read(ME)

    assert me == {
        "name": "public",
        "role": "public",
        "body": None,
        "clearance": "PUBLIC",
        "permissions": ["open", "read", "read-record"],
        "meanings": {name: MEANINGS[name] for name in ("open", "read", "read-record")},
    }


def test_tells_a_developer_that_he_may_do_everything(people: People) -> None:
    me = people.alice.read(ME)

    assert (me["name"], me["role"], me["clearance"]) == ("alice", "developer", "OFFICIAL-SENSITIVE")
    assert set(me["permissions"]) == set().union(*POLICY.values())


@pytest.mark.parametrize("role", TELLING)
def test_tells_what_a_role_may_do_and_nothing_that_it_may_not(people: People, role: str) -> None:
    may, may_not = TELLING[role]

    me = people.having(role, name=f"me-{role}").read(ME)

    assert (me["name"], me["role"]) == (f"me-{role}", role)
    assert may <= set(me["permissions"])
    assert not may_not & set(me["permissions"])
    assert me["meanings"].keys() == set(me["permissions"])


def test_tells_for_which_body_and_up_to_which_handling(people: People) -> None:
    me = people.officer("OFFICIAL").read(ME)

    assert (me["body"], me["clearance"]) == (people.force, "OFFICIAL")


@pytest.mark.parametrize("scopes", [[], ["write-evidence"], ["write-reviews", "report-progress"]])
def test_tells_a_machine_the_scopes_of_its_key_alone(people: People, scopes: list[str]) -> None:
    me = people.having("machine", scopes=scopes).read(ME)

    assert set(me["permissions"]) == {"open", "read", *scopes}


def test_tells_one_whose_key_is_unknown_nothing(people: People) -> None:
    answer = people.alice.holding("mtr_nobody").get(ME)

    assert set(problem(answer, 401, "unauthorized")) == {"type", "title", "status", "detail", "instance"}


def test_tells_each_caller_something_else_under_the_same_address(people: People) -> None:
    answers = [caller.get(ME) for caller in (people.alice, people.alice.holding(None), people.officer())]

    assert len({answer.headers["ETag"] for answer in answers}) == 3
    assert {answer.headers["Vary"] for answer in answers} == {"Accept, Authorization"}
