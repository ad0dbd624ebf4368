"""Running: the service as it is run, in a process of its own, on a database of either engine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from api.database import Database
from tests.policy.arranging import secret_of
from tests.policy.asking import Request
from tests.policy.table import Caller

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS, TIMEOUT_SECONDS = 60, 60
DEVELOPER = Caller("developer", "developer", "OFFICIAL-SENSITIVE")


@dataclass(frozen=True)
class Server:
    """Where a server listens, and a connection to it that is kept."""

    address: str
    session: requests.Session
    database: Database

    def send(self, secret: str | None, request: Request) -> requests.Response:
        """The answer to a request of whoever has this secret, as it comes; the public has none."""
        known: dict[str, str | None] = {} if secret is None else {"Authorization": f"Bearer {secret}"}
        return self.session.request(
            request.method,
            self.address + request.path,
            data=request.body,
            headers=request.headers | known,
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )

    def get(self, secret: str | None, path: str) -> requests.Response:
        """The answer to a GET."""
        return self.send(secret, Request("GET", path, None, {}))

    def write(self, secret: str | None, method: str, path: str, body: Any = None) -> requests.Response:
        """The answer to a write of whoever has seen what is there."""
        headers = {"If-Match": "*", "Content-Type": "application/json" if body is not None else None}
        content = None if body is None else json.dumps(body).encode()
        return self.send(secret, Request(method, f"{path}?reason=A+test", content, headers))

    def newest(self) -> int:
        """The number of the newest change of the record, as the developer sees it, who sees all."""
        newest: int = self.get(secret_of(DEVELOPER), "/api/v1").json()["record"]
        return newest


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Server]:
    """A server on a database, until the end; only this process is ended, and no other."""
    log = folder / "server.log"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {
        "DATABASE_URL": database.url.render_as_string(hide_password=False),
        "SECRET_KEY": "a test",
        "CHECKPOINT_FILE": str(folder / "checkpoint.json"),
        "SIGNING_KEY_FILE": str(folder / "signing-key.pem"),
        "PYTHONPATH": str(ROOT),
        "DEVELOPMENT_KEY": f"{DEVELOPER.name}:{secret_of(DEVELOPER)}",
        "FAILURES_A_MINUTE": "100000",
        "REQUESTS_A_MINUTE": "999999",
        "PUBLIC_REQUESTS_A_MINUTE": "999999",
    }
    # A warning is an error here too; but what waitress leaves to the end of the process is not ours.
    python = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning"]
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*python, "-m", "api.cli", "serve", "--port", "0", "--threads", "4"],
            cwd=ROOT,
            env=environ,
            stdout=told,
            stderr=subprocess.STDOUT,
        )
    try:
        address = _address(process, log)
        with requests.Session() as session:
            session.trust_env = False
            made = Server(address, session, database)
            _wait(lambda: made.get(secret_of(DEVELOPER), "/api/v1/changes/checkpoint").status_code == 200, log)
            yield made
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End this process and no other: ask, and soon insist; it takes long to take apart what it kept for each reader."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(1)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where the server says that it listens."""
    told: list[str] = []

    def listens() -> bool:
        assert process.poll() is None, log.read_text()
        told.extend(line.split()[-1] for line in log.read_text().splitlines() if line.startswith("Serving on"))
        return bool(told)

    _wait(listens, log)
    return told[0]


def _wait(done: Callable[[], bool], log: Path) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
