"""Accounts: what the people may do whom an identity provider knows; given by administrators, and by nobody alone."""

from itertools import count
from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import Caller, Row, conflicts, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
ACCOUNTS = "/api/v1/accounts"
_NUMBERS = count(1)


def _asked(**values: Any) -> Row:
    """What an account is asked for with."""
    name = f"person-{next(_NUMBERS)}"
    return {"name": name, "subject_id": f"sub-of-{name}", "role": "auditor"} | values


def _new(caller: Caller, **values: Any) -> Row:
    """A new account, as it is shown."""
    answer = caller.post(ACCOUNTS, _asked(**values))
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


@pytest.mark.parametrize("role", ["inspector", "officer", "programme_office"])
def test_lets_an_account_with_rights_to_content_wait_for_a_second_administrator(people: People, role: str) -> None:
    first, second = people.having("admin"), people.having("admin")
    made = _new(first, role=role, body=people.force, clearance="OFFICIAL")

    alone = first.post(f"{made['self']}/confirmation", seen="*")
    confirmed = second.post(f"{made['self']}/confirmation", seen="*")

    assert (made["state"], made["asked_by"], made["confirmed_by"]) == ("not confirmed", name_of(first), None)
    assert conflicts(alone) == [("account", made["ref"])]
    assert (confirmed.get_json()["state"], confirmed.get_json()["confirmed_by"]) == ("in force", name_of(second))


def test_lets_an_account_that_shows_what_the_public_sees_wait_as_well(people: People) -> None:
    made = _new(people.having("admin"), role="auditor")

    assert (made["state"], made["confirmed_by"]) == ("not confirmed", None)


def test_lets_a_developer_decide_alone_no_more_than_an_administrator(people: People) -> None:
    made = _new(people.alice, role="inspector", body=people.inspectorate)

    alone = people.alice.post(f"{made['self']}/confirmation", seen="*")

    assert made["state"] == "not confirmed"
    assert conflicts(alone) == [("account", made["ref"])]


def test_shows_an_account_as_it_was_answered(people: People) -> None:
    admin = people.having("admin")
    made = admin.post(ACCOUNTS, _asked())

    shown = admin.get(made.headers["Location"])

    assert (shown.data, shown.headers["ETag"]) == (made.data, made.headers["ETag"])


@pytest.mark.parametrize("role", ["inspector", "officer", "programme_office", "auditor", "machine"])
def test_lets_nobody_but_an_administrator_see_or_give_accounts(people: People, role: str) -> None:
    made, caller = _new(people.having("admin")), people.having(role)

    answers = [caller.get(ACCOUNTS), caller.get(made["self"]), caller.post(ACCOUNTS, _asked())]

    assert [forbidden(answer) for answer in answers] == [f"The role '{role}' may not do this."] * 3


def test_asks_whoever_says_nothing_of_himself_to_say_who_he_is(people: People) -> None:
    nobody = people.alice.holding(None)

    answers = [nobody.get(ACCOUNTS), nobody.post(ACCOUNTS, _asked())]

    assert {problem(answer, 401, "unauthorized")["title"] for answer in answers} == {"Who is calling is not known"}


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"role": "officer"}, "/body"),
        ({"role": "officer", "body": "nothing"}, "/body"),
        ({"role": "machine"}, "/role"),
        ({"role": "developer"}, "/role"),
        ({"role": "auditor", "clearance": "OFFICIAL"}, "/clearance"),
        ({"clearance": "TOP SECRET"}, "/clearance"),
        ({"subject_id": ""}, "/subject_id"),
        ({"subject_id": " "}, "/subject_id"),
        ({"subject_id": "x" * 256}, "/subject_id"),
        ({"subject_id": None}, "/subject_id"),
        ({"name": "two words"}, "/name"),
        ({"scopes": ["write-evidence"]}, "/scopes"),
        ({"expires_in_days": 1}, "/expires_in_days"),
    ],
)
def test_refuses_an_account_that_cannot_be(people: People, values: Row, pointer: str) -> None:
    answer = people.having("admin").post(ACCOUNTS, _asked(**values))

    assert set(faults(answer)) == {pointer}


def test_gives_a_person_one_account_at_a_time(people: People) -> None:
    admin = people.having("admin")
    made = _new(admin)

    second = admin.post(ACCOUNTS, _asked(subject_id=made["subject_id"]))
    admin.delete(made["self"])
    third = admin.post(ACCOUNTS, _asked(subject_id=made["subject_id"]))

    assert conflicts(second) == [("account", made["ref"])]
    assert third.status_code == 201


def test_lists_accounts_page_by_page_in_the_order_in_which_they_were_asked_for(people: People) -> None:
    admin = people.having("admin")
    made = [_new(admin)["ref"] for _ in range(3)]

    page = admin.read(ACCOUNTS, limit=200, count="true")
    first = admin.read(ACCOUNTS, limit=page["total"] - 1)
    last = admin.read(first["next"])

    assert [account["ref"] for account in page["items"][-3:]] == made
    assert [*first["items"], *last["items"]] == page["items"]
    assert last["next"] is None


def test_ends_an_account_once(people: People) -> None:
    admin = people.having("admin")
    made = _new(admin)
    first = admin.delete(made["self"])

    again = admin.delete(made["self"])

    assert first.status_code == 204
    assert conflicts(again) == [("account", made["ref"])]
    assert admin.read(made["self"])["state"] == "revoked"


def test_has_no_account_of_a_reference_that_is_none(people: People) -> None:
    admin = people.having("admin")

    answers = [
        admin.get(f"{ACCOUNTS}/nothing"),
        admin.delete(f"{ACCOUNTS}/nothing"),
        admin.post(f"{ACCOUNTS}/nothing/confirmation", seen="*"),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_records_who_gave_an_account_and_who_confirmed_it(people: People) -> None:
    first, second = people.having("admin"), people.having("admin")
    made = _new(first, role="officer", body=people.force)
    second.post(f"{made['self']}/confirmation", seen="*", reason="Seen the letter of appointment")

    told = first.read("/api/v1/changes", kind="account", ref=made["ref"])["items"]

    assert [(change["action"], change["principal"]) for change in told] == [
        ("created", name_of(first)),
        ("updated", name_of(second)),
    ]
    assert told[1]["reason"] == "Seen the letter of appointment"
    assert (told[1]["before"], told[1]["after"]) == ({"confirmed_by": None}, {"confirmed_by": name_of(second)})


@pytest.mark.parametrize("role", ["public", "inspector", "officer", "programme_office"])
def test_tells_the_record_of_accounts_to_nobody_else(people: People, role: str) -> None:
    made = _new(people.having("admin"))
    caller = people.alice.holding(None) if role == "public" else people.having(role, clearance="OFFICIAL-SENSITIVE")

    told = caller.get("/api/v1/changes?kind=account")

    assert told.get_json()["items"] == []
    assert made["subject_id"] not in caller.get("/api/v1/exports").text
