"""Differences: what was added, withdrawn, changed or moved between two points of the record."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.base import first as limit
from models.lens import Lens
from models.queries.counting import up_to
from models.queries.gaps import gaps
from models.queries.graph import link_row, links_shown
from models.queries.judging import Asked
from models.queries.numbers import numbers_of
from models.queries.paging import Wanted
from models.queries.rows import Row, complete, shown
from models.queries.status import statuses
from models.queries.stretches import is_large
from models.record_lens import changes

DIFFERENCE_FIELDS = ("change", "what", "kind", "ref", "field", "before", "after")
MOST_DIFFERENCES = 50_000
# How many changes between the two points are looked at for what they changed.
MOST_CHANGES = 100_000
# What follows from other things: told as a status, or as a gap, where it changes.
_DERIVED = {"version", "claimed_status", "claimed_on", "claimed_by", "suspect", "changed_ends"}
_DERIVED |= {"source_content", "target_content"}


@dataclass(frozen=True)
class Difference:
    """What differs between two points: flat rows, how many of each sort, and whether that is all of it.

    `gaps_compared` is false in a large programme, where it would take minutes.
    """

    start: tuple[str, int]
    end: tuple[str, int]
    rows: list[Row]
    summary: dict[str, int]
    truncated: bool
    gaps_compared: bool


def differences(session: Session, start: tuple[str, Asked], end: tuple[str, Asked]) -> Difference:
    """What differs between two points, each with the name by which it was asked for.

    A fixed number of statements: things are compared that changed between the two, statuses and gaps of everything.
    """
    (first, before), (last, after) = start, end
    touched = _touched(before.lens, after.lens)
    large = any(is_large(session, asked.lens, ("link",)) for asked in (before, after))
    found = [
        *_things(session, before.lens, after.lens, touched),
        *_statuses(session, before, after),
        *(() if large else _gaps(session, before, after)),
    ]
    changed = after.lens.read(session, up_to(MOST_CHANGES, touched)).scalar() or 0
    rows = list(islice(found, MOST_DIFFERENCES))
    summary = Counter(f"{row['what']}_{row['change']}" for row in found)
    numbers = numbers_of(session, after.lens)
    ends = ((first, numbers.of(before.lens.known_at or 0)), (last, numbers.of(after.lens.known_at or 0)))
    truncated = len(found) > len(rows) or changed > MOST_CHANGES
    return Difference(*ends, rows, dict(sorted(summary.items())), truncated, gaps_compared=not large)


def _difference(change: str, what: str, thing: tuple[str, str], field: str | None, values: tuple[Any, Any]) -> Row:
    """One difference."""
    return dict(zip(DIFFERENCE_FIELDS, (change, what, *thing, field, *values), strict=True))


def _touched(before: Lens, after: Lens) -> Select[Any]:
    """Every change between two points, whichever is the earlier: what it is of, and its number."""
    change = changes(replace(after, as_of=None, known_at=None, record="seen"))
    start, end = sorted((before.known_at or 0, after.known_at or 0))
    return select(change.c.ref, change.c.seq).where(change.c.seq > start, change.c.seq <= end)


def _things(session: Session, before: Lens, after: Lens, touched: Select[Any]) -> Iterator[Row]:
    """Items and links among what changed that came, went, or changed field by field."""
    some = touched.order_by(touched.selected_columns.seq).limit(limit(MOST_CHANGES))
    touched = select(some.subquery("touched").c.ref)
    for what, read in (("item", _items), ("link", _links)):
        was, is_ = (read(session, lens, touched) for lens in (before, after))
        for thing in dict.fromkeys([*was, *is_]):
            if thing not in is_:
                yield _difference("withdrawn", what, thing, None, (_name(was[thing]), None))
            elif thing not in was:
                yield _difference("added", what, thing, None, (None, _name(is_[thing])))
            else:
                yield from _changed(what, thing, was[thing], is_[thing])


def _name(row: Row) -> str:
    """What a thing is called in one line."""
    return str(row["title"] if "title" in row else f"{row['source']} {row['type']} {row['target']}")


def _changed(what: str, thing: tuple[str, str], was: Row, is_: Row) -> Iterator[Row]:
    """The fields of one thing that are not what they were."""
    for field in was:
        if field not in _DERIVED and was[field] != is_[field]:
            yield _difference("changed", what, thing, field, (was[field], is_[field]))


def _items(session: Session, lens: Lens, touched: Select[Any]) -> dict[tuple[str, str], Row]:
    """The items among what changed, as they are shown at a point."""
    statement, item = shown(lens)
    within = statement.where(item.c.ref.in_(touched)).order_by(item.c.created_seq)
    rows = complete(session, lens, lens.read(session, within).mappings().all())
    return {(row["kind"], row["ref"]): row for row in rows}


def _links(session: Session, lens: Lens, touched: Select[Any]) -> dict[tuple[str, str], Row]:
    """The links among what changed, as they are shown at a point."""
    statement, link = links_shown(lens)
    within = statement.where(link.c.ref.in_(touched)).order_by(link.c.created_seq)
    return {("link", raw["ref"]): link_row(raw) for raw in lens.read(session, within).mappings()}


def _statuses(session: Session, before: Asked, after: Asked) -> Iterator[Row]:
    """The statuses of recommendations that moved; what the inspectorates verified is a verdict."""
    was, is_ = (_words(session, asked.lens) for asked in (before, after))
    for thing in dict.fromkeys([*was, *is_]):
        ref, field = thing
        words = was.get(thing), is_.get(thing)
        if words[0] != words[1]:
            what = "verdict" if field == "verified" else "status"
            yield _difference(_came_or_went(*words), what, ("recommendation", ref), field, words)


def _came_or_went(was: str | None, is_: str | None) -> str:
    """What happened to a word."""
    return "appeared" if was is None else "went" if is_ is None else "moved"


def _words(session: Session, lens: Lens) -> dict[tuple[str, str], str | None]:
    """The statuses of every recommendation in words, by its reference and the way of seeing it."""
    item = lens.items()
    every = select(item.c.ref).where(item.c.kind == "recommendation").order_by(item.c.created_seq)
    found = statuses(session, lens, list(lens.read(session, every).scalars()))
    return {(ref, name): part["status"] for ref, parts in found.items() for name, part in parts.items()}


def _gaps(session: Session, before: Asked, after: Asked) -> Iterator[Row]:
    """The gaps that appeared, and those that went."""
    was, is_ = (_open(gaps(session, asked, Wanted(limit=0)).rows) for asked in (before, after))
    for change, there, others in (("appeared", is_, was), ("went", was, is_)):
        for reason, *thing in there:
            if (reason, *thing) not in others:
                values = (None, reason) if change == "appeared" else (reason, None)
                yield _difference(change, "gap", (thing[0], thing[1]), reason, values)


def _open(rows: Iterable[Row]) -> dict[tuple[str, str, str], None]:
    """The gaps by reason, kind and reference, in their order."""
    return {(row["reason"], row["kind"], row["ref"]): None for row in rows}
