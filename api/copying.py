"""Copying SQLite files: while others write, and without altering what is copied."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from api.engines import sqlite

# What is raised of a file that is no sound database.
UnsoundFile: type[Exception] = sqlite.DatabaseError
# How many pages of a copy are copied at a time.
_PAGES = 1_000


@contextmanager
def opened_read_only(file: Path) -> Iterator[Any]:
    """A driver's connection to an SQLite file that leaves it as it is."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite.connect(address, uri=True, isolation_level=None)) as connection:
        yield connection


def copy_into(source: Any, file: Path, advance: Callable[[int, int], None], *, into_use: bool = False) -> None:
    """Copy what an SQLite connection sees at one moment into a file, in one transaction there, while others write here.

    The copy is one file that needs no other beside it; `into_use` leaves a file that is a database the way it is kept.
    `advance` is told the pages that were copied, and how many there are.
    """
    with closing(sqlite.connect(file, timeout=5, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is this moment
        source.backup(copy, pages=_PAGES, progress=lambda _status, rest, total: advance(total - rest, total))
        source.execute("COMMIT")
        if not into_use:
            copy.execute("PRAGMA journal_mode = DELETE")
