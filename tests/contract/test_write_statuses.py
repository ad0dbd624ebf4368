"""Every status that the document promises of a write is produced for real, as documented, and changes nothing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from api.app import create_app
from api.call import Service
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import PROBLEM, TAKERS, WRITES, Operation
from tests.contract.problem import told
from tests.contract.server import BEARER, KEY, WRITER, Server
from tests.contract.writing import CONFLICTS, REASON, Ready, perform, ready

LARGE = b" " * 1024 * 1024 + b"{}"
CHANGES = [operation for operation in WRITES if operation.matches_etag]


@dataclass(frozen=True)
class Servers:
    """A server that takes writes, and one that takes none."""

    writable: Server
    read_only: Server


@pytest.fixture
def servers(writable: Server, server: Server) -> Servers:
    """Both servers of an engine."""
    return Servers(writable, server)


def _at(operation: Operation) -> Ready:
    """A write on what is published, which is refused before anything is done."""
    return Ready(operation.place, operation.body if operation.takes is not None else None)


def _large(servers: Servers, operation: Operation) -> requests.Response:
    return servers.writable.write(operation.method.upper(), operation.place + REASON, LARGE)


def _other_type(servers: Servers, operation: Operation) -> requests.Response:
    return servers.writable.write(operation.method.upper(), operation.place + REASON, b"{}", Content_Type="text/plain")


def _missing(servers: Servers, operation: Operation) -> requests.Response:
    return perform(servers.writable, operation, Ready(operation.of("no-such-thing"), _at(operation).body))


PRODUCERS: dict[str, Callable[[Servers, Operation], requests.Response]] = {
    "200": lambda servers, operation: perform(servers.writable, operation, ready(servers.writable, operation)),
    "201": lambda servers, operation: perform(servers.writable, operation, ready(servers.writable, operation)),
    "204": lambda servers, operation: perform(servers.writable, operation, ready(servers.writable, operation)),
    "400": lambda servers, operation: perform(servers.writable, operation, _at(operation), "?reason=%00"),
    "401": lambda servers, operation: perform(servers.writable, operation, _at(operation), Authorization=None),
    "403": lambda servers, operation: perform(servers.read_only, operation, _at(operation), Authorization=None),
    "404": _missing,
    "406": lambda servers, operation: perform(servers.writable, operation, _at(operation), f"{REASON}&format=csv"),
    "409": lambda servers, operation: CONFLICTS[operation.name](servers.writable, operation),
    "412": lambda servers, operation: perform(servers.writable, operation, _at(operation), If_Match='"other"'),
    "413": _large,
    "414": lambda servers, operation: perform(servers.writable, operation, _at(operation), f"?reason={'a' * 9_000}"),
    "415": _other_type,
    "422": lambda servers, operation: perform(servers.writable, operation, _at(operation), ""),
    "428": lambda servers, operation: perform(servers.writable, operation, _at(operation), If_Match=None),
    "default": lambda servers, operation: servers.writable.write("FROB", operation.place),
}
STATUS_OF_DEFAULT = 405
DOCUMENTED = [(operation, status) for operation in WRITES for status in operation.described["responses"]]
# These contradict nothing but another request under the same key, at the same moment.
BUSY_ALONE = {"change_link", "review_trace_link", "withdraw_link", "withdraw_assessment"}
PROMISED = [pair for pair in DOCUMENTED if pair[1] != "409" or pair[0].name not in BUSY_ALONE]
PROBLEMS = [pair for pair in PROMISED if not pair[1].startswith("2")]


def test_produces_every_documented_status() -> None:
    documented = {(operation.name, status) for operation, status in DOCUMENTED}

    conflicts = {(name, "409") for name in (*CONFLICTS, *BUSY_ALONE)}
    produced = {(operation.name, status) for operation, status in DOCUMENTED if status in PRODUCERS and status != "409"}
    assert documented == produced | conflicts


@pytest.mark.parametrize(("operation", "status"), [pair for pair in PROMISED if pair not in PROBLEMS], ids=str)
def test_succeeds_with_the_documented_status(servers: Servers, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](servers, operation)

    assert answer.status_code == int(status), answer.text


@pytest.mark.parametrize(("operation", "status"), PROBLEMS, ids=str)
def test_tells_each_problem_as_documented(servers: Servers, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](servers, operation)

    problem = told(answer, STATUS_OF_DEFAULT if status == "default" else int(status))
    assert operation.faults(status, PROBLEM, problem) == []
    assert problem["instance"] == urlsplit(answer.url).path


@pytest.mark.parametrize(("operation", "status"), [pair for pair in PROBLEMS if pair[1] != "409"], ids=str)
def test_changes_nothing_where_it_refuses(servers: Servers, operation: Operation, status: str) -> None:
    before = servers.writable.newest(), servers.read_only.newest()

    PRODUCERS[status](servers, operation)

    assert (servers.writable.newest(), servers.read_only.newest()) == before


@pytest.mark.parametrize("operation", [found for found in WRITES if found.name in CONFLICTS], ids=str)
def test_names_what_a_write_contradicts(servers: Servers, operation: Operation) -> None:
    answer = PRODUCERS["409"](servers, operation)

    assert told(answer, 409)["conflicts"]


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_tells_the_etag_of_what_is_there_to_who_has_seen_another(servers: Servers, operation: Operation) -> None:
    seen = servers.writable.get(operation.place.removesuffix("/progress").removesuffix("/review"))

    answer = PRODUCERS["412"](servers, operation)

    assert answer.headers["ETag"] == seen.headers["ETag"]


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_says_how_to_tell_who_is_calling(servers: Servers, operation: Operation) -> None:
    answer = PRODUCERS["401"](servers, operation)

    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_knows_no_key_where_there_is_none(server: Server, operation: Operation) -> None:
    answer = perform(server, operation, _at(operation))

    told(answer, 401)


@pytest.mark.parametrize("status", ["401", "403", "409", "412", "413", "415", "422", "428"])
def test_describes_the_type_of_each_problem(servers: Servers, status: str) -> None:
    (operation,) = (found for found in WRITES if found.name == "change_recommendation")
    problem = PRODUCERS[status](servers, operation).json()

    described = servers.writable.get(problem["type"])

    assert described.status_code == 200
    assert (described.json()["title"], described.json()["status"]) == (problem["title"], problem["status"])


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_tells_the_type_that_it_takes(servers: Servers, operation: Operation) -> None:
    assert operation.takes is not None

    answer = PRODUCERS["415"](servers, operation)

    assert operation.takes in told(answer, 415)["detail"]


@pytest.fixture(scope="module")
def busy(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that works on a request under the key `busy` all the time."""
    folder = tmp_path_factory.mktemp("busy")
    url = databases.copy("published").url.render_as_string(hide_password=False)
    app = create_app(Settings(url, "test", {KEY: WRITER}, folder / "checkpoint.json", folder / "signing-key.pem"))
    service: Service = app.extensions["mappa"]
    service.in_flight.add((WRITER, "busy"))
    yield app
    service.database.close()


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_a_request_under_a_key_that_is_in_use(busy: Flask, operation: Operation) -> None:
    headers = {"Authorization": BEARER, "If-Match": "*", "Idempotency-Key": "busy"}
    sent = {"json": operation.body} if operation.takes is not None else {}

    answer = busy.test_client().open(
        operation.place + REASON,
        method=operation.method.upper(),
        headers=headers,
        **sent,
        **({"content_type": operation.takes} if sent else {}),
    )

    assert answer.status_code == 409
    assert operation.faults("409", PROBLEM, answer.get_json()) == []
