"""Every limit of the table: what is just within it is taken, and one more is answered as the table says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, TestResponse
from werkzeug.wrappers import Request

from api import limits
from api.limits import LIMITS, Limit
from api.settings import ROOT
from tests.api import writing
from tests.api.writing import Caller, address

alice = writing.alice
EVIDENCE = {"title": "A thing", "evidence_kind": "observation", "statement": "A thing was observed."}
Probe = Callable[[Caller, int], TestResponse]


def _of_url(alice: Caller, size: int) -> TestResponse:
    path = "/api/v1/evidence?external_id="
    return alice.send("GET", path + "x" * (size - len(path)), reason=None)


def _of_headers(alice: Caller, size: int) -> TestResponse:
    usual = {"Authorization": f"Bearer {alice.key}"}
    told = alice.app.test_client().environ_base | EnvironBuilder("/api/v1/me", headers=usual).get_environ()
    there = len(Request(told).headers)
    with_more = {f"X-{number}": "x" for number in range(size - there)}
    return alice.send("GET", "/api/v1/me", reason=None, headers=with_more)


def _of_body(alice: Caller, size: int) -> TestResponse:
    raw = b'{"title": "", "rest": ""}'
    return alice.post(address("evidence"), raw=raw[:-2] + b"x" * (size - len(raw)) + raw[-2:])


def _nested(alice: Caller, size: int) -> TestResponse:
    return alice.post(address("evidence"), raw=b'{"rest": ' + b"[" * (size - 1) + b"]" * (size - 1) + b"}")


def _of_names(alice: Caller, size: int) -> TestResponse:
    return alice.post(address("evidence"), {f"rest {number}": 1 for number in range(size)})


def _of_elements(alice: Caller, size: int) -> TestResponse:
    return alice.post(address("evidence"), {"rest": [1] * size})


def _of_bodies(alice: Caller, size: int) -> TestResponse:
    return alice.adding("evidence", limited_to=[f"B{number}" for number in range(size)])


def _of_parts(alice: Caller, size: int) -> TestResponse:
    action = alice.a("action")["self"]
    return alice.post(f"{action}/split", {"parts": [{"title": "A part"}] * size}, seen=alice.etag(action))


def _of_texts(alice: Caller, size: int) -> TestResponse:
    return alice.send("POST", "/api/v1/pii-check", {"texts": ["A thing was observed."] * size}, reason=None)


def _of_reason(alice: Caller, size: int) -> TestResponse:
    return alice.post(address("evidence"), EVIDENCE, reason="x" * size)


def _of_search(alice: Caller, size: int) -> TestResponse:
    return alice.send("GET", f"/api/v1/evidence?q={'x' * size}", reason=None)


def _reading(path: str) -> Probe:
    return lambda alice, size: alice.send("GET", path.format(size), reason=None)


# What is asked for at a size, and what is said beyond the limit and never within.
PROBES: dict[Limit, tuple[Probe, str]] = {
    limits.URL: (_of_url, "uri-too-long"),
    limits.HEADERS: (_of_headers, "at most 100 headers"),
    limits.BODY: (_of_body, "content-too-large"),
    limits.DEPTH: (_nested, "nested more than 32 levels deep"),
    limits.KEYS: (_of_names, "more than 1,000 keys"),
    limits.ELEMENTS: (_of_elements, "more than 10,000 elements"),
    limits.LONG: (lambda alice, size: alice.adding("evidence", statement="x" * size), "1 to 10000 characters"),
    limits.SHORT: (lambda alice, size: alice.adding("evidence", title="x" * size), "1 to 500 characters"),
    limits.BODIES: (_of_bodies, "Longer than maximum length 100"),
    limits.PARTS: (_of_parts, "must name 1 to 50 parts"),
    limits.TEXTS: (_of_texts, "must be 1 to 100 texts"),
    limits.REASON: (_of_reason, "1 to 1000 characters"),
    limits.SEARCH: (_of_search, "between 1 and 200"),
    limits.SILENCE: (_reading("/api/v1/action-plan?stale_for={}"), "from 0 to 36500"),
    limits.PAGE: (_reading("/api/v1/evidence?limit={}"), "from 1 to 200"),
    limits.GRAPH_DEPTH: (_reading("/api/v1/graph?depth={}"), "from 1 to 32"),
    limits.GRAPH_NODES: (_reading("/api/v1/graph?limit={}"), "from 1 to 5000"),
}
# What takes more than a request to reach, and where it is tried.
ELSEWHERE = {
    limits.COUNTED: "tests/models/test_stretches.py",
    limits.JUDGED: "tests/models/test_stretches.py",
    limits.LOOKING: "tests/models/test_sifting.py",
    limits.CALENDAR: "tests/api/test_calendar.py",
    limits.REPORT: "tests/api/test_reports.py",
    limits.GRAPH_LINKS: "tests/models/test_cut_short.py",
    limits.GRAPH_STEPS: "tests/models/test_graph.py",
    limits.MATRIX_CELLS: "tests/models/test_whole_matrix.py",
    limits.MATRIX_STEPS: "tests/models/test_whole_matrix.py",
    limits.COMPARED: "tests/models/test_cut_short.py",
    limits.DIFFERENCES: "tests/models/test_cut_short.py",
    limits.STATEMENT: "tests/models/test_statement_seconds.py",
    limits.WRITE_WAIT: "tests/api/test_waiting.py",
    limits.POOL_WAIT: "tests/api/test_waiting.py",
    limits.REPLICA: "tests/api/test_replica.py",
    limits.KNOWN_RATE: "tests/api/test_rates.py",
    limits.PUBLIC_RATE: "tests/api/test_rates.py",
    limits.FAILURES: "tests/api/test_revocation.py",
    limits.HEADER_BYTES: "tests/api/test_slow_clients.py",
    limits.SENDING: "tests/api/test_slow_clients.py",
    limits.IDLE: "tests/api/test_slow_clients.py",
    limits.CONNECTIONS: "tests/api/test_slow_clients.py",
}


@pytest.mark.parametrize("limit", PROBES, ids=lambda limit: limit.what)
def test_takes_what_is_within_a_limit_and_no_more(alice: Caller, limit: Limit) -> None:
    probe, said = PROBES[limit]

    within, beyond = probe(alice, limit.most), probe(alice, limit.most + 1)

    assert said not in within.text
    assert said in beyond.text
    assert beyond.mimetype == "application/problem+json"
    if limit is not limits.GRAPH_NODES:  # asked for, it is a fault; there, it is cut
        assert beyond.status_code == int(limit.beyond)


def test_tries_every_limit_of_the_table() -> None:
    assert {*PROBES, *ELSEWHERE} == set(LIMITS)
    assert not [place for place in ELSEWHERE.values() if not (ROOT / place).is_file()]


def test_names_every_limit_on_the_page_of_endpoints() -> None:
    page = Path(ROOT / "docs" / "endpoints.md").read_text(encoding="utf-8")

    missing: list[Any] = [limit for limit in LIMITS if f"| {limit.what} | {limit.most:,} {limit.unit} |" not in page]

    assert missing == []
