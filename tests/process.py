"""The service as it is run: a process of its own, on a database of either engine, that is ended afterwards."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from api.database import Database
from tests.forked import Forked

PATIENCE_SECONDS = 60
# Who tries much here is not to be kept waiting; that he is elsewhere, the tests of rates and of failures check.
_OFTEN = {"FAILURES_A_MINUTE": "100000", "REQUESTS_A_MINUTE": "999999", "PUBLIC_REQUESTS_A_MINUTE": "999999"}


@contextmanager
def served(database: Database, folder: Path, **settings: str) -> Iterator[tuple[str, requests.Session, Path]]:
    """A server, which loads the published record if it has none: its address, a connection to it, and its output."""
    log = folder / "server.log"
    environ = os.environ | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a test",
        "CHECKPOINT_FILE": str(folder / "checkpoint.json"),
        "SIGNING_KEY_FILE": str(folder / "signing-key.pem"),
    }
    process = Forked(["serve", "--port", "0", "--threads", "4"], environ | _OFTEN | settings, log)
    try:
        with requests.Session() as session:
            session.trust_env = False
            yield _address(process, log), session, log
    finally:
        _end(process)


def wait(done: Callable[[], bool], log: Path) -> None:
    """Wait until something is so; what the server wrote is the reason where it never is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def _address(process: Forked, log: Path) -> str:
    """Where the server says that it listens."""
    told: list[str] = []

    def listens() -> bool:
        assert process.poll() is None, f"exit code {process.poll()}: {log.read_text()}"
        told.extend(line.split()[-1] for line in log.read_text().splitlines() if line.startswith("Serving on"))
        return bool(told)

    wait(listens, log)
    return told[0]


def _end(process: Forked) -> None:
    """End this process and no other: ask, and soon insist; it takes long to take apart what it kept for each reader."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
