"""Keeping what was made: a selectable takes many times longer to make than to run."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Parts that every question is made of, a fixed number of them; whole statements, of which a caller can ask many.
PARTS, STATEMENTS = 1_024, 64
# How many times fewer are kept for lenses with a day.
_DATED = 16


def kept(most: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the results of a function whose first argument is a lens, or is asked through one, up to so many.

    For lenses with a day only a few: there are as many days as callers like to name, and a kept selectable is large.
    """

    def keep(make: Callable[P, R]) -> Callable[P, R]:
        always: Any = lru_cache(maxsize=most)(make)
        dated: Any = lru_cache(maxsize=most // _DATED)(make)

        @wraps(make)
        def chosen(*args: P.args, **kwargs: P.kwargs) -> R:
            lens: Any = getattr(args[0], "lens", args[0])
            result: R = (always if lens.as_of is None else dated)(*args, **kwargs)
            return result

        return chosen

    return keep
