"""The `mappa-trace` command: what an operator does without a request."""

import argparse
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from rich.progress import Progress
from sqlalchemy.exc import DBAPIError
from waitress.server import create_server

from api.app import create_app
from api.checkpoints import Rewritten, checkpoints_kept
from api.database import Database
from api.keykeeping import HOW_TO_BEGIN, add_key_commands, nobody_may_write
from api.limits import BODY
from api.loading import bring_up_to_date, is_empty, seed
from api.logs import log_to_stderr
from api.publishing import FILE, GUIDE, guide, publish
from api.recordkeeping import (
    BAD_ANSWER,
    BAD_DATA,
    FAULTY,
    NO_FILE,
    NOT_WRITABLE,
    PORT_TAKEN,
    TOO_NEW,
    Stop,
    add_record_commands,
    err,
)
from api.rescanning import add_rescan_command
from api.settings import BadSetting, Settings, settings_from
from models.errors import Invalid
from models.schema import TooNew
from models.writing.replay import BadRecord
from seed.load import MAPPA_2015, BadDataSet, Loaded, entries

MOST_PORT = 65_535


def _load(database: Database) -> Loaded:
    """Load the published record, showing how far it is."""
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Loading the published record", total=len(entries(MAPPA_2015)))
        return seed(database, MAPPA_2015, lambda _ref: progress.advance(task))


def _listener(host: str, port: int) -> socket.socket:
    """A socket that listens there; says plainly when somebody else does."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Stop(
            PORT_TAKEN, f"Cannot listen on {host}:{port}: {error.strerror}. Choose another with --port."
        ) from error
    return listener


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _serve(settings: Settings, args: argparse.Namespace) -> None:
    """Serve: migrate, load the data if there is none, answer until stopped."""
    if settings.development_keys and not _is_loopback(args.host):
        raise BadSetting("DEVELOPMENT_KEY lets its holder do everything: it goes with --host 127.0.0.1 alone")
    app = create_app(settings)
    with closing(_listener(args.host, args.port)) as listener, closing(app.extensions["mappa"].database) as database:
        bring_up_to_date(database)
        if is_empty(database):
            loaded = _load(database)
            err.print(f"Loaded {loaded.added} items and links of the published record.")
        host = f"[{args.host}]" if ":" in args.host else args.host
        address = f"http://{host}:{listener.getsockname()[1]}"
        server = create_server(
            app, sockets=[listener], threads=args.threads, ident=None, max_request_body_size=2 * BODY.most
        )
        print(f"Serving on   {address}")
        print(f"First query  curl {address}/api/v1/recommendations/R7/chain")
        print(f"Docs         {address}/api/docs", flush=True)
        if not settings.development_keys and settings.provider is None and nobody_may_write(database):
            err.print("\n".join(HOW_TO_BEGIN), highlight=False, soft_wrap=True)
        signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(0))
        log_to_stderr(settings.log_format)
        with checkpoints_kept(database, settings):
            server.run()


def _migrate(settings: Settings, args: argparse.Namespace) -> None:
    """Bring the database to a revision of the schema."""
    with closing(Database(settings.database_url)) as database:
        bring_up_to_date(database, args.revision)
    err.print("The database has the schema of this version." if args.revision == "head" else "Done.")


def _seed(settings: Settings, _args: argparse.Namespace) -> None:
    """Load the published record; run it again and it adds nothing."""
    with closing(Database(settings.database_url)) as database:
        bring_up_to_date(database)
        loaded = _load(database)
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


def _port(text: str) -> int:
    """A port number; 0 lets the system choose."""
    if not (text.isdecimal() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: give a number from 0 to {MOST_PORT}")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    """What the command takes."""
    parser = argparse.ArgumentParser(prog="mappa-trace", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Settings, argparse.Namespace], None]) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        return command

    serve = add("serve", _serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument("--threads", type=int, default=8)
    add("migrate", _migrate).add_argument("revision", nargs="?", default="head")
    add("seed", _seed)
    matrix = add("matrix", _matrix)
    matrix.add_argument("--format", default="csv", help="json, csv, xlsx or markdown")
    matrix.add_argument("-o", "--output", help="the file; the standard output where it is not given")
    matrix.add_argument("parameter", nargs="*", help="parameters of /matrix, as columns=source cell=refs")
    add_record_commands(add)
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `mappa-trace` and give its exit code, as docs/operate.md lists them."""
    args = _parser().parse_args(arguments)
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
