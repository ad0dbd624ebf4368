"""What the tests of the command share."""

from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from api.cli import main
from api.database import Database
from explorer.app import create_app
from tests.api.command import Result, environ
from tests.api.serving import Served, Starts, start

Run = Callable[..., int]
RunHere = Callable[..., Result]


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'fresh.db'}"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Starts]:
    """Starts `serve` on a free port and waits until it says where; ends what it started."""
    started: list[Served] = []

    def begin(url: str, *options: str, **settings: str) -> Served:
        made = start(url, tmp_path / f"{len(started)}.log", *options, **settings)
        started.append(made)
        return made

    yield begin
    for served in started:
        served.process.kill()
        served.process.wait(10)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `mappa-trace` on a database, with a checkpoint and a key of its own."""
    monkeypatch.setenv("CHECKPOINT_FILE", str(tmp_path / "kept" / "checkpoint.json"))
    monkeypatch.setenv("SIGNING_KEY_FILE", str(tmp_path / "kept" / "key.pem"))

    def on(database: Database, *arguments: str) -> int:
        monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
        return main(arguments)

    return on


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> RunHere:
    """Runs `mappa-trace` as `command.run` does, but in this process."""

    def on(url: str, *arguments: str) -> Result:
        for name, value in environ(url).items():
            monkeypatch.setenv(name, value)
        capfdbinary.readouterr()
        try:
            code = main(arguments, create_app)
        except SystemExit as stop:
            code = int(stop.code or 0)
        return CompletedProcess(arguments, code, *capfdbinary.readouterr())

    return on
