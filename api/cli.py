"""The `mappa-trace` command: what an operator does without a request."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.exc import DBAPIError

from api.app import create_app
from api.checkpoints import Rewritten
from api.database import Database
from api.keykeeping import add_key_commands
from api.loading import bring_up_to_date
from api.publishing import FILE, GUIDE, guide, publish
from api.recordkeeping import (
    BAD_ANSWER,
    BAD_DATA,
    FAULTY,
    NO_FILE,
    NOT_WRITABLE,
    TOO_NEW,
    Stop,
    add_record_commands,
    err,
)
from api.rescanning import add_rescan_command
from api.safekeeping import add_copy_commands
from api.serving import add_serve_command, load_published
from api.settings import BadSetting, Settings, settings_from
from models.errors import Invalid
from models.schema import TooNew
from models.writing.replay import BadRecord
from seed.load import BadDataSet


def _migrate(settings: Settings, args: argparse.Namespace) -> None:
    """Bring the database to a revision of the schema."""
    with closing(Database(settings.database_url)) as database:
        bring_up_to_date(database, args.revision)
    err.print("The database has the schema of this version." if args.revision == "head" else "Done.")


def _seed(settings: Settings, _args: argparse.Namespace) -> None:
    """Load the published record; run it again and it adds nothing."""
    with closing(Database(settings.database_url)) as database:
        bring_up_to_date(database)
        loaded = load_published(database)
    err.print(f"Added {loaded.added}; {loaded.present} were there already.")


def _write(file: str | None, content: bytes) -> None:
    """Put bytes into a file, or on the standard output."""
    if file is None:
        sys.stdout.buffer.write(content)
    else:
        try:
            Path(file).write_bytes(content)
        except OSError as error:
            raise Stop(NO_FILE, f"Cannot write {file}: {error.strerror}.") from error
        err.print(f"Wrote {len(content):,} bytes to {file}")


def _matrix(settings: Settings, args: argparse.Namespace) -> None:
    """Write the traceability matrix: the bytes that the API answers with, without a server."""
    asked = [("format", args.format)]
    for pair in args.parameter:
        name, _, value = pair.partition("=")
        asked.append((name, value))
    app = create_app(settings)
    with closing(app.extensions["mappa"].database):
        answer = app.test_client().get("/api/v1/matrix", query_string=asked)
    if answer.status_code != HTTPStatus.OK:
        raise Stop(BAD_ANSWER, answer.get_data(as_text=True))
    _write(args.output, answer.get_data())


def _openapi(_settings: Settings, args: argparse.Namespace) -> None:
    """Write the OpenAPI document from the declarations, with answers from the published record."""
    _write(args.output, publish())


def _guide(_settings: Settings, args: argparse.Namespace) -> None:
    """Write the page that lists every endpoint with a call that works."""
    _write(args.output, guide())


def _parser(make_app: Callable[[Settings], Flask]) -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="mappa-trace", description=__doc__)
    parser.set_defaults(make_app=make_app)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Settings, argparse.Namespace], None]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    add_serve_command(add)
    add("migrate", _migrate).add_argument("revision", nargs="?", default="head")
    add("seed", _seed)
    matrix = add("matrix", _matrix)
    matrix.add_argument("--format", default="csv", help="json, csv, xlsx or markdown")
    matrix.add_argument("-o", "--output", help="the file; the standard output where it is not given")
    matrix.add_argument("parameter", nargs="*", help="parameters of /matrix, as columns=source cell=refs")
    add_record_commands(add)
    add_copy_commands(add)
    add_key_commands(add)
    add_rescan_command(add)
    add("openapi", _openapi).add_argument("-o", "--output", nargs="?", const=str(FILE), help="the file")
    add("guide", _guide).add_argument("-o", "--output", nargs="?", const=str(GUIDE), help="the file")
    return parser


def _run(run: Callable[[], Any]) -> None:
    """Run a command, turning what an operator can mend into a message and an exit code."""
    try:
        run()
    except BadSetting as error:
        raise Stop(2, str(error)) from error
    except TooNew as error:
        raise Stop(TOO_NEW, f"{error} Install the newer version, or choose another DATABASE_URL.") from error
    except BadDataSet as error:
        raise Stop(BAD_DATA, f"The data set cannot be loaded: {error} Nothing was changed.") from error
    except BadRecord as error:
        raise Stop(BAD_DATA, f"{error} Nothing was changed.") from error
    except Invalid as error:
        raise Stop(2, str(error)) from error
    except Rewritten as error:
        raise Stop(FAULTY, f"{error} No checkpoint was written: run verify.") from error
    except (DBAPIError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error)
        raise Stop(NOT_WRITABLE, f"The database cannot be used: {cause}. Check DATABASE_URL and its rights.") from error


def main(arguments: Sequence[str] | None = None, make_app: Callable[[Settings], Flask] = create_app) -> int:
    """Run `mappa-trace` and give its exit code, as docs/operate.md lists them; `make_app` makes what it serves."""
    args = _parser(make_app).parse_args(arguments)
    try:
        _run(lambda: args.run(settings_from(os.environ), args))
    except Stop as stop:
        err.print(str(stop), style="red", markup=False, highlight=False, soft_wrap=True)
        return stop.code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
