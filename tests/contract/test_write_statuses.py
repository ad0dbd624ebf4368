"""Every status that the document promises of a write is produced for real, as documented, and changes nothing."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask

from api.app import create_app
from api.call import Service
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import BY_NAME, PROBLEM, TAKERS, WRITES, Operation, thing_at
from tests.contract.problem import told
from tests.contract.server import BEARER, BEARER_OF_ADMIN, BEARER_OF_READER, BEARER_OF_STRANGER, KEY, WRITER, Server
from tests.contract.writing import CONFLICTS, REASON, Ready, added, perform, ready, ref_of

LARGE = b" " * 1024 * 1024 + b"{}"
CHANGES = [operation for operation in WRITES if operation.matches_etag]
# What the machine of another body does not see: things that are marked, and what was asked for for this body. A body
# is not marked.
HIDDEN = {operation.collection: None for operation in CHANGES if operation.collection != "bodies"} | {
    "keys": "T-key",
    "accounts": "T-account",
    "approvals": "T-approval",
}


def _at(operation: Operation) -> Ready:
    """A write on what is published, which is refused before anything is done."""
    return Ready(operation.place, operation.body if operation.takes is not None else None)


def _ready(writable: Server, operation: Operation) -> requests.Response:
    return perform(writable, operation, ready(writable, operation))


def _large(writable: Server, operation: Operation) -> requests.Response:
    return writable.write(operation.method.upper(), operation.place + REASON, LARGE)


def _other_type(writable: Server, operation: Operation) -> requests.Response:
    return writable.write(operation.method.upper(), operation.place + REASON, b"{}", Content_Type="text/plain")


def _forbidden(writable: Server, operation: Operation) -> requests.Response:
    """By a machine that may not do it; of keys and accounts, which it does not see, by one who may not override."""
    if operation.has_ref and operation.collection in {"keys", "accounts"}:
        query = f"{REASON}&override=Because"
        return perform(writable, operation, _at(operation), query, Authorization=BEARER_OF_ADMIN)
    return perform(writable, operation, _at(operation), Authorization=BEARER_OF_READER)


def _missing(writable: Server, operation: Operation) -> requests.Response:
    body = _at(operation).body
    if operation.name == "ask_approval":
        body |= {"ref": "no-such-thing"}
    return perform(writable, operation, Ready(operation.of("no-such-thing"), body))


PRODUCERS: dict[str, Callable[[Server, Operation], requests.Response]] = {
    "200": _ready,
    "201": _ready,
    "204": _ready,
    "400": lambda writable, operation: perform(writable, operation, _at(operation), "?reason=%00"),
    "401": lambda writable, operation: perform(writable, operation, _at(operation), Authorization=None),
    "403": _forbidden,
    "404": _missing,
    "406": lambda writable, operation: perform(writable, operation, _at(operation), f"{REASON}&format=csv"),
    "409": lambda writable, operation: CONFLICTS[operation.name](writable, operation),
    "412": lambda writable, operation: perform(writable, operation, _at(operation), If_Match='"other"'),
    "413": _large,
    "414": lambda writable, operation: perform(writable, operation, _at(operation), f"?reason={'a' * 9_000}"),
    "415": _other_type,
    "422": lambda writable, operation: perform(writable, operation, _at(operation), ""),
    "428": lambda writable, operation: perform(writable, operation, _at(operation), If_Match=None),
    "default": lambda writable, operation: writable.write("FROB", operation.place),
}
STATUS_OF_DEFAULT = 405
DOCUMENTED = [(operation, status) for operation in WRITES for status in operation.described["responses"]]
# These contradict nothing but another request under the same key, at the same moment.
BUSY_ALONE = {"change_link", "review_trace_link", "withdraw_link", "withdraw_assessment", "add_response"}
BUSY_ALONE |= {operation.name for operation in WRITES if operation.marks}
# That there is a key or account of this name is told, and not whose: it can be another body's.
NAMELESS = {"add_key"}
# Who has failed too often is told so where the other tests are not kept waiting: in test_too_many_failures.py.
PRODUCED_ALONE = {(operation.name, "429") for operation in WRITES} | {(name, "409") for name in BUSY_ALONE}
PROMISED = [pair for pair in DOCUMENTED if (pair[0].name, pair[1]) not in PRODUCED_ALONE]
# Here what the write contradicts is written first.
ADDS_BEFORE = {"409"}
PROBLEMS = [pair for pair in PROMISED if not pair[1].startswith("2")]


def test_produces_every_documented_status() -> None:
    documented = {(operation.name, status) for operation, status in DOCUMENTED}

    conflicts = {(name, "409") for name in CONFLICTS}
    produced = {(operation.name, status) for operation, status in DOCUMENTED if status in PRODUCERS and status != "409"}
    assert documented == produced | conflicts | PRODUCED_ALONE


@pytest.mark.parametrize(("operation", "status"), [pair for pair in PROMISED if pair not in PROBLEMS], ids=str)
def test_succeeds_with_the_documented_status(writable: Server, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](writable, operation)

    assert answer.status_code == int(status), answer.text


@pytest.mark.parametrize(("operation", "status"), PROBLEMS, ids=str)
def test_tells_each_problem_as_documented_and_changes_nothing(
    writable: Server, operation: Operation, status: str
) -> None:
    before = writable.newest()

    answer = PRODUCERS[status](writable, operation)

    problem = told(answer, STATUS_OF_DEFAULT if status == "default" else int(status))
    assert operation.faults(status, PROBLEM, problem) == []
    assert problem["instance"] == urlsplit(answer.url).path
    assert status in ADDS_BEFORE or writable.newest() == before


@pytest.mark.parametrize("operation", [found for found in WRITES if found.name in CONFLICTS], ids=str)
def test_names_what_a_write_contradicts(writable: Server, operation: Operation) -> None:
    answer = PRODUCERS["409"](writable, operation)

    assert bool(told(answer, 409)["conflicts"]) == (operation.name not in NAMELESS)


def test_tells_every_condition_of_a_discharge_that_is_refused(writable: Server) -> None:
    proposed = ready(writable, BY_NAME["return_closure"]).path.removesuffix("/return")
    operation = BY_NAME["discharge_closure"]

    answer = perform(writable, operation, Ready(f"{proposed}/discharge", operation.body))

    problem = told(answer, 409)
    assert operation.faults("409", PROBLEM, problem) == []
    assert problem["conditions"] == writable.see(proposed).json()["conditions"]
    assert "demonstrated" in {condition["name"] for condition in problem["conditions"] if not condition["met"]}


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_tells_the_etag_of_what_is_there_to_who_has_seen_another(writable: Server, operation: Operation) -> None:
    seen = writable.see(thing_at(operation.place))

    answer = PRODUCERS["412"](writable, operation)

    assert answer.headers["ETag"] == seen.headers["ETag"]


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_says_how_to_tell_who_is_calling(writable: Server, operation: Operation) -> None:
    answer = PRODUCERS["401"](writable, operation)

    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mappa-trace"'


@pytest.mark.parametrize("operation", [found for found in CHANGES if found.collection in HIDDEN], ids=str)
def test_refuses_to_write_on_what_is_not_seen_as_on_what_is_not_there(writable: Server, operation: Operation) -> None:
    hidden = HIDDEN[operation.collection] or ref_of(added(writable, operation.collection, handling="OFFICIAL"))

    answers = [
        perform(writable, operation, Ready(operation.of(ref), _at(operation).body), Authorization=BEARER_OF_STRANGER)
        for ref in (hidden, "no-such-thing")
    ]

    unseen, missing = (told(answer, 404) for answer in answers)
    assert unseen["detail"].replace(hidden, "no-such-thing") == missing["detail"]
    assert unseen.keys() == missing.keys()


@pytest.mark.parametrize("status", ["401", "403", "409", "412", "413", "415", "422", "428"])
def test_describes_the_type_of_each_problem(writable: Server, status: str) -> None:
    (operation,) = (found for found in WRITES if found.name == "change_recommendation")
    problem = PRODUCERS[status](writable, operation).json()

    described = writable.get(problem["type"])

    assert described.status_code == 200
    assert (described.json()["title"], described.json()["status"]) == (problem["title"], problem["status"])


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_tells_the_type_that_it_takes(writable: Server, operation: Operation) -> None:
    assert operation.takes is not None

    answer = PRODUCERS["415"](writable, operation)

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
