"""How long the pages take to be made, against their limit, and how that grows with the programme.

Run it: `.venv/bin/python -m bench.pages` (a neutral programme of size S), or with `--size M`. Medians of requests to
the application in this process, of the public, with nothing remembered (or, with `--kept`, no answer, but what was
found of everything); the limit is 30 ms for a page at S.
"""

import argparse
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path

from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.loading import bring_up_to_date
from api.settings import Settings
from bench.filling import fill
from bench.known_at import keep_nothing, url_of
from bench.programme import SIZES
from explorer.app import create_app

LIMIT_MS = 30
PAGES = (
    "/",
    "/recommendations",
    "/recommendations/recommendation-1",
    "/recommendations/recommendation-1/chain",
    "/evidence",
    "/evidence/evidence-4",
    "/sources",
    "/sources/source-1",
    "/action-plan",
    "/actions/action-1",
    "/gaps",
    "/matrix",
    "/changes",
    "/search?q=thing",
    "/compare",
    "/about-the-data",
    "/api",
    "/api/reference",
)


def _measured(client: FlaskClient, path: str, rounds: int) -> float:
    """The median of a page, in milliseconds; the first two are not counted."""
    taken = []
    for turn in range(rounds + 2):
        started = time.perf_counter()
        answer = client.get(path, headers={"Accept": f"text/html, text/x-turn-{turn}"})  # not asked so before
        spent = time.perf_counter() - started
        if answer.status_code != 200:  # noqa: PLR2004 - as HTTP has it
            raise RuntimeError(f"{path} is answered {answer.status_code}")
        if turn > 1:
            taken.append(spent)
    return statistics.median(taken) * 1_000


def main() -> None:
    """Measure, and print a table; ends with 1 where a page at S is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--size", choices=("S", "M"), default="S")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kept", action="store_true", help="with what is kept of everything while the record stays")
    args = parser.parse_args()
    console, size = Console(), SIZES[args.size]
    if not args.kept:
        keep_nothing()
    with tempfile.TemporaryDirectory() as name, url_of(args.engine, Path(name)) as url:
        app = create_app(Settings(url, "bench"))
        database = app.extensions["mappa"].database
        bring_up_to_date(database)
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("Writing a neutral programme", total=size.things)
            fill(database, size, lambda count: progress.advance(task, count))
        table = Table("page", "ms", f"to {LIMIT_MS} ms")
        table.title = f"{args.size}: {args.engine}, {platform.machine()}, Python {platform.python_version()}"
        found = {path: _measured(app.test_client(), path, args.rounds) for path in PAGES}
        for path, spent in found.items():
            table.add_row(path, f"{spent:.1f}", f"{spent / LIMIT_MS:.2f}")
        console.print(table)
        database.close()
    sys.exit(1 if args.size == "S" and max(found.values()) > LIMIT_MS else 0)


if __name__ == "__main__":
    main()
