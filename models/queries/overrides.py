"""Overrides: which texts the guard of personal data was told to let pass, on things that a reader sees."""

from functools import partial
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from models.changes import Change
from models.lens import Lens
from models.overrides import Override
from models.queries.paging import Page, Wanted, page_of
from models.queries.rows import Row

OVERRIDE_FIELDS = ("ref", "kind", "of_kind", "of_ref", "found", "why", "by", "at")
_OVERRIDE: Any = Override.__table__


def list_overrides(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the overrides, in the order of the record. At most three statements."""
    item, link = lens.every_item("overridden_item"), lens.links("overridden_link")
    of_item = select(item.c.id).where(item.c.ref == _OVERRIDE.c.of_ref, item.c.kind == _OVERRIDE.c.kind)
    of_link = select(link.c.id).where(link.c.ref == _OVERRIDE.c.of_ref)
    statement = (
        select(_OVERRIDE, Change.at)
        .join(Change, Change.seq == _OVERRIDE.c.created_seq)
        .where(or_(of_item.exists(), and_(_OVERRIDE.c.kind == "link", of_link.exists())))
    )
    return page_of(partial(lens.read, session), statement, wanted, _row)


def _row(raw: Any) -> Row:
    """An override as shown."""
    told = {"kind": "override", "of_kind": raw["kind"]}
    return {name: told[name] if name in told else raw[name] for name in OVERRIDE_FIELDS}
