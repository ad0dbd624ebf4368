"""`mappa-trace serve`: the port, the first and the second start."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.command import ALL, run
from tests.api.serving import Starts


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


def test_loads_the_published_record_at_the_first_start(fresh: str, serve: Starts) -> None:
    served = serve(fresh)

    assert f"Loaded {ALL} items and links" in served.told()


def test_loads_nothing_at_the_second_start(fresh: str, serve: Starts) -> None:
    serve(fresh).process.kill()

    served = serve(fresh)

    assert "Loaded" not in served.told()
