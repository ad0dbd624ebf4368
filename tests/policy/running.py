"""Running: the service as it is run, in a process of its own, on a database of either engine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from api.database import Database
from tests.policy.arranging import secret_of
from tests.policy.asking import Request
from tests.policy.table import Caller
from tests.process import served, wait

TIMEOUT_SECONDS = 60
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
    """A server on a database, until the end."""
    known = f"{DEVELOPER.name}:{secret_of(DEVELOPER)}"
    with served(database, folder, DEVELOPMENT_KEY=known) as (address, session, log):
        made = Server(address, session, database)
        wait(lambda: made.get(secret_of(DEVELOPER), "/api/v1/changes/checkpoint").status_code == 200, log)
        yield made
