"""The calls of docs/endpoints.md work as they stand there, on a fresh copy of the published data."""

import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.call import Service
from api.publishing import GUIDE, SERVER
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import ACTING, BY_NAME, DOCUMENT, QUESTIONS, WRITES, Operation, needs_key
from tests.contract.neutral_items import add_key
from tests.contract.server import BEARER, BEARER_OF_SECOND, KEY, KEY_OF_SECOND, SECOND, WRITER

TEXT = GUIDE.read_text(encoding="utf-8")
# Something published stands on these, so that to withdraw them is refused: the call is right, the answer says what.
STOOD_ON = {
    "/api/v1/reviews/MAPPA-2015",
    "/api/v1/recommendations/R8",
    "/api/v1/sources/F004",
    "/api/v1/evidence/F028",
    "/api/v1/actions/A1",
    "/api/v1/bodies/police-scotland",
}
# The published record has this tie already; there is no other real one to show.
THERE = {"/api/v1/links"}
# Whoever answers, and takes steps of closure, does so in the name of his own body, whose key he has.
KEYS_OF_BODIES = {
    "scottish-government": ("officer", "mtr_key-of-an-officer-of-the-government"),
    "police-scotland": ("officer", "mtr_key-of-an-officer-of-the-police"),
    "hmics": ("inspector", "mtr_key-of-an-inspector"),
}
_NUMBERS = count(1)


@dataclass(frozen=True)
class Curl:
    """A call of the page."""

    method: str
    address: str
    headers: dict[str, str]
    body: bytes | None

    @staticmethod
    def of(command: str) -> "Curl":
        """The call that a shell would make of a command."""
        words = shlex.split(command.replace("$KEY", KEY).replace("\\\n", " "))
        assert words.pop(0) == "curl"
        method, address, headers, body = "GET", "", {}, None
        while words:
            word = words.pop(0)
            if word == "-X":
                method = words.pop(0)
            elif word == "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = words.pop(0).encode()
            else:
                address = word
        assert address.startswith(SERVER)
        return Curl(method, address.removeprefix(SERVER), headers, body)

    @property
    def path(self) -> str:
        """What it calls, without its query."""
        return self.address.partition("?")[0]

    @property
    def marks(self) -> bool:
        """Whether it raises the marking of a thing."""
        return self.path.endswith("/handling")

    def send(self, client: FlaskClient, bearer: str | None = None) -> TestResponse:
        """The answer to it; REF stands for a new thing, and what needs a second person is sent by one."""
        address, headers = self.address, self.headers | ({"Authorization": bearer} if bearer else {})
        if "/REF" in address:
            address = address.replace("REF", _made(client, self.path.split("/")[3]))
        if address.partition("?")[0].endswith("/confirmation"):
            headers = headers | {"Authorization": BEARER_OF_SECOND}
        return client.open(address, method=self.method, headers=headers, data=self.body)

    def __str__(self) -> str:
        """What it does to which path, for the names of tests."""
        return f"{self.method} {self.path}"


def _made(client: FlaskClient, collection: str) -> str:
    """The reference of a new key, account or approval, that waits for a second person."""
    name = f"guide-{next(_NUMBERS)}"
    given = {
        "keys": {"name": name, "role": "machine", "body": "hmics"},
        "accounts": {"name": name, "subject_id": name, "role": "officer", "body": "police-scotland"},
        "approvals": {"action": "release", "kind": "evidence", "handling": "PUBLIC"},
    }[collection]
    if collection == "approvals":
        evidence = {"title": "T", "evidence_kind": "observation", "statement": "S", "handling": "OFFICIAL"}
        given |= {"ref": _added(client, "evidence", evidence)}
    return _added(client, collection, given)


def _added(client: FlaskClient, collection: str, given: dict[str, str]) -> str:
    """The reference of what is added to a collection."""
    path = f"/api/v1/{collection}?reason=A+test"
    return str(client.post(path, json=given, headers={"Authorization": BEARER}).get_json()["ref"])


def _acting(call: Curl) -> Operation | None:
    """What a call does in the name of a body; None where it does not."""
    found = (BY_NAME[name] for name in ACTING if call.method == "POST" and BY_NAME[name].answers(call.path))
    return next(found, None)


def _has(client: FlaskClient, name: str, ref: str, **also: object) -> str:
    """Have another person do what is documented, to one thing; where that is shown then."""
    operation = BY_NAME[name]
    address = f"{operation.of(ref) if operation.has_ref else operation.path}?reason=A+test"
    headers = {"Authorization": BEARER_OF_SECOND, "If-Match": "*"}
    answer = client.post(address, json=operation.body | also, headers=headers)
    assert answer.status_code in {200, 201}, answer.text
    return str(answer.get_json()["self"]).rpartition("/")[2]


