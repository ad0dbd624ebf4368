"""The embedded server: waitress, which answers what it was sent before it stops, and lets slow clients take no thread.

Waitress itself cancels what waits for a thread and flushes nothing more when it is stopped; it closes a connection
whose client may still be writing, which can lose the answer; and a client that sends or reads a byte now and then keeps
its place for ever.
"""

import ctypes
import logging
import resource
import socket
import struct
import sys
import time
from contextlib import suppress
from threading import RLock
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from api.limits import CONNECTIONS, HEADER_BYTES, IDLE, SENDING

# How long a stop may take: whoever is not answered by then is cut off.
STOP_SECONDS = 10
# A connection on which nothing comes for so long after the stop was asked for is closed.
QUIET_SECONDS = 1
# And so is one whose client has sent a part of a request, and then nothing for so long.
_STALLED_SECONDS = 3
# Connections whose making had begun are still taken for so long after the stop was asked for.
_LATE_SECONDS = 0.2
# A whole request has to be there so many seconds after its first byte; so long may a reader read nothing.
REQUEST_SECONDS = SENDING.most
# A connection is kept so long between two requests: longer than proxies keep theirs (60 s), or they use a closed one.
_IDLE_SECONDS = IDLE.most
# How long what a client goes on sending is read and dropped, so that it gets to read our last answer.
_GOODBYE_SECONDS = 2
_LOOK_SECONDS = 5
# A connection takes up to three files: its own, and one each for a long request and a long answer.
_FILES_EACH, _FILES_ELSE = 3, 256
# Longer requests wait in a file, so that many slow ones do not fill the memory.
_REQUEST_BYTES_IN_MEMORY = 64 * 1024
_ACCEPTED_AT_ONCE = 64
# linux/filter.h and asm-generic/socket.h: of what comes to this socket, drop packets with SYN in their TCP flags.
_SO_ATTACH_FILTER = 26
_NO_SYN = ((0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF))
log = logging.getLogger("mappa.server")


class _Task(WSGITask):
    """The answer to one request; while the server stops, the last one on its connection says so."""

    def build_response_header(self) -> bytes:
        """The head of the answer."""
        channel: Any = self.channel
        if channel.server.stopping and channel.has_read_all():
            request: Any = self.request
            request.headers["CONNECTION"] = "close"
        return super().build_response_header()


class _Channel(HTTPChannel):
    """A connection, which is closed when its client has read the last answer, or is too slow."""

    task_class = _Task
    _coming: Any = None  # the request of which a part is there
    _coming_since = 0.0
    _goodbye_at: float | None = None

    def received(self, data: bytes) -> bool:
        """Take what the client sent; after our last answer nothing counts."""
        if self._goodbye_at is not None:
            return False
        taken = super().received(data)
        if self.request is not self._coming:
            self._coming, self._coming_since = self.request, time.time()
        return taken

    def write_soon(self, data: Any) -> int:
        """Have something sent; where all was read, the client's time to read begins with it, however long it waited."""
        if not self.total_outbufs_len:
            self.last_activity = time.time()
        return super().write_soon(data)

    def handle_write(self) -> None:
        """Send what is to be sent; after the last answer tell the client, and wait until it closes."""
        if self.close_when_flushed and not self.will_close:
            waitress: Any = self
            waitress._flush_exception(waitress._flush_some)  # noqa: SLF001 - as its own handle_write does
            if not self.total_outbufs_len and self.socket is not None:
                self.close_when_flushed, self._goodbye_at = False, time.time()
                try:
                    self.socket.shutdown(socket.SHUT_WR)
                except OSError:
                    self.handle_close()
            return
        super().handle_write()

    def has_read_all(self) -> bool:
        """Whether the client has sent nothing that is not answered, but for the request that is being answered."""
        connection = self.socket
        if len(self.requests) > 1 or self.request is not None:
            return False
        try:
            return connection is None or not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return True

    def is_quiet(self, now: float) -> bool:
        """Whether nothing is being answered or sent here, and the client, if it has begun to send, has long stopped."""
        if self.requests or self.total_outbufs_len or self.close_when_flushed or self._goodbye_at is not None:
            return False
        if self.request is not None:
            return self.last_activity < now - _STALLED_SECONDS
        return self.last_activity < now - QUIET_SECONDS and self.has_read_all()

    def is_too_slow(self, now: float) -> bool:
        """Whether the client takes too long to send a request, to read anything of an answer, or to close."""
        if self._goodbye_at is not None:
            return self._goodbye_at < now - _GOODBYE_SECONDS
        if self.total_outbufs_len:
            return self.last_activity < now - REQUEST_SECONDS
        return not self.requests and self.request is not None and self._coming_since < now - REQUEST_SECONDS


