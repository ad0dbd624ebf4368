"""Counting: how many there are, as far as an answer tells; beyond that, that there are more."""

from typing import Any

from sqlalchemy import Select, func, select

from models.base import first

# To count more than this takes longer than the page that it would be said on.
MOST_COUNTED = 100_000


def up_to(most: int, rows: Select[Any]) -> Select[Any]:
    """The statement that counts rows, and stops at one more than so many."""
    return select(func.count()).select_from(rows.order_by(None).limit(first(most + 1)).subquery())


def counted(rows: Select[Any]) -> Select[Any]:
    """The statement that counts rows as far as an answer tells."""
    return up_to(MOST_COUNTED, rows)


def told(count: int | None) -> int | None:
    """A count as it is told: None where there are more than are counted."""
    return None if count is None or count > MOST_COUNTED else count
