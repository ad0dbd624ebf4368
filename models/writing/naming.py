"""Naming: the reference that a new thing is given, and the things that a write names by reference."""

import secrets
from base64 import b32encode
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import Fault, Invalid
from models.items import Item
from models.lens import Lens

_RANDOM_BYTES = 10


def new_ref(kind: str) -> str:
    """A reference that nobody can guess: the kind's first letter and 80 random bits."""
    return f"{kind[0].upper()}-{b32encode(secrets.token_bytes(_RANDOM_BYTES)).decode().lower()}"


class Named:
    """The items that a write names, read once through the lens: what the writer does not see is not there."""

    def __init__(self, session: Session, lens: Lens, refs: Iterable[str]) -> None:
        """Read them all. One statement, and one for each item of which more than the reference is needed."""
        item = lens.items()
        wanted = select(item.c.ref, item.c.id, item.c.kind).where(item.c.ref.in_(set(refs)))
        self._found = {row.ref: row for row in lens.read(session, wanted)}
        self.session = session

    def at(self, pointer: str, ref: str, kinds: tuple[str, ...]) -> Item:
        """The item that stands at a place of the input; refused where there is none of these kinds."""
        found = self._found.get(ref)
        if found is None or found.kind not in kinds:
            raise Invalid(Fault(pointer, f"there is no {' or '.join(kinds)} '{ref}' here"))
        return self.session.get_one(Item, found.id)

    def every_at(self, pointer: str, refs: Iterable[str], kinds: tuple[str, ...]) -> None:
        """Refuse a list of the input in which a reference stands where there is none of these kinds."""
        for place, ref in enumerate(refs):
            self.at(f"{pointer}/{place}", ref, kinds)


def refs_in(values: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Every reference that these fields of an input hold."""
    found: list[str] = []
    for name in names:
        value = values.get(name)
        found += value if isinstance(value, list) else [value] if value is not None else []
    return found
