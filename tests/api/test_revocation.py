"""Keys that no longer hold: revoked, expired or not confirmed, they are refused at once; and when one was used."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from api.keykeeping import OPERATOR
from models.queries import grants
from models.writing.grants import add_key, end_grant
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import WHOLE, People, problem
from tests.api.writing import ALICE, KEYS, Caller, Row, calling
from tests.conftest import Databases

alice, bob, people = writing.alice, writing.bob, peopled.people
ME = "/api/v1/me"


def _made(people: People, *, alone: bool = True) -> tuple[Caller, Row]:
    """Somebody with a key of his own, and the key as an administrator sees it."""
    asked = {"name": f"key-{len(people.alice.record())}", "role": "officer", "body": people.force}
    with people.alice.database.writing(OPERATOR, "Give a key for a test") as session:
        ref, secret = add_key(session, WHOLE, asked, "somebody", alone=alone)
    return people.alice.holding(secret), people.alice.read(f"/api/v1/keys/{ref}")


def _later(days: int) -> Callable[[], str]:
    """A clock that is so many days on."""
    return lambda: (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _tries(caller: Caller) -> set[int]:
    """The statuses of a read of what is open, a read of what is not, and a write."""
    answers = (caller.get(ME), caller.get("/api/v1/keys"), caller.adding("evidence"))
    return {answer.status_code for answer in answers}


def test_refuses_a_revoked_key_at_the_next_request(people: People) -> None:
    holder, key = _made(people)
    before = _tries(holder)

    people.alice.delete(key["self"])

    assert before == {200, 201}
    assert _tries(holder) == {401}


def test_refuses_a_key_that_the_operator_took_away_beside_the_service(people: People) -> None:
    holder, key = _made(people)
    holder.get(ME)

    with people.alice.database.writing(OPERATOR, "It was lost") as session:
        end_grant(session, "key", key["ref"])

    assert _tries(holder) == {401}


def test_refuses_an_expired_key(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    holder, key = _made(people)
    before = _tries(holder)

    monkeypatch.setattr(grants, "moment", _later(days=366))

    assert before == {200, 201}
    assert _tries(holder) == {401}
    assert people.alice.read(key["self"])["state"] == "expired"


def test_takes_a_key_until_it_expires(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    holder, key = _made(people)

    monkeypatch.setattr(grants, "moment", _later(days=364))

    assert _tries(holder) == {200, 201}
    assert people.alice.read(key["self"])["state"] == "in force"


def test_refuses_a_key_that_is_not_confirmed(people: People) -> None:
    holder, key = _made(people, alone=False)
    before = _tries(holder)

    people.having("admin").post(f"{key['self']}/confirmation", seen="*")

    assert before == {401}
    assert _tries(holder) == {200, 201}


def test_tells_nobody_why_his_key_does_not_hold(people: People) -> None:
    revoked, key = _made(people)
    people.alice.delete(key["self"])
    waiting, _key = _made(people, alone=False)

    answers = [caller.get(ME) for caller in (revoked, waiting, people.alice.holding("mtr_nobody"))]

    assert len({answer.data for answer in answers}) == 1
    problem(answers[0], 401, "unauthorized")


def test_refuses_a_key_but_for_one_character(people: People) -> None:
    holder, _key = _made(people)
    assert holder.key is not None

    statuses = {
        people.alice.holding(wrong).get(ME).status_code
        for wrong in (holder.key[:-1], f"{holder.key}x", holder.key.swapcase(), holder.key.removeprefix("mtr_"))
    }

    assert statuses == {401}


def test_knows_a_key_by_nothing_that_the_database_holds(people: People) -> None:
    holder, key = _made(people)
    with people.alice.database.reading() as session:
        digest = session.execute(text("SELECT secret_digest FROM key WHERE ref = :ref"), {"ref": key["ref"]}).scalar()

    statuses = {people.alice.holding(given).get(ME).status_code for given in (digest, f"mtr_{digest}", key["ref"])}

    assert holder.get(ME).status_code == 200
    assert statuses == {401}


def test_notes_when_a_key_was_last_used_outside_of_the_record(people: People) -> None:
    holder, key = _made(people)
    before = people.alice.count()

    holder.get("/api/v1/evidence")

    used = people.alice.read(key["self"])["last_used_at"]
    assert key["last_used_at"] is None
    assert abs(datetime.now(UTC) - datetime.fromisoformat(used)) < timedelta(minutes=2)
    assert people.alice.count() == before


@pytest.mark.parametrize(
    ("at", "noted"),
    [
        ("2030-01-01T10:00:59.999999Z", "2030-01-01T10:00:10.000000Z"),
        ("2030-01-01T10:01:00.000000Z", "2030-01-01T10:01:00.000000Z"),
        ("2030-01-02T10:00:10.000000Z", "2030-01-02T10:00:10.000000Z"),
    ],
)
def test_notes_the_use_of_a_key_once_a_minute(
    people: People, monkeypatch: pytest.MonkeyPatch, at: str, noted: str
) -> None:
    holder, key = _made(people)
    for moment in ("2030-01-01T10:00:10.000000Z", at):
        for module in ("api.identity", "api.database"):
            monkeypatch.setattr(f"{module}.moment", lambda moment=moment: moment)
        holder.get(ME)

    used = people.alice.read(key["self"])["last_used_at"]

    assert used == noted


def test_notes_no_use_of_a_key_that_is_refused(people: People) -> None:
    holder, key = _made(people, alone=False)

    holder.get(ME)

    assert people.alice.read(key["self"])["last_used_at"] is None


def test_keeps_whoever_tries_many_keys_waiting_and_nobody_else(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path, failures_a_minute=3) as service:
        guessing = service.holding("mtr_guess")
        answers = [guessing.get(ME) for _ in range(5)]
        known, nobody = service.get(ME), service.holding(None).get(ME)
        elsewhere = guessing.send("GET", ME, reason=None, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})

    assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert problem(answers[-1], 429, "too-many-requests")["detail"].startswith("Too many keys or tokens")
    assert [answer.status_code for answer in (known, nobody, elsewhere)] == [200, 200, 401]


def test_lets_an_address_try_again_after_a_minute(
    databases: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("api.rates.monotonic", lambda: now[0])
    with calling(databases.copy("empty"), tmp_path, failures_a_minute=1) as service:
        guessing = service.holding("mtr_guess")
        first = [guessing.get(ME).status_code for _ in range(2)]
        now[0] += 61

        later = guessing.get(ME).status_code

    assert (first, later) == ([401, 429], 401)


def test_gives_a_development_key_everything_and_its_own_name(people: People) -> None:
    me = people.alice.read(ME)

    assert (people.alice.key, me["name"]) == (ALICE, KEYS[ALICE])
    assert me["role"] == "developer"
