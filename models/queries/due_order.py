"""Actions in the order of their due dates in force: by the index of the days, and then those that have none."""

from datetime import date
from typing import Any

from sqlalchemy import Integer, Join, Select, bindparam, null, or_, select
from sqlalchemy.orm import Session

from models.base import InOrder, first
from models.lens import Lens
from models.queries.due import due_in_force
from models.queries.filters import conditions, find_few, given
from models.queries.paging import Wanted

# An action: its id, its reference, and the due date in force, None where it has none.
Placed = tuple[int, str, date | None]


def in_due_order(session: Session, lens: Lens, wanted: Wanted, last: tuple[date | None, int] | None) -> list[Placed]:
    """The next actions that the filters keep after the `last`, one more than a page has.

    Those without a due date come last in either order, as they stand in the record. One statement, and one more where
    those with one do not fill the page.
    """
    values, most = given(session, lens, "action", wanted.filters), wanted.limit + 1
    day, last_id = last or (None, 0)
    found: list[Any] = []
    if last is None or day is not None:
        dated = _dated(lens, wanted, day, last_id)
        found, last_id = [*lens.read(session, dated.limit(first(most)), **values)], 0
    if len(found) < most and False in wanted.filters.get("due", [False]):
        undated = _undated(lens, wanted).limit(first(most - len(found)))
        found += lens.read(session, undated, last_id=last_id, **values)
    return [(action_id, ref, due_on) for action_id, ref, due_on in found]


def _dated(lens: Lens, wanted: Wanted, day: date | None, last_id: int) -> Select[Any]:
    """The statement that finds actions with a due date in force, after that of one of them.

    Few are found from what the filters name, and put in order; many are met in their order, as the index has them.
    """
    due, item = due_in_force(lens, "sort_due"), lens.items()
    join = Join if find_few(wanted.filters) else InOrder
    statement = (
        select(item.c.id, item.c.ref, due.c.due_on)
        .select_from(join(due, item, item.c.id == due.c.action_id))
        .where(*conditions(lens, "action", item, wanted.filters))
    )
    if day is not None:
        within, beyond = due.c.due_on >= day, due.c.due_on > day
        if wanted.backwards:
            within, beyond = due.c.due_on <= day, due.c.due_on < day
        statement = statement.where(within, or_(beyond, due.c.action_id > last_id))
    return statement.order_by(due.c.due_on.desc() if wanted.backwards else due.c.due_on, due.c.action_id)


def _undated(lens: Lens, wanted: Wanted) -> Select[Any]:
    """The statement that finds actions without a due date, after one of them (`last_id`)."""
    item = lens.items()
    filters = {**wanted.filters, "due": [False]}
    return (
        select(item.c.id, item.c.ref, null().label("due_on"))
        .where(item.c.kind == "action", *conditions(lens, "action", item, filters))
        .where(item.c.id > bindparam("last_id", type_=Integer))
        .order_by(item.c.id)
    )
