"""Baselines: the points of the record that have names."""

from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.changes import Change
from models.errors import NotFound
from models.lens import Lens
from models.queries.numbers import Numbers, numbers_of
from models.queries.paging import Page, Wanted
from models.queries.rows import Row

BASELINE_FIELDS = ("name", "description", "seq", "digest", "created_at", "created_by")


def _shown(lens: Lens) -> Select[Any]:
    """Every baseline that was named by the lens's point of the record, with who named it when."""
    own = [Baseline.__table__.c[name] for name in ("id", "name", "description", "seq", "digest")]
    named = (Change.at.label("created_at"), Change.principal.label("created_by"))
    statement = select(*own, *named).join(Change, Change.seq == Baseline.created_seq)
    return statement if lens.known_at is None else statement.where(Baseline.created_seq <= lens.known_at)


def list_baselines(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the baselines, in the order in which they were named. Two statements, one more to count."""
    statement, numbers = _shown(lens), numbers_of(session, lens)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) if wanted.count else None
    if wanted.after is not None:
        before = select(Baseline.id).where(Baseline.name == wanted.after[1]).scalar_subquery()
        statement = statement.where(Baseline.id > before)
    raws = session.execute(statement.order_by(Baseline.id).limit(wanted.limit + 1)).mappings().all()
    last = raws[wanted.limit - 1]["name"] if len(raws) > wanted.limit else None
    rows = [_row(lens, numbers, raw) for raw in raws[: wanted.limit]]
    return Page(rows, (last, last) if last else None, total)


def find_baseline(session: Session, lens: Lens, name: str) -> Row:
    """One baseline as shown."""
    raw = session.execute(_shown(lens).where(Baseline.name == name)).mappings().one_or_none()
    if raw is None:
        raise NotFound("baseline", name)
    return _row(lens, numbers_of(session, lens), raw)


def _row(lens: Lens, numbers: Numbers, raw: Any) -> Row:
    """A baseline as shown; its digest covers everything, so it is shown to those alone who see everything."""
    row = {field: raw[field] for field in BASELINE_FIELDS}
    return row if lens.sees_record else row | {"seq": numbers.of(raw["seq"]), "digest": None}
