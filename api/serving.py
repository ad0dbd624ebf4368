"""The command that serves: the port, the first data, and the end."""

import argparse
import gc
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from ipaddress import ip_address
from typing import Any

from rich.progress import Progress

from api.call import Service
from api.checkpoints import checkpoints_kept
from api.database import Database
from api.keykeeping import HOW_TO_BEGIN, nobody_may_write
from api.limits import BODY
from api.loading import bring_up_to_date, is_empty, seed
from api.logs import log_to_stderr
from api.recordkeeping import PORT_TAKEN, Command, Stop, err
from api.server import Server
from api.settings import BadSetting, Settings
from seed.load import MAPPA_2015, Loaded, entries

MOST_PORT = 65_535


def load_published(database: Database) -> Loaded:
    """Load the published record, showing how far it is."""
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task("Loading the published record", total=len(entries(MAPPA_2015)))
        return seed(database, MAPPA_2015, lambda _ref: progress.advance(task))


def _listener(host: str, port: int, *, shared: bool) -> socket.socket:
    """A socket for that address, shared with others of the same user or not; says plainly when somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
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
    app = args.make_app(settings)
    service: Service = app.extensions["mappa"]
    own = _listener(args.host, args.port, shared=args.share_port)
    with closing(own) as listener, closing(service.database) as database:
        bring_up_to_date(database)
        if is_empty(database):
            loaded = load_published(database)
            err.print(f"Loaded {loaded.added} items and links of the published record.")
        log_to_stderr(settings.log_format)
        server = Server(app, listener, args.threads, 2 * BODY.most)
        _stop_when_told(server, service)
        _announce(args.host, listener.getsockname()[1])
        if not settings.development_keys and settings.provider is None and nobody_may_write(database):
            err.print("\n".join(HOW_TO_BEGIN), highlight=False, soft_wrap=True)
        gc.collect()
        gc.freeze()  # what serving needs stays: looking through it for garbage would hold answers up
        with checkpoints_kept(database, settings):
            server.run()


def _stop_when_told(server: Server, service: Service) -> None:
    """Let both signals stop the server: it answers what it was sent; the second time at once."""

    def stop(*_signal: Any) -> None:
        service.stopping.set()
        server.stop()

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, stop)


def _announce(host: str, port: int) -> None:
    """Say where the service is, and what to ask it first."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    print(f"Serving on   {address}")
    print(f"First query  curl {address}/api/v1/recommendations/R7/chain")
    print(f"Docs         {address}/api/docs", flush=True)


def _port(text: str) -> int:
    """A port number; 0 lets the system choose."""
    if not (text.isdecimal() and int(text) <= MOST_PORT):
        raise argparse.ArgumentTypeError(f"'{text}' is not a port: give a number from 0 to {MOST_PORT}")
    return int(text)


def add_serve_command(add: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add the command that serves."""
    serve = add("serve", _serve)
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=_port, default=8000)
    serve.add_argument("--threads", type=int, default=8)
    serve.add_argument("--share-port", action="store_true", help="let others like this one listen on the same port")
