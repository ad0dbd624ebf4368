"""Which server carries the service best: waitress, as `mappa-trace serve` has it, gunicorn and granian.

Run it: `.venv/bin/python -m bench.servers` (the published record in SQLite; `--engine postgresql` for PostgreSQL), with
`-o FILE` for the table as Markdown. 32 clients that keep their connections ask one item, a page of 50 and one chain,
each again as soon as it is answered; the servers take turns. Then one healthy client, with a new connection for each
question, while 1,000 slow ones are connected. Then each server is told to stop (SIGTERM) while the 32 are asking: what
was sent and not wholly answered is lost. Servers that the service does not depend on are installed into
`var/bench-servers`. The clients run on the same cores: trust the ratios, and the processor time.
"""

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from threading import Timer

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from api.database import Database
from api.loading import prepare
from bench.contenders import Contender, contenders, exit_code, install, running, spent, versions
from bench.known_at import url_of
from bench.load import closed_loop, one_by_one, slow_clients
from seed.load import MAPPA_2015

ASKED = {
    "item": "/api/v1/evidence/F028",
    "page of 50": "/api/v1/evidence?limit=50",
    "chain": "/api/v1/recommendations/R7/chain",
}
CLIENTS, SLOW = 32, 1_000
_FILES = 8_192


def _race(
    shapes: list[Contender], url: str, folder: Path, args: argparse.Namespace, step: Callable[[str], None]
) -> None:
    """Throughput and latency, the servers taking turns; and the healthy client among the slow ones."""
    with ExitStack() as stack:
        processes = [stack.enter_context(running(one, url, folder)) for one in shapes]
        for turn in range(args.rounds + 1):
            for asked, path in ASKED.items():
                for one, process in zip(shapes, processes, strict=True):
                    step(f"{one.name}, {one.shape}: {asked}")
                    before = spent(process)
                    seen = closed_loop(one.address, [path], CLIENTS, args.seconds if turn else 0.5)
                    if turn:  # the first round is to get warm
                        one.seen[asked].append(seen)
                    if turn and asked == "item":
                        one.spent.append((spent(process) - before) / max(1, len(seen.latencies)))
    for turn in range(args.rounds):
        for one in shapes:
            step(f"{one.name}, {one.shape}: slow clients, round {turn + 1}")
            with running(one, url, folder), slow_clients(one.address, SLOW):
                time.sleep(4)  # until they are all there
                one.seen["healthy"].append(one_by_one(one.address, ASKED["item"], args.seconds * 2))


def _stop_each(shapes: list[Contender], url: str, folder: Path, rounds: int, step: Callable[[str], None]) -> None:
    """Tell each server to stop while it is asked, and count what was lost."""
    for _ in range(rounds):
        for one in shapes:
            step(f"{one.name}, {one.shape}: a stop")
            with running(one, url, folder) as started:
                closed_loop(one.address, list(ASKED.values()), CLIENTS, 0.5)
                for process in started:
                    Timer(1.0, process.terminate).start()
                one.lost.append(closed_loop(one.address, list(ASKED.values()), CLIENTS, 20).cut)
                one.ended += [exit_code(process) for process in started]


COLUMNS = (
    "server",
    "shape",
    "items/s",
    "pages/s",
    "chains/s",
    "item p50, ms",
    "p99, ms",
    "CPU of an item, ms",
    "healthy p50, ms",
    "healthy p99, ms",
    "unanswered",
    "lost at a stop",
    "exit codes",
)


def _row(one: Contender, base: Contender) -> list[str]:
    """What was measured of one server, the medians of its rounds; in brackets the median of the ratios to the first."""
    rates = []
    for asked in ASKED:
        own, first = ([len(seen.latencies) / seen.seconds for seen in who.seen[asked]] for who in (one, base))
        ratio = median(mine / theirs for mine, theirs in zip(own, first, strict=True) if theirs)
        rates.append(f"{median(own):.0f} ({ratio:.2f})")
    item, healthy = one.seen["item"], one.seen["healthy"]
    times = [median(seen.percentile(part) for seen in item) for part in (0.5, 0.99)]
    times += [median(one.spent)]
    times += [median(seen.percentile(part) for seen in healthy) for part in (0.5, 0.99)]
    told = [f"{taken * 1_000:.1f}" for taken in times]
    unanswered = f"{sum(seen.cut for seen in healthy)} of {sum(len(seen.latencies) for seen in healthy)}"
    return [one.name, one.shape, *rates, *told, unanswered, ", ".join(map(str, one.lost)), ", ".join(one.ended)]


def _markdown(title: str, rows: list[list[str]]) -> str:
    """The table as Markdown."""
    lines = [title, "", f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)]) + "\n"


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("-o", "--output", help="a file for the table as Markdown")
    args = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, _FILES), hard), hard))
    console, shapes = Console(width=max(Console().width, 170)), contenders()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    total = len(shapes) * ((args.rounds + 1) * len(ASKED) + 2 * args.rounds) + 1
    with (
        tempfile.TemporaryDirectory() as name,
        url_of(args.engine, Path(name)) as url,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("Installing", total=total)
        install()

        def step(what: str) -> None:
            progress.update(task, description=what, advance=1)

        database = Database(url)
        prepare(database, MAPPA_2015)
        database.close()
        _race(shapes, url, Path(name), args, step)
        _stop_each(shapes, url, Path(name), args.rounds, step)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    title = f"{versions()}; {args.engine}, {machine}; {CLIENTS} clients, {SLOW} slow clients; {args.rounds} rounds"
    rows = [_row(one, shapes[0]) for one in shapes]
    table = Table(*COLUMNS, title=title)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    if args.output:
        Path(args.output).write_text(_markdown(title, rows))


if __name__ == "__main__":
    main()
