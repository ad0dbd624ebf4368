"""Clients that send a request byte by byte, or never end it: `python -m tests.faults.slow_clients 1000`.

A healthy client must hardly notice them: 99 of 100 of its answers come within 250 ms. With the server's own limits it
is not answered at all once there are more of the others than those allow.
"""

import argparse
import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from threading import Event, Thread
from typing import NamedTuple

from tests.faults.ground import Ground, ground_of
from tests.faults.served import Service
from tests.faults.tally import CONSOLE, Advance, shown

LIMIT_SECONDS = 0.25
# A healthy client gives up after so long.
PATIENCE_SECONDS = 2.0
_PATH = "/api/v1/evidence?limit=5"
_HEAD = b"POST /api/v1/evidence?reason=slow HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
_REQUESTS = (
    b"GET /api/v1/evidence HTTP/1.1\r\nHost: test\r\nX-Padding: " + b"a" * 4_000,
    _HEAD + b"Content-Length: 100000\r\n\r\n" + b" " * 4_000,
    b"",
)


class Latency(NamedTuple):
    """How long a healthy client waited, in seconds, each time; how often it was not answered."""

    seconds: list[float]
    failed: int

    def of(self, share: float) -> float:
        """The time within which this share of the answers came; who was not answered waited for ever."""
        waits = sorted([*self.seconds, *[float("inf")] * self.failed])
        return waits[min(int(share * len(waits)), len(waits) - 1)]


def healthy(port: int, requests: int, advance: Advance) -> Latency:
    """What a client sees that opens a connection for each request, as one does that has just come."""
    seconds, failed = [], 0
    for _ in range(requests):
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", _PATH, headers={"Connection": "close"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                seconds.append(time.monotonic() - begun)
            else:
                failed += 1
        except (OSError, http.client.HTTPException):
            failed += 1
        finally:
            connection.close()
        advance()
        time.sleep(0.01)
    return Latency(seconds, failed)


def _connected(port: int, clients: int) -> list[socket.socket]:
    """So many connections."""
    found = []
    for _ in range(clients):
        opened = socket.socket()
        opened.setblocking(False)
        with suppress(BlockingIOError):
            opened.connect(("127.0.0.1", port))
        found.append(opened)
    return found


@contextmanager
def slow(port: int, clients: int) -> Iterator[list[int]]:
    """So many slow clients: each sends a byte of a request every second, or nothing; how many still are connected."""
    ended, alive, drawn = Event(), [clients], Random(0)  # noqa: S311 - to be drawn again
    sockets = _connected(port, clients)
    requests = {opened: _REQUESTS[number % len(_REQUESTS)] for number, opened in enumerate(sockets)}

    def drip() -> None:
        places = dict.fromkeys(sockets, 0)
        due = {opened: time.monotonic() + drawn.random() for opened in sockets}
        while not ended.wait(0.005):
            now = time.monotonic()
            for opened in [one for one, at in due.items() if at <= now]:
                due[opened] = now + 1
                try:
                    place = places[opened]
                    opened.send(requests[opened][place : place + 1])
                    places[opened] = place + 1
                except BlockingIOError:
                    continue
                except OSError:
                    del due[opened]
        alive[0] = len(due)

    thread = Thread(target=drip)
    thread.start()
    time.sleep(1)
    try:
        yield alive
    finally:
        ended.set()
        thread.join(30)
        for opened in sockets:
            opened.close()


class Compared(NamedTuple):
    """What a healthy client saw without the slow ones and with them, and how many of those stayed to the end."""

    without: Latency
    beside: Latency
    stayed: int

    @property
    def holds(self) -> bool:
        """Whether a healthy client hardly noticed them."""
        return self.beside.of(0.99) <= LIMIT_SECONDS

    def __str__(self) -> str:
        """Both, in milliseconds, and the ratio."""
        alone, together = self.without.of(0.99) * 1_000, self.beside.of(0.99) * 1_000
        return (
            f"p50 {self.without.of(0.5) * 1_000:.1f} ms and p99 {alone:.1f} ms without them, "
            f"p50 {self.beside.of(0.5) * 1_000:.1f} ms and p99 {together:.1f} ms beside them "
            f"(ratio {together / alone:.2f}), "
            f"{len(self.beside.seconds):,} of {len(self.beside.seconds) + self.beside.failed:,} requests answered, "
            f"{self.stayed:,} slow clients there to the end"
        )


def compared(ground: Ground, clients: int, requests: int, advance: Advance, *, weakness: str | None = None) -> Compared:
    """Measure a healthy client alone, and beside so many slow ones."""
    url, place = ground.begun()
    service = Service(url, place, weakness)
    try:
        service.start()
        healthy(service.port, 20, lambda: None)
        without = healthy(service.port, requests, advance)
        with slow(service.port, clients) as alive:
            beside = healthy(service.port, requests, advance)
        return Compared(without, beside, alive[0])
    finally:
        service.kill()


def main() -> None:
    """Read what is asked for, measure, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.slow_clients", description=__doc__)
    parser.add_argument("clients", type=int, nargs="?", default=1_000)
    parser.add_argument("--requests", type=int, default=1_000, help="of the healthy client, without and beside them")
    args = parser.parse_args()
    with ground_of("sqlite") as ground:
        with shown("A healthy client", 2 * args.requests) as advance:
            found = compared(ground, args.clients, args.requests, advance)
        with shown("The control, with the server's own limits", 60) as advance:
            control = compared(ground, args.clients, 30, advance, weakness="listens-to-few")
    sys.stdout.write(f"{args.clients:,} slow clients: {found}\n  control: {control}\n")
    if control.holds:
        CONSOLE.print("The control answered as if there were no others: this proves nothing.")
    if not found.holds or control.holds:
        sys.exit(1)


if __name__ == "__main__":
    main()
