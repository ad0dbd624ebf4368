"""Servers as other processes on this machine, asked over loopback: how long they take, and how much of a processor."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count, cycle, repeat
from pathlib import Path

_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_PATIENCE_SECONDS = 60
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A server that runs: its process, and a connection to it that is kept."""

    process: int
    connection: HTTPConnection

    def get(self, path: str, turn: int = 0) -> bytes:
        """The body of an answer; refuses any but a good one. With a `turn`, a question that nobody has asked before."""
        headers = {"Accept": f"application/json, text/x-turn-{turn}, */*;q=0.1"} if turn else {}
        self.connection.request("GET", path, headers=headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:  # noqa: PLR2004 - the status of success
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return body

    def cpu(self) -> float:
        """Seconds of processor that it has taken so far; NaN where the system does not say."""
        try:
            told = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return float("nan")
        return (int(told[11]) + int(told[12])) / _TICKS


@contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Server]:
    """A server that this command starts and that tells its address on 127.0.0.1; stopped at the end."""
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603
            list(command), env={**os.environ, **environment}, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        connection = HTTPConnection("127.0.0.1", _port(process, log), timeout=3_600)
        yield Server(process.pid, connection)
        connection.close()
    finally:
        process.terminate()
        process.wait(_PATIENCE_SECONDS)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    """The port that a server says it listens on, once it does."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if found := _ADDRESS.search(log.read_text(errors="replace")):
            port = int(found[1])
            try:
                HTTPConnection("127.0.0.1", port, timeout=5).connect()
            except OSError:
                time.sleep(0.1)
                continue
            return port
        time.sleep(0.1)
    raise RuntimeError(f"It did not start: {log.read_text(errors='replace')[-500:]}")


@dataclass
class Load:
    """Requests to one server, in turn over some paths."""

    server: Server
    paths: Iterator[str]
    turns: Iterator[int]
    count: int = 0
    wall: float = 0.0
    busy: float = 0.0

    def run(self, requests: int) -> None:
        """Ask so many times, one after another on one new connection: an idle one may have been closed."""
        self.server.connection.close()
        busy, begun = self.server.cpu(), time.perf_counter()
        for _ in range(requests):
            self.server.get(next(self.paths), next(self.turns))
        self.wall += time.perf_counter() - begun
        self.busy += self.server.cpu() - busy
        self.count += requests


def loaded(
    servers: Mapping[str, Server], paths: Mapping[str, Sequence[str]], times: tuple[int, int], *, anew: bool
) -> dict[str, Load]:
    """What each server took for its paths, asked in turn: so many times so many requests each.

    With `anew` each request is one that was never asked before, so that none has its answer ready.
    """
    rounds, requests = times
    loads = {
        name: Load(servers[name], cycle(paths[name]), count(1) if anew else repeat(0))
        for name in paths
        if name in servers
    }
    for load in loads.values():
        load.run(max(1, requests // 5))
        load.count, load.wall, load.busy = 0, 0.0, 0.0
    for _ in range(rounds):
        for load in loads.values():
            load.run(requests)
    return loads
