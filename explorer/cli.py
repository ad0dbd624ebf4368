"""The `mappa-trace` command of the whole service."""

import gc
import sys
from collections.abc import Sequence

gc.disable()  # what is imported stays: to look through it for garbage again and again took two fifths of a start
from api.cli import main as run  # noqa: E402 - after that
from explorer.app import create_app  # noqa: E402

gc.freeze()
gc.enable()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `mappa-trace` and give its exit code; what it serves has pages, too."""
    return run(arguments, create_app)


if __name__ == "__main__":
    sys.exit(main())
