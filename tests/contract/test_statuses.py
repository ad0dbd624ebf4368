"""Every status that the document promises of a read is produced for real, and its answer is as documented."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask.testing import FlaskClient

from api.app import create_app
from api.database import Database
from api.loading import bring_up_to_date
from api.settings import Settings
from tests.conftest import Databases
from tests.contract.document import BY_NAME, CLOSED, PROBLEM, READS, Operation
from tests.contract.problem import told
from tests.contract.server import BEARER, BEARER_OF_READER, BEARER_OF_STRANGER, KEY, WRITER, Server


def _unchanged(server: Server, operation: Operation) -> requests.Response:
    return server.get(operation.example, If_None_Match=server.get(operation.example).headers["ETag"])


def _unknown(server: Server, operation: Operation) -> requests.Response:
    return server.get(operation.of("no-such-thing") if operation.has_ref else f"{operation.place}?start=no-such-thing")


PRODUCERS: dict[str, Callable[[Server, Operation], requests.Response]] = {
    "200": lambda server, operation: server.get(operation.example),
    "304": _unchanged,
    "400": lambda server, operation: server.get(f"{operation.place}?format=%00"),
    "401": lambda server, operation: server.get(operation.place, Authorization="Bearer nobody"),
    "403": lambda server, operation: server.get(operation.place, Authorization=BEARER_OF_READER),
    "404": _unknown,
    "406": lambda server, operation: server.get(f"{operation.place}?format=nope"),
    "414": lambda server, operation: server.get(f"{operation.place}?format={'a' * 9_000}"),
    "422": lambda server, operation: server.get(f"{operation.place}?no_such_parameter=1"),
    "default": lambda server, operation: server.send("FROB", operation.place),
}
BODILESS = {"200", "304"}
STATUS_OF_DEFAULT = 405
DOCUMENTED = [(operation, status) for operation in READS for status in operation.described["responses"]]
# Only /ready says that the service is not ready, and only of a database that is not: no running server has one. Nor has
# a running server no checkpoint, but for its first second. Who has failed too often is told so where the other tests
# are not kept waiting: in test_too_many_failures.py.
PRODUCED_ALONE = {("get_ready", "503"), ("get_checkpoint", "404")}
PRODUCED_ALONE |= {(operation.name, "429") for operation in READS if operation.asks_who}
PROMISED = [pair for pair in DOCUMENTED if (pair[0].name, pair[1]) not in PRODUCED_ALONE]


def test_produces_every_documented_status() -> None:
    documented = {(operation.name, status) for operation, status in DOCUMENTED}

    produced = {(operation.name, status) for operation, status in DOCUMENTED if status in PRODUCERS} | PRODUCED_ALONE

    assert documented == produced


@pytest.mark.parametrize(("operation", "status"), [pair for pair in PROMISED if pair[1] in BODILESS], ids=str)
def test_succeeds_with_the_documented_status(server: Server, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](server, operation)

    assert answer.status_code == int(status)


@pytest.mark.parametrize(
    ("operation", "status"), [pair for pair in PROMISED if pair[1] not in BODILESS and pair[1] != "default"], ids=str
)
def test_tells_each_problem_as_documented(server: Server, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](server, operation)

    problem = told(answer, int(status))
    assert operation.faults(status, PROBLEM, problem) == []
    assert problem["instance"] == answer.url.removeprefix(server.address).split("?")[0]


@pytest.mark.parametrize("operation", READS, ids=str)
def test_tells_any_other_problem_as_documented(server: Server, operation: Operation) -> None:
    answer = PRODUCERS["default"](server, operation)

    assert operation.faults("default", PROBLEM, told(answer, STATUS_OF_DEFAULT)) == []


@pytest.mark.parametrize("operation", READS, ids=str)
def test_has_no_picture_of_anything(server: Server, operation: Operation) -> None:
    answer = server.get(operation.place, Accept="image/png")

    assert answer.status_code == 406
    assert operation.faults("406", PROBLEM, answer.json()) == []


@pytest.mark.parametrize(("operation", "status"), [pair for pair in DOCUMENTED if pair[1] == "304"], ids=str)
def test_sends_no_body_where_nothing_has_changed(server: Server, operation: Operation, status: str) -> None:
    answer = PRODUCERS[status](server, operation)

    assert answer.content == b""
    assert answer.headers["ETag"]


@pytest.mark.parametrize("operation", CLOSED, ids=str)
def test_refuses_whoever_says_nothing_of_himself_what_is_not_for_everybody(
    server: Server, operation: Operation
) -> None:
    answer = server.get(operation.place, Authorization=None)

    told(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="mappa-trace"'


@pytest.mark.parametrize("operation", [found for found in READS if found.asks_who], ids=str)
def test_says_to_one_whose_key_is_unknown_that_it_is(server: Server, operation: Operation) -> None:
    answer = PRODUCERS["401"](server, operation)

    told(answer, 401)
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("operation", [found for found in READS if not found.asks_who], ids=str)
def test_gives_what_it_gives_everybody_whatever_key_is_sent(server: Server, operation: Operation) -> None:
    answer = PRODUCERS["401"](server, operation)

    assert answer.status_code == 200


@pytest.mark.parametrize("operation", [found for found in CLOSED if found.has_ref], ids=str)
def test_does_not_say_whether_there_is_what_may_not_be_read(server: Server, operation: Operation) -> None:
    told_of = [server.get(path, Authorization=BEARER_OF_STRANGER) for path in (operation.place, operation.of("none"))]

    assert [answer.status_code for answer in told_of] == [403, 403]


@pytest.mark.parametrize("status", ["400", "401", "404", "406", "414", "422", "default"])
def test_describes_the_type_of_each_problem(server: Server, status: str) -> None:
    problem = PRODUCERS[status](server, BY_NAME["get_review"]).json()

    described = server.get(problem["type"])

    assert described.status_code == 200
    assert (described.json()["title"], described.json()["status"]) == (problem["title"], problem["status"])


def test_has_no_checkpoint_before_it_wrote_one(databases: Databases, tmp_path: Path) -> None:
    url = databases.copy("published").url.render_as_string(hide_password=False)
    app = create_app(Settings(url, "test", {KEY: WRITER}, tmp_path / "checkpoint.json", tmp_path / "signing-key.pem"))

    answer = app.test_client().get("/api/v1/changes/checkpoint", headers={"Authorization": BEARER})
    app.extensions["mappa"].database.close()

    assert answer.status_code == 404
    assert BY_NAME["get_checkpoint"].faults("404", PROBLEM, answer.get_json()) == []
    assert not list(tmp_path.iterdir())


@pytest.fixture
def without_schema(databases: Databases) -> Database:
    """A database from which the schema was taken."""
    database = databases.copy("empty")
    bring_up_to_date(database, "base")
    return database


def test_is_not_ready_on_a_database_without_its_schema(
    without_schema: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    answer = client_of(without_schema).get("/api/v1/ready")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert BY_NAME["get_ready"].faults("503", PROBLEM, answer.get_json()) == []


def test_is_alive_on_a_database_without_its_schema(
    without_schema: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    answer = client_of(without_schema).get("/api/v1/live")

    assert answer.status_code == 200


def test_cannot_answer_questions_on_a_database_without_its_schema(
    without_schema: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    answer = client_of(without_schema).get("/api/v1/recommendations")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert BY_NAME["list_recommendations"].faults("default", PROBLEM, answer.get_json()) == []
