"""Keeping what was made, since it takes longer to make than to use: selectables, and what was found at one version."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import lru_cache, partial, wraps
from threading import Lock
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Shapes of which something is kept: as many as there are, since what a statement is being made of must not be let go.
SHAPES = 96
# Parts that every question is made of, a fixed number of them; whole statements, of which a caller can ask many.
PARTS, STATEMENTS = 256, 16


class Shaped(Protocol):
    """What a selectable is made for: of one shape are all that differ only in values given when it is run."""

    @property
    def shape(self) -> Self:
        """The one that all of this shape share what was made with."""


S = TypeVar("S", bound=Shaped)


@lru_cache(SHAPES)
def _made_for(_shape: Any) -> dict[Any, Any]:
    """What was made for a shape: by what made it."""
    return {}


def kept(most: int) -> Callable[[Callable[Concatenate[S, P], R]], Callable[Concatenate[S, P], R]]:
    """Keep the results of a function by the shape of its first argument and the other arguments, up to so many of each.

    A caller can name as many days and points of the record as he likes: they are no part of what is made.
    """

    def keep(make: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
        @wraps(make)
        def found(first: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
            shape: Any = first.shape
            made = _made_for(shape)
            if make not in made:
                made[make] = lru_cache(most)(partial(make, shape))
            result: R = made[make](*args, **kwargs)
            return result

        return found

    return keep


class Shelf:
    """Things that are kept while one version stays, up to so much weight in all; those asked for last stay longest."""

    def __init__(self, most: int) -> None:
        """Begin with nothing."""
        self._most, self._weight, self._lock = most, 0, Lock()
        self._version: Hashable = None
        self._kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def found(self, key: Hashable, version: Hashable) -> tuple[Any, int] | None:
        """What is kept under a key at a version, with its weight; what is of another version is let go."""
        with self._lock:
            if version != self._version:
                self._version, self._weight = version, 0
                self._kept.clear()
            if (kept := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
            return kept

    def keep(self, key: Hashable, version: Hashable, thing: Any, weight: int) -> None:
        """Keep a thing, unless another version has come; those that were asked for longest ago make room for it."""
        with self._lock:
            if version != self._version or key in self._kept:
                return
            self._kept[key] = (thing, weight)
            self._weight += weight
            while self._weight > self._most:
                self._weight -= self._kept.popitem(last=False)[1][1]
