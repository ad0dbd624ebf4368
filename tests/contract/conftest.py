"""Real server processes for each engine: one that nobody writes to, and two that take writes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from api.database import Database
from tests.conftest import Databases
from tests.contract.alike import FOLDER
from tests.contract.neutral_items import add_grants, add_neutral_items
from tests.contract.server import KEY, KEY_OF_SECOND, SECOND, WRITER, Server

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
# Who tries many wrong keys here is not to be kept waiting; that he is elsewhere, test_too_many_failures.py checks.
SETTINGS = {
    "DEVELOPMENT_KEY": f"{WRITER}:{KEY},{SECOND}:{KEY_OF_SECOND}",
    "FAILURES_A_MINUTE": "100000",
    "REQUESTS_A_MINUTE": "999999",
    "PUBLIC_REQUESTS_A_MINUTE": "999999",
}


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it listens."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("Serving on"):
                return line.split()[-1]
        time.sleep(0.05)
    raise AssertionError(f"The server did not start (exit code {process.poll()}):\n{log.read_text()}")


def _wait_for(server: Server, path: str) -> None:
    """Wait until there is an answer at a path."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.get(path).status_code != 200:
        assert time.monotonic() < deadline, server.told()
        time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End this process and no other: ask first, then insist."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


@pytest.fixture(scope="session", autouse=True)
def _told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder in which all processes of this run keep what they were answered."""
    mine = tmp_path_factory.getbasetemp()
    folder = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "alike"
    folder.mkdir(exist_ok=True)
    os.environ[FOLDER] = str(folder)


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Server]:
    """The service as it is run: its own process, loading the published record into an empty database at its start."""
    log = folder / "server.log"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a test",
        "CHECKPOINT_FILE": str(folder / "checkpoint.json"),
        "SIGNING_KEY_FILE": str(folder / "signing-key.pem"),
        "PYTHONPATH": str(ROOT),
        **SETTINGS,
    }
    # A warning is an error here too; but what waitress leaves to the end of the process is not ours.
    python = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning"]
    command = [*python, "-m", "api.cli", "serve", "--port", "0", "--threads", "4"]
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=told, stderr=subprocess.STDOUT)
    try:
        with requests.Session() as session:
            session.trust_env = False
            made = Server(_address(process, log), session, log)
            _wait_for(made, "/api/v1/ready")
            yield made
    finally:
        _end(process)


@pytest.fixture(scope="session")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the published record and a few neutral items: nobody writes to it."""
    database = databases.copy("empty")
    with serving(database, tmp_path_factory.mktemp("server")) as made:
        add_neutral_items(database)
        add_grants(database)
        _wait_for(made, "/api/v1/changes/checkpoint")
        yield made


@pytest.fixture(scope="session")
def writable(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the published record; the tests that write share it, each with things of its own."""
    database = databases.copy("empty")
    with serving(database, tmp_path_factory.mktemp("writable")) as made:
        add_grants(database)
        yield made


@pytest.fixture(scope="session")
def scratch(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nothing need be left on of what is published."""
    with serving(databases.copy("empty"), tmp_path_factory.mktemp("scratch")) as made:
        yield made
