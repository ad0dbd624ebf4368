"""What was found over many cycles of one fault, and how a command shows and says it."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import Progress

from tests.faults.ground import ENGINES
from tests.faults.ledger import Findings

CONSOLE = Console(stderr=True)
Advance = Callable[[], None]


@dataclass
class Tally:
    """Counts over all cycles; `broken` are promises other than those of the ledger, in words."""

    cycles: int = 0
    acknowledged: int = 0
    lost: int = 0
    ghosts: int = 0
    halves: int = 0
    denied: int = 0
    faults: int = 0
    broken: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def add(self, found: Findings, acknowledged: int | None = None) -> None:
        """Count what was found after a cycle, in which so many writes were acknowledged."""
        self.cycles += 1
        self.acknowledged += found.acknowledged if acknowledged is None else acknowledged
        self.lost += len(found.lost)
        self.ghosts += len(found.ghosts)
        self.halves += len(found.halves)
        self.denied += len(found.denied)
        self.faults += len(found.faults)
        if not found.sound:
            self.broken.append(
                f"{found.lost[:3]} {found.ghosts[:3]} {found.halves[:3]} {found.denied[:3]} {found.faults[:3]}"
            )

    @property
    def sound(self) -> bool:
        """Whether every promise held."""
        return not (self.lost or self.ghosts or self.halves or self.denied or self.faults or self.broken)

    def __str__(self) -> str:
        """Everything in a line."""
        counts = (
            f"{self.cycles:,} cycles, {self.acknowledged:,} writes acknowledged, {self.lost:,} lost, "
            f"{self.ghosts:,} nobody sent, {self.halves:,} by half, {self.denied:,} done though refused, "
            f"{self.faults:,} faults by the verifier, {len(self.broken):,} promises broken"
        )
        return "; ".join([counts, *self.told])


def arguments(module: str, doc: str | None, cycles: int, engines: Sequence[str] = ENGINES) -> argparse.ArgumentParser:
    """What every command of a fault takes."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.faults.{module}", description=doc)
    parser.add_argument("cycles", type=int, nargs="?", default=cycles)
    if len(engines) > 1:
        parser.add_argument("--engine", choices=engines, default=engines[0])
    parser.add_argument("--seed", type=int, default=0)
    return parser


@contextmanager
def shown(doing: str, total: int) -> Iterator[Advance]:
    """A progress bar; gives what is called after each cycle."""
    with Progress(console=CONSOLE) as progress:
        task = progress.add_task(doing, total=total)
        yield lambda: progress.advance(task)


def concluded(what: str, tally: Tally, control: Tally) -> None:
    """Say what was found; fails where a promise was broken, or where the control broke none."""
    sys.stdout.write(f"{what}: {tally}\n  control: {control}\n")
    for told in tally.broken[:5]:
        CONSOLE.print(f"broken: {told}", markup=False, highlight=False, soft_wrap=True)
    if control.sound:
        CONSOLE.print("The control broke no promise: this proves nothing.")
    if not tally.sound or control.sound:
        sys.exit(1)
