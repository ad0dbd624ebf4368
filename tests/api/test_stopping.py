"""Stopping: whoever has been heard is answered, nobody waits for ever, and the end is clean."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Timer

import pytest

from api.settings import ROOT
from bench.load import closed_loop, get
from tests.api.command import environ, run
from tests.api.serving import CHAIN, ITEM, READY, Address, Served, Starts, answer, answering, asked, connected, start

CLIENTS = 24
# Waitress as it is, stopped as servers usually are.
AS_IT_IS = """
import os, signal, socket, sys
from waitress.server import create_server
from api.app import create_app
from api.settings import settings_from
listener = socket.create_server(("127.0.0.1", 0))
server = create_server(create_app(settings_from(os.environ)), sockets=[listener], threads=8)
signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
print(f"Serving on http://127.0.0.1:{listener.getsockname()[1]}\\nDocs ", flush=True)
server.run()
"""


@pytest.fixture(scope="module")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the published record."""
    file = tmp_path_factory.mktemp("published") / "published.db"
    run(f"sqlite:///{file}", "seed")
    return file


@pytest.fixture
def url(published_file: Path, tmp_path: Path) -> str:
    """The URL of a copy of it."""
    shutil.copy(published_file, tmp_path / "copy.db")
    return f"sqlite:///{tmp_path / 'copy.db'}"


def _dribble(address: Address, stop: Event) -> None:
    """Send a request that never ends, a byte at a time."""
    with connected(address) as connection:
        connection.sendall(b"GET /")
        while not stop.wait(0.2):
            try:
                connection.sendall(b"a")
            except OSError:
                return


@pytest.fixture(scope="module", autouse=True)
def longest(published_file: Path) -> Iterator[Future[tuple[int, float]]]:
    """A server told to stop during an endless request, beside all other tests: its exit code, and after how long."""
    file, stop = shutil.copy(published_file, published_file.with_name("longest.db")), Event()
    served = start(f"sqlite:///{file}", published_file.with_name("longest.log"))

    def end() -> tuple[int, float]:
        begun = time.monotonic()
        served.ask_to_stop()
        return served.end(20), time.monotonic() - begun

    with ThreadPoolExecutor() as clients:
        clients.submit(_dribble, served.address, stop)
        time.sleep(0.5)
        yield clients.submit(end)
        stop.set()


def _unanswered(served: Served) -> int:
    """How many of many requests are never wholly answered that were sent before a stop, each on its own connection."""
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(served.address)) for _ in range(CLIENTS * 4)]
        for connection in waiting:
            connection.sendall(get(CHAIN))
        served.ask_to_stop()
        lost = 0
        for connection in waiting:
            try:
                lost += not answer(connection)[0].startswith(b"HTTP/1.1 200")
            except OSError:
                lost += 1
    return lost


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=lambda told: told.name)
def test_ends_with_code_0_when_told_to(url: str, serve: Starts, told: signal.Signals) -> None:
    served = serve(url)
    asked(served.address)

    served.ask_to_stop(told)

    assert served.end() == 0
    assert "Traceback" not in served.told()


def test_answers_whoever_keeps_asking_until_it_stops(url: str, serve: Starts) -> None:
    served = serve(url)
    Timer(1.0, served.ask_to_stop).start()

    seen = closed_loop(served.address, [ITEM, CHAIN], CLIENTS, 20)

    assert served.end() == 0
    assert len(seen.latencies) > CLIENTS
    assert (seen.cut, seen.wrong, seen.refused) == (0, 0, CLIENTS)


def test_answers_everything_that_was_sent_before_it_stopped(url: str, serve: Starts) -> None:
    served = serve(url)

    lost = _unanswered(served)

    assert served.end() == 0
    assert lost == 0


def test_the_usual_stop_loses_requests(url: str, tmp_path: Path) -> None:
    log, command = tmp_path / "log", [sys.executable, "-c", AS_IT_IS]
    with log.open("wb") as told, subprocess.Popen(command, cwd=ROOT, env=environ(url), stdout=told, stderr=told) as one:
        try:
            lost = _unanswered(answering(one, log))
        finally:
            one.kill()

    assert lost > 0


def test_answers_all_that_was_sent_ahead_on_one_connection(url: str, serve: Starts) -> None:
    served = serve(url)
    with connected(served.address) as connection:
        # Each on another day, so that none is answered from memory before the stop is asked for.
        connection.sendall(
            b"".join(get(f"{CHAIN}?as_of=2017-{1 + day // 20:02}-{1 + day % 20:02}") for day in range(40))
        )
        time.sleep(0.05)

        served.ask_to_stop()

        answers, rest = [], b""
        for _ in range(40):
            whole, rest = answer(connection, rest)
            answers.append(whole)
        assert all(one.startswith(b"HTTP/1.1 200") for one in answers)
        assert [b"\r\nConnection: close" in one for one in answers] == [False] * 39 + [True]
        assert connection.recv(1) == b""
    assert served.end() == 0


