"""A running server as the tests speak to it: as a client does, or byte by byte."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from api.database import Database
from tests.contract.document import needs_key
from tests.process import served, wait

TIMEOUT_SECONDS = 60
WRITER, KEY = "a-test", "a-key-of-these-tests"
SECOND, KEY_OF_SECOND = "another", "a-key-of-the-second-person"
# A machine that may do nothing but read; the one is cleared for what is marked, the other is not, and of another body.
KEY_OF_READER, KEY_OF_STRANGER = "mtr_key-of-a-reading-machine", "mtr_key-of-a-machine-of-others"
KEY_OF_ADMIN = "mtr_key-of-an-administrator"
BEARER, BEARER_OF_SECOND = f"Bearer {KEY}", f"Bearer {KEY_OF_SECOND}"
BEARER_OF_READER, BEARER_OF_STRANGER = f"Bearer {KEY_OF_READER}", f"Bearer {KEY_OF_STRANGER}"
BEARER_OF_ADMIN = f"Bearer {KEY_OF_ADMIN}"


@dataclass(frozen=True)
class Server:
    """Where a server listens, the connection to it, and what it wrote."""

    address: str
    session: requests.Session
    log: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        """The answer to a GET of a path; header names are written with underscores."""
        return self.send("GET", path, **headers)

    def send(
        self, method: str, path: str, body: bytes | None = None, **headers: str | bytes | None
    ) -> requests.Response:
        """The answer to a request; a header that is None is not sent; redirects are not followed.

        What is not for everybody to read is read with the key of these tests, unless a test says otherwise.
        """
        usual = {"Authorization": BEARER} if method == "GET" and needs_key(path) else {}
        named = {name.replace("_", "-"): value for name, value in (usual | headers).items()}
        return self.session.request(
            method, self.address + path, data=body, headers=named, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )

    def write(self, method: str, path: str, body: Any = None, **headers: str | bytes | None) -> requests.Response:
        """The answer to a write as a client sends it: with its key, If-Match for whatever there is, and JSON."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        usual = {"Authorization": BEARER, "If_Match": "*", "Content_Type": kind if body is not None else None}
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(method, path, content, **(usual | headers))

    def wait_for(self, path: str) -> None:
        """Wait until there is an answer at a path."""
        wait(lambda: self.get(path).status_code == 200, self.log)

    def see(self, path: str) -> requests.Response:
        """The answer to a GET of whoever writes, who sees what the public may not."""
        return self.get(path, Authorization=BEARER)

    def newest(self) -> int:
        """The number of the newest change of its record, of which nothing is hidden."""
        newest: int = self.see("/api/v1").json()["record"]
        return newest

    def raw(self, request: bytes) -> bytes:
        """What comes back for these bytes, until the server closes or falls silent for two seconds."""
        place = urlsplit(self.address)
        assert place.hostname
        assert place.port
        with socket.create_connection((place.hostname, place.port), timeout=TIMEOUT_SECONDS) as connection:
            found = b""
            with suppress(TimeoutError, ConnectionResetError, BrokenPipeError):
                connection.sendall(request)
                connection.settimeout(2)
                while part := connection.recv(65536):
                    found += part
            return found

    def raw_get(self, target: bytes, *headers: bytes) -> bytes:
        """What comes back for a GET of exactly this target."""
        lines = [b"GET " + target + b" HTTP/1.1", b"Host: test", b"Connection: close", *headers]
        return self.raw(b"\r\n".join(lines) + b"\r\n\r\n")

    def told(self) -> str:
        """What the server wrote so far."""
        return self.log.read_text()


@contextmanager
def serving(database: Database, folder: Path) -> Iterator[Server]:
    """The service as it is run: its own process, loading the published record into an empty database at its start."""
    keys = f"{WRITER}:{KEY},{SECOND}:{KEY_OF_SECOND}"
    with served(database, folder, DEVELOPMENT_KEY=keys) as (address, session, log):
        made = Server(address, session, log)
        made.wait_for("/api/v1/ready")
        yield made
