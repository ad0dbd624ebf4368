"""`mappa-trace serve`: the port, the first and the second start, and the end."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.settings import ROOT
from tests.api.command import ALL, COMMAND, environ, run


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_says_that_the_port_is_taken(fresh: str, taken: int) -> None:
    result = run(fresh, "serve", "--port", str(taken))

    assert result.returncode == 3
    assert f"127.0.0.1:{taken}" in result.stderr.decode()
    assert "--port" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


def test_makes_no_database_when_the_port_is_taken(fresh: str, taken: int) -> None:
    run(fresh, "serve", "--port", str(taken))

    assert not Path(fresh.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_says_that_there_is_no_such_port(fresh: str, port: str) -> None:
    result = run(fresh, "serve", "--port", port)

    assert result.returncode in {2, 3}
    assert b"Traceback" not in result.stderr


def test_says_that_there_is_no_such_host(fresh: str) -> None:
    result = run(fresh, "serve", "--host", "no-such-host.invalid")

    assert result.returncode == 3
    assert "no-such-host.invalid" in result.stderr.decode()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts `serve` on a free port and waits until it says where; ends what it started."""
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str) -> subprocess.Popen[bytes]:
        log = tmp_path / f"{len(started)}.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0"], cwd=ROOT, env=environ(url), stdout=told, stderr=told
            )
        started.append(process)
        deadline = time.monotonic() + 60
        while b"Docs " not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def _told(tmp_path: Path, number: int) -> str:
    """What a started server wrote."""
    return (tmp_path / f"{number}.log").read_text()


def test_loads_the_published_record_at_the_first_start(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    serving(fresh)

    assert f"Loaded {ALL} items and links" in _told(tmp_path, 0)


def test_loads_nothing_at_the_second_start(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    serving(fresh).kill()

    serving(fresh)

    assert "Loaded" not in _told(tmp_path, 1)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=lambda asked: asked.name)
def test_stops_quietly_when_asked(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]], asked: signal.Signals
) -> None:
    process = serving(fresh)

    process.send_signal(asked)
    code = process.wait(10)

    assert code in {0, 130, -signal.SIGTERM}
    assert "Traceback" not in _told(tmp_path, 0)
