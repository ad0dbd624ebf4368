"""Planting: a fault that leaks by one channel, put into the running service and taken out again."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import _lru_cache_wrapper
from typing import Any, NamedTuple

import pytest

from models.lens import Lens
from tests.leaks.probes import Probe
from tests.leaks.readers import PUBLIC, Reader

Plant = Callable[[pytest.MonkeyPatch], None]


class Mutant(NamedTuple):
    """A fault: its name, the channel by which it leaks, how it is planted, who asks what to see it.

    `first` is another reader, who asks the same before.
    """

    name: str
    channel: str
    plant: Plant
    asked: tuple[Probe, ...]
    reader: Reader = PUBLIC
    first: Reader | None = None


def get(path: str, **headers: str) -> Probe:
    """A read of the API."""
    return Probe("GET", f"/api/v1{path}", None, {name.replace("_", "-"): value for name, value in headers.items()})


def whole(lens: Lens) -> Lens:
    """The sight of whoever sees everything, on the same day, at the same point."""
    return replace(lens, whole=True)


def seeing_all(made: Callable[..., Any], place: int = 0) -> Callable[..., Any]:
    """A function of a lens, its argument at this place, which looks at everything instead."""

    def leaky(*args: Any, **kwargs: Any) -> Any:
        given = list(args)
        lens = given[place]
        given[place] = whole(lens) if isinstance(lens, Lens) else replace(lens, lens=whole(lens.lens))
        return made(*given, **kwargs)

    return leaky


def blind(module: Any, name: str, place: int = 0) -> Plant:
    """The fault that a function of a module looks at everything, whoever asks; its lens is the argument at a place."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(module, name, seeing_all(getattr(module, name), place))

    return plant


# What was made before a fault is planted is without it, and what is made with it must not stay.
_CACHES = [
    found
    for found in gc.get_objects()
    if isinstance(found, _lru_cache_wrapper) and str(found.__module__).startswith("models.")
]


def forget() -> None:
    """Forget every selectable that was made."""
    for cache in _CACHES:
        cache.cache_clear()


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """Run the service with a fault in it."""
    with pytest.MonkeyPatch.context() as patch:
        mutant.plant(patch)
        forget()
        yield
    forget()
