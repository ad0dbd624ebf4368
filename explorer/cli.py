"""The `mappa-trace` command of the whole service."""

import sys
from collections.abc import Sequence

from api.cli import main as run
from explorer.app import create_app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `mappa-trace` and give its exit code; what it serves has pages, too."""
    return run(arguments, create_app)


if __name__ == "__main__":
    sys.exit(main())
