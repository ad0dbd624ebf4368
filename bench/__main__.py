"""The benchmark: everything that the goals speak of, in one run, in turn, as a table of ratios.

Run it: `python3 run.py bench --size M`, with `--engine postgresql` for PostgreSQL and `-o docs/bench-M.md` for a file.
Peers are installed into an environment of their own under var/. A filled database is kept there and taken again.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from api.database import Database
from bench.connecting import version_of
from bench.files import measure_command, measure_import, measure_strictdoc, measure_writers
from bench.goals import Results
from bench.in_the_store import duck, measure_store, measure_whole
from bench.known_at import url_of
from bench.measuring import Found, machine
from bench.over_http import measure_downloads, measure_http, servers
from bench.peers import Peers, peers
from bench.prepared import Ready, prepared, write_files
from bench.programme import SIZES, S, Size
from bench.report import as_markdown, tables

_STEPS = 20
# What takes long: the import, StrictDoc, and whatever is asked of the whole programme.
PARTS = ("import", "strictdoc", "whole")


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--size", choices=tuple(SIZES), default="S")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--without", nargs="*", default=[], choices=PARTS, help="parts to leave out")
    parser.add_argument("-o", "--output", type=Path, help="a Markdown file; a part for another engine stays in it")
    return parser.parse_args(arguments)


def _measure(ready: Ready, small: Ready, others: Peers, progress: Progress, without: Sequence[str]) -> Results:
    """Everything, one part after another."""
    results = Results(Found(), Found(), {}, ready.size.name)
    task = progress.add_task("Measuring", total=_STEPS)

    def done(what: str) -> None:
        progress.update(task, advance=1, description=f"Measured {what}")

    whole = "whole" not in without
    results.found.missing |= dict.fromkeys(without, "left out by --without")
    write_files(ready)
    done("the files")
    with duck(others, ready.folder) as bird:
        if bird is not None:
            results.found.add("import", {"duckdb": bird.loading})
        measure_store(ready, small, bird, results.found, done)
        if whole:
            measure_whole(ready, bird, results.found, done)
    with servers(ready, others, results.found) as running:
        measure_http(ready, running, results, done)
        if whole:
            measure_downloads(ready, running, results.found, done)
    measure_writers(results.found, results.facts)
    done("the writers")
    if whole:
        measure_command(ready, results.found)
    done("the sqlite3 command")
    if "strictdoc" not in without:
        measure_strictdoc(ready, others, results.found)
    done("StrictDoc")
    if "import" not in without:
        _import(ready, results.found, progress)
    done("everything")
    return results


def _import(ready: Ready, found: Found, progress: Progress) -> None:
    """The import, into a database of its own."""
    folder = ready.folder / "empty"
    for file in folder.glob("bench.db*"):
        file.unlink()
    folder.mkdir(exist_ok=True)
    if ready.engine != "sqlite":
        found.missing["import"] = "measured on SQLite"
        return
    task = progress.add_task("Importing the record", total=ready.size.things)
    with url_of(ready.engine, folder) as url:
        empty = Database(url)
        measure_import(ready, empty, found, lambda seq: progress.update(task, completed=seq))
        empty.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, and write them where they are wanted."""
    args = _parsed(arguments)
    console, size = Console(), SIZES[args.size]
    others = peers()
    with Progress(console=Console(stderr=True), transient=True) as progress:

        def filling(of: Size) -> object:
            task = progress.add_task(f"Filling {of.name}", total=of.things)
            return prepared(args.engine, of, lambda more: progress.advance(task, more))

        small_first: object = filling(S)
        with small_first as small:  # type: ignore[attr-defined]  # a context manager
            if size is S:
                results, version = _measure(small, small, others, progress, args.without), version_of(small.asker)
            else:
                with filling(size) as ready:  # type: ignore[attr-defined]  # a context manager
                    results, version = _measure(ready, small, others, progress, args.without), version_of(ready.asker)
    where = f"{machine()}, {version}; {others.says()}; {datetime.now(UTC):%d %B %Y}"
    for table in tables(results, f"{size.name} on {version.partition(' ')[0]}"):
        console.print(table)
    console.print(where, soft_wrap=True)
    if args.output is not None:
        as_markdown(args.output, results, version.partition(" ")[0], where)
    return 0


if __name__ == "__main__":
    sys.exit(main())
