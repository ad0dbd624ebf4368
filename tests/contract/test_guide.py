"""The calls of docs/endpoints.md work as they stand there, on a fresh copy of the published data."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.call import Service
from api.publishing import GUIDE, SERVER
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import DOCUMENT, WRITES
from tests.contract.server import KEY, WRITER

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


@dataclass(frozen=True)
class Curl:
    """A call of the page."""

    method: str
    path: str
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

    def send(self, client: FlaskClient) -> TestResponse:
        """The answer to it."""
        return client.open(self.path, method=self.method, headers=self.headers, data=self.body)

    def __str__(self) -> str:
        """What it does to which path, for the names of tests."""
        return f"{self.method} {self.path.partition('?')[0]}"


CALLS = [Curl.of(command) for command in re.findall(r"^```\n(curl .*?)\n```$", TEXT, re.DOTALL | re.MULTILINE)]
READING = [Curl.of(command) for command in re.findall(r"`(curl '[^`]*)`", TEXT)]


@pytest.fixture(scope="module")
def fresh(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of an application that takes writes, on a copy of the published record: one for the page, as for who
    tries its calls one after the other.
    """
    folder = tmp_path_factory.mktemp("guide")
    url = databases.copy("published").url.render_as_string(hide_password=False)
    app = create_app(Settings(url, "test", {KEY: WRITER}, folder / "checkpoint.json", folder / "signing-key.pem"))
    service: Service = app.extensions["mappa"]
    yield app.test_client()
    service.database.close()


def test_has_a_call_for_every_write() -> None:
    templates = {
        (operation.method.upper(), re.sub(r"{\w+}", "[^/]+", operation.path)): operation.name for operation in WRITES
    }

    called = {
        name
        for (method, path), name in templates.items()
        for call in CALLS
        if call.method == method and re.fullmatch(path, call.path.partition("?")[0])
    }

    assert called == set(templates.values())
    assert len(CALLS) == len(WRITES)


def test_has_a_call_for_every_read_that_has_an_example() -> None:
    reads = [path for path, methods in DOCUMENT["paths"].items() if "get" in methods]

    assert len(READING) == len(reads) - TEXT.count("none is published yet")


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_writes_as_the_guide_says(fresh: FlaskClient, call: Curl) -> None:
    answer = call.send(fresh)

    if call.method == "DELETE":
        assert answer.status_code == (409 if call.path.partition("?")[0] in STOOD_ON else 204), answer.text
    elif call.method == "POST" and call.path.partition("?")[0] in THERE:
        assert (answer.status_code, len(answer.get_json()["conflicts"])) == (409, 1)
    else:
        assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_says_who_is_calling_and_why(call: Curl) -> None:
    assert call.headers["Authorization"] == f"Bearer {KEY}"
    assert "?reason=" in call.path


@pytest.mark.parametrize("call", [call for call in READING if not call.path.endswith("/checkpoint")], ids=str)
def test_reads_as_the_guide_says(client: FlaskClient, call: Curl) -> None:
    assert call.send(client).status_code == 200
