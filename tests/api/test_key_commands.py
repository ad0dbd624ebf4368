"""The commands by which an operator keeps keys and accounts: what they print where, and how they refuse."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.api.command import url_of
from tests.api.conftest import RunHere
from tests.api.writing import Caller, calling
from tests.conftest import Databases

BAD_ANSWER, USAGE, NO_DATABASE = 8, 2, 5
Command = Callable[..., "Result"]


class Result(NamedTuple):
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def service(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """A service on the database that the commands keep."""
    with calling(databases.copy("empty"), tmp_path_factory.mktemp("commands")) as caller:
        yield caller


@pytest.fixture(scope="module")
def body(service: Caller) -> str:
    """A body that keys and accounts can be for."""
    return str(service.a("body")["ref"])


@pytest.fixture
def command(service: Caller, run_here: RunHere) -> Command:
    """Runs `mappa-trace` on that database, or on another."""

    def run(*arguments: str, url: str = url_of(service.database)) -> Result:
        done = run_here(url, *arguments)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


def _ref(result: Result) -> str:
    """The reference of what was made, as it is told."""
    assert result.code == 0, result.err
    return result.err.split()[2]


def test_prints_the_secret_of_a_new_key_alone_where_a_shell_catches_it(service: Caller, command: Command) -> None:
    result = command("keys", "create", "--name", "prints", "--role", "auditor")

    secret = result.out.strip()
    assert (result.code, result.out) == (0, f"{secret}\n")
    assert secret not in result.err
    assert "shown this once" in result.err
    assert service.holding(secret).read("/api/v1/me")["name"] == "prints"


@pytest.mark.parametrize(
    ("role", "more", "shown"),
    [
        ("inspector", ["--clearance", "OFFICIAL-SENSITIVE"], {"clearance": "OFFICIAL-SENSITIVE"}),
        ("officer", ["--clearance", "OFFICIAL"], {"clearance": "OFFICIAL"}),
        ("programme_office", [], {"clearance": "PUBLIC"}),
        ("machine", ["--scope", "write-evidence", "--scope", "report-progress", "--days", "1"], {}),
        ("admin", [], {"clearance": "PUBLIC"}),
        ("auditor", [], {"clearance": "PUBLIC"}),
    ],
)
def test_gives_a_key_of_every_role_alone(
    service: Caller, command: Command, body: str, role: str, more: list[str], shown: dict[str, str]
) -> None:
    own = [] if role in {"admin", "auditor"} else ["--body", body]

    result = command("keys", "create", "--name", f"of-{role}", "--role", role, *own, *more)

    me = service.holding(result.out.strip()).read("/api/v1/me")
    assert (me["role"], me["body"]) == (role, body if own else None)
    assert me.items() >= shown.items()
    assert service.read(f"/api/v1/keys/{_ref(result)}")["confirmed_by"] == "operator"
    if role == "machine":
        assert {"write-evidence", "report-progress"} <= set(me["permissions"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--name", "x-1", "--role", "officer"], "/body"),
        (["--name", "x-2", "--role", "officer", "--body", "nothing"], "/body"),
        (["--name", "x-3", "--role", "auditor", "--clearance", "OFFICIAL"], "/clearance"),
        (["--name", "AA000000A", "--role", "auditor"], "/name"),
    ],
)
def test_says_why_it_gives_no_key(service: Caller, command: Command, arguments: list[str], told: str) -> None:
    before = service.count()

    result = command("keys", "create", *arguments)

    assert (result.code, result.out) == (BAD_ANSWER, "")
    assert told in result.err
    assert "Nothing was changed." in result.err
    assert service.count() == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--name", "y"],
        ["--role", "auditor"],
        ["--name", "y", "--role", "developer"],
        ["--name", "y", "--role", "machine", "--scope", "assess"],
        ["--name", "y", "--role", "machine", "--days", "0"],
        ["--name", "y", "--role", "machine", "--days", "366"],
        ["--name", "y", "--role", "auditor", "--clearance", "SECRET"],
        ["--name", "y", "--role", "auditor", "--subject", "z"],
    ],
)
def test_tells_how_a_key_is_given(command: Command, arguments: list[str]) -> None:
    result = command("keys", "create", *arguments)

    assert result.code == USAGE
    assert "usage: mappa-trace" in result.err


def test_gives_no_second_key_of_a_name(command: Command) -> None:
    command("keys", "create", "--name", "same", "--role", "auditor")

    result = command("keys", "create", "--name", "same", "--role", "auditor")

    assert (result.code, result.out) == (BAD_ANSWER, "")
    assert "of this name" in result.err


def test_lists_keys_with_their_state_and_without_their_secrets(command: Command) -> None:
    made = command("keys", "create", "--name", "listed", "--role", "auditor")
    command("keys", "revoke", _ref(made))

    result = command("keys", "list")

    (line,) = [line for line in result.err.splitlines() if " listed " in line]
    assert line.split()[:2] == [_ref(made), "listed"]
    assert "revoked" in line
    assert made.out.strip() not in result.out + result.err


@pytest.mark.parametrize("kind", ["keys", "accounts"])
def test_says_that_there_is_none_yet(kind: str, databases: Databases, command: Command) -> None:
    result = command(kind, "list", url=url_of(databases.copy("empty")))

    assert (result.code, result.err.strip()) == (0, f"There is no {kind[:-1]} yet.")


@pytest.mark.parametrize("kind", ["keys", "accounts"])
def test_asks_what_is_to_be_done(command: Command, kind: str) -> None:
    result = command(kind)

    assert result.code == USAGE
    assert "create, list, confirm" in result.err


def test_takes_a_key_away_from_the_next_request_on(service: Caller, command: Command) -> None:
    made = command("keys", "create", "--name", "lost", "--role", "auditor")
    holder = service.holding(made.out.strip())
    before = holder.get("/api/v1/me").status_code

    result = command("keys", "revoke", _ref(made))

    assert (result.code, result.err.strip()) == (0, f"Taken away: key {_ref(made)}, of lost.")
    assert (before, holder.get("/api/v1/me").status_code) == (200, 401)


@pytest.mark.parametrize(
    ("kind", "words"), [("keys", ("revoke", "confirm")), ("accounts", ("end", "confirm"))], ids=["keys", "accounts"]
)
def test_has_nothing_of_a_reference_that_is_none(command: Command, kind: str, words: tuple[str, ...]) -> None:
    results = [command(kind, word, "nothing") for word in words]

    assert [result.code for result in results] == [BAD_ANSWER, BAD_ANSWER]
    assert all("'nothing'" in result.err and "Nothing was changed." in result.err for result in results)


def test_takes_a_key_away_once(command: Command) -> None:
    ref = _ref(command("keys", "create", "--name", "lost-twice", "--role", "auditor"))
    command("keys", "revoke", ref)

    results = [command("keys", word, ref) for word in ("revoke", "confirm")]

    assert [result.code for result in results] == [BAD_ANSWER, BAD_ANSWER]
    assert all("taken away already" in result.err for result in results)


def test_puts_in_force_as_the_second_person_what_an_administrator_asked_for(
    service: Caller, command: Command, body: str
) -> None:
    asked = {"name": "of-the-api", "role": "machine", "body": body}
    made = service.post("/api/v1/keys", asked).get_json()

    result = command("keys", "confirm", made["ref"])
    again = command("keys", "confirm", made["ref"])

    assert (result.code, result.err.strip()) == (0, f"In force: key {made['ref']}, of of-the-api.")
    assert service.read(made["self"])["confirmed_by"] == "operator"
    assert again.code == BAD_ANSWER
    assert "in force already" in again.err


def test_gives_lists_and_ends_accounts(service: Caller, command: Command, body: str) -> None:
    asked = ["--name", "a-person", "--subject", "sub-of-a-person", "--role", "officer", "--body", body]

    made = command("accounts", "create", *asked)
    listed = command("accounts", "list")
    ended = command("accounts", "end", _ref(made))

    account = service.read(f"/api/v1/accounts/{_ref(made)}")
    assert made.out == ""
    assert (account["subject_id"], account["asked_by"], account["state"]) == ("sub-of-a-person", "operator", "revoked")
    assert " a-person " in listed.err
    assert ended.err.strip() == f"Taken away: account {_ref(made)}, of a-person."


@pytest.mark.parametrize(
    "arguments",
    [
        ["--name", "z", "--role", "officer"],
        ["--name", "z", "--role", "machine", "--subject", "z"],
        ["--name", "z", "--role", "auditor", "--subject", "z", "--days", "1"],
    ],
)
def test_tells_how_an_account_is_given(command: Command, arguments: list[str]) -> None:
    result = command("accounts", "create", *arguments)

    assert result.code == USAGE
    assert "usage: mappa-trace" in result.err


def test_gives_a_person_one_account_at_a_time(command: Command) -> None:
    asked = ["--subject", "sub-of-one", "--role", "auditor"]
    command("accounts", "create", "--name", "one", *asked)

    result = command("accounts", "create", "--name", "another-one", *asked)

    assert result.code == BAD_ANSWER
    assert "has an account" in result.err


def test_makes_the_first_key_in_a_database_that_is_not_there_yet(command: Command, fresh: str) -> None:
    result = command("keys", "create", "--name", "first-admin", "--role", "admin", url=fresh)

    assert result.code == 0, result.err
    assert result.out.startswith("mtr_")


def test_says_that_the_database_cannot_be_used(command: Command, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none' / 'fresh.db'}"

    results = [command("keys", "list", url=url), command("keys", "create", "--name", "x", "--role", "admin", url=url)]

    assert [result.code for result in results] == [NO_DATABASE, NO_DATABASE]


def test_records_what_the_operator_did(service: Caller, command: Command) -> None:
    ref = _ref(command("keys", "create", "--name", "recorded", "--role", "auditor"))
    command("keys", "revoke", ref)

    told = service.read("/api/v1/changes", kind="key", ref=ref)["items"]

    assert [(change["action"], change["principal"]) for change in told] == [
        ("created", "operator"),
        ("withdrawn", "operator"),
    ]
    assert [change["reason"] for change in told] == ["Give a new key to recorded", f"Taken away: key {ref}"]
