"""Lists of what has a word in it: no index has the words, so that a list is gone through, a stretch at a time.

To go through all of a large programme takes longer the more there is. A stretch takes as long as it is; a page of a
large programme ends when it was looked for long enough, though not full, and the next goes on from there.
"""

from collections.abc import Sequence
from time import monotonic
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.filters import are_gone_through, conditions
from models.queries.looking import looked_for_until
from models.queries.paging import Key, Wanted
from models.queries.rows import shown
from models.queries.unchanged import while_unchanged

# How many things of a kind are gone through in one statement. Of a kind with more, what has a word is not counted.
LONG = 20_000

# Beyond the last there is, and can be.
_BEYOND = 2**31 - 1


def are_in_stretches(wanted: Wanted) -> bool:
    """Whether a list is looked through for words, in the order of the record: it may be longer than a statement may."""
    return bool(wanted.filters.get("q")) and wanted.sort == "recorded" and are_gone_through(wanted.filters)


def is_long(session: Session, lens: Lens, kind: str) -> bool:
    """Whether a reader sees more of a kind than is gone through in one statement."""
    return _end(session, lens, kind, 0) is not None


def mentions(
    session: Session, lens: Lens, kind: str, wanted: Wanted, last_id: int
) -> tuple[Sequence[RowMapping], Key | None]:
    """The rows of a page of a list that is looked through for words, after an item, and the key to go on after.

    One statement for each stretch, and one for its end where that was not found since the record last changed.
    """
    statement, until = _page(lens, kind, wanted), looked_for_until(session, lens)
    raws: list[RowMapping] = []
    end: tuple[int, str] | None = (last_id, "")
    while end is not None:
        low, end = end[0], _end(session, lens, kind, end[0])
        raws += lens.read(session, statement, low=low, high=end[0] if end else _BEYOND).mappings()
        if len(raws) > wanted.limit:
            return raws[: wanted.limit], (None, raws[wanted.limit - 1]["ref"])
        if end is not None and monotonic() >= until:
            return raws, (None, end[1])
    return raws, None


def _page(lens: Lens, kind: str, wanted: Wanted) -> Select[Any]:
    """The statement that reads a page, and one row more, of what the filters keep of one stretch (`low` to `high`)."""
    statement, item = shown(lens, (kind,))
    low, high = (bindparam(name, type_=Integer) for name in ("low", "high"))
    kept_of_it = conditions(lens, kind, item, wanted.filters)
    return (
        statement.where(item.c.id > low, item.c.id <= high, *kept_of_it)
        .order_by(item.c.id)
        .limit(first(wanted.limit + 1))
    )


def _end(session: Session, lens: Lens, kind: str, after: int) -> tuple[int, str] | None:
    """The last thing of the stretch after one, its id and its reference; None where it is the last of all."""

    def find() -> tuple[int, str] | None:
        match lens.read(session, _stretch(lens, kind, LONG), after_id=after).all():
            case [last, _further]:
                return last.id, last.ref
            case _:
                return None

    return while_unchanged(session, lens, ("the end of a stretch", kind, after), find, lambda _found: 1)


@kept(STATEMENTS)
def _stretch(lens: Lens, kind: str, most: int) -> Select[Any]:
    """The statement that finds the last of so many things of a kind after one (`after_id`), and whichever is next."""
    item = lens.items()
    later = (item.c.kind == kind, item.c.id > bindparam("after_id", type_=Integer))
    return select(item.c.id, item.c.ref).where(*later).order_by(item.c.id).limit(first(2)).offset(most - 1)