class Server(TcpWSGIServer):
    """Serves an application on a listening socket until it is told to stop, and then answers what it was sent."""

    channel_class = _Channel

    def __init__(self, application: Any, listener: socket.socket, threads: int, most_body: int) -> None:
        """Begin to listen; a body may have so many bytes before it is refused unread."""
        self.stopping = False
        self._at_once = False
        self._ended, self._ending = False, RLock()  # a signal may come while the lock is held
        self._sockets: Any = {}
        adjustments: dict[str, Any] = {
            "threads": threads,
            "ident": None,
            "clear_untrusted_proxy_headers": False,  # the application does, for every server
            "asyncore_use_poll": True,
            "connection_limit": _most_connections(),
            "channel_timeout": _IDLE_SECONDS,
            "cleanup_interval": _LOOK_SECONDS,
            "max_request_header_size": HEADER_BYTES.most,
            "max_request_body_size": most_body,
            "inbuf_overflow": _REQUEST_BYTES_IN_MEMORY,
        }
        sockinfo = (listener.family, listener.type, listener.proto, listener.getsockname())
        own: dict[str, Any] = {"map": self._sockets, "_sock": listener, "bind_socket": False}
        super().__init__(application, adj=Adjustments(**adjustments), sockinfo=sockinfo, **own)
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns at each request that has to wait

    @property
    def _channels(self) -> list[_Channel]:
        """The connections that there are."""
        channels: Any = self.active_channels
        return list(channels.values())

    def stop(self, *_signal: object) -> None:
        """Stop, from another thread or a signal; asked a second time, at once; after the end, nothing is left to do."""
        with self._ending:
            self._at_once = self.stopping
            self.stopping = True
            if not self._ended:
                self.pull_trigger()

    def run(self) -> None:
        """Serve until told to stop; then answer what was sent, within the time that there is, and close."""
        while not self.stopping:
            wasyncore.poll2(1.0, self._sockets)
        began = time.monotonic()
        _refuse_new(self.socket)
        while (self.accepting or self._channels) and not self._at_once:
            wasyncore.poll2(0.02, self._sockets)
            taken = time.monotonic() - began
            if taken > STOP_SECONDS:
                break
            if self.accepting and taken > _LATE_SECONDS:
                self._stop_listening()
            if taken > QUIET_SECONDS:
                self._let_go()
        self._end()

    def _stop_listening(self) -> None:
        """Take the connections that are there already, and listen no longer."""
        before = -1
        while len(self._channels) > before:
            before = len(self._channels)
            self.handle_accept()
        wasyncore.dispatcher.close(self)

    def _let_go(self) -> None:
        """Close the connections on which nothing is going on."""
        now = time.time()
        self._cut_off(now)
        for channel in self._channels:
            if channel.is_quiet(now):
                channel.handle_close()  # at once: what came before another look round would not be answered

    def _cut_off(self, now: float) -> None:
        """Close the connections whose clients are too slow, at once: where nobody reads, waitress waits to do so."""
        for channel in self._channels:
            if channel.is_too_slow(now):
                channel.handle_close()

    def _end(self) -> None:
        """Close everything; tell of what was not answered, if anything."""
        left = [channel for channel in self._channels if channel.requests or channel.total_outbufs_len]
        if left:
            log.warning("stopped before everything was answered", extra={"connections": len(left)})
        self.task_dispatcher.shutdown(timeout=1)
        with self._ending:
            self._ended = True
            wasyncore.close_all(self._sockets, ignore_all=True)
            self.trigger.close()  # type: ignore[attr-defined]  # its stub says int

    def handle_accept(self) -> None:
        """Take the connections that wait, so many of them; waitress takes one a round."""
        for _ in range(_ACCEPTED_AT_ONCE):
            before = len(self._channels)
            super().handle_accept()
            if len(self._channels) == before:
                return

    def maintenance(self, now: float) -> None:
        """Close the connections that are idle, as waitress does, and those that are too slow."""
        super().maintenance(int(now))
        self._cut_off(now)


def _most_connections() -> int:
    """How many connections there may be: as many as files may be open, and not more than the threads can do with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS.most * _FILES_EACH + _FILES_ELSE
    raised = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < raised:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
            soft = raised
    if soft == resource.RLIM_INFINITY:
        return CONNECTIONS.most
    return max(20, min(CONNECTIONS.most, (soft - _FILES_ELSE) // _FILES_EACH))


def _refuse_new(listener: socket.socket | None) -> None:
    """Let nobody begin a connection any more, while those that had begun are taken.

    A connection that comes between the last accept and the close is reset, with the request on it. Linux can drop the
    first packet of each instead: the client tries again, and is then refused. Elsewhere the gap stays.
    """
    if listener is None or sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in _NO_SYN))
    with suppress(OSError):
        filtered = struct.pack("HP", len(_NO_SYN), ctypes.addressof(program))
        listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, filtered)
