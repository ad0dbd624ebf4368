"""Approvals: what waits, or waited, for a second person, of the things that a reader sees."""

from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.approvals import Approval
from models.changes import Change
from models.errors import NotFound
from models.lens import Lens
from models.queries.listing import Page, Wanted
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
    """One page of the approvals, in the order in which they were asked for. One statement, one more to count."""
    statement = _shown(lens)
    if states := wanted.filters.get("state"):
        statement = statement.where(_APPROVAL.c.state.in_(states))
    total = None
    if wanted.count:
        total = lens.read(session, select(func.count()).select_from(statement.subquery())).scalar()
    if wanted.after is not None:
        before = select(_APPROVAL.c.id).where(_APPROVAL.c.ref == wanted.after[1]).scalar_subquery()
        statement = statement.where(_APPROVAL.c.id > before)
    raws = lens.read(session, statement.order_by(_APPROVAL.c.id).limit(wanted.limit + 1)).mappings().all()
    rows = [_row(raw) for raw in raws[: wanted.limit]]
    return Page(rows, (None, rows[-1]["ref"]) if len(raws) > wanted.limit else None, total)


def find_approval(session: Session, lens: Lens, ref: str) -> Row:
    """One approval as shown."""
    raw = lens.read(session, _shown(lens).where(_APPROVAL.c.ref == ref)).mappings().one_or_none()
    if raw is None:
        raise NotFound("approval", ref)
    return _row(raw)
