"""The goals, and how far what was measured is from each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import ge, le

from bench.measuring import Found


@dataclass(frozen=True)
class Goal:
    """A goal: what it is about, what is to be reached, what was, and why it was not where it was not."""

    about: str
    to_reach: str
    measured: float | None
    reached: bool | None
    why: str

    def row(self) -> tuple[str, str, str, str, str]:
        """The goal as a row of a table."""
        told = "not measured" if self.measured is None else f"{self.measured:,.2f}"
        word = {True: "yes", False: "no", None: "-"}[self.reached]
        return (self.about, self.to_reach, told, word, "" if self.reached else self.why)


@dataclass
class Results:
    """All that a run measured: by the clock, by the server's processor, and single facts."""

    found: Found
    cpu: Found
    facts: dict[str, float]
    size: str


# Why a goal is not reached, where that is known.
_LAYERS = "who calls, the policy, the lens and a transaction of its own come before the rows"
_ALL_RULES = "fourteen rules with markings and titles, where the peer finds the bare ids of ten of them"
_OPENED = "statement, parameters and rows of SQLAlchemy weigh more than so short a walk"
_SAME_LENS = "every row is shaped for the reader; the peer counts ids"
_REPLAY = "each change is done again through the write path and its hash compared"


def _compared(about: str, to_reach: str, measured: float | None, limit: float, why: str) -> Goal:
    """A goal of at most (<=) or at least (>=) a limit, as its words begin."""
    fits: Callable[[float, float], bool] = ge if to_reach.startswith(">=") else le
    return Goal(about, to_reach, measured, None if measured is None else fits(measured, limit), why)


def _inverse(ratio: float | None) -> float | None:
    """The ratio the other way."""
    return 1 / ratio if ratio else None


def goals(results: Results) -> Iterator[Goal]:
    """Every goal, with what was measured of it."""
    found, cpu, facts = results.found, results.cpu, results.facts
    datasette, bare = "datasette", "flask and driver"

    def missing(who: str, otherwise: str) -> str:
        return found.missing.get(who, otherwise)

    for question, times, most in (("one item", 2.5, 2.0), ("page of 50", 5.0, 1.5)):
        asked = f"HTTP: {question}"
        speed = found.ratio(asked, datasette, "service")
        yield _compared(
            f"{question}, against Datasette", f">= {times} times as fast", speed, times, missing(datasette, _LAYERS)
        )
        share = cpu.ratio(asked, "service", bare)
        yield _compared(f"{question}, processor against Flask and the bare driver", f"<= {most}", share, most, _LAYERS)
    memory = found.ratio("HTTP: one item, unchanged", "flask and bytes in memory", "service")
    yield _compared("one item, unchanged, against bytes in memory", ">= 0.6 of its speed", memory, 0.6, _LAYERS)
    for walk in ("chain", "reach"):
        ratio = found.ratio(f"{walk}: the walk", "service", "driver")
        yield _compared(f"{walk}, against the same SQL on the driver", "<= 1.3", ratio, 1.3, _OPENED)
    grown = found.ratio("chain of the same size: the answer", "service", "service at S")
    yield _compared("chain of the same size, against S", "<= 1.5", grown, 1.5, "deeper indexes, colder pages")
    faster = found.ratio("whole matrix", "driver", "service")
    times = 10.0 if results.size == "L" else 3.0
    yield _compared(
        "whole matrix, against the same SQL", f">= {times:g} times as fast", faster, times, missing("whole", _SAME_LENS)
    )
    yield _compared(
        "all gaps, against DuckDB",
        "<= 1",
        found.ratio("all gaps", "service", "duckdb"),
        1.0,
        missing("whole", _ALL_RULES),
    )
    csv = found.ratio("HTTP: whole matrix as csv", "service", "sqlite3 command")
    yield _compared(
        "matrix as CSV, against the sqlite3 command", "<= 2", csv, 2.0, missing("sqlite3 command", _SAME_LENS)
    )
    yield _compared(
        "rows a second of processor into XLSX",
        ">= 60,000",
        facts.get("xlsx rows a second"),
        60_000,
        "one sheet, one core",
    )
    grows = facts.get("xlsx memory, times")
    yield _compared("memory for XLSX, five times the rows", "<= 1.1", grows, 1.1, "")
    ratio = found.ratio("import", "service", "sqlite3 command")
    yield _compared("import, against the sqlite3 command", "<= 1.8", ratio, 1.8, missing("import", _REPLAY))
    whole = found.of("import", "service"), found.of("HTTP: whole matrix as csv", "service")
    both = whole[0] + whole[1] if whole[0] and whole[1] else None
    strict = found.of("import and matrix", "strictdoc")
    against = strict / both if strict and both else None
    yield _compared(
        "import and matrix, against StrictDoc", ">= 100 times as fast", against, 100.0, missing("strictdoc", _REPLAY)
    )
