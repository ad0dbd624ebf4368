"""What a question costs that is the first of a new application: the statement is made, prepared and planned.

Run it: `.venv/bin/python -m bench.first_asked` (the published record), and `--engine postgresql` for PostgreSQL.
Medians of the applications, each made anew in this process and asked once.
"""

import argparse
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from api.app import create_app
from api.loading import prepare
from api.settings import Settings
from bench.known_at import at, once, url_of
from seed.load import MAPPA_2015

ASKED = {
    "gaps": "/api/v1/gaps?limit=50",
    "recommendation": "/api/v1/recommendations/R3",
    "disagreements": "/api/v1/disagreements?limit=50",
    "matrix": "/api/v1/matrix",
}
POINT = 300


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--applications", type=int, default=8)
    args = parser.parse_args()
    console = Console()
    taken: dict[tuple[str, int], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name, url_of(args.engine, Path(name)) as url:
        settings = Settings(url, "bench", {}, Path(name) / "checkpoint.json", Path(name) / "key.pem")
        for turn in track(range(args.applications + 1), "Asking", console=console, transient=True):
            app = create_app(settings)
            database = app.extensions["mappa"].database
            if turn == 0:
                prepare(database, MAPPA_2015)
            for label, path in ASKED.items():
                for then, asked in enumerate((path, at(path, POINT))):
                    seconds = once(app.test_client(), asked)
                    if turn:  # the first makes what is kept for all
                        taken[label, then].append(1_000 * seconds)
            database.close()
    table = Table("first asked", "now, ms", "known_at, ms", title=f"published, {args.engine}")
    for label in ASKED:
        table.add_row(label, *(f"{statistics.median(taken[label, then]):.1f}" for then in (0, 1)))
    console.print(table)


if __name__ == "__main__":
    main()
