"""Keeping what was made: a selectable takes many times longer to make than to run."""

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Shapes of which something is kept: the last ones that were asked for. One can take 20 MB and more.
SHAPES = 12
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
