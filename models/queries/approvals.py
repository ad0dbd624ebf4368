"""Approvals: what waits, or waited, for a second person, of the things that a reader sees."""

from functools import partial
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from models.approvals import Approval
from models.changes import Change
from models.errors import NotFound
from models.lens import Lens
from models.queries.paging import Page, Wanted, page_of
from models.queries.rows import Row, limits_of

APPROVAL_FIELDS = (
    "ref",
    "kind",
    "action",
    "of_kind",
    "of_ref",
    "handling",
    "limited_to",
    "embargo_until",
    "state",
    "asked_by",
    "asked_at",
    "decided_by",
)
_APPROVAL: Any = Approval.__table__


def _shown(lens: Lens) -> Select[Any]:
    """The approvals of things that the reader sees, or would see had they not been withdrawn."""
    item, link = lens.every_item("approved_item"), lens.every_link("approved_link")
    of_item = select(item.c.id).where(item.c.ref == _APPROVAL.c.of_ref, item.c.kind == _APPROVAL.c.kind)
    of_link = select(link.c.id).where(link.c.ref == _APPROVAL.c.of_ref)
    return (
        select(_APPROVAL, Change.at.label("asked_at"))
        .join(Change, Change.seq == _APPROVAL.c.created_seq)
        .where(or_(of_item.exists(), and_(_APPROVAL.c.kind == "link", of_link.exists())))
    )


def _row(raw: Any) -> Row:
    """An approval as shown."""
    told = {"kind": "approval", "of_kind": raw["kind"], "limited_to": limits_of(raw)}
    return {name: told[name] if name in told else raw[name] for name in APPROVAL_FIELDS}


def list_approvals(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the approvals, in the order in which they were asked for. At most three statements."""
    statement = _shown(lens)
    if states := wanted.filters.get("state"):
        statement = statement.where(_APPROVAL.c.state.in_(states))
    return page_of(partial(lens.read, session), statement, wanted, _row)


def find_approval(session: Session, lens: Lens, ref: str) -> Row:
    """One approval as shown."""
    raw = lens.read(session, _shown(lens).where(_APPROVAL.c.ref == ref)).mappings().one_or_none()
    if raw is None:
        raise NotFound("approval", ref)
    return _row(raw)
