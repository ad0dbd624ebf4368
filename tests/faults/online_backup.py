"""Copies are made while clients write: `python -m tests.faults.online_backup 40`.

Every copy restores into an empty database and verifies there, has every write that was acknowledged before it was
begun, and nothing that nobody sent. The controls copy the file of SQLite, or a point of the record that is behind.
"""

from contextlib import closing
from pathlib import Path

from api.database import Database
from tests.faults.ground import Ground, ground_of
from tests.faults.ledger import Findings, Ledger, hold_against
from tests.faults.served import Service, run
from tests.faults.tally import Advance, Tally, arguments, concluded, shown
from tests.faults.traffic import wait_for, writing

WRITERS = 3
# A record is begun anew after so many copies, so that restoring all of it stays quick.
_ANEW = 5
WEAKNESSES = {"sqlite": "copies-the-file", "postgresql": "exports-as-it-goes"}


def copied(ground: Ground, cycles: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Make so many copies, and restore each; what was found."""
    tally, sizes = Tally(), list[int]()
    for first in range(0, cycles, _ANEW):
        url, place = ground.begun()
        service, ledger = Service(url, place), Ledger()
        try:
            service.start()
            for cycle in range(first, min(first + _ANEW, cycles)):
                file = place / f"copy-{cycle}"
                with writing(service.port, ledger, cycle, WRITERS):
                    wait_for(ledger, 12)
                    acknowledged = ledger.acknowledged()
                    made = run(url, place, "backup", str(file), weakness=weakness)
                    during = len(ledger.acknowledged()) - len(acknowledged)
                sizes.append(during)
                if made.returncode:
                    tally.cycles += 1
                    tally.broken.append(f"backup ended with {made.returncode}: {made.stderr.decode()[-300:]}")
                else:
                    tally.add(*_restored(ground, file, ledger, acknowledged, tally))
                advance()
                if weakness is not None and not tally.sound:
                    return tally
        finally:
            service.kill()
    tally.told.append(f"{sum(sizes):,} writes acknowledged while copies were made")
    return tally


def _restored(ground: Ground, file: Path, ledger: Ledger, acknowledged: set[str], tally: Tally) -> tuple[Findings, int]:
    """Restore a copy into an empty database, and hold that against what was acknowledged before it was begun."""
    url, place = ground.nothing()
    done = run(url, place, "restore", str(file))
    verified = run(url, place, "verify", "--no-checkpoint")
    for name, ended in (("restore", done), ("verify", verified)):
        if ended.returncode:
            tally.broken.append(f"{name} ended with {ended.returncode}: {ended.stderr.decode()[-300:]}")
    if done.returncode:
        return Findings(0, 0, [], [], [], [], []), 0
    with closing(Database(url)) as database, database.reading() as session:
        return hold_against(session.connection(), ledger, acknowledged), len(acknowledged)


def main() -> None:
    """Read what is asked for, make copies, and say what was found."""
    args = arguments("online_backup", __doc__, 40).parse_args()
    with ground_of(args.engine) as ground:
        with shown(f"Copying {args.engine} under load", args.cycles) as advance:
            tally = copied(ground, args.cycles, advance)
        with shown("The control", 5) as advance:
            control = copied(ground, 5, advance, weakness=WEAKNESSES[args.engine])
    concluded(f"online backup of {args.engine}", tally, control)


if __name__ == "__main__":
    main()
