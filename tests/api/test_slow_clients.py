"""Slow clients take no thread and no place for ever; a healthy one among many is answered."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from api import server as embedded
from api.server import Server
from bench.load import get, one_by_one, slow_clients
from tests.api.serving import ITEM, Address, Starts, answer, asked, connected

SLOW = 1_000
LARGE = 40 * 1024 * 1024


@contextmanager
def _served(application: Any, threads: int = 2) -> Iterator[tuple[Address, Server]]:
    """A server of this process, with an application of the test's own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(application, listener, threads, 1024 * 1024)
        thread = Thread(target=server.run)
        address: Address = listener.getsockname()
        thread.start()
        try:
            yield address, server
        finally:
            server.stop()
            server.stop()
            thread.join(10)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server's patience be a second, where it has a minute."""
    for name in ("REQUEST_SECONDS", "_IDLE_SECONDS", "_LOOK_SECONDS", "_GOODBYE_SECONDS"):
        monkeypatch.setattr(embedded, name, 1)


def _plain(environ: dict[str, Any], begin: Callable[..., Any]) -> list[bytes]:
    """Answers with the method, having read the body; a large answer comes in pieces."""
    body = environ["wsgi.input"].read()
    if environ["PATH_INFO"] == "/large":
        begin("200 OK", [("Content-Length", str(LARGE))])
        return [b"x" * (1024 * 1024)] * (LARGE // (1024 * 1024))
    begin("200 OK", [("Content-Length", str(len(body) or 2))])
    return [body or b"ok"]


def _until_closed(connection: socket.socket, do: Callable[[], object], seconds: float = 10) -> float:
    """How long until the server closes, while something is done again and again."""
    begun = time.monotonic()
    connection.settimeout(0.1)
    while time.monotonic() < begun + seconds:
        try:
            do()
            if not connection.recv(1):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - begun


def test_answers_a_healthy_client_among_a_thousand_slow_ones(fresh: str, serve: Starts) -> None:
    address = serve(fresh).address
    with slow_clients(address, SLOW) as slow:
        deadline = time.monotonic() + 60
        while slow[0] < SLOW and time.monotonic() < deadline:
            time.sleep(0.1)

        seen = one_by_one(address, ITEM, 3)

    assert slow[0] == SLOW
    assert (seen.cut, seen.wrong) == (0, 0)
    assert len(seen.latencies) > 5


@pytest.mark.usefixtures("hasty")
def test_closes_a_connection_whose_request_never_ends() -> None:
    with _served(_plain) as (address, _), connected(address) as slow:
        slow.sendall(b"GET /")

        taken = _until_closed(slow, lambda: slow.sendall(b"a"))

    assert taken < 5


@pytest.mark.usefixtures("hasty")
def test_closes_a_connection_on_which_nothing_comes() -> None:
    with _served(_plain) as (address, _), connected(address) as slow:
        taken = _until_closed(slow, lambda: None)

    assert taken < 5


@pytest.mark.usefixtures("hasty")
def test_takes_no_thread_for_a_body_until_it_is_whole() -> None:
    with _served(_plain) as (address, _), ExitStack() as stack:
        for _ in range(20):
            slow = stack.enter_context(connected(address))
            slow.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx")

        assert asked(address).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
def test_frees_the_threads_that_wait_for_readers_who_read_nothing() -> None:
    with _served(_plain) as (address, _), ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(connected(address, buffer=2_048)).sendall(get("/large"))
        time.sleep(0.5)

        assert asked(address).startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("hasty")
def test_cuts_nobody_off_who_waited_long_for_an_answer_that_now_begins() -> None:
    servers: list[Server] = []

    def slow(environ: dict[str, Any], begin: Callable[..., Any]) -> list[bytes]:
        time.sleep(1.5)
        (channel,) = servers[0]._channels  # a look round comes just before the first byte is sent
        flush = channel._flush_some

        def flush_after_a_look(**how: bool) -> Any:
            servers[0].maintenance(time.time())
            return flush(**how)

        channel._flush_some = flush_after_a_look  # type: ignore[method-assign]
        return _plain(environ, begin)

    with _served(slow) as (address, server):
        servers.append(server)

        assert asked(address).startswith(b"HTTP/1.1 200")


def test_tells_whoever_sends_too_much_before_it_closes() -> None:
    with _served(_plain) as (address, _), connected(address) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n")
        connection.sendall(b"x" * 1_500_000)

        whole, _ = answer(connection)

    assert whole.startswith(b"HTTP/1.1 413")


def test_the_answer_before_a_close_arrives_also_where_more_was_sent() -> None:
    with _served(_plain) as (address, _), connected(address) as connection:
        connection.sendall(get("/").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"x" * 100_000)

        whole, rest = answer(connection)

    assert whole.startswith(b"HTTP/1.1 200")
    assert rest == b""


def test_refuses_headers_beyond_the_limit() -> None:
    with _served(_plain) as (address, _), connected(address) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 70_000 + b"\r\n\r\n")

        whole, _ = answer(connection)

    assert whole.startswith(b"HTTP/1.0 431")


def test_takes_as_many_connections_as_files_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded.resource, "getrlimit", lambda _what: (1_024, 1_024))

    most = embedded._most_connections()

    assert most == (1_024 - 256) // 3


def test_stops_from_another_thread() -> None:
    answered = Event()
    with _served(_plain) as (address, server):
        if asked(address).startswith(b"HTTP/1.1 200"):
            answered.set()

        server.stop()

    assert answered.is_set()


def test_may_be_told_to_stop_again_after_it_has() -> None:
    with _served(_plain) as (_address, server):
        server.stop()
        while server._sockets:
            time.sleep(0.01)
        reused = os.pipe()  # a file that has the number of one of the server's own
        server.stop()

    os.set_blocking(reused[0], False)
    with pytest.raises(BlockingIOError):
        os.read(reused[0], 1)
    for end in reused:
        os.close(end)
