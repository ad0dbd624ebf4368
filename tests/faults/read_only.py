"""The database can only be read for a while: `python -m tests.faults.read_only 40 --engine postgresql`.

An SQLite file that nobody may alter (which needs a file system and a user that can make it so); a PostgreSQL that is
started anew as a standby, which takes no writes, and is promoted. Reads go on, writes are answered 503, nothing
acknowledged is lost, and writes go on by themselves afterwards.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.faults.ground import Ground, ground_of
from tests.faults.outage import Outage, repeated
from tests.faults.served import Service
from tests.faults.tally import Advance, Tally, arguments, concluded, shown

SECONDS = 1.0


def _alterable(files: list[Path], *, yes: bool) -> bool:
    """Let files be altered, or not; whether that could be done."""
    words = ["chattr", "-i" if yes else "+i", *map(str, files)]
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def is_possible(folder: Path) -> bool:
    """Whether files in a folder can be made so that nobody may alter them."""
    probe = folder / "probe"
    probe.touch()
    return _alterable([probe], yes=False) and _alterable([probe], yes=True)


def _unalterable(service: Service) -> Outage:
    """Nobody may alter the files of the database."""
    files = [service.folder / f"database.db{end}" for end in ("", "-wal")]
    return Outage(lambda: _alterable(files, yes=False), lambda: _alterable(files, yes=True), SECONDS)


def read_only(ground: Ground, cycles: int, advance: Advance, *, weakness: str | None = None) -> Tally:
    """Let the database only be read, so many times."""

    def standby(_service: Service) -> Outage:
        signal, following = Path(ground.server.pgdata) / "standby.signal", [False]

        def follow() -> None:
            ground.control("stop", "-m", "fast")
            following[0] = True
            signal.touch()
            shutil.chown(signal, ground.server.system_user)
            ground.control("start")

        def promote() -> None:
            if following[0]:
                ground.control("promote")
            following[0] = False

        return Outage(follow, promote, SECONDS, "some")

    outage_of = _unalterable if ground.engine == "sqlite" else standby
    return repeated(ground.begun(), outage_of, cycles, advance, weakness=weakness)


def main() -> None:
    """Read what is asked for, let the database only be read, and say what was found."""
    args = arguments("read_only", __doc__, 40).parse_args()
    with ground_of(args.engine) as ground:
        if ground.engine == "sqlite" and not is_possible(ground.folder):
            sys.exit("Here no file can be made so that nobody may alter it.")
        with shown(f"{args.engine}: it can only be read", args.cycles) as advance:
            tally = read_only(ground, args.cycles, advance)
        weakness = "keeps-connections" if ground.engine == "sqlite" else "answers-first"
        with shown(f"The control, which {weakness}", 5) as advance:
            control = read_only(ground, 5, advance, weakness=weakness)
    concluded(f"read-only on {args.engine}", tally, control)


if __name__ == "__main__":
    main()
