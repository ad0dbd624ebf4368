"""An import is killed at any moment: `python -m tests.faults.interrupted_import 40`.

The database then holds nothing, or all of it; a second import completes what the first did not, and the export of what
was made is the file again. The control commits as it goes.
"""

import signal
from contextlib import closing
from io import BytesIO
from pathlib import Path
from random import Random

from api.database import Database
from api.loading import bring_up_to_date, is_empty
from api.transfer import read_export, write_export
from models.verifier import verify
from models.writing.replay import BadRecord
from tests.faults.ground import Ground, ground_of
from tests.faults.ledger import runs_on
from tests.faults.records import filled
from tests.faults.served import run
from tests.faults.tally import Advance, Tally, arguments, concluded, shown

CHANGES = 600


def interrupted(
    ground: Ground, cycles: int, seed: int, advance: Advance, *, changes: int = CHANGES, weakness: str | None = None
) -> Tally:
    """Kill so many imports; what was found."""
    tally, drawn = Tally(), Random(seed)  # noqa: S311 - the same moments each time
    url, place = ground.nothing()
    count = filled(url, changes)
    file = place / "export.ndjson"
    with closing(Database(url)) as database, file.open("wb") as opened:
        write_export(database, None, opened)
    found: list[str] = []
    for cycle in range(cycles):
        # Some are killed when all is done: just before the commit, and just after it.
        at = {1: count, 2: count + 1}.get(cycle % 8, drawn.randint(1, count))
        found.append(_killed_once(ground, file, at, weakness, tally))
        tally.cycles += 1
        advance()
        if weakness is not None and not tally.sound:
            break
    said = ", ".join(f"{found.count(what):,} {what}" for what in ("empty", "whole", "in part"))
    tally.told.append(f"{count:,} changes each time; after the kill {said}")
    return tally


def _killed_once(ground: Ground, file: Path, at: int, weakness: str | None, tally: Tally) -> str:
    """Kill an import at a change, then import again: what was there in between."""
    url, place = ground.nothing()
    killed = run(url, place, "import", str(file), weakness=",".join(filter(None, (weakness, f"dies-at={at}"))))
    if killed.returncode != -signal.SIGKILL:
        tally.broken.append(f"the import was not killed: {killed.returncode} {killed.stderr.decode()[-300:]}")
    with closing(Database(url)) as database:
        state = _state(database, file)
        if state == "in part":
            tally.broken.append(f"after change {at} a part was there")
            return state
        try:
            read_export(database, file, lambda _seq: None)
        except BadRecord as error:
            if state == "empty":
                tally.broken.append(f"the second import failed: {error}")
        if _state(database, file) != "whole":
            tally.broken.append("after the second import not all was there")
        with database.reading() as session:
            tally.faults += len(verify(runs_on(session.connection())))
    return state


def _state(database: Database, file: Path) -> str:
    """Whether a database is empty, or has all of an export, or something else."""
    bring_up_to_date(database)
    if is_empty(database):
        return "empty"
    content = BytesIO()
    write_export(database, None, content)
    return "whole" if content.getvalue() == file.read_bytes() else "in part"


def main() -> None:
    """Read what is asked for, interrupt imports, and say what was found."""
    parser = arguments("interrupted_import", __doc__, 40)
    parser.add_argument("--changes", type=int, default=CHANGES, help="in the record that is imported")
    args = parser.parse_args()
    with ground_of(args.engine) as ground:
        with shown(f"Interrupting imports on {args.engine}", args.cycles) as advance:
            tally = interrupted(ground, args.cycles, args.seed, advance, changes=args.changes)
        with shown("The control, which commits as it goes", 10) as advance:
            weak = {"changes": args.changes, "weakness": "imports-in-parts"}
            control = interrupted(ground, 10, args.seed, advance, **weak)
    concluded(f"import interrupted on {args.engine}", tally, control)


if __name__ == "__main__":
    main()
