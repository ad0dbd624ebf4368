"""Looking again at every text that is stored: what the guard of personal data finds by the rules that it has now."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import Change
from models.errors import Suspected
from models.guarding import suspected
from models.overrides import Override
from models.personal import Rules

_CHUNK = 1_000


class Again(NamedTuple):
    """What was found: in which change of which thing, where, and whether it is only to be looked at."""

    seq: int
    kind: str
    ref: str
    found: Suspected
    warned: bool


def rescan(session: Session, rules: Rules, advance: Callable[[int], None]) -> Iterator[Again]:
    """Everything in the record that looks like personal data and that nobody has said is none.

    `advance` is told how many changes were looked at. A statement for each thousand changes, and one more.
    """
    passed: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, ref, told in session.execute(select(Override.kind, Override.of_ref, Override.found)):
        passed[kind, ref].update(told.split("; "))
    last = 0
    while True:
        further = select(Change.seq, Change.kind, Change.ref, Change.after, Change.reason, Change.request_id)
        rows = session.execute(further.where(Change.seq > last).order_by(Change.seq).limit(_CHUNK)).all()
        if not rows:
            return
        for row in rows:
            texts = {"reason": row.reason, "X-Request-Id": row.request_id, **(row.after or {})}
            for found, warned in suspected(texts, rules):
                if f"{found.pointer} {found.type} {found.start}-{found.end}" not in passed[row.kind, row.ref]:
                    yield Again(row.seq, row.kind, row.ref, found, warned)
        last = rows[-1].seq
        advance(len(rows))
