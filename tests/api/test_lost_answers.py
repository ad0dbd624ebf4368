"""A retried POST after its answer was lost has its effect once: a real server, and a client whose connection breaks."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from random import Random
from time import sleep

import pytest
from werkzeug.serving import make_server

from tests.api import writing
from tests.api.writing import ALICE, Caller

alice = writing.alice
ATTEMPTS, LOST = 40, 3
PATH = "/api/v1/evidence?reason=A+lost+answer"


@pytest.fixture
def served(alice: Caller) -> Iterator[tuple[str, int]]:
    """Where the service listens, each connection in a thread of its own."""
    server = make_server("127.0.0.1", 0, alice.app, threaded=True)
    server.daemon_threads = False  # what was begun is done before the database is closed
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.server_port
    server.shutdown()
    thread.join(30)
    server.server_close()


def _request(number: int) -> bytes:
    """A request that adds a thing, under a key of its own."""
    body = json.dumps({"title": f"Lost {number}", "evidence_kind": "observation", "statement": "Seen."}).encode()
    lines = [
        f"POST {PATH} HTTP/1.1",
        "Host: test",
        f"Authorization: Bearer {ALICE}",
        f"Idempotency-Key: lost-{number}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _break_off(place: tuple[str, int], request: bytes, seconds: float) -> None:
    """Send a request and break the connection after a while, before any answer is read."""
    with socket.create_connection(place, timeout=30) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        connection.sendall(request)
        sleep(seconds)


def _answer(place: tuple[str, int], request: bytes) -> tuple[int, str]:
    """The status and the text of the answer; sent again while the broken one is still worked on (409)."""
    while True:
        with socket.create_connection(place, timeout=30) as connection:
            connection.sendall(request)
            found = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = found.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        if status != 409:
            return status, body.decode()
        sleep(0.01)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_has_its_effect_once_when_the_answer_was_lost(
    alice: Caller, served: tuple[str, int], capfd: pytest.CaptureFixture[str]
) -> None:
    drawn, before = Random(7), alice.count()  # noqa: S311 - the same moments each time

    found = []
    for number in range(ATTEMPTS):
        for _ in range(drawn.randrange(1, LOST + 1)):
            _break_off(served, _request(number), drawn.choice((0, 0.001, 0.005, 0.01, 0.02)))
        found.append(_answer(served, _request(number)))

    made = [change["ref"] for change in alice.record()[before:]]
    assert {status for status, _ in found} == {201}
    assert [json.loads(body)["ref"] for _, body in found] == made
    assert len(set(made)) == ATTEMPTS
