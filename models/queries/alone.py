"""What takes long, and much room, is worked out for one request of a process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from models.errors import Busy

_working = Lock()


@contextmanager
def alone() -> Iterator[None]:
    """While something is worked out that takes long; refuses whoever comes meanwhile, who then does not wait for it."""
    if not _working.acquire(blocking=False):
        raise Busy("Something else about the whole of this large programme is being worked out: ask again later.")
    try:
        yield
    finally:
        _working.release()
