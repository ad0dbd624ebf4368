"""Requests that no client library would send: whatever the bytes, no failure of ours and no file of the machine."""

import re

import pytest

from tests.contract.server import Server

TRAVERSALS = [
    b"/api/v1/reviews/../../../../etc/passwd",
    b"/../../../../etc/passwd",
    b"/api/docs/../../../../etc/passwd",
    b"/api/docs/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    b"/api/docs/..%2f..%2f..%2fetc%2fpasswd",
    b"/api/docs/....//....//etc/passwd",
    b"/api/docs//etc/passwd",
    b"/api/docs/swagger-ui.css/../../../app.py",
]
TARGETS = [
    b"",
    b"*",
    b"no-slash",
    b"/api/v1/reviews/\xff",
    b"/api/v1/reviews/\xc3\xa9",
    b"/api/v1/reviews?limit=\x00",
    b"/api/v1/reviews?limit=%",
    b"/api/v1/reviews?limit=%zz",
    b"/api/v1/reviews?limit=%u0031",
    b"/api/v1/reviews/%",
    b"/api/v1/reviews/%zz",
    b"/" + b"a" * 300_000,
    b"/?" + b"a=1&" * 60_000,
]
REQUESTS = {
    "garbage": b"garbage\r\n\r\n",
    "tls": b"\x16\x03\x01\x00\xa5\x01\x00\r\n\r\n",
    "small_method": b"get /api/v1/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "negative_length": b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
    "length_in_words": b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\nConnection: close\r\n\r\n",
    "bad_chunk": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nZZ\r\n",
    "space_in_header": b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nBad Header: x\r\nConnection: close\r\n\r\n",
    "nul_in_header": b"GET /api/v1/live HTTP/1.1\r\nHost: a\x00b\r\nConnection: close\r\n\r\n",
    "long_header": b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 300_000 + b"\r\n\r\n",
    "accept_not_ascii": b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nAccept: \xff\xfe\r\nConnection: close\r\n\r\n",
    "body": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: close\r\n\r\n{\xff}\x00\x01\n",
}


def _status(answer: bytes) -> int:
    """The status of a raw answer; 0 where the server only closed the connection."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(found[1]) if found else 0


@pytest.mark.parametrize("target", TRAVERSALS)
def test_gives_no_file_of_the_machine(server: Server, target: bytes) -> None:
    answer = server.raw_get(target)

    assert 300 <= _status(answer) < 500
    assert b"root:" not in answer
    assert b"create_app" not in answer


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: repr(target[:40]))
def test_survives_a_strange_target(server: Server, target: bytes) -> None:
    answer = server.raw_get(target)

    assert 400 <= _status(answer) < 500
    assert b"Traceback" not in answer


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_survives_a_broken_request(server: Server, request_: bytes) -> None:
    answer = server.raw(request_)

    assert 400 <= _status(answer) < 500
    assert b"Traceback" not in answer


def test_answers_on_after_a_broken_request(server: Server) -> None:
    server.raw(REQUESTS["garbage"])

    answer = server.raw_get(b"/api/v1/live")

    assert _status(answer) == 200


def test_does_not_send_a_client_to_a_host_that_the_request_names(server: Server) -> None:
    answer = server.raw(b"GET /api/v1//reviews HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")

    assert b"evil.example" not in answer


def test_refuses_a_body_of_a_hundred_megabytes_before_it_comes(server: Server) -> None:
    answer = server.raw(
        b"POST /api/v1/reviews HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\nConnection: close\r\n\r\n"
    )

    assert _status(answer) in {405, 413}


def test_tells_no_version_of_its_server(server: Server) -> None:
    answer = server.raw_get(b"/api/v1/live")

    assert b"\nserver:" not in answer.lower()


@pytest.mark.parametrize("target", [b"http://other.example/api/v1/live", b"/api/v1/live#part"])
def test_reads_an_unusual_form_of_a_target(server: Server, target: bytes) -> None:
    answer = server.raw_get(target)

    assert _status(answer) == 200