def test_finishes_an_answer_that_is_read_slowly(url: str, serve: Starts) -> None:
    served = serve(url)
    with connected(served.address, buffer=4_096) as connection:
        connection.sendall(get("/api/v1/openapi.json"))
        read = connection.recv(100)

        served.ask_to_stop()

        time.sleep(2)
        whole, _ = answer(connection, read)
        assert whole.startswith(b"HTTP/1.1 200")
    assert served.end() == 0


def test_waits_for_the_rest_of_a_request(url: str, serve: Starts) -> None:
    served = serve(url)
    with connected(served.address) as connection:
        connection.sendall(get(ITEM)[:30])
        time.sleep(0.1)

        served.ask_to_stop()

        time.sleep(1.5)
        connection.sendall(get(ITEM)[30:])
        whole, _ = answer(connection)
        assert whole.startswith(b"HTTP/1.1 200")
        assert b"\r\nConnection: close" in whole
    assert served.end() == 0


def test_is_not_ready_while_it_stops(url: str, serve: Starts) -> None:
    served = serve(url)
    with connected(served.address) as connection:
        connection.sendall(get(READY))
        before, _ = answer(connection)

        served.ask_to_stop()

        time.sleep(0.4)
        connection.sendall(get(READY))
        after, _ = answer(connection)
    assert before.startswith(b"HTTP/1.1 200")
    assert after.startswith(b"HTTP/1.1 503")
    assert b"The service is stopping" in after


def test_takes_no_new_connection_while_it_stops(url: str, serve: Starts) -> None:
    served = serve(url)
    with connected(served.address) as kept:
        kept.sendall(get(ITEM)[:30])
        served.ask_to_stop()
        time.sleep(0.5)

        with pytest.raises(ConnectionRefusedError):
            connected(served.address)


def test_stops_at_once_when_told_twice(url: str, serve: Starts) -> None:
    served, stop = serve(url), Event()
    with ThreadPoolExecutor() as clients:
        clients.submit(_dribble, served.address, stop)
        time.sleep(0.5)

        served.ask_to_stop()
        time.sleep(1)
        served.ask_to_stop()

        assert served.end(5) == 0
        stop.set()


def _ask_on(address: Address, stop: Event) -> Counter[str]:
    """Ask on new connections until told to stop, again where refused; how many were answered, refused, and lost."""
    seen: Counter[str] = Counter()
    while not stop.is_set():
        try:
            seen["answered"] += asked(address).startswith(b"HTTP/1.1 200")
        except ConnectionRefusedError:
            seen["refused"] += 1
            time.sleep(0.05)
        except OSError:
            seen["lost"] += 1
    return seen


def test_a_restart_loses_nothing_for_clients_that_try_again(url: str, serve: Starts) -> None:
    first, stop = serve(url), Event()
    port = first.address[1]
    with ThreadPoolExecutor(CLIENTS) as clients:
        asking = [clients.submit(_ask_on, first.address, stop) for _ in range(8)]
        time.sleep(1)

        first.ask_to_stop()
        code = first.end()
        again = serve(url, "--port", str(port))

        time.sleep(1.5)
        stop.set()
        seen = [one.result() for one in asking]
    assert code == 0
    # Whoever came in between was refused, or his system has tried again for him.
    assert all(one["answered"] > 1 for one in seen)
    assert again.told().count('"event":"answered"') > CLIENTS
    assert sum(one["lost"] for one in seen) == 0


def test_one_of_several_stops_without_a_client_noticing(url: str, serve: Starts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = str(found.getsockname()[1])
    first = serve(url, "--share-port", "--port", port)
    serve(url, "--share-port", "--port", port)
    Timer(0.5, first.ask_to_stop).start()
    stop = Event()
    Timer(2.5, stop.set).start()

    with ThreadPoolExecutor(8) as clients:
        seen = list(clients.map(lambda _client: _ask_on(first.address, stop), range(8)))

    assert first.end() == 0
    assert sum(seen, Counter()).keys() == {"answered"}


def test_says_that_the_port_is_taken_unless_both_share_it(url: str, serve: Starts) -> None:
    port = str(serve(url, "--share-port").address[1])

    assert run(url, "serve", "--port", port).returncode == 3
    with pytest.raises(subprocess.TimeoutExpired):
        serve(url, "--share-port", "--port", port).end(0.2)


def test_waits_ten_seconds_and_no_longer(longest: Future[tuple[int, float]]) -> None:
    code, taken = longest.result(20)

    assert code == 0
    assert 9 < taken < 15
