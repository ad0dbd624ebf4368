"""The record: who did what to which item, link or baseline, when, why, and what it changed."""

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from models.changes import FOREVER
from models.errors import NotFound
from models.lens import Lens
from models.queries.listing import Page, Wanted
from models.queries.rows import Row

CHANGE_FIELDS = (
    "seq",
    "at",
    "principal",
    "reason",
    "request_id",
    "action",
    "kind",
    "ref",
    "before",
    "after",
    "hash",
)
_BOUNDS = {"since", "until"}


def _matching(change: Subquery, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the filters ask of a change; `since` and `until` bound its time, the first inclusive, the other not."""
    found: list[ColumnElement[bool]] = [
        change.c[name].in_(words) for name, words in wanted.filters.items() if name not in _BOUNDS
    ]
    if "since" in wanted.filters:
        found.append(change.c.at >= _in_full(wanted.filters["since"]))
    if "until" in wanted.filters:
        found.append(change.c.at < _in_full(wanted.filters["until"]))
    return found


def _in_full(moment: Any) -> str:
    """A moment as the record writes it, with its microseconds."""
    return str(moment) if "." in str(moment) else str(moment).replace("Z", ".000000Z")


def list_changes(session: Session, lens: Lens, wanted: Wanted) -> Page:
    """One page of the changes, in their order; one statement, one more to count.

    Continued after a change's number, so that a reader who keeps the last number has the whole record in order.
    """
    change = lens.changes()
    matching = _matching(change, wanted)
    statement = select(change).where(*matching)
    if wanted.after is not None:
        statement = statement.where(change.c.seq > wanted.after[1])
    raws = lens.read(session, statement.order_by(change.c.seq).limit(wanted.limit + 1)).mappings().all()
    last = raws[wanted.limit - 1]["seq"] if len(raws) > wanted.limit else None
    counting = select(func.count()).select_from(change).where(*matching)
    total = lens.read(session, counting).scalar() if wanted.count else None
    return Page([_row(raw) for raw in raws[: wanted.limit]], (last, last) if last else None, total)


def history(session: Session, lens: Lens, subject: tuple[str, str], wanted: Wanted) -> Page:
    """One page of what was done to one item, link or baseline (kind and reference), withdrawn ones too."""
    kind, ref = subject
    page = list_changes(session, lens, replace(wanted, filters={"kind": [kind], "ref": [ref]}))
    if not page.rows and wanted.after is None:
        raise NotFound(kind, ref)
    return page


def find_change(session: Session, lens: Lens, seq: int) -> Row:
    """One change as shown."""
    change = lens.changes()
    wanted = select(change).where(change.c.seq == min(seq, FOREVER))
    raw = lens.read(session, wanted).mappings().one_or_none()
    if raw is None:
        raise NotFound("change", str(seq))
    return _row(raw)


def _row(raw: Any) -> Row:
    """A change as shown."""
    return {name: raw[name] for name in CHANGE_FIELDS}
