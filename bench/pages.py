"""How long the pages take to be made, against their limit, and how that grows with the programme.

Run it: `.venv/bin/python -m bench.pages` (a neutral programme of size S), or with `--size M` or `L`. Medians of
requests to the application in this process, of the public, with nothing remembered (or, with `--kept`, no answer, but
what was found of everything); the limit is 30 ms for a page at S. A filled database is kept under var/ and taken again.
"""

import argparse
import platform
import statistics
import sys
import time
from http import HTTPStatus

from flask.testing import FlaskClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.settings import Settings
from bench.known_at import keep_nothing
from bench.prepared import prepared
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
    "/search?q=what-nothing-has",
    "/compare",
    "/about-the-data",
    "/api",
    "/api/reference",
)


def _measured(client: FlaskClient, path: str, rounds: int) -> float | int:
    """The median of a page, in milliseconds, the first two not counted; or the status, where it is not answered."""
    taken = []
    for turn in range(rounds + 2):
        started = time.perf_counter()
        answer = client.get(path, headers={"Accept": f"text/html, text/x-turn-{turn}"})  # not asked so before
        spent = time.perf_counter() - started
        if answer.status_code != HTTPStatus.OK:
            return answer.status_code
        if turn > 1:
            taken.append(spent)
    return statistics.median(taken) * 1_000


def main() -> None:
    """Measure, and print a table; ends with 1 where a page at S is over the limit or any is not answered."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--size", choices=tuple(SIZES), default="S")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kept", action="store_true", help="with what is kept of everything while the record stays")
    args = parser.parse_args()
    console, size = Console(), SIZES[args.size]
    if not args.kept:
        keep_nothing()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Writing a neutral programme", total=size.things)
        with prepared(args.engine, size, lambda count: progress.advance(task, count)) as ready:
            found = {}
            app = create_app(Settings(ready.url, "bench"))
            task = progress.add_task("Measuring", total=len(PAGES))
            for path in PAGES:
                found[path] = _measured(app.test_client(), path, args.rounds)
                progress.advance(task)
            app.extensions["mappa"].database.close()
    table = Table("page", "ms", f"to {LIMIT_MS} ms")
    table.title = f"{args.size}: {args.engine}, {platform.machine()}, Python {platform.python_version()}"
    for path, spent in found.items():
        told = ("-", f"answered {spent}") if isinstance(spent, int) else (f"{spent:.1f}", f"{spent / LIMIT_MS:.2f}")
        table.add_row(path, *told)
    console.print(table)
    slow = args.size == "S" and any(spent > LIMIT_MS for spent in found.values())
    sys.exit(1 if slow or any(isinstance(spent, int) for spent in found.values()) else 0)


if __name__ == "__main__":
    main()
