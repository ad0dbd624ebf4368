"""The commands that keep the record: export, import, checkpoint, verify; and how every command ends."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Connection

from api.checkpoints import public_key, write_checkpoint
from api.database import Database
from api.settings import Settings
from api.transfer import changes_in, read_export, write_export
from models.verifier import not_seen, verify

PORT_TAKEN, NOT_WRITABLE, TOO_NEW, BAD_DATA, BAD_ANSWER, NO_FILE, FAULTY, SUSPECTED = 3, 5, 6, 7, 8, 9, 10, 11
err = Console(stderr=True)
Command = Callable[[Settings, argparse.Namespace], None]


class Stop(Exception):
    """A reason to end, with what to do about it and the exit code that says so."""

    def __init__(self, code: int, message: str) -> None:
        """Keep the code for the shell."""
        super().__init__(message)
        self.code = code


def add_record_commands(add: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add the commands that keep the record."""
    export = add("export", _export)
    export.add_argument("-o", "--output", required=True, help="the file")
    export.add_argument("--known-at", help="a change's number, a moment, a day or a baseline; without it, now")
    add("import", _import).add_argument("file", help="an export")
    add("checkpoint", _checkpoint)
    checked = add("verify", _verify)
    checked.add_argument("--checkpoint", help="the file of the checkpoint; without it, CHECKPOINT_FILE")
    checked.add_argument("--no-checkpoint", action="store_true", help="check without one: less is seen")
    checked.add_argument(
        "--key",
        help="the public key, base64, that is trusted to sign checkpoints; without it, that of SIGNING_KEY_FILE",
    )


def _export(settings: Settings, args: argparse.Namespace) -> None:
    """Write everything as NDJSON: the same point of the record gives the same bytes."""
    file = Path(args.output)
    new = file.with_name(f"{file.name}.new")
    with closing(Database(settings.database_url)) as database, err.status("Exporting"):
        try:
            with new.open("wb") as opened:
                seq = write_export(database, args.known_at, opened)
            new.replace(file)
        except OSError as error:
            raise Stop(NO_FILE, f"Cannot write {file}: {error.strerror}.") from error
        finally:
            new.unlink(missing_ok=True)
    err.print(f"Exported {seq} changes, and what they made, to {file}")


def _import(settings: Settings, args: argparse.Namespace) -> None:
    """Make an empty database what an export says, whole or not at all."""
    file = Path(args.file)
    try:
        total = sum(1 for _change in changes_in(file))
    except (OSError, ValueError) as error:
        raise Stop(NO_FILE, f"Cannot read {file}: {error}.") from error
    with closing(Database(settings.database_url)) as database, Progress(console=err, transient=True) as progress:
        task = progress.add_task("Doing every change again", total=total)
        count = read_export(database, file, lambda seq: progress.update(task, completed=seq))
    err.print(f"Imported {count} changes; the export of this database is {file.name} again.")


def _checkpoint(settings: Settings, _args: argparse.Namespace) -> None:
    """Write a signed checkpoint of the record as it is."""
    with closing(Database(settings.database_url)) as database:
        checkpoint = write_checkpoint(database, settings)
    err.print(f"Checkpoint of {checkpoint['size']} changes written to {settings.checkpoint_file}")


def _verify(settings: Settings, args: argparse.Namespace) -> None:
    """Check the record and the tables against each other and against the checkpoint; name what is wrong first."""
    checkpoint = None
    if not args.no_checkpoint:
        file = Path(args.checkpoint) if args.checkpoint else settings.checkpoint_file
        try:
            checkpoint = json.loads(file.read_bytes())
        except FileNotFoundError as error:
            raise Stop(NO_FILE, f"There is no checkpoint {file}: name one, or say --no-checkpoint.") from error
        except (ValueError, RecursionError) as error:
            raise Stop(FAULTY, f"The checkpoint {file} is not JSON: {error}.") from error
    with closing(Database(settings.database_url)) as database, database.reading() as session, err.status("Verifying"):
        key = args.key or (public_key(settings) if settings.signing_key_file.exists() else None)
        faults = verify(_on(session.connection()), checkpoint, key)
    for told in not_seen(checkpoint, key):
        err.print(told, markup=False, highlight=False, soft_wrap=True)
    if faults:
        told = "\n".join(f"{fault.where}: {fault.what}" for fault in faults[:20])
        raise Stop(FAULTY, f"The record is faulty, first at {told}\n{len(faults)} places in all.")
    print("The record is sound." if checkpoint else "The chain and the tables are sound.", file=sys.stdout)


def _on(connection: Connection) -> Callable[[str], tuple[Sequence[str], Iterable[Sequence[Any]]]]:
    """Runs queries on a connection of either engine."""

    def execute(query: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The names of the columns, and the rows."""
        cursor: Any = connection.exec_driver_sql(query)
        return list(cursor.keys()), (tuple(row) for row in cursor)

    return execute
