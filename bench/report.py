"""The report: the tables of a run, on the console and as a Markdown file with a part for each engine."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.table import Table

from bench.goals import Results, goals
from bench.measuring import MILLISECONDS, Found

Lines = list[tuple[str, ...]]
_GOALS = ("goal", "to reach", "measured", "reached", "why not")
_TIMES = ("question", "service, ms", "other", "other, ms", "service to other")
_BEGIN = "## {}\n"


def _times(found: Found) -> tuple[Sequence[str], Lines]:
    """What each question took, in milliseconds, and how many times as long the service took as each other."""
    lines: Lines = []
    for question, taken in found.seconds.items():
        ours = taken.get("service")
        others = {name: seconds for name, seconds in taken.items() if name != "service"}
        own = "" if ours is None else f"{ours * MILLISECONDS:,.2f}"
        lines += [
            (question, own, name, f"{seconds * MILLISECONDS:,.2f}", "" if ours is None else f"{ours / seconds:,.2f}")
            for name, seconds in others.items()
        ] or [(question, own, "", "", "")]
    return _TIMES, lines


def _parts(results: Results) -> Iterator[tuple[str, Sequence[str], Lines]]:
    """The tables: goals, times by the clock, times of the server's processor."""
    yield "Goals", _GOALS, [goal.row() for goal in goals(results)]
    yield "By the clock", *_times(results.found)
    yield "Of the server's processor", *_times(results.cpu)


def tables(results: Results, title: str) -> Iterator[Table]:
    """The tables for the console."""
    for name, header, lines in _parts(results):
        table = Table(*header, title=f"{title}: {name}")
        for line in lines:
            table.add_row(*line)
        yield table


def _markdown(header: Sequence[str], lines: Lines) -> str:
    """A table in Markdown."""
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def as_markdown(file: Path, results: Results, engine: str, where: str) -> None:
    """Write the tables into a file, in the place of an earlier run on the same engine."""
    command = f"`python3 run.py bench {' '.join(sys.argv[1:])}`: {where}"
    told = [f"**{name}**\n\n{_markdown(header, lines)}" for name, header, lines in _parts(results)]
    missing = [f"- {who}: {why}" for who, why in results.found.missing.items()]
    absent = ["Not measured:\n\n" + "\n".join(missing)] if missing else []
    part = "\n\n".join([_BEGIN.format(engine) + f"\n{command}", *told, *absent]) + "\n"
    title = f"# The benchmark at size {results.size}\n\nRatios within one run count; the machine is shared and noisy.\n"
    before = file.read_text() if file.exists() else title
    others = re.sub(rf"\n## {engine}\n.*?(?=\n## |\Z)", "", before, flags=re.DOTALL).rstrip("\n")
    file.write_text(f"{others}\n\n{part}")
