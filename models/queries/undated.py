"""The undated: what an answer for a day leaves out because nobody dated it, counted so that it is not forgotten."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, not_, select
from sqlalchemy.orm import Session

from models.lens import Lens
from models.several import one_of
from models.vocabulary import TIMELESS_KINDS


def count_undated(session: Session, lens: Lens, item: Subquery, *matching: ColumnElement[bool], **values: Any) -> int:
    """How many of these items have no date though their kind has one; `item` comes from the lens, which has no day.

    `values` are those of the conditions.
    """
    statement = select(func.count()).where(
        item.c.effective_from.is_(None), not_(one_of(item.c.kind, TIMELESS_KINDS)), *matching
    )
    return lens.read(session, statement, **values).scalar() or 0


def undated_kinds(session: Session, lens: Lens, kinds: Iterable[str]) -> int | None:
    """How many items of these kinds an answer for the lens's day leaves out; None where it is for no day."""
    if lens.as_of is None:
        return None
    always = lens.at_any_time()
    item = always.items()
    return count_undated(session, always, item, one_of(item.c.kind, sorted(kinds)))
