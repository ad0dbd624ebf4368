"""Overrides: which texts the guard of personal data was told to let pass, on things that a reader sees."""

from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from models.changes import Change
from models.lens import Lens
from models.overrides import Override
from models.queries.listing import Page, Wanted
from models.queries.rows import Row

OVERRIDE_FIELDS = ("ref", "kind", "of_kind", "of_ref", "found", "why", "by", "at")
_OVERRIDE: Any = Override.__table__


def list_overrides(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the overrides, in the order of the record. One statement, one more to count."""
    item, link = lens.every_item("overridden_item"), lens.links("overridden_link")
    of_item = select(item.c.id).where(item.c.ref == _OVERRIDE.c.of_ref, item.c.kind == _OVERRIDE.c.kind)
    of_link = select(link.c.id).where(link.c.ref == _OVERRIDE.c.of_ref)
    statement = (
        select(_OVERRIDE, Change.at)
        .join(Change, Change.seq == _OVERRIDE.c.created_seq)
        .where(or_(of_item.exists(), and_(_OVERRIDE.c.kind == "link", of_link.exists())))
    )
    total = None
    if wanted.count:
        total = lens.read(session, select(func.count()).select_from(statement.subquery())).scalar()
    if wanted.after is not None:
        before = select(_OVERRIDE.c.id).where(_OVERRIDE.c.ref == wanted.after[1]).scalar_subquery()
        statement = statement.where(_OVERRIDE.c.id > before)
    raws = lens.read(session, statement.order_by(_OVERRIDE.c.id).limit(wanted.limit + 1)).mappings().all()
    rows = [_row(raw) for raw in raws[: wanted.limit]]
    return Page(rows, (None, rows[-1]["ref"]) if len(raws) > wanted.limit else None, total)


def _row(raw: Any) -> Row:
    """An override as shown."""
    told = {"kind": "override", "of_kind": raw["kind"]}
    return {name: told[name] if name in told else raw[name] for name in OVERRIDE_FIELDS}
