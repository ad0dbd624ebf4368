"""A server of our own as a process: started on a free port, asked over sockets, and ended."""

import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.load import get, missing
from tests.api.command import environ
from tests.forked import Forked

ITEM = "/api/v1/evidence/F028"
CHAIN = "/api/v1/recommendations/R7/chain"
READY = "/api/v1/ready"
Address = tuple[str, int]


@dataclass(frozen=True)
class Served:
    """A server that runs, where it answers, and what it writes."""

    process: Forked | subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> Address:
        """Where it answers, as it says itself."""
        found = re.search(rb"Serving on +http://127\.0\.0\.1:([0-9]+)", self.log.read_bytes())
        assert found is not None, self.told()
        return ("127.0.0.1", int(found[1]))

    def told(self) -> str:
        """What it wrote."""
        return self.log.read_text()

    def ask_to_stop(self, asked: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal."""
        self.process.send_signal(asked)

    def end(self, seconds: float = 15) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(seconds)


Starts = Callable[..., Served]


def start(url: str, log: Path, *options: str, **settings: str) -> Served:
    """Start the service, on a port that the system chooses if none is given, and wait until it says that it answers."""
    port = () if "--port" in options else ("--port", "0")
    often = {"PUBLIC_REQUESTS_A_MINUTE": "999999"}
    return answering(Forked(["serve", *port, *options], environ(url) | often | settings, log), log)


def answering(process: Forked | subprocess.Popen[bytes], log: Path) -> Served:
    """A server that says that it answers, waited for."""
    deadline = time.monotonic() + 60
    while b"Docs " not in log.read_bytes():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return Served(process, log)


def connected(address: Address, *, buffer: int | None = None) -> socket.socket:
    """A connection, which waits 15 seconds at most; with a small buffer, a slow one."""
    made = socket.socket()
    made.settimeout(15)
    if buffer is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    try:
        made.connect(address)
    except OSError:
        made.close()
        raise
    return made


def answer(connection: socket.socket, before: bytes = b"") -> tuple[bytes, bytes]:
    """One whole answer, and what came after it; raises where it was cut."""
    read = before
    while (more := missing(read)) is None or more > 0:
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionResetError(f"cut after {len(read)} bytes")
        read += piece
    end = len(read) + more
    return read[:end], read[end:]


def asked(address: Address, path: str = ITEM) -> bytes:
    """The answer to a question on a connection of its own."""
    with connected(address) as connection:
        connection.sendall(get(path))
        return answer(connection)[0]
