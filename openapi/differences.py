"""Telling how a document differs from the one that was committed."""

from collections.abc import Iterator
from typing import Any


def differences(old: Any, new: Any, at: str = "") -> Iterator[str]:
    """Each place (a JSON pointer) where two documents differ, and how."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in [*old, *(name for name in new if name not in old)]:
            if name not in new:
                yield f"{at}/{name}: is gone"
            elif name not in old:
                yield f"{at}/{name}: is new"
            else:
                yield from differences(old[name], new[name], f"{at}/{name}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{at}/{index}")
    elif old != new:
        yield f"{at}: differs"
