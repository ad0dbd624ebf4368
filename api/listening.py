"""The server that listens: to many clients at once, and to none of them for longer than a request should take."""

import resource
import socket
from contextlib import suppress
from time import time
from typing import Any

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server

from api.limits import BODY

# How many clients are listened to at once; whoever comes then waits until one is gone.
CLIENTS = 2_000
# How long a client may take to send a request, or say nothing; looked at so often.
SECONDS, LOOK_SECONDS = 60, 10
# What the process needs files for besides clients.
_OTHER_FILES = 100


class _Client(HTTPChannel):
    """A client whose request counts from its first byte: who sends a byte now and then is not active for that."""

    _begun = 0.0

    def received(self, data: bytes) -> bool:
        """Take what came in."""
        before = self.request
        taken = bool(super().received(data))
        if self.request is not None:
            self._begun = self._begun if self.request is before else time()
            self.last_activity = self._begun
        return taken


def server_on(listener: socket.socket, app: Flask, threads: int) -> Any:
    """A server of an application on a socket that listens already."""
    server: Any = create_server(
        app,
        sockets=[listener],
        threads=threads,
        ident=None,
        max_request_body_size=2 * BODY.most,
        connection_limit=_clients(),
        channel_timeout=SECONDS,
        cleanup_interval=LOOK_SECONDS,
        asyncore_use_poll=True,
    )
    server.channel_class = _Client
    return server


def _clients() -> int:
    """How many clients the system lets the process listen to, and no more than so many."""
    wanted = CLIENTS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return CLIENTS if soft == resource.RLIM_INFINITY else min(CLIENTS, soft - _OTHER_FILES)
