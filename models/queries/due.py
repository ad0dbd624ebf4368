"""Due dates: which one of an action is in force, and whether it has passed."""

from datetime import date

from sqlalchemy import ColumnElement, Subquery, and_, not_, select

from models.keeping import PARTS, kept
from models.lens import Lens
from models.queries.latest import latest_claims


@kept(PARTS)
def due_in_force(lens: Lens, name: str = "in_force") -> Subquery:
    """For each action (`action_id`) that has any, the due date in force: the last that it was given."""
    due, later = lens.due_dates(), lens.due_dates("later_due")
    revised = select(later.c.number).where(later.c.action_id == due.c.action_id, later.c.number > due.c.number)
    return select(due.c.action_id, due.c.number, due.c.due_on).where(not_(revised.exists())).subquery(name)


def has_passed(lens: Lens, due: Subquery, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether a due date in force lies before a day, and its action is not claimed complete: the action is overdue."""
    return and_(due.c.due_on < day, not_(is_claimed_complete(lens, due.c.action_id)))


def is_claimed_complete(lens: Lens, action_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether the latest progress on an action that claims anything claims that it is complete."""
    claim = latest_claims(lens)
    return select(claim.c.ref).where(claim.c.parent_id == action_id, claim.c.claimed_status == "complete").exists()
