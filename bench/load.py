"""Clients of a server over HTTP: many that ask again as soon as they are answered, and many that are very slow."""

import re
import select
import selectors
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from threading import Event, Thread
from time import perf_counter
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_LARGE = "/api/v1/openapi.json"  # large, and cheap to answer
_PATIENCE = 5.0
Address = tuple[str, int]


def get(path: str) -> bytes:
    """The bytes of a request."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n".encode()


def missing(answer: bytes) -> int | None:
    """How many bytes of an answer are still to come; None while its head is not whole."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    length = _LENGTH.search(answer, 0, end)
    if length is None:
        raise ValueError(f"an answer without its length: {answer[:end]!r}")
    return end + 4 + int(length[1]) - len(answer)


@dataclass
class Measured:
    """What clients saw: how long each answer took, in seconds, and what was sent and never wholly answered."""

    latencies: list[float] = field(default_factory=list)
    cut: int = 0
    refused: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def percentile(self, part: float) -> float:
        """The latency that so large a part stays within, in seconds; not a number where nothing was answered."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("nan")


class _Client:
    """A connection that is kept, and asks the next question as soon as it is answered."""

    def __init__(self, address: Address, request: bytes) -> None:
        self.address, self.request = address, request
        self.socket: socket.socket | None = None
        self.answer, self.began = b"", 0.0

    def ask(self) -> None:
        """Send the question, on a new connection where there is none or the server has closed it."""
        self.answer, self.began = b"", perf_counter()
        if self.socket is not None and select.select([self.socket], [], [], 0)[0]:
            self.drop()
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=_PATIENCE)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(self.request)

    def read(self, seen: Measured) -> bool:
        """Read what has come; whether that was the rest. Raises where the answer was cut."""
        assert self.socket is not None  # noqa: S101 - read only after ask
        piece = self.socket.recv(65_536)
        if not piece:
            raise ConnectionResetError
        self.answer += piece
        if missing(self.answer) != 0:
            return False
        seen.latencies.append(perf_counter() - self.began)
        seen.wrong += not self.answer.startswith(b"HTTP/1.1 200")
        return True

    def is_closed(self) -> bool:
        """Whether the server has closed the connection, or has said that it does."""
        return not self.answer or _CLOSES.search(self.answer, 0, self.answer.find(b"\r\n\r\n")) is not None

    def drop(self) -> None:
        """Close the connection."""
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def closed_loop(address: Address, paths: Sequence[str], clients: int, seconds: float) -> Measured:
    """What so many clients see that ask for so long, each again as soon as it is answered.

    Ends early where nobody is listening any more, and everything that was sent has been answered or cut.
    """
    seen, begun, waiting = Measured(), perf_counter(), 0
    with closing(selectors.DefaultSelector()) as selector:
        for path in islice(cycle(paths), clients):
            waiting += _ask(_Client(address, get(path)), selector, seen)
        while waiting and perf_counter() - begun < seconds + _PATIENCE:
            for key, _ in selector.select(0.1):
                client: _Client = key.data
                if not _answered(client, seen):
                    continue
                selector.unregister(key.fileobj)
                waiting -= 1
                if client.is_closed():
                    client.drop()
                if perf_counter() - begun < seconds:
                    waiting += _ask(client, selector, seen)
                else:
                    client.drop()
        for key in list(selector.get_map().values()):
            seen.cut += 1
            key.data.drop()
    seen.seconds = perf_counter() - begun
    return seen


def _answered(client: _Client, seen: Measured) -> bool:
    """Read what has come to a client; whether it has its answer, or will not get it."""
    try:
        return client.read(seen)
    except OSError:
        seen.cut += 1
        client.answer = b""
        return True


def _ask(client: _Client, selector: selectors.BaseSelector, seen: Measured) -> bool:
    """Let a client ask; whether it could."""
    try:
        client.ask()
    except (ConnectionRefusedError, TimeoutError):
        seen.refused += 1
        return False
    except OSError:  # the kept connection was closed while nothing was asked on it
        client.drop()
        return _ask(client, selector, seen)
    assert client.socket is not None  # noqa: S101 - ask has made it
    selector.register(client.socket, selectors.EVENT_READ, client)
    return True


def one_by_one(address: Address, path: str, seconds: float) -> Measured:
    """What a healthy client sees that makes a new connection for each question; no answer counts as the patience."""
    seen, begun = Measured(), perf_counter()
    while perf_counter() - begun < seconds:
        client, asked = _Client(address, get(path)), perf_counter()
        try:
            client.ask()
            while not client.read(seen):
                pass
        except OSError:
            seen.cut += 1
            seen.latencies.append(max(_PATIENCE, perf_counter() - asked))
        client.drop()
    seen.seconds = perf_counter() - begun
    return seen


def _slow(kind: int, address: Address) -> socket.socket:
    """A slow client of one of three kinds, as it begins."""
    made = socket.socket()
    made.settimeout(_PATIENCE)
    if kind == 2:  # noqa: PLR2004 - the third kind
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    try:
        made.connect(address)
    except OSError:
        made.close()
        raise
    made.settimeout(0)
    made.send({0: b"G", 1: b"POST /api/v1/evidence HTTP/1.1\r\nHost: loc", 2: get(_LARGE)}[kind])
    return made


def _be_slow(kind: int, made: socket.socket, turn: int) -> None:
    """Do as little as keeps a connection: send one byte, nothing, or read one byte."""
    if kind == 0:
        made.send(get("/" + "a" * 4_000)[turn % 4_000 : turn % 4_000 + 1])
    elif kind == 2 and not made.recv(1):  # noqa: PLR2004 - the third kind
        raise ConnectionResetError


@contextmanager
def slow_clients(address: Address, count: int) -> Iterator[list[int]]:
    """So many slow clients, while the block runs: a third sends byte by byte, a third is half open, a third reads so.

    Each byte takes a second; who is thrown out comes back. Gives a list whose one number is how many are connected.
    """
    stop, connected = Event(), [0]
    thread = Thread(target=_stay, args=(address, count, stop, connected), daemon=True)
    thread.start()
    try:
        yield connected
    finally:
        stop.set()
        thread.join(10)


def _stay(address: Address, count: int, stop: Event, connected: list[int]) -> None:
    """Keep so many slow clients connected, each of which does something once a second."""
    clients: list[socket.socket | None] = [None] * count
    turn = 0
    while not stop.is_set():
        for place in range(count):
            if stop.is_set():
                break
            if place % 50 == 0:
                stop.wait(1 / max(1, count // 50))
            clients[place] = _go_on(clients[place], place % 3, address, turn)
            connected[0] = sum(one is not None for one in clients) if place % 50 == 0 else connected[0]
        turn += 1
    for one in filter(None, clients):
        one.close()


def _go_on(client: Any, kind: int, address: Address, turn: int) -> socket.socket | None:
    """A slow client one byte later, or a new one in its place; None where nobody lets it in."""
    try:
        if client is None:
            return _slow(kind, address)
        with suppress(BlockingIOError):
            _be_slow(kind, client, turn)
    except OSError:
        if client is not None:
            client.close()
        return None
    found: socket.socket = client
    return found
