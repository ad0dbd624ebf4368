"""Lowering a marking as the database lets it be done: with an approval that a second person has confirmed."""

from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from models.approvals import Approval
from models.markings import Marking, listed

_NUMBERS = count(1)
ASKED_BY, DECIDED_BY = "an inspector", "another inspector"


def asked_for(session: Session, thing: Any, marking: Marking) -> Approval:
    """An approval that waits: that a thing may be marked so."""
    kind, ref = thing.subject()
    approval = Approval(ref=f"approval-{next(_NUMBERS)}", action="release", kind=kind, of_ref=ref)
    approval.handling, approval.limited_to = marking.handling, listed(marking.limited_to)
    approval.embargo_until, approval.asked_by, approval.state = marking.embargo_until, ASKED_BY, "open"
    session.add(approval)
    session.flush()
    session.refresh(approval)  # what it was has to be known
    return approval


def release(session: Session, thing: Any, marking: Marking | None = None) -> Approval:
    """Mark a thing so (by default: for everybody), after another person has confirmed it."""
    approval = asked_for(session, thing, marking or Marking())
    session.refresh(thing)
    approval.decide("confirmed", DECIDED_BY)
    approval.applied_version = thing.version + 1
    session.flush()
    thing.mark(marking or Marking())
    session.flush()
    return approval
