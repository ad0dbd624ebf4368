"""Copies are made while clients write: `python -m tests.faults.online_backup 40`.

Every copy restores into an empty database and verifies there, has every write that was acknowledged before it was
begun, and nothing that nobody sent. The controls copy the file of SQLite, or a point of the record that is behind.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from time import sleep
from typing import IO
from unittest.mock import patch

import api.backup
import api.copying
from api.backup import back_up, restore
from api.database import Database
from api.transfer import write_export
from models.changes import last_seq
from models.writing.replay import BadRecord
from tests.faults.ground import Ground, ground_of
from tests.faults.ledger import Ledger, hold_against
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown
from tests.faults.traffic import wait_for, writing

WRITERS = 3
# A record is begun anew after so many copies, so that restoring all of it stays quick.
_ANEW = 5
# A small database is copied as slowly as a large one: so many pages at a time, with a pause after them.
_PAGES, _PAUSE_SECONDS = 8, 0.01


def _copies_the_file(database: Database, new: Path, _advance: Callable[[int, int], None]) -> None:
    """Copy the file of an SQLite database, as if nobody wrote."""
    assert database.file is not None
    new.write_bytes(database.file.read_bytes())


def _exports_what_is_behind(database: Database, _known_at: str | None, file: IO[bytes]) -> int:
    """Export a point of the record that is a little behind."""
    with database.reading() as session:
        seq = last_seq(session) - 10
    return write_export(database, str(seq), file)


def weakly(engine: str) -> AbstractContextManager[object]:
    """Makes copies of an engine that are no copies, for the control."""
    if engine == "sqlite":
        return patch.object(api.backup, "_copy_out", _copies_the_file)
    return patch.object(api.backup, "write_export", _exports_what_is_behind)


def copied(ground: Ground, cycles: int, advance: Advance, *, weak: bool = False) -> Tally:
    """Make so many copies, and restore each; what was found."""
    tally, during = Tally(), 0
    for first in range(0, cycles, _ANEW):
        url, place = ground.begun()
        service, ledger = Service(url, place), Ledger()
        try:
            service.start()
            for cycle in range(first, min(first + _ANEW, cycles)):
                file = place / f"copy-{cycle}"
                with writing(service.port, ledger, cycle, WRITERS), weakly(ground.engine) if weak else nullcontext():
                    wait_for(ledger, 12)
                    acknowledged = ledger.acknowledged()
                    with closing(Database(url)) as database, patch.object(api.copying, "_PAGES", _PAGES):
                        back_up(database, file, lambda _done, _total: sleep(_PAUSE_SECONDS))
                    during += len(ledger.acknowledged()) - len(acknowledged)
                _restored(ground, file, ledger, acknowledged, tally)
                advance()
                if weak and not tally.sound:
                    return tally
        finally:
            service.kill()
    tally.told.append(f"{during:,} writes acknowledged while copies were made")
    return tally


def _restored(ground: Ground, file: Path, ledger: Ledger, acknowledged: set[str], tally: Tally) -> None:
    """Restore a copy into an empty database, and hold that against what was acknowledged before it was begun."""
    url, _place = ground.nothing()
    with closing(Database(url)) as database:
        try:
            restore(database, file, lambda _done, _total: None)
        except BadRecord as error:
            tally.cycles += 1
            tally.broken.append(f"a copy does not restore: {error}")
            return
        with database.reading() as session:
            tally.add(hold_against(session.connection(), ledger, acknowledged))


def main() -> None:
    """Read what is asked for, make copies, and say what was found."""
    args = arguments("online_backup", __doc__, 40).parse_args()
    with ground_of(args.engine) as ground:
        with shown(f"Copying {args.engine} under load", args.cycles) as advance:
            tally = copied(ground, args.cycles, advance)
        with shown("The control", 5) as advance:
            control = copied(ground, 5, advance, weak=True)
    concluded(f"online backup of {args.engine}", tally, control)


if __name__ == "__main__":
    main()
