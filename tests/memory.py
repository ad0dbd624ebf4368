"""Where the databases of a run lie: in memory, if the machine has room for them there; they are thrown away anyway."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name of its own
_NAME = "mappa-tests-"
# A run keeps some two gigabytes there.
_ROOM = 8 * 2**30


@contextmanager
def in_memory(otherwise: Path) -> Iterator[Path]:
    """A folder in memory, gone afterwards; the other one where there is no room for it."""
    if not _MEMORY.is_dir():
        yield otherwise
        return
    _clear_away()
    if shutil.disk_usage(_MEMORY).free < _ROOM:
        yield otherwise
        return
    with TemporaryDirectory(prefix=f"{_NAME}{os.getpid()}-", dir=_MEMORY, ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)  # PostgreSQL runs as somebody else
        yield Path(made)


def _clear_away() -> None:
    """Remove what runs have left that were killed."""
    for folder in _MEMORY.glob(f"{_NAME}*-*"):
        owner = folder.name.removeprefix(_NAME).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(folder, ignore_errors=True)
