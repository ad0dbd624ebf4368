"""The picture of the README, of the service as it runs: `python -m tests.explorer.picture` writes docs/overview.png."""

import tempfile
from contextlib import closing
from pathlib import Path

from api.database import Database
from tests.explorer.browsing import browsing
from tests.process import served

FILE = Path("docs/overview.png")


def main() -> None:
    """Serve the published record, and take a picture of the first page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Database(f"sqlite:///{folder}/record.db")) as database,
        served(database, Path(folder)) as (address, _session, _log),
        browsing() as browser,
    ):
        looking = browser.new_page(viewport={"width": 1280, "height": 820})
        looking.goto(address)
        looking.screenshot(path=FILE)


if __name__ == "__main__":
    main()