def _stand_for(client: FlaskClient, step: str, ref: str) -> None:
    """See to it that a recommendation stands so that a step of closure can be taken."""
    if step == "reopen":
        _has(client, "end_closure", ref)
    if step in {"return", "override", "discharge"}:
        _has(client, "propose_closure", ref)
    if step == "discharge":
        path = f"/api/v1/recommendations/{ref}"
        for clause in client.get(path).get_json()["clauses"]:
            evidence = _has(client, "add_evidence", "")
            _has(client, "add_link", "", type="demonstrates", source=evidence, target=clause["ref"], basis="stated")
        conditions = client.get(f"{path}/closure").get_json()["conditions"]
        (found,) = (condition for condition in conditions if condition["name"] == "actions_complete")
        for action in found["refs"]:
            _has(
                client,
                "report_progress",
                action,
                claimed_status="under_way",
                effective_from="2030-01-01",
                delay="other",
            )


CALLS = [Curl.of(command) for command in re.findall(r"^```\n(curl .*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)]
READING = [Curl.of(command) for command in re.findall(r"`(curl '[^`]*)`", TEXT)]
MARKING = [call for call in CALLS if call.marks]
TAKEN = [(call, operation) for call in CALLS if (operation := _acting(call)) is not None]
ASKED = {operation.path for operation in QUESTIONS}


@contextmanager
def _client(databases: Databases, folder: Path) -> Iterator[FlaskClient]:
    """A client of an application that takes writes, on a copy of the published record."""
    url = databases.copy("published").url.render_as_string(hide_password=False)
    keys = {KEY: WRITER, KEY_OF_SECOND: SECOND}
    app = create_app(Settings(url, "test", keys, folder / "checkpoint.json", folder / "signing-key.pem"))
    service: Service = app.extensions["mappa"]
    with service.database.writing("a test", "Give keys of bodies") as session:
        for body, (role, secret) in KEYS_OF_BODIES.items():
            add_key(session, f"T-{role}-{body}", secret, role=role, body=body)
    yield app.test_client()
    service.database.close()


@pytest.fixture(scope="module")
def fresh(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """One client for the page, as for who tries its calls one after the other."""
    with _client(databases, tmp_path_factory.mktemp("guide")) as client:
        yield client


@pytest.fixture
def anew(databases: Databases, tmp_path: Path) -> Iterator[FlaskClient]:
    """A client for one call: what is marked is marked with all of its parts, and so cannot be marked so again."""
    with _client(databases, tmp_path) as client:
        yield client


def test_has_a_call_for_every_write() -> None:
    templates = {
        (operation.method.upper(), re.sub(r"{\w+}", "[^/]+", operation.path)): operation.name
        for operation in (*WRITES, *QUESTIONS)
    }

    called = {
        name
        for (method, path), name in templates.items()
        for call in CALLS
        if call.method == method and re.fullmatch(path, call.path)
    }

    assert called == set(templates.values())
    assert len(CALLS) == len(templates)


def test_has_a_call_for_every_read_that_has_an_example() -> None:
    reads = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods]

    assert len(READING) == len(reads) - TEXT.count("none is published yet")


@pytest.mark.parametrize("call", [call for call in CALLS if not call.marks and _acting(call) is None], ids=str)
def test_writes_as_the_guide_says(fresh: FlaskClient, call: Curl) -> None:
    if call.path == "/api/v1/approvals":
        (marking,) = (found for found in MARKING if found.path == "/api/v1/evidence/F028/handling")
        marking.send(fresh)

    answer = call.send(fresh)

    if call.method == "DELETE":
        assert answer.status_code == (409 if call.path in STOOD_ON else 204), answer.text
    elif call.method == "POST" and call.path in THERE:
        assert (answer.status_code, len(answer.get_json()["conflicts"])) == (409, 1)
    else:
        assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize("call", MARKING, ids=str)
def test_marks_as_the_guide_says(anew: FlaskClient, call: Curl) -> None:
    answer = call.send(anew)

    assert (answer.status_code, answer.get_json()["handling"]) == (200, "OFFICIAL")
    assert anew.get(call.path.removesuffix("/handling")).status_code == 404


@pytest.mark.parametrize(("call", "operation"), TAKEN, ids=str)
def test_acts_in_the_name_of_a_body_as_the_guide_says(anew: FlaskClient, call: Curl, operation: Operation) -> None:
    _stand_for(anew, call.path.rpartition("/")[2], call.path.split("/")[4])
    _role, secret = KEYS_OF_BODIES[ACTING[operation.name]]

    answer = call.send(anew, f"Bearer {secret}")

    assert answer.status_code == int(operation.success), answer.text
    assert operation.faults(operation.success, "application/json", answer.get_json()) == []


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_says_who_is_calling_and_why(call: Curl) -> None:
    assert call.headers["Authorization"] == BEARER
    assert ("?reason=" in call.address) == (call.path not in ASKED)


@pytest.mark.parametrize("call", READING, ids=str)
def test_says_who_is_calling_where_not_everybody_may_read(call: Curl) -> None:
    assert call.headers == ({"Authorization": BEARER} if needs_key(call.path) else {})


@pytest.mark.parametrize("call", [call for call in READING if not call.headers], ids=str)
def test_reads_as_the_guide_says(client: FlaskClient, call: Curl) -> None:
    assert call.send(client).status_code == 200


@pytest.mark.parametrize(
    "call", [call for call in READING if call.headers and not call.path.endswith("/checkpoint")], ids=str
)
def test_reads_with_a_key_as_the_guide_says(fresh: FlaskClient, call: Curl) -> None:
    assert call.send(fresh).status_code == 200
