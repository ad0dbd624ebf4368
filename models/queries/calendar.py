"""The calendar: the due dates that are in force and not yet met, by what actions claim."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from models.queries.judging import Asked
from models.queries.paging import Wanted
from models.queries.plan import plan
from models.queries.points import Seen, last_seen
from models.queries.rows import Row
from models.vocabulary import PLAN_STATES

MOST_DUE = 5_000
_OPEN = [state for state in PLAN_STATES if state != "complete"]


@dataclass(frozen=True)
class Calendar:
    """The actions with a due date to come or passed, the soonest first, as the action plan shows them.

    `bodies` are those that were asked for; `cut` says that there are more; `seen` is where the record stood.
    """

    bodies: tuple[str, ...]
    actions: list[Row]
    cut: bool
    seen: Seen = field(compare=False)


def calendar(session: Session, asked: Asked, bodies: Sequence[str]) -> Calendar:
    """The due dates in force of the actions of some bodies, of all where none is named, that none claims complete.

    The statements of the action plan, and three more.
    """
    filters: dict[str, Sequence[Any]] = {"due": [True], "state": _OPEN}
    if bodies:
        filters["body"] = bodies
    page = plan(session, asked, Wanted(filters, sort="due_on", limit=MOST_DUE))
    return Calendar(tuple(bodies), page.rows, page.after is not None, last_seen(session, asked.lens))
