"""Something that a service stands on fails for a while, under load: what its clients are told meanwhile, and after."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any, NamedTuple

from tests.faults.ledger import Ledger, findings
from tests.faults.served import Service
from tests.faults.tally import Tally
from tests.faults.traffic import Client, is_proper, retried, wait_for, writing

# So many write while it fails, more than before it: whoever comes then needs connections of his own.
WRITERS = 6
RESUME_SECONDS = 15.0
_READS = ("/api/v1/evidence?limit=3", "/api/v1/links?limit=3", "/api/v1")


class Outage(NamedTuple):
    """How it begins, how it ends, how long it lasts, and how many of the reads are answered then: all, some, none."""

    begin: Callable[[], Any]
    end: Callable[[], Any]
    seconds: float
    reads: str = "all"


class Counts(NamedTuple):
    """What was seen in all outages: refusals of writes, reads answered and refused, seconds until writes went on."""

    refused: list[int]
    read: list[int]
    unread: list[int]
    resumed: list[float]

    def told(self) -> str:
        """In words."""
        return (
            f"{sum(self.refused):,} writes answered 503 or 507, {sum(self.read):,} reads answered and "
            f"{sum(self.unread):,} refused meanwhile; writes went on after {median(self.resumed):.2f} s (median), "
            f"{max(self.resumed):.2f} s at most"
        )


@contextmanager
def _reading(port: int, ledger: Ledger) -> Iterator[list[tuple[int, dict[str, str]]]]:
    """Somebody who reads all the time: the status and headers of each answer."""
    ended, seen = Event(), list[tuple[int, dict[str, str]]]()

    def read() -> None:
        client, number = Client(port, ledger), 0
        while not ended.is_set():
            status, _told, headers = client.ask("GET", _READS[number % len(_READS)])
            seen.append((status, headers))
            number += 1
            time.sleep(0.005)
        client.close()

    thread = Thread(target=read)
    thread.start()
    try:
        yield seen
    finally:
        ended.set()
        thread.join(30)


def endured(service: Service, outage: Outage, ledger: Ledger, seed: int) -> tuple[Counts, list[str]]:
    """Let something fail once under a running service: what was counted, and what was not as it should be."""
    before, improper = _refused(ledger), len(ledger.improper)
    with writing(service.port, ledger, 2 * seed, 1 + seed % 2 * WRITERS), _reading(service.port, ledger) as seen:
        wait_for(ledger, 8)
        first = len(seen)
        outage.begin()
        with writing(service.port, ledger, 2 * seed + 1, WRITERS):
            time.sleep(outage.seconds)
            refused, during = _refused(ledger) - before, seen[first:]
            outage.end()
            resumed = _seconds_until_acknowledged(ledger)
            time.sleep(0.3)
            settled = _refused(ledger)
            wait_for(ledger, 20, RESUME_SECONDS)
            late = _refused(ledger) - settled
    retried(service.port, ledger)
    failed = [(status, told) for status, told in during if status != 200]
    broken = [f"answered so: {told}" for told in ledger.improper[improper:]]
    broken += [f"a read: {status}" for status, told in failed if outage.reads == "all" or not is_proper(status, told)]
    if resumed >= RESUME_SECONDS or late:
        broken.append(f"writes do not go on: {resumed:.1f} s, then {late} refused")
    return Counts([refused], [len(during) - len(failed)], [len(failed)], [resumed]), broken


def _refused(ledger: Ledger) -> int:
    """How many writes were answered that they could not be done now."""
    statuses = ledger.statuses()
    return statuses[503] + statuses[507]


def _seconds_until_acknowledged(ledger: Ledger) -> float:
    """After how many seconds a write is acknowledged again."""
    begun = time.monotonic()
    wait_for(ledger, 1, RESUME_SECONDS)
    return time.monotonic() - begun


def repeated(
    begun: tuple[str, Path],
    outage_of: Callable[[Service], Outage],
    cycles: int,
    advance: Callable[[], None],
    *,
    weakness: str | None = None,
) -> Tally:
    """Let it fail so many times under one service, which is never started anew; a control ends with what it shows."""
    tally, counts, ledger = Tally(), Counts([], [], [], []), Ledger()
    service = Service(*begun, weakness)
    try:
        service.start()
        outage = outage_of(service)
        for cycle in range(cycles):
            acknowledged = len(ledger.acknowledged())
            try:
                found, broken = endured(service, outage, ledger, cycle)
            finally:
                outage.end()
            tally.add(findings(service.url, ledger), len(ledger.acknowledged()) - acknowledged)
            tally.broken += [*broken, *service.log.read_text().splitlines()[-3:]] if broken else []
            for counted, value in zip(counts, found, strict=True):
                counted.extend(value)
            advance()
            if weakness is not None and not tally.sound:
                break
    finally:
        service.kill()
    if not sum(counts.refused):
        tally.broken.append("no write was refused: it did not fail at all")
    if outage.reads != "none" and not sum(counts.read):
        tally.broken.append("no read was answered meanwhile")
    tally.told.append(counts.told())
    return tally
