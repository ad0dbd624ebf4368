"""The first start: how the first administrator and inspector come to be, and who must not be let in meanwhile."""

import os
import shlex
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from api.cli import main
from tests.api.command import environ, run
from tests.api.serving import Starts

PATIENCE_SECONDS = 60
DEVELOPER = "somebody:a-key-for-development"


@dataclass(frozen=True)
class Started:
    """A service that was started: where it listens, and what it wrote."""

    address: str
    log: Path

    def commands(self) -> list[list[str]]:
        """The commands that it says to begin with, as a shell would read them."""
        lines = [line.strip() for line in self.log.read_text().splitlines()]
        return [shlex.split(line) for line in lines if line.startswith(".venv/bin/mappa-trace ")]

    def me(self, key: str) -> dict[str, object]:
        """What it tells whoever has this key of himself."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{self.address}/api/v1/me", headers={"Authorization": f"Bearer {key}"}, timeout=10)
        told: dict[str, object] = answer.json()
        return told


@pytest.fixture
def starting(fresh: str, serve: Starts) -> Callable[[str], Started]:
    """Starts the service on a database that is not there yet, or that the start before has made."""

    def start(development_key: str = "") -> Started:
        served = serve(fresh, DEVELOPMENT_KEY=development_key)
        address = "http://{}:{}".format(*served.address)
        _answers(address)
        return Started(address, served.log)

    return start


def _answers(address: str) -> None:
    """Wait for an answer: whatever the start has to say is said by then."""
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{address}/api/v1/live", timeout=PATIENCE_SECONDS).status_code == 200


def test_tells_how_to_make_the_first_administrator_and_inspector(fresh: str, starting: Callable[[], Started]) -> None:
    started = starting()

    results = [run(fresh, *command[1:]) for command in started.commands()]

    assert "Nobody may write yet." in started.log.read_text()
    assert [result.returncode for result in results] == [0, 0], [result.stderr for result in results]
    me = [started.me(result.stdout.decode().strip()) for result in results]
    assert [(told["name"], told["role"], told["body"], told["clearance"]) for told in me] == [
        ("first-admin", "admin", None, "PUBLIC"),
        ("first-inspector", "inspector", "hmics", "OFFICIAL-SENSITIVE"),
    ]


def test_tells_it_no_more_when_somebody_has_a_key(fresh: str, starting: Callable[[], Started]) -> None:
    run(fresh, "seed")
    run(fresh, "keys", "create", "--name", "somebody", "--role", "auditor")

    started = starting()

    assert started.commands() == []
    assert "Nobody may write yet." not in started.log.read_text()


def test_tells_it_to_nobody_who_has_a_development_key(starting: Callable[[str], Started]) -> None:
    started = starting(DEVELOPER)

    assert started.commands() == []
    assert started.me("a-key-for-development")["role"] == "developer"
    assert "a-key-for-development" not in started.log.read_text()


def _serve(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str, development_key: str = DEVELOPER) -> int:
    """The exit code of a start that does not come to listen."""
    for name, value in (environ(url) | {"DEVELOPMENT_KEY": development_key}).items():
        monkeypatch.setenv(name, value)
    return main(["serve", *arguments])


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "mappa.example", ""])  # noqa: S104 - to be refused
def test_refuses_a_development_key_where_others_could_call(
    fresh: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], host: str
) -> None:
    code = _serve(monkeypatch, fresh, "--host", host, "--port", "0")

    told = capfd.readouterr().err
    assert code == 2
    assert "DEVELOPMENT_KEY" in told
    assert "--host 127.0.0.1" in told
    assert "a-key-for-development" not in told
    assert not os.path.exists(fresh.removeprefix("sqlite:///"))  # noqa: PTH110 - a path of a URL


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.2.3"])
def test_takes_a_development_key_where_only_this_machine_calls(
    fresh: str, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    with socket.create_server((host, 0)) as listener:
        code = _serve(monkeypatch, fresh, "--host", host, "--port", str(listener.getsockname()[1]))

    # It gets as far as to find the port taken.
    assert code == 3


def test_listens_anywhere_without_a_development_key(fresh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - that is what is tried
        port = str(listener.getsockname()[1])
        code = _serve(monkeypatch, fresh, "--host", "0.0.0.0", "--port", port, development_key="")  # noqa: S104

    assert code == 3
