"""Sifting: a list with filters that no index answers is gone through a stretch at a time, each item judged by them.

To go through all of a large programme for what it has little of takes longer the more there is. A stretch takes as long
as it is; a page of a large programme ends when it was looked for long enough, though not full, and the next goes on
from there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, bindparam, literal_column, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.counting import MOST_COUNTED
from models.queries.filters import conditions, find_few
from models.queries.looking import looked_for_until
from models.queries.paging import Key, Wanted
from models.queries.rows import shown
from models.queries.unchanged import while_unchanged
from models.several import one_of

# How many things of a kind are gone through in one statement.
STRETCH = 20_000
# An id after those of all things.
_AFTER_ALL = 2**31 - 1


@dataclass(frozen=True)
class _Stretch:
    """So many things of a kind after one (`after_id`), in the order of the record or against it."""

    kind: str
    most: int
    backwards: bool = False

    @property
    def beyond(self) -> tuple[int, int]:
        """Before the first of all things, and after the last."""
        return (_AFTER_ALL, 0) if self.backwards else (0, _AFTER_ALL)

    def later(self, item: Subquery) -> ColumnElement[bool]:
        """The condition that an item comes after the one."""
        after = bindparam("after_id", type_=Integer)
        return item.c.id < after if self.backwards else item.c.id > after

    def within(self, item: Subquery) -> ColumnElement[bool]:
        """The condition that an item comes no later than the last of them (`end_id`)."""
        end = bindparam("end_id", type_=Integer)
        return item.c.id >= end if self.backwards else item.c.id <= end

    def order(self, item: Subquery) -> ColumnElement[int]:
        """Their order."""
        return item.c.id.desc() if self.backwards else item.c.id.asc()


def is_sifted(wanted: Wanted) -> bool:
    """Whether a list is gone through in the order of the record, or against it, by filters."""
    return bool(wanted.filters) and wanted.as_recorded and not find_few(wanted.filters)


def is_too_long(session: Session, lens: Lens, kind: str, filters: Mapping[str, Sequence[Any]]) -> bool:
    """Whether more of a kind must be gone through than are counted, to count what these filters keep."""
    return not find_few(filters) and _end(session, lens, _Stretch(kind, MOST_COUNTED), 0) is not None


def sift(
    session: Session, lens: Lens, kind: str, wanted: Wanted, last_id: int
) -> tuple[Sequence[RowMapping], Key | None]:
    """The rows of a page of a list that is sifted, after an item (0: from the beginning), and the key to go on after.

    One statement for each stretch, and one for its end where that was not found since the record last changed.
    """
    stretch, until = _Stretch(kind, STRETCH, wanted.backwards), looked_for_until(session, lens)
    statement, (before, after) = _page(lens, stretch, wanted), stretch.beyond
    raws: list[RowMapping] = []
    end: tuple[int, str] | None = (last_id or before, "")
    while end is not None:
        begin, end = end[0], _end(session, lens, stretch, end[0])
        raws += lens.read(session, statement, after_id=begin, end_id=end[0] if end else after).mappings()
        if len(raws) > wanted.limit:
            return raws[: wanted.limit], (None, raws[wanted.limit - 1]["ref"])
        if end is not None and monotonic() >= until:
            return raws, (None, end[1])
    return raws, None


def _page(lens: Lens, stretch: _Stretch, wanted: Wanted) -> Select[Any]:
    """The statement that reads a page, and one row more, of what the filters keep of a stretch."""
    statement, item = shown(lens, (stretch.kind,))
    sifted = conditions(lens, stretch.kind, item, wanted.filters)
    found = statement.where(stretch.later(item), stretch.within(item), *sifted)
    return found.order_by(stretch.order(item)).limit(first(wanted.limit + 1))


def _end(session: Session, lens: Lens, stretch: _Stretch, after_id: int) -> tuple[int, str] | None:
    """The last thing of a stretch after one, its id and its reference; None where it is the last of all."""

    def find() -> tuple[int, str] | None:
        match lens.read(session, _last_of(lens, stretch), after_id=after_id).all():
            case [last, _further]:
                return last.id, last.ref
            case _:
                return None

    return while_unchanged(session, lens, ("the end", stretch, after_id), find, lambda _found: 1)


@kept(STATEMENTS)
def _last_of(lens: Lens, stretch: _Stretch) -> Select[Any]:
    """The statement that finds the last thing of a stretch, and whichever is next.

    How many, and of which kind, stand in it: PostgreSQL could else not tell how few there are of some kinds.
    """
    item = lens.items()
    found = select(item.c.id, item.c.ref).where(one_of(item.c.kind, (stretch.kind,)), stretch.later(item))
    before = literal_column(str(stretch.most - 1), Integer)
    return found.order_by(stretch.order(item)).limit(first(2)).offset(before)
