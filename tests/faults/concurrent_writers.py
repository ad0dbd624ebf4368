"""Sixteen writers at once, race after race: `python -m tests.faults.concurrent_writers 100000 --engine postgresql`.

Each race is on a database of its own and is judged as tests/api/test_concurrent_writers.py judges its one: no update is
lost, nothing is there twice, every refusal was right, and the record verifies. The control takes every change, whatever
its sender has seen.
"""

import argparse
import logging
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from unittest.mock import patch

import api.changing
from api.database import Database
from tests.api import test_concurrent_writers as judging
from tests.api.test_concurrent_writers import TIMES, WRITERS, Race, racing
from tests.faults.ground import ENGINES, Ground, ground_of
from tests.faults.tally import CONSOLE, Advance, shown

JUDGES: list[Callable[[Race], None]] = [
    judge for name, judge in vars(judging).items() if name.startswith("test_") and callable(judge)
]
OPERATIONS = WRITERS * TIMES


class Judged:
    """What was done in all races, and which judges found fault with which race."""

    def __init__(self) -> None:
        """Begin with none."""
        self.races, self.operations, self.accepted = 0, 0, 0
        self.statuses: Counter[int] = Counter()
        self.faults: list[str] = []

    def judge(self, race: Race) -> None:
        """Count a race, and let every judge look at it."""
        self.races += 1
        self.operations += len(race.done)
        self.statuses.update(one.answer.status_code for one in race.done)
        for judge in JUDGES:
            try:
                judge(race)
            except AssertionError as error:
                self.faults.append(f"race {self.races}: {judge.__name__.removeprefix('test_')}: {error}")

    def _by_judge(self) -> str:
        """How many judgements against each judge gave."""
        counts = Counter(told.split(": ")[1] for told in self.faults)
        return "".join(f"; {name} {count:,}" for name, count in sorted(counts.items()))

    def __str__(self) -> str:
        """Everything in a line."""
        accepted = sum(count for status, count in self.statuses.items() if status < 300)
        refused = ", ".join(f"{count:,} {status}" for status, count in sorted(self.statuses.items()) if status >= 300)
        return (
            f"{self.races:,} races, {self.operations:,} operations, {accepted:,} accepted, "
            f"refused {refused or 'none'}, "
            f"{len(self.faults):,} judgements against{self._by_judge()}"
        )


def raced(ground: Ground, operations: int, seed: int, advance: Advance) -> Judged:
    """Race until so many operations were done."""
    judged = Judged()
    while judged.operations < operations:
        url, _place = ground.migrated()
        with (
            tempfile.TemporaryDirectory() as folder,
            closing(Database(url)) as database,
            racing(database, Path(folder), TIMES, seed + judged.races) as race,
        ):
            judged.judge(race)
        advance()
    return judged


def unconditional(ground: Ground, operations: int, advance: Advance) -> Judged:
    """The control: every change is taken, whatever its sender has seen."""
    with patch.object(api.changing, "seen_etags", lambda: None):
        return raced(ground, operations, 0, advance)


def main() -> None:
    """Read what is asked for, race, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.concurrent_writers", description=__doc__)
    parser.add_argument("operations", type=int, nargs="?", default=100_000)
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    logging.getLogger("mappa").addHandler(logging.NullHandler())  # what the database refuses is no news here
    with ground_of(args.engine) as ground:
        with shown(f"Races on {args.engine}", -(-args.operations // OPERATIONS)) as advance:
            found = raced(ground, args.operations, args.seed, advance)
        with shown("The control, which takes every change", 1) as advance:
            control = unconditional(ground, OPERATIONS, advance)
    sys.stdout.write(f"concurrent writers on {args.engine}: {found}\n  control: {control}\n")
    for told in found.faults[:5]:
        CONSOLE.print(told, markup=False, highlight=False, soft_wrap=True)
    if found.faults or not control.faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
