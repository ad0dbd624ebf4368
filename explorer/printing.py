"""Printing: what turns papers into PDF and PNG, if it is installed; one paper at a time in a process."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from types import ModuleType

from api.problems import NotAcceptable, Unavailable

# What makes each format, and what it needs beside the package that is installed with the extra.
_MADE_BY = {"pdf": ("weasyprint", ", and the library Pango"), "png": ("resvg_py", "")}
PATIENCE_SECONDS = 3.0
_one = Lock()
log = logging.getLogger("mappa")


def prints(name: str) -> bool:
    """Whether a format can be had here, as far as can be told without trying."""
    return name not in _MADE_BY or find_spec(_MADE_BY[name][0]) is not None


@contextmanager
def press(name: str) -> Iterator[ModuleType]:
    """What makes a format, for one paper; refused where it is not installed, or stays busy."""
    maker = _maker(name)
    if not _one.acquire(timeout=PATIENCE_SECONDS):
        raise Unavailable("Others' papers are being made; this service makes one at a time.")
    try:
        yield maker
    finally:
        _one.release()


def _maker(name: str) -> ModuleType:
    """The module that makes a format; it is loaded with the first paper, since it takes its time."""
    try:
        return import_module(f"explorer.as_{name}")
    except (ImportError, OSError) as error:
        log.warning("papers cannot be made", extra={"format": name, "reason": str(error)[:200]})
        _package, beside = _MADE_BY[name]
        raise NotAcceptable(
            f"This service cannot make {name.upper()}: whoever runs it has not installed the extra 'papers' "
            f"(mappa-traceability-api[papers]){beside}. Pictures are there as SVG all the same."
        ) from error
