"""Telemetry: each request has a name, a line in the log and a place in the counts; none says what was in it."""

import json
import logging
import re

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.logs import log_to_stderr, of_database
from models.errors import DomainError
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, problem
from tests.api.writing import Caller

alice, people = writing.alice, peopled.people
METRICS = "/metrics"
Lines = pytest.LogCaptureFixture


def _lines(caplog: Lines) -> list[dict[str, object]]:
    """The lines that the log has of requests."""
    return [vars(record) for record in caplog.records if record.name == "mappa.request"]


@pytest.fixture
def log(caplog: Lines) -> Lines:
    """What is logged in a test."""
    caplog.set_level(logging.INFO, "mappa")
    return caplog


@pytest.mark.parametrize("path", ["/api/v1/evidence", "/api/v1/evidence/none", "/nowhere", "/api/v1/live"])
def test_names_each_answer_as_the_caller_has_named_the_request(alice: Caller, path: str) -> None:
    answer = alice.send("GET", path, reason=None, headers={"X-Request-Id": "reader-7.a"})

    assert answer.headers["X-Request-Id"] == "reader-7.a"


@pytest.mark.parametrize("given", [None, "", "two words", "x" * 256])
def test_names_it_itself_where_the_caller_gives_no_name_that_can_be_kept(alice: Caller, given: str | None) -> None:
    headers = {} if given is None else {"X-Request-Id": given}

    names = {alice.send("GET", "/api/v1", reason=None, headers=headers).headers["X-Request-Id"] for _ in range(2)}

    assert len(names) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in names)


def test_keeps_a_name_that_looks_like_personal_data_out_of_answer_and_log(alice: Caller, log: Lines) -> None:
    answer = alice.send("GET", "/api/v1", reason=None, headers={"X-Request-Id": "reader@example.org"})

    assert (answer.status_code, "X-Request-Id" in answer.headers) == (200, False)
    assert [line["request_id"] for line in _lines(log)] == [None]


def test_logs_a_line_for_each_request_with_its_route_and_never_its_path(people: People, log: Lines) -> None:
    officer = people.having("officer", name="a-force-system")
    officer.send("GET", "/api/v1/evidence/hellebore?as_of=2017-01-01", reason=None, headers={"X-Request-Id": "one"})

    (line,) = _lines(log)

    told = {name: line[name] for name in ("request_id", "method", "route", "status", "caller")}
    assert told == {
        "request_id": "one",
        "method": "GET",
        "route": "/api/v1/evidence/<ref>",
        "status": 404,
        "caller": "a-force-system",
    }
    assert "hellebore" not in str(line)


def test_writes_a_line_of_json_for_each_entry(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("mappa")
    before = (logger.handlers[:], logger.level, logger.propagate)
    try:
        log_to_stderr("json")
        logging.getLogger("mappa.request").info("answered", extra={"status": 200})
    finally:
        logger.handlers[:], logger.level, logger.propagate = before

    line = json.loads(capsys.readouterr().err)
    assert {name: line[name] for name in ("event", "level", "logger", "status")} == {
        "event": "answered",
        "level": "info",
        "logger": "mappa.request",
        "status": 200,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["timestamp"])


def test_counts_requests_by_route_and_status_and_never_by_path(people: People) -> None:
    admin, public = people.having("admin"), people.alice.holding(None)
    for path in ("/api/v1/evidence/hellebore", "/api/v1/evidence/henbane", "/nowhere/hellebore"):
        public.get(path)

    answer = admin.get(METRICS)

    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    counted = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in families["mappa_requests"].samples
        if sample.name.endswith("_total")
    }
    assert counted["/api/v1/evidence/<ref>", "404"] >= 2
    assert counted["none", "404"] >= 1
    assert families["mappa_requests_in_progress"].samples[0].value == 1
    assert families["mappa_database_connections"].samples[0].value == 0
    assert "hellebore" not in answer.text


def test_tells_the_counts_to_a_machine_whose_key_names_them(people: People) -> None:
    may = people.having("machine", scopes=["read-metrics"]).get(METRICS)
    may_not = people.having("machine", scopes=["write-evidence"]).get(METRICS)

    assert (may.status_code, may.headers["Cache-Control"]) == (200, "private, no-store")
    assert forbidden(may_not)


def test_tells_the_counts_to_nobody_who_has_not_said_who_he_is(people: People) -> None:
    problem(people.alice.holding(None).get(METRICS), 401, "unauthorized")


def test_says_of_an_error_what_it_is(alice: Caller) -> None:
    assert of_database(TimeoutError("QueuePool limit")) == {"error": "TimeoutError", "said": "QueuePool limit"}
    assert of_database(DomainError("Nothing.")) == {"error": "DomainError", "said": "Nothing."}
