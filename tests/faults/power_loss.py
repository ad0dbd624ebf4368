"""The power is lost under SQLite, at any moment of a service's writes: `python -m tests.faults.power_loss 10000`.

strace sees what the service writes, flushes and answers; the disk is built as a power loss may leave it, and every
acknowledged write has to be in the database that is found there. With synchronous=NORMAL some must be missing.
"""

import shutil
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random
from time import sleep

from api.copying import UnsoundFile, opened_read_only
from api.engines import sqlite
from models.verifier import Fault, run_on, verify
from tests.faults.disk import WATCHED, Disk, Event, events_in, moments
from tests.faults.ground import Ground, ground_of
from tests.faults.ledger import Ledger
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown
from tests.faults.traffic import wait_for, writing

# So many states are made of one run of the service, in which so many writes are acknowledged.
STATES, WRITES = 500, 150


def is_possible() -> bool:
    """Whether strace is there."""
    return shutil.which("strace") is not None


def watched(ground: Ground, writes: int, seed: int, weakness: str | None) -> tuple[Disk, list[Event], Ledger]:
    """Let clients write to a watched service: the disk before, what happened, and what was sent."""
    url, place = ground.begun()
    database, log = place / "database.db", place / "strace.log"
    disk, ledger = Disk(database), Ledger()
    service = Service(url, place, weakness, before=[*WATCHED, "-o", str(log)])
    try:
        service.start()
        with writing(service.port, ledger, seed):
            wait_for(ledger, writes)
        sleep(0.1)
    finally:
        service.stop()
    sleep(0.5)  # until strace has written all that it saw
    events = list(events_in(log, database))
    told = {event.name for event in events if event.what == "told"}
    if not events or not told >= ledger.acknowledged():
        raise RuntimeError(f"strace did not see every answer: {len(told)} of {len(ledger.acknowledged())}")
    shutil.rmtree(place)
    return disk, events, ledger


def power_lost(
    ground: Ground, states: int, seed: int, advance: Advance, *, weakness: str | None = None, writes: int = WRITES
) -> Tally:
    """Lose the power so many times; what was found. A control ends where it has shown that it loses something."""
    tally, drawn = Tally(), Random(seed)  # noqa: S311 - the same moments each time
    seen: dict[str, list[Fault]] = {}
    runs = 0
    for first in range(0, states, STATES):
        disk, events, ledger = watched(ground, writes, seed + runs, weakness)
        runs, place = runs + 1, ground.place()
        acknowledged, at = set[str](), 0
        for moment in moments(events, min(STATES, states - first), drawn):
            for event in events[at:moment]:
                disk.see(event)
                if event.what == "told":
                    acknowledged.add(event.name)
            at = moment
            _hold(place, disk.after_power_loss(drawn), (acknowledged, ledger), tally, seen)
            advance()
        tally.acknowledged += len(ledger.acknowledged())
    tally.told.append(f"something wrong in {len(tally.broken):,} states")
    tally.told.append(f"{runs} runs of the service, {len(seen):,} different databases found after the power loss")
    return tally


def _hold(
    place: Path,
    files: dict[str, bytes],
    told: tuple[set[str], Ledger],
    tally: Tally,
    seen: dict[str, list[Fault]],
) -> None:
    """Hold what a power loss left against what was acknowledged before it."""
    acknowledged, ledger = told
    for old in place.iterdir():
        old.unlink()
    database = place / "database.db"
    for name, content in files.items():
        (database if name == "db" else database.with_name(f"database.db{name}")).write_bytes(content)
    tally.cycles += 1
    try:
        recorded, faults = _found_in(database, seen)
    except (UnsoundFile, ValueError) as error:
        tally.faults += 1
        tally.broken.append(f"the database cannot be read: {error}")
        return
    lost, ghosts = acknowledged - recorded, recorded - ledger.sent.keys()
    tally.lost, tally.ghosts = tally.lost + len(lost), tally.ghosts + len(ghosts)
    tally.faults += len(faults)
    if lost or ghosts or faults:
        tally.broken.append(f"lost {sorted(lost)[:3]}, nobody sent {sorted(ghosts)[:3]}, faults {faults[:3]}")


def _found_in(database: Path, seen: dict[str, list[Fault]]) -> tuple[set[str], list[Fault]]:
    """The names of the writes that a database has, and what SQLite and the verifier find wrong with it.

    A database whose pages were all judged before is not judged again.
    """
    with closing(sqlite.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        rows = connection.execute("SELECT request_id FROM change").fetchall()
    recorded = {str(row[0]) for row in rows if str(row[0]).startswith("w-")}
    pages = sha256(database.read_bytes()).hexdigest()
    if pages not in seen:
        with opened_read_only(database) as connection:
            wrong = [Fault("pages", str(row[0])) for row in connection.execute("PRAGMA integrity_check")]
            found = [fault for fault in wrong if fault.what != "ok"]
            seen[pages] = [*found, *verify(run_on(connection))]
    return recorded, seen[pages]


def main() -> None:
    """Read what is asked for, lose the power, and say what was found."""
    args = arguments("power_loss", __doc__, 10_000, ("sqlite",)).parse_args()
    if not is_possible():
        sys.exit("This needs strace.")
    with ground_of("sqlite") as ground:
        with shown("Losing the power", args.cycles) as advance:
            tally = power_lost(ground, args.cycles, args.seed, advance)
        with shown("The control, synchronous=NORMAL", STATES) as advance:
            control = power_lost(ground, STATES, args.seed, advance, weakness="synchronous-normal")
    concluded("power loss on sqlite", tally, control)


if __name__ == "__main__":
    main()
