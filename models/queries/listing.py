"""Lists: one page of items or links, filtered, in a fixed order, continued after a key."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Subquery, and_, bindparam, func, literal, or_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.counting import counted, told
from models.queries.due_order import in_due_order
from models.queries.filters import conditions, given
from models.queries.graph import link_row, links_shown
from models.queries.paging import Key, Page, Wanted
from models.queries.rows import complete, shown, some, with_ties
from models.queries.sifting import is_sifted, is_too_long, sift
from models.queries.unchanged import count_while_unchanged
from models.queries.undated import count_undated

# What stands for no value, first and last of all, so that it comes last in either order.
_DAYS = (date.min, date.max)
_NUMBERS = (-1, 2**31 - 1)


def _sort_column(item: Subquery, sort: str) -> ColumnElement[Any]:
    """The expression that a list is sorted by; what has no value comes last."""
    last = 0 if sort.startswith("-") else 1
    match sort.removeprefix("-"):
        case "recorded":
            return item.c.id
        case "number":
            return func.coalesce(item.c.number, literal(_NUMBERS[last]))
        case "effective_from":
            return func.coalesce(item.c.effective_from, literal(_DAYS[last]))
        case name:
            return item.c[name]


def _beyond(column: ColumnElement[Any], item_id: ColumnElement[int], wanted: Wanted, key: Key) -> ColumnElement[bool]:
    """The condition that a row comes after the key: what the last one was sorted by, and its id."""
    value, last_id = key[0], int(key[1])
    if wanted.as_recorded:
        return item_id < last_id if wanted.backwards else item_id > last_id
    further = column < value if wanted.backwards else column > value
    return or_(further, and_(column == value, item_id > last_id))


def list_items(session: Session, lens: Lens, kind: str, wanted: Wanted) -> Page:
    """One page of the items of a kind.

    One statement and at most four to complete the rows; one more to go on, one more to count (none where this reader
    had the same counted since the record last changed), and one more where a date is asked for, to say how many undated
    items it left out. Where it is about some recommendations, these are found first, by one more, and for the undated
    by another. In the order of due dates, one or two find which actions the page has. Where filters sift a list, two
    for each stretch of it; a long one is not counted, and a page of it may end before it is full.
    """
    last_id = 0 if wanted.after is None else lens.place(session, "item", wanted.after[1])
    raws, after = _found(session, lens, kind, wanted, last_id)
    return Page(
        rows=with_ties(session, lens, kind, complete(session, lens, raws, (kind,))),
        after=after,
        total=_count(session, lens, kind, wanted) if wanted.count else None,
        undated=_count_undated(session, lens, kind, wanted) if lens.as_of else None,
    )


def _found(
    session: Session, lens: Lens, kind: str, wanted: Wanted, last_id: int
) -> tuple[Sequence[RowMapping], Key | None]:
    """The rows of a page after an item, and the key to go on after."""
    if is_sifted(wanted):
        return sift(session, lens, kind, wanted, last_id)
    if wanted.sort.endswith("due_on"):
        return _by_due_date(session, lens, wanted, last_id)
    if wanted.filters or wanted.sort != "recorded":
        key = None if wanted.after is None else (wanted.after[0], last_id)
        values = given(session, lens, kind, wanted.filters)
        raws = lens.read(session, _page(lens, kind, wanted, key), **values).mappings().all()
    else:
        raws = lens.read(session, _recorded(lens, kind, wanted.limit), last_id=last_id).mappings().all()
    if len(raws) <= wanted.limit:
        return raws, None
    last = raws[wanted.limit - 1]
    return raws[: wanted.limit], (None if wanted.as_recorded else last["sort_key"], last["ref"])


def _by_due_date(session: Session, lens: Lens, wanted: Wanted, last_id: int) -> tuple[Sequence[RowMapping], Key | None]:
    """The rows of a page of actions in the order of their due dates after an item, and the key to go on after."""
    placed = in_due_order(session, lens, wanted, None if wanted.after is None else (wanted.after[0], last_id))
    ids = [action_id for action_id, _ref, _due_on in placed[: wanted.limit]]
    rows = {raw["id"]: raw for raw in lens.read(session, some(lens, ("action",)), ids=ids).mappings()}
    after = None
    if len(placed) > wanted.limit:
        _id, ref, due_on = placed[wanted.limit - 1]
        after = (due_on, ref)
    return [rows[action_id] for action_id in ids], after


def _page(lens: Lens, kind: str, wanted: Wanted, key: Key | None) -> Select[Any]:
    """The statement that reads one page of the items of a kind, after a key, and one row more."""
    statement, item = shown(lens, (kind,))
    column = _sort_column(item, wanted.sort)
    statement = statement.where(*conditions(lens, kind, item, wanted.filters))
    if key is not None:
        statement = statement.where(_beyond(column, item.c.id, wanted, key))
    ordered = column.desc() if wanted.backwards else column.asc()
    ended = statement.add_columns(column.label("sort_key")).order_by(ordered, item.c.id)
    return ended.limit(first(wanted.limit + 1))


@kept(STATEMENTS)
def _recorded(lens: Lens, kind: str, limit: int) -> Select[Any]:
    """The statement for a page of all items of a kind in the order of the record, after an item (`last_id`)."""
    statement, item = shown(lens, (kind,))
    later = statement.where(item.c.id > bindparam("last_id", type_=Integer))
    return later.order_by(item.c.id).limit(first(limit + 1))


def _count(session: Session, lens: Lens, kind: str, wanted: Wanted) -> int | None:
    """How many items the whole list has, None where that is more than is counted, or looked at to count."""
    if wanted.filters and is_too_long(session, lens, kind, wanted.filters):
        return None

    def find() -> int:
        item = lens.items()
        matching = select(item.c.id).where(item.c.kind == kind, *conditions(lens, kind, item, wanted.filters))
        values = given(session, lens, kind, wanted.filters)
        return lens.read(session, counted(matching), **values).scalar() or 0

    return told(count_while_unchanged(session, lens, kind, wanted.filters, find))


def _count_undated(session: Session, lens: Lens, kind: str, wanted: Wanted) -> int | None:
    """How many items would match but have no date, and so stand in no answer for a date.

    None where more must be looked at than are counted.
    """
    always = lens.at_any_time()
    if is_too_long(session, always, kind, wanted.filters):
        return None
    item = always.items()
    matching = conditions(always, kind, item, wanted.filters)
    values = given(session, always, kind, wanted.filters)
    return count_undated(session, always, item, item.c.kind == kind, *matching, **values)


def list_links(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the trace links, in the order in which they were recorded. At most two statements."""
    statement, link = links_shown(lens)
    column = {"source": "source_ref", "target": "target_ref"}
    matching = [link.c[column.get(name, name)].in_(words) for name, words in wanted.filters.items()]
    statement = statement.where(*matching)
    if wanted.after is not None:
        statement = statement.where(link.c.id > lens.place(session, "link", wanted.after[1]))
    statement = statement.order_by(link.c.id).limit(first(wanted.limit + 1))
    raws = lens.read(session, statement).mappings().all()
    last = raws[wanted.limit - 1] if len(raws) > wanted.limit else None

    def count() -> int:
        return lens.read(session, counted(select(link.c.id).where(*matching))).scalar() or 0

    total = told(count_while_unchanged(session, lens, "link", wanted.filters, count)) if wanted.count else None
    return Page([link_row(raw) for raw in raws[: wanted.limit]], (None, last["ref"]) if last else None, total)
