"""Rates: how often somebody may do something in a minute; counted by name, in this process."""

from collections import OrderedDict
from math import ceil
from threading import Lock
from time import monotonic

SECONDS = 60
NAMES = 10_000


class Rate:
    """So many times a minute for each name, all at once or evenly; None for as often as anybody likes.

    A name takes one number: when its share would be whole again. So many names are known at most; whoever has done
    nothing for longest is forgotten first.
    """

    def __init__(self, most: int | None) -> None:
        """Begin with nothing counted."""
        self._each = 0.0 if most is None else SECONDS / most
        self._whole: OrderedDict[str, float] = OrderedDict()
        self._lock = Lock()

    def take(self, name: str) -> int:
        """Count one for a name, 0; or, if it has had its share, count nothing: after how many seconds it may again."""
        if not self._each:
            return 0
        now = monotonic()
        with self._lock:
            whole = max(self._whole.get(name, now), now) + self._each
            if whole - now > SECONDS + self._each / 2:
                return ceil(whole - now - SECONDS)
            self._whole[name] = whole
            self._whole.move_to_end(name)
            if len(self._whole) > NAMES:
                self._whole.popitem(last=False)
            return 0
