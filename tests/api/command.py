"""The `mappa-trace` command as a process of its own."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from api.database import Database
from api.settings import ROOT
from seed.load import MAPPA_2015, entries

Result = subprocess.CompletedProcess[bytes]
ALL = len(entries(MAPPA_2015))
# What the libraries leave to the end of the process (sockets of waitress, pooled connections) is no failure.
COMMAND = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-m", "explorer.cli"]


def environ(url: str) -> dict[str, str]:
    """The environment of the command for one database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    own = Path(tempfile.gettempdir()) / f"mappa-{os.getpid()}-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    files = {"CHECKPOINT_FILE": f"{own}-checkpoint.json", "SIGNING_KEY_FILE": f"{own}-key.pem"}
    return kept | files | {"DATABASE_URL": url, "SECRET_KEY": "test", "PYTHONPATH": str(ROOT), "COLUMNS": "400"}


def run(url: str, *arguments: str) -> Result:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environ(url), capture_output=True, timeout=120, check=False
    )


def url_of(database: Database) -> str:
    """The URL of a database."""
    return database.url.render_as_string(hide_password=False)
