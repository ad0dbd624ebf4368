"""Measuring: some things in turn, round by round, so that what disturbs the machine disturbs all of them alike."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Task = Callable[[], Any]
# A task that can say how long it took itself, in seconds, gives a `Spent`; others are timed from outside.
MILLISECONDS = 1_000


class Spent(float):
    """Seconds that a task measured itself, without the way to it."""


@dataclass
class Found:
    """What was measured: seconds by question and by who answered, and why somebody could not."""

    seconds: dict[str, dict[str, float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def add(self, question: str, taken: Mapping[str, float]) -> None:
        """Add what a question took, by who answered it."""
        self.seconds.setdefault(question, {}).update(taken)

    def of(self, question: str, who: str) -> float | None:
        """How long somebody took for a question, in seconds; None where it was not measured."""
        return self.seconds.get(question, {}).get(who)

    def ratio(self, question: str, who: str, to: str) -> float | None:
        """How many times as long somebody took as another; None where one of them was not measured."""
        one, other = self.of(question, who), self.of(question, to)
        return one / other if one is not None and other else None


def timed(task: Task) -> float:
    """How long a task takes, in seconds."""
    begun = time.perf_counter()
    said = task()
    return said if isinstance(said, Spent) else time.perf_counter() - begun


def interleaved(tasks: Mapping[str, Task], rounds: int, *, warm: int = 1) -> dict[str, float]:
    """The median of each task over the rounds, in seconds; in each round every task has its turn."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(rounds + warm):
        for name, task in tasks.items():
            spent = timed(task)
            if turn >= warm:
                taken[name].append(spent)
    return {name: statistics.median(spent) for name, spent in taken.items()}


def machine() -> str:
    """The machine that this runs on, in words."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    where = f"{platform.system()} on {platform.machine()}"
    return f"{cores} cores, {memory:.0f} GiB, {where}, Python {platform.python_version()}"
