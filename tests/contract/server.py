"""A running server as the tests speak to it: as a client does, or byte by byte."""

import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Where a server listens, the connection to it, and what it wrote."""

    address: str
    session: requests.Session
    log: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        """The answer to a GET of a path; header names are written with underscores."""
        return self.send("GET", path, **headers)

    def send(self, method: str, path: str, **headers: str) -> requests.Response:
        """The answer to a request without a body; redirects are not followed."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.request(
            method, self.address + path, headers=named, timeout=TIMEOUT_SECONDS, allow_redirects=False
        )

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
