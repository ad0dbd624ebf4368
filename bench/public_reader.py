"""What markings cost the public reader: the same reads as they are, and with handling alone, as before there were any.

On PostgreSQL the second layer (row-level security) is part of what is measured.

Run it: `.venv/bin/python -m bench.public_reader` (the published record), or with `--size M` for 20,000 pieces of
evidence, and `--engine postgresql` for PostgreSQL. Medians of interleaved requests to the application in this process;
the ratio is what counts. The limit is 1.1, for the chain and for the matrix.
"""

import argparse
import platform
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import ColumnElement, FromClause

from api.access import Principal
from api.app import create_app
from api.loading import bring_up_to_date, prepare
from api.settings import Settings
from bench.filling import fill
from bench.known_at import NEUTRAL, PUBLISHED, keep_nothing, once, url_of
from bench.programme import M, Size
from models.lens import Lens
from seed.load import MAPPA_2015

LIMIT, LIMITED = 1.1, ("chain", "matrix")
BEFORE = "before"
_sight: dict[str, str] = {}


def _let_both_be_asked() -> None:
    """Let the application read by handling alone, too, as `_sight` says; the statements of each are kept apart."""
    now = Lens.allowed

    def allowed(lens: Lens, table: FromClause) -> ColumnElement[bool]:
        return lens.cleared(table) if lens.record == BEFORE else now(lens, table)

    shape: Any = Lens.shape
    Lens.shape = property(lambda lens: replace(shape.fget(lens), record=lens.record))  # type: ignore[assignment,method-assign]
    Lens.allowed = allowed  # type: ignore[method-assign,assignment]  # the measurement is of this one function
    Principal.record = property(lambda _caller: _sight.get("record", "seen"))  # type: ignore[assignment]
    confined: Any = Principal.sight
    sight = property(lambda caller: None if _sight.get("record") == BEFORE else confined.fget(caller))
    Principal.sight = sight  # type: ignore[assignment,method-assign]


def _measured(client: Any, path: str, rounds: int) -> tuple[float, float]:
    """The medians of the read as it was and as it is, in milliseconds, interleaved."""
    times: dict[str, list[float]] = {BEFORE: [], "seen": []}
    for turn in range(rounds + 2):
        for sight, taken in times.items():
            _sight["record"] = sight
            spent = once(client, path)
            if turn > 1:
                taken.append(spent)
    return statistics.median(times[BEFORE]) * 1_000, statistics.median(times["seen"]) * 1_000


def main() -> None:
    """Measure, and print a table; ends with 1 where the chain or the matrix is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--size", choices=("published", "M"), default="published")
    parser.add_argument("--rounds", type=int, default=101)
    args = parser.parse_args()
    console, size = Console(), M if args.size == "M" else None
    _let_both_be_asked()
    keep_nothing()
    with tempfile.TemporaryDirectory() as name, url_of(args.engine, Path(name)) as url:
        folder = Path(name)
        app = create_app(Settings(url, "bench", {}, folder / "checkpoint.json", folder / "key.pem"))
        database = app.extensions["mappa"].database
        _fill(database, size, console)
        table = Table("read", "handling alone, ms", "whole marking, ms", "ratio")
        table.title = f"{args.size}: {args.engine}, {platform.machine()}, Python {platform.python_version()}"
        missed = False
        for label, path in (PUBLISHED if size is None else NEUTRAL).items():
            before, now = _measured(app.test_client(), path, args.rounds)
            missed = missed or (label in LIMITED and now / before > LIMIT)
            table.add_row(label, f"{before:.2f}", f"{now:.2f}", f"{now / before:.2f}")
        console.print(table)
        database.close()
    sys.exit(1 if missed else 0)


def _fill(database: Any, size: Size | None, console: Console) -> None:
    """Fill the database with what is published, or with a neutral programme."""
    if size is None:
        prepare(database, MAPPA_2015)
        return
    bring_up_to_date(database)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Writing a neutral programme", total=size.things)
        fill(database, size, lambda count: progress.advance(task, count))


if __name__ == "__main__":
    main()
