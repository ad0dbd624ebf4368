"""Copies of a database that are whole: written while others write, checked before they have their name, put back whole.

A copy of SQLite is a database file; a copy of PostgreSQL is an export of the record.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from api.copying import UnsoundFile, copy_into, opened_read_only
from api.database import Database
from api.loading import bring_up_to_date, is_empty
from api.settings import for_owner
from api.transfer import read_export, write_export
from models.schema import current
from models.verifier import Fault, export_faults, run_on, verify
from models.writing.replay import BadRecord

# How far a copy is: pages that were copied, and pages in all.
Advance = Callable[[int, int], None]
_SQLITE = b"SQLite format 3\0"


def back_up(database: Database, file: Path, advance: Advance, *, replace: bool = False) -> None:
    """Write a copy of the database as it is at one moment, while others go on writing.

    It is written beside `file`, checked, and only then given its name; what is there already is kept, unless `replace`.
    """
    if file.exists() and not replace:
        raise FileExistsError(0, "there is such a file already", str(file))
    with _beside(file) as new:
        if database.is_sqlite:
            _copy_out(database, new, advance)
        else:
            with new.open("wb") as opened:
                write_export(database, None, opened)
        check_copy(new, file.name)
        _put_in_place(new, file, replace=replace)


def restore(database: Database, file: Path, advance: Advance) -> None:
    """Make an empty database what a copy says, whole or not at all; the copy is checked first and never altered.

    A copy by an earlier version is brought to this version's schema on the way.
    """
    if not _is_database(file):
        read_export(database, file, lambda seq: advance(seq, 0))
        return
    if database.file is None:
        raise BadRecord(f"{file.name} is a copy of an SQLite database: restore it to one, export that, and import it.")
    bring_up_to_date(database)
    if not is_empty(database):
        raise BadRecord("The database holds something already: restore into an empty one.")
    with _beside(database.file) as new:
        _copied_from(file, new)
        with closing(Database(f"sqlite:///{new}")) as copy:
            with copy.engine.connect() as connection:
                if current(connection) is None:
                    raise BadRecord(f"{file.name} is no copy of a database of this service.")
            bring_up_to_date(copy)
        _check_database(new, file.name)
        with opened_read_only(new) as checked:
            copy_into(checked, database.file, advance, into_use=True)
    _flush(database.file.parent)


def _copied_from(file: Path, new: Path) -> None:
    """Copy a file that may be no sound database."""
    try:
        with opened_read_only(file) as source:
            copy_into(source, new, lambda _done, _total: None)
    except UnsoundFile as error:
        raise BadRecord(f"{file.name} is no sound copy: {error}.") from error


def check_copy(file: Path, called: str) -> None:
    """Refuse a copy that is not sound: its pages, its references, its record, and its tables by the record."""
    if _is_database(file):
        _check_database(file, called)
        return
    with file.open("rb") as lines:
        _refuse(export_faults(lines), called)


def _check_database(file: Path, called: str) -> None:
    """Refuse a file of SQLite that is not sound, without altering it."""
    try:
        with opened_read_only(file) as connection:
            _refuse(_faults_of_pages(connection), called)
            connection.execute("BEGIN")
            _refuse(verify(run_on(connection)), called)
    except UnsoundFile as error:
        raise BadRecord(f"{called} is no sound copy: {error}.") from error


def _faults_of_pages(connection: Any) -> list[Fault]:
    """What SQLite itself finds wrong with a file: its pages and indexes, and references to what is not there."""
    pages = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    references = connection.execute("PRAGMA foreign_key_check").fetchall()
    found = [Fault("its pages", told) for told in pages if told != "ok"]
    return [*found, *(Fault(f"{row[0]} {row[1]}", f"it refers to a {row[2]} that is not there") for row in references)]


def _copy_out(database: Database, new: Path, advance: Advance) -> None:
    """Copy an SQLite database as it is at one moment."""
    with closing(database.engine.raw_connection()) as lent:
        copy_into(lent.driver_connection, new, advance)


def _is_database(file: Path) -> bool:
    """Whether a file is an SQLite database; anything else has to be an export."""
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


def _refuse(faults: list[Fault], called: str) -> None:
    """Refuse what is faulty."""
    if faults:
        raise BadRecord(f"{called} is no sound copy: {faults[0].where}: {faults[0].what}.")


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A new empty file beside another, for its owner alone; gone afterwards, unless it was given a name."""
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    with open(new, "xb", opener=for_owner):
        pass
    try:
        yield new
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                new.with_name(f"{new.name}{end}").unlink(missing_ok=True)


def _put_in_place(new: Path, file: Path, *, replace: bool) -> None:
    """Give a file its name, so that it stays there also if the machine stops."""
    _flush(new)
    if replace:
        new.replace(file)
    else:
        os.link(new, file)  # refused where there is one already, whoever made it meanwhile
    _flush(file.parent)


def _flush(path: Path) -> None:
    """Let the disk have what was written to a file, or which names a folder has."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
