"""The commands that keep copies: backup and restore."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.progress import Progress

from api.backup import Advance, back_up, restore
from api.database import Database
from api.recordkeeping import NO_FILE, Command, Stop, err
from api.settings import Settings


def add_copy_commands(add: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add the commands that keep copies."""
    backup = add("backup", _backup)
    backup.add_argument("file", help="the copy, which must not be there yet")
    backup.add_argument("--replace", action="store_true", help="in place of the file that is there")
    add("restore", _restore).add_argument("file", help="a copy, or an export")


def _backup(settings: Settings, args: argparse.Namespace) -> None:
    """Write a copy of the database while the service runs, and check it: a file of SQLite, an export of PostgreSQL."""
    file = Path(args.file)
    with closing(Database(settings.database_url)) as database, _shown("Copying") as advance:
        if database.file is not None and not database.file.exists():
            raise Stop(NO_FILE, f"There is no database {database.file}: nothing to copy.")
        try:
            back_up(database, file, advance, replace=args.replace)
        except FileExistsError as error:
            raise Stop(NO_FILE, f"{file} is there already: choose another name, or say --replace.") from error
        except OSError as error:
            raise Stop(NO_FILE, f"Cannot write {file}: {error.strerror}.") from error
    err.print(f"Wrote {file}, {file.stat().st_size:,} bytes; it was checked and is sound.", soft_wrap=True)


def _restore(settings: Settings, args: argparse.Namespace) -> None:
    """Make an empty database what a copy or an export says, whole or not at all; with the service stopped."""
    file = Path(args.file)
    try:
        with file.open("rb"):
            pass
    except OSError as error:
        raise Stop(NO_FILE, f"Cannot read {file}: {error.strerror}.") from error
    with closing(Database(settings.database_url)) as database, _shown("Restoring") as advance:
        restore(database, file, advance)
    err.print(f"The database is what {file.name} says; the copy was checked and is sound.", soft_wrap=True)


@contextmanager
def _shown(doing: str) -> Iterator[Advance]:
    """Shows how far it is, where that is known."""
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(doing, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total or None)
