"""Attempts to say who one is that failed: counted for each address, so that nobody tries for long."""

from collections import OrderedDict, deque
from threading import Lock
from time import monotonic

SECONDS = 60
_ADDRESSES = 10_000


class Attempts:
    """The failures of the last minute, of so many addresses at most; the oldest are forgotten first."""

    def __init__(self, most: int = 20) -> None:
        """Begin with none; so many may fail in a minute."""
        self._most = most
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def fail(self, address: str) -> int:
        """Count a failure; after how many seconds the address may fail again, 0 where it may at once."""
        now = monotonic()
        with self._lock:
            times = self._failed.setdefault(address, deque(maxlen=self._most + 1))
            self._failed.move_to_end(address)
            while times and times[0] <= now - SECONDS:
                times.popleft()
            times.append(now)
            if len(self._failed) > _ADDRESSES:
                self._failed.popitem(last=False)
            return 0 if len(times) <= self._most else max(1, round(SECONDS - (now - times[0])))
