"""Keys: who gives them to whom, with which rights, for how long; who sees them, and who takes them away."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import Caller, Row, conflicts, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
KEYS = "/api/v1/keys"
_NUMBERS = count(1)


def _asked(**values: Any) -> Row:
    """What a key is asked for with."""
    return {"name": f"key-{next(_NUMBERS)}", "role": "machine"} | values


def _new(caller: Caller, **values: Any) -> Row:
    """A new key, as it is shown this once."""
    answer = caller.post(KEYS, _asked(**values))
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


def test_gives_a_key_that_is_in_force_at_once_for_a_machine_of_ones_own_body(people: People) -> None:
    officer = people.officer()

    made = _new(officer, scopes=["write-evidence"])

    assert (made["state"], made["asked_by"], made["confirmed_by"]) == ("in force", name_of(officer), name_of(officer))
    assert (made["body"], made["clearance"], made["scopes"]) == (people.force, "PUBLIC", ["write-evidence"])
    me = people.alice.holding(made["secret"]).read("/api/v1/me")
    assert (me["name"], me["role"], me["body"]) == (made["name"], "machine", people.force)


def test_gives_a_secret_that_nobody_can_guess(people: People) -> None:
    secrets = [_new(people.officer())["secret"] for _ in range(2)]

    assert len({*secrets}) == 2
    assert all(secret.startswith("mtr_") and len(secret) == 47 for secret in secrets)


def test_shows_a_key_as_it_was_answered_but_for_its_secret(people: People) -> None:
    officer = people.officer()
    made = officer.post(KEYS, _asked())

    shown = officer.get(made.headers["Location"])

    assert shown.get_json() == {name: value for name, value in made.get_json().items() if name != "secret"}
    assert shown.headers["ETag"] == made.headers["ETag"]


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_lets_nobody_but_an_administrator_give_keys_to_auditors_and_administrators(people: People, role: str) -> None:
    answer = people.inspector().post(KEYS, _asked(role=role))

    assert "administrator" in forbidden(answer)


def test_gives_no_key_to_a_machine_of_another_body(people: People) -> None:
    answer = people.officer().post(KEYS, _asked(body=people.inspectorate))

    assert "your own body" in forbidden(answer)


def test_gives_no_key_that_sees_more_than_its_giver(people: People) -> None:
    answer = people.officer("OFFICIAL").post(KEYS, _asked(clearance="OFFICIAL-SENSITIVE"))

    assert "OFFICIAL" in forbidden(answer)


def test_gives_no_key_that_does_what_its_giver_may_not(people: People) -> None:
    answer = people.officer().post(KEYS, _asked(scopes=["write-evidence", "write-reviews"]))

    forbidden(answer)


@pytest.mark.parametrize("role", ["public", "auditor", "machine"])
def test_lets_nobody_give_keys_whose_role_may_not(people: People, role: str) -> None:
    caller = people.alice.holding(None) if role == "public" else people.having(role)

    answers = [caller.post(KEYS, _asked()), caller.get(KEYS)]

    assert {answer.status_code for answer in answers} == {401 if role == "public" else 403}


def test_lets_a_machine_of_an_administrator_wait_for_a_second_person(people: People) -> None:
    first, second = people.having("admin"), people.having("admin")
    made = _new(first, body=people.force)
    machine = people.alice.holding(made["secret"])
    before = machine.get("/api/v1/me").status_code

    alone = first.post(f"{made['self']}/confirmation", seen="*")
    confirmed = second.post(f"{made['self']}/confirmation", seen="*")

    assert (made["state"], made["confirmed_by"], before) == ("not confirmed", None, 401)
    assert conflicts(alone) == [("key", made["ref"])]
    assert (confirmed.get_json()["state"], confirmed.get_json()["confirmed_by"]) == ("in force", name_of(second))
    assert machine.read("/api/v1/me")["role"] == "machine"


def test_lets_no_administrator_be_two_persons(people: People) -> None:
    admin = people.having("admin")
    wanted, puppet = _new(admin, body=people.force), _new(admin, role="admin")

    second = people.alice.holding(puppet["secret"]).post(f"{wanted['self']}/confirmation", seen="*")
    first = admin.post(f"{puppet['self']}/confirmation", seen="*")

    problem(second, 401, "unauthorized")
    assert conflicts(first) == [("key", puppet["ref"])]


def test_lets_nobody_but_an_administrator_confirm_a_key(people: People) -> None:
    made = _new(people.having("admin"), body=people.force)

    answer = people.officer().post(f"{made['self']}/confirmation", seen="*")

    assert "administrator" in forbidden(answer)


def test_confirms_a_key_once(people: People) -> None:
    made = _new(people.having("admin"), body=people.force)
    second = people.having("admin")
    second.post(f"{made['self']}/confirmation", seen="*")

    again = second.post(f"{made['self']}/confirmation", seen="*")

    assert conflicts(again) == [("key", made["ref"])]


def test_lets_a_key_that_shows_what_the_public_sees_wait_as_well(people: People) -> None:
    made = _new(people.having("admin"), role="auditor")

    assert (made["state"], made["body"], made["scopes"]) == ("not confirmed", None, [])


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"role": "machine"}, "/body"),
        ({"role": "machine", "body": "nothing"}, "/body"),
        ({"role": "auditor", "body": "hmics"}, "/body"),
        ({"role": "auditor", "clearance": "OFFICIAL"}, "/clearance"),
        ({"role": "admin", "clearance": "OFFICIAL-SENSITIVE"}, "/clearance"),
        ({"role": "inspector"}, "/role"),
        ({"role": "developer"}, "/role"),
        ({"role": None}, "/role"),
        ({"name": ""}, "/name"),
        ({"name": "two words"}, "/name"),
        ({"name": "x" * 61}, "/name"),
        ({"name": None}, "/name"),
        ({"scopes": ["assess"]}, "/scopes/0"),
        ({"scopes": ["write-evidence"] * 9}, "/scopes"),
        ({"clearance": "SECRET"}, "/clearance"),
        ({"expires_in_days": 0}, "/expires_in_days"),
        ({"expires_in_days": 366}, "/expires_in_days"),
        ({"expires_in_days": "1"}, "/expires_in_days"),
        ({"secret": "mine"}, "/secret"),
    ],
)
def test_refuses_a_key_that_cannot_be(people: People, values: Row, pointer: str) -> None:
    answer = people.having("admin").post(KEYS, _asked(**values))

    assert set(faults(answer)) == {pointer}


@pytest.mark.parametrize(("asked", "days"), [({}, 365), ({"expires_in_days": 1}, 1), ({"expires_in_days": 365}, 365)])
def test_gives_a_key_for_so_many_days(people: People, asked: Row, days: int) -> None:
    made = _new(people.officer(), **asked)

    ends = datetime.fromisoformat(made["expires_at"])
    assert timedelta(0) <= datetime.now(UTC) + timedelta(days=days) - ends < timedelta(minutes=1)


def test_gives_a_name_to_one_key_or_account_for_ever(people: People) -> None:
    officer, admin = people.officer(), people.having("admin")
    made = _new(officer)
    officer.delete(made["self"])

    answers = [
        officer.post(KEYS, _asked(name=made["name"])),
        admin.post("/api/v1/accounts", {"name": made["name"], "subject_id": made["name"], "role": "auditor"}),
    ]

    # Whose the other is can be another body's business.
    assert [conflicts(answer) for answer in answers] == [[], []]


def test_lists_the_keys_of_ones_own_body_and_no_other(people: People) -> None:
    officer, inspector = people.officer(), people.inspector()
    own, other = _new(officer), _new(inspector)

    listed = officer.read(KEYS, limit=200)["items"]

    assert own["ref"] in {key["ref"] for key in listed}
    assert {key["body"] for key in listed} == {people.force}
    assert officer.get(other["self"]).status_code == 404


def test_lists_every_key_to_an_administrator(people: People) -> None:
    made = [_new(caller) for caller in (people.officer(), people.inspector())]

    page = people.having("admin").read(KEYS, limit=200, count="true")

    assert {key["ref"] for key in made} <= {key["ref"] for key in page["items"]}
    assert page["total"] == len(page["items"])


def test_lists_keys_page_by_page_in_the_order_in_which_they_were_asked_for(people: People) -> None:
    admin = people.having("admin")
    whole = admin.read(KEYS, limit=200)["items"]

    page = admin.read(KEYS, limit=2, fields="name")
    further = admin.read(page["next"])

    assert [*page["items"], *further["items"]] == [
        {name: key[name] for name in ("ref", "kind", "name", "self")} for key in whole[:4]
    ]


@pytest.mark.parametrize("parameter", ["as_of=2017-06-29", "known_at=1", "role=machine"])
def test_takes_no_parameter_that_it_would_ignore(people: People, parameter: str) -> None:
    answer = people.having("admin").get(f"{KEYS}?{parameter}")

    assert set(faults(answer)) == {parameter.partition("=")[0]}


@pytest.mark.parametrize(("method", "part"), [("POST", "/confirmation"), ("DELETE", "")])
def test_touches_no_key_of_another_body(people: People, method: str, part: str) -> None:
    officer, made = people.officer(), _new(people.inspector())

    answer = officer.send(method, made["self"] + part, headers={"If-Match": "*"})

    problem(answer, 404, "not-found")


def test_takes_a_key_away_once(people: People) -> None:
    officer = people.officer()
    made = _new(officer)
    first = officer.delete(made["self"])

    again = officer.delete(made["self"])

    assert first.status_code == 204
    assert conflicts(again) == [("key", made["ref"])]
    assert officer.read(made["self"])["state"] == "revoked"


def test_confirms_no_key_that_was_taken_away(people: People) -> None:
    made = _new(people.having("admin"), body=people.force)
    second = people.having("admin")
    second.delete(made["self"])

    answer = second.post(f"{made['self']}/confirmation", seen="*")

    assert conflicts(answer) == [("key", made["ref"])]


@pytest.mark.parametrize(("seen", "status"), [(None, 428), ('"another"', 412)])
def test_takes_no_key_away_that_was_not_seen_as_it_is(people: People, seen: str | None, status: int) -> None:
    officer = people.officer()
    made = _new(officer)

    answer = officer.delete(made["self"], seen=seen)

    assert answer.status_code == status
    assert officer.read(made["self"])["state"] == "in force"


def test_records_who_gave_and_took_a_key_and_why(people: People) -> None:
    officer = people.officer()
    made = officer.post(KEYS, _asked(), reason="For the records system").get_json()
    officer.delete(made["self"], reason="It was lost")

    told = people.having("admin").read("/api/v1/changes", kind="key", ref=made["ref"])["items"]

    assert [(change["action"], change["principal"], change["reason"]) for change in told] == [
        ("created", name_of(officer), "For the records system"),
        ("withdrawn", name_of(officer), "It was lost"),
    ]


@pytest.mark.parametrize("role", ["public", "inspector", "officer", "machine"])
def test_tells_the_record_of_keys_to_nobody_else(people: People, role: str) -> None:
    made = _new(people.officer())
    caller = people.alice.holding(None) if role == "public" else people.having(role, clearance="OFFICIAL-SENSITIVE")

    answer = caller.get("/api/v1/changes?kind=key")

    assert made["ref"] not in answer.text
    assert answer.status_code == 403 if role == "machine" else answer.get_json()["items"] == []
