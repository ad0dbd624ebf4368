"""Clients that write to a service without pause: what they send, and what they are told, goes into the ledger."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from random import Random
from threading import Event, Thread
from urllib.parse import urlencode

from tests.faults.ledger import Ledger, Row, Sent
from tests.faults.served import KEY

WRITERS = 4
_NUMBERS = count(1)
_PATIENCE_SECONDS = 15


class Client:
    """Somebody who writes and reads over one connection, made anew when it breaks."""

    def __init__(self, port: int, ledger: Ledger) -> None:
        """Call the service at a port of this machine."""
        self.port, self.ledger = port, ledger
        self._connection: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Row | None = None, **headers: str) -> tuple[int, Row, dict[str, str]]:
        """The status, body and headers of an answer; 0 and nothing where the connection breaks."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        sent = {"Authorization": f"Bearer {KEY}"} | ({"Content-Type": kind} if body is not None else {}) | headers
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE_SECONDS)
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body).encode(), sent)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, {}, {}
        told = json.loads(content) if content and "json" in answer.headers.get("Content-Type", "") else {}
        return answer.status, told if isinstance(told, dict) else {}, dict(answer.headers)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def write(self, method: str, path: str, body: Row | None = None, says: str = "") -> tuple[int, Row]:
        """Send a write under a name of its own, and note what came of it."""
        token = f"w-{next(_NUMBERS):07}"
        sent = Sent(token, method, path, body, says)
        self.ledger.send(sent)
        return self.send(sent)

    def send(self, sent: Sent) -> tuple[int, Row]:
        """Send a write; the same one twice has its effect once, where it adds something."""
        headers = {"X-Request-Id": sent.token, "If-Match": "*"}
        if sent.method == "POST":
            headers["Idempotency-Key"] = sent.token
        path = f"{sent.path}?{urlencode({'reason': 'Because of the test'})}"
        status, answer, told = self.ask(sent.method, path, sent.body, **headers)
        if status >= 500 and not is_proper(status, told):
            self.ledger.improper.append(f"{sent.method} {sent.path}: {status} {answer}")
        if status:
            self.ledger.tell(sent.token, status, answer)
        return status, answer


class Writer:
    """A client with things of its own, which it adds, changes, links, reports on and withdraws."""

    def __init__(self, port: int, ledger: Ledger, seed: int) -> None:
        """Draw what to do from a seed."""
        self.client, self.drawn = Client(port, ledger), Random(seed)  # noqa: S311 - to be drawn again
        self.evidence: list[str] = []
        self.sources: list[str] = []
        self.actions: list[str] = []
        self.links: list[str] = []
        self.said = count(1)

    def step(self) -> int:
        """Do one thing; the status of its answer."""
        says = f"Thing {self.drawn.randrange(10**9)} was seen."
        ways = [self._add]
        ways += [self._change, self._change, self._link] if self.evidence and self.sources else []
        ways += [self._report] if self.actions else []
        ways += [self._withdraw] if len(self.evidence) > 3 else []
        return self.drawn.choice(ways)(says)

    def _add(self, says: str) -> int:
        kind = self.drawn.choice(("evidence", "evidence", "source", "action"))
        more: dict[str, Row] = {
            "evidence": {"evidence_kind": "observation", "statement": says},
            "source": {"source_class": "fieldwork"},
            "action": {},
        }
        path = {"evidence": "evidence", "source": "sources", "action": "actions"}[kind]
        status, answer = self.client.write("POST", f"/api/v1/{path}", {"title": says, **more[kind]}, says)
        if status == 201:
            {"evidence": self.evidence, "source": self.sources, "action": self.actions}[kind].append(answer["ref"])
        return status

    def _change(self, says: str) -> int:
        ref = self.drawn.choice(self.evidence)
        return self.client.write("PATCH", f"/api/v1/evidence/{ref}", {"statement": says, "title": says}, says)[0]

    def _link(self, says: str) -> int:
        ends = {"source": self.drawn.choice(self.evidence), "target": self.drawn.choice(self.sources)}
        body = {"type": "derived_from", **ends, "basis": "stated", "rationale": says}
        return self.client.write("POST", "/api/v1/links", body, says)[0]

    def _report(self, says: str) -> int:
        body = {"title": says, "statement": says, "claimed_status": "under_way", "effective_from": "2020-01-01"}
        return self.client.write("POST", f"/api/v1/actions/{self.drawn.choice(self.actions)}/progress", body, says)[0]

    def _withdraw(self, _says: str) -> int:
        ref = self.evidence.pop(self.drawn.randrange(len(self.evidence)))
        return self.client.write("DELETE", f"/api/v1/evidence/{ref}")[0]


@contextmanager
def writing(port: int, ledger: Ledger, seed: int = 0, writers: int = WRITERS) -> Iterator[list[Writer]]:
    """Several writers at once, until the end of the block; each waits a little where it is not answered."""
    ended = Event()
    all_of_them = [Writer(port, ledger, seed * 1_000 + number) for number in range(writers)]

    def work(writer: Writer) -> None:
        while not ended.is_set():
            if writer.step() in {0, 503}:
                time.sleep(0.02)
        writer.client.close()

    threads = [Thread(target=work, args=(writer,)) for writer in all_of_them]
    for thread in threads:
        thread.start()
    try:
        yield all_of_them
    finally:
        ended.set()
        for thread in threads:
            thread.join(2 * _PATIENCE_SECONDS)


def wait_for(ledger: Ledger, more: int, seconds: float = 60) -> None:
    """Wait until so many more writes are acknowledged."""
    until, before = time.monotonic() + seconds, len(ledger.acknowledged())
    while len(ledger.acknowledged()) < before + more and time.monotonic() < until:
        time.sleep(0.01)


def retried(port: int, ledger: Ledger) -> int:
    """Send every addition that was not answered again, under its own key; how many there were."""
    client = Client(port, ledger)
    open_ones = [one for token, one in list(ledger.sent.items()) if token not in ledger.told and one.method == "POST"]
    for one in open_ones:
        client.send(one)
    client.close()
    return len(open_ones)


def is_proper(status: int, headers: Mapping[str, str]) -> bool:
    """Whether a failure is one that a client can deal with: a problem, not of our making, that says when to return."""
    is_problem = headers.get("Content-Type") == "application/problem+json"
    return is_problem and (status == 507 or (status == 503 and headers.get("Retry-After", "").isdecimal()))
