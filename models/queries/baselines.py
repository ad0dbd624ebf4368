"""Baselines: the points of the record that have names."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.changes import Change
from models.errors import NotFound
from models.lens import Lens
from models.queries.listing import Page, Wanted
from models.queries.rows import Row

BASELINE_FIELDS = ("name", "description", "seq", "digest", "created_at", "created_by")


def _shown(lens: Lens) -> Select[Any]:
    """Every baseline that was named by the lens's point of the record, with who named it when."""
    own = [Baseline.__table__.c[name] for name in ("id", "name", "description", "seq", "digest")]
    named = (Change.at.label("created_at"), Change.principal.label("created_by"))
    statement = select(*own, *named).join(Change, Change.seq == Baseline.created_seq)
    return statement if lens.known_at is None else statement.where(Baseline.created_seq <= lens.known_at)


def list_baselines(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the baselines, in the order in which they were named. One statement, one more to count."""
    statement = _shown(lens)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) if wanted.count else None
    if wanted.after is not None:
        statement = statement.where(Baseline.id > wanted.after[1])
    raws = session.execute(statement.order_by(Baseline.id).limit(wanted.limit + 1)).mappings().all()
    last = raws[wanted.limit - 1]["id"] if len(raws) > wanted.limit else None
    rows = [{name: raw[name] for name in BASELINE_FIELDS} for raw in raws[: wanted.limit]]
    return Page(rows, (last, last) if last else None, total)


def find_baseline(session: Session, lens: Lens, name: str) -> Row:
    """One baseline as shown."""
    raw = session.execute(_shown(lens).where(Baseline.name == name)).mappings().one_or_none()
    if raw is None:
        raise NotFound("baseline", name)
    return {field: raw[field] for field in BASELINE_FIELDS}
