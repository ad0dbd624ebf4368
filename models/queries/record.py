"""The record: who did what to which item, link or baseline, when, why, and what it changed."""

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from models.changes import FOREVER, Change
from models.errors import NotFound
from models.lens import Lens
from models.queries.counting import counted, told
from models.queries.numbers import Numbers, numbers_of
from models.queries.paging import Key, Page, Wanted
from models.queries.rows import Row
from models.record_lens import changes
from models.verifier import canonical

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
    """One page of the changes, in their order or newest first; three statements, one more to count, one more to go on.

    The key of the page is there on the last page too, and holds when numbers are no longer what they were because
    something was hidden: whoever goes on from it misses nothing.
    """
    change, numbers = changes(lens), numbers_of(session, lens)
    matching = _matching(change, wanted)
    statement = select(change).where(*matching)
    backwards = wanted.sort == "-recorded"
    if wanted.after is not None:
        place = _place(session, numbers, wanted.after)
        statement = statement.where(change.c.seq < place if backwards else change.c.seq > place)
    ordered = statement.order_by(change.c.seq.desc() if backwards else change.c.seq)
    raws = lens.read(session, ordered.limit(wanted.limit + 1)).mappings().all()
    after = _key(session, raws[: wanted.limit][-1]) if raws else wanted.after
    counting = counted(select(change.c.seq).where(*matching))
    total = told(lens.read(session, counting).scalar()) if wanted.count else None
    rows = [change_row(lens, numbers, raw) for raw in raws[: wanted.limit]]
    return Page(rows, after, total, more=len(raws) > wanted.limit)


def _key(session: Session, raw: Any) -> Key:
    """By what a change is known whatever becomes of the others: its subject, and how many changes that has had."""
    had = select(func.count()).where(Change.kind == raw["kind"], Change.ref == raw["ref"], Change.seq <= raw["seq"])
    return (raw["kind"], raw["ref"]), session.scalar(had)


def _place(session: Session, numbers: Numbers, after: Key) -> int:
    """After which number of the record a feed goes on: after a change known by its subject, or by a reader's number."""
    if after[0] is None:
        return min(numbers.seq(after[1]), FOREVER)
    (kind, ref), had = after
    same = select(Change.seq).where(Change.kind == kind, Change.ref == ref).order_by(Change.seq)
    return session.scalar(same.offset(had - 1).limit(1)) or 0


def history(session: Session, lens: Lens, subject: tuple[str, str], wanted: Wanted) -> Page:
    """One page of what was done to one item, link or baseline (kind and reference), withdrawn ones too."""
    kind, ref = subject
    page = list_changes(session, lens, replace(wanted, filters={"kind": [kind], "ref": [ref]}))
    if not page.rows and wanted.after is None:
        raise NotFound(kind, ref)
    return page


def find_change(session: Session, lens: Lens, number: int) -> Row:
    """One change as shown."""
    change, numbers = changes(lens), numbers_of(session, lens)
    wanted = select(change).where(change.c.seq == min(numbers.seq(number), FOREVER))
    raw = lens.read(session, wanted).mappings().one_or_none()
    if raw is None:
        raise NotFound("change", str(number))
    return change_row(lens, numbers, raw)


def change_row(lens: Lens, numbers: Numbers, raw: Any) -> Row:
    """A change as shown: by the reader's own number; what depends on changes that he may not see is left out."""
    row = {name: raw[name] for name in CHANGE_FIELDS}
    if lens.sees_record:
        return row | {name: _hashed(row[name]) for name in ("before", "after")} if lens.record == "hashed" else row
    row |= {"seq": numbers.of(raw["seq"]), "hash": None}
    if raw["kind"] == "baseline" and raw["action"] == "created":
        told = {name: value for name, value in raw["after"].items() if name != "digest"}
        row["after"] = told | {"seq": numbers.of(told["seq"])}
    return row


def _hashed(state: Row | None) -> Row | None:
    """A state with the SHA-256 of each value's canonical form in its place: it can be compared, and not be read."""
    if state is None:
        return None
    return {name: hashlib.sha256(canonical(value).encode()).hexdigest() for name, value in state.items()}
