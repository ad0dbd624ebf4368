"""Gaps: what should be there and is not; each is a row with its reason, never an omission.

Judged on all that the reader may see, never on a filtered page of it.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal_column, or_, select, union_all
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.queries.gap_rules import JUDGED, Asked
from models.queries.listing import Page, Wanted
from models.queries.ties import targets_of
from models.queries.unchanged import keeps, while_unchanged
from models.vocabulary import GAP_REASONS, kind_of_gap

_OF_LINKS = list(GAP_REASONS).index("suspect_link")
Raws = Sequence[RowMapping]
# Gaps that are kept of one question at most; more than these are read a page at a time.
_MOST_KEPT = 50_000
GAP_FIELDS = ("reason", "kind", "ref", "title", "recommendation", "since", "explanation")


@kept(STATEMENTS)
def _found(asked: Asked, reasons: tuple[str, ...]) -> Subquery:
    """Every gap for one of these reasons."""
    return union_all(*(JUDGED[reason](asked) for reason in reasons)).subquery("gap")


@kept(STATEMENTS)
def _ordered(asked: Asked, reasons: tuple[str, ...], most: int | None = None) -> Select[Any]:
    """The gaps for these reasons, by reason and then in the order of the record, up to so many."""
    found = _found(asked, reasons)
    statement = select(found).order_by(found.c.place, found.c.id)
    return statement if most is None else statement.limit(literal_column(str(most)))


def _about(session: Session, asked: Asked, wanted: Wanted) -> Asked:
    """What the gaps are judged by where some recommendations are asked about. One statement, none if not."""
    refs = wanted.filters.get("recommendation")
    return asked if refs is None else replace(asked, about=targets_of(session, asked.lens, refs))


def _reasons(wanted: Wanted) -> tuple[str, ...]:
    """The reasons asked for, all where none is named: those that the kinds and recommendations asked for can have."""
    kinds, about = (wanted.filters.get(name) for name in ("kind", "recommendation"))
    return tuple(
        reason
        for reason in dict.fromkeys(wanted.filters.get("reason") or GAP_REASONS)
        if (kinds is None or kind_of_gap(reason) in kinds) and (about is None or reason != "orphan_evidence")
    )


def _matching(found: Subquery, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is asked of a gap, but for its reason and kind, and the recommendations that it is about."""
    return [found.c.ref.in_(wanted.filters["ref"])] if "ref" in wanted.filters else []


def gaps(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the gaps, by reason and then in the order of the record.

    One statement, one more to count, and one more where it is about some recommendations. No statement where nothing
    but `reason` and `kind` is asked for, and was since the record last changed. Filters: `reason`, `kind`, `ref`,
    `recommendation`. A `limit` of 0 gives all of them.
    """
    reasons = _reasons(wanted)
    if not reasons:
        return Page([], None, total=0 if wanted.count else None, undated=0 if asked.lens.as_of else None)
    asked = _about(session, asked, wanted)
    found = _found(asked, reasons)
    matching = _matching(found, wanted)
    if not matching and asked.about is None and keeps(session):
        whole = _whole(session, asked, reasons)
        if whole is not None:
            return _page_of(session, asked, wanted, whole)
    statement = _ordered(asked, reasons)
    if matching:
        statement = statement.where(*matching)
    if wanted.after is not None:
        place, last = wanted.after
        last_id = asked.lens.place(session, "link" if place == _OF_LINKS else "item", last)
        statement = statement.where(or_(found.c.place > place, and_(found.c.place == place, found.c.id > last_id)))
    if wanted.limit:
        statement = statement.limit(first(wanted.limit + 1))
    raws = asked.read(session, statement).mappings().all()
    counting = select(func.count()).select_from(found).where(*matching)
    total = asked.read(session, counting).scalar() if wanted.count else None
    undated = _count_undated(session, asked, wanted) if asked.lens.as_of else None
    return replace(_shown(raws, wanted.limit), total=total, undated=undated)


def _shown(raws: Raws, limit: int) -> Page:
    """The gaps of a page as shown, and where the next one begins if there are more than its limit (0: none)."""
    last = raws[limit - 1] if limit and len(raws) > limit else None
    words = list(GAP_REASONS)
    rows = []
    for raw in raws[: limit or None]:
        reason = words[raw["place"]]
        told = {"reason": reason, "explanation": GAP_REASONS[reason]}
        rows.append({name: told.get(name, raw.get(name)) for name in GAP_FIELDS})
    return Page(rows, (last["place"], last["ref"]) if last else None)


def _whole(session: Session, asked: Asked, reasons: tuple[str, ...]) -> Raws | None:
    """Every gap for these reasons; None where they are too many to be kept."""

    def find() -> Raws | None:
        raws = asked.read(session, _ordered(asked, reasons, _MOST_KEPT + 1)).mappings().all()
        return raws if len(raws) <= _MOST_KEPT else None

    question = ("gaps", asked.today, reasons)
    found: Raws | None = while_unchanged(session, asked.lens, question, find, lambda raws: len(raws or ()))
    return found


def _page_of(session: Session, asked: Asked, wanted: Wanted, whole: Raws) -> Page:
    """One page of all the gaps that match."""
    rest = whole
    if wanted.after is not None:
        place, last = wanted.after
        key = place, asked.lens.place(session, "link" if place == _OF_LINKS else "item", last)
        rest = whole[bisect_right(whole, key, key=lambda raw: (raw["place"], raw["id"])) :]
    undated = _count_undated(session, asked, wanted) if asked.lens.as_of else None
    page = _shown(rest[: wanted.limit + 1] if wanted.limit else rest, wanted.limit)
    return replace(page, total=len(whole) if wanted.count else None, undated=undated)


def _count_undated(session: Session, asked: Asked, wanted: Wanted) -> int:
    """How many items have such gaps at any time but no date, and so stand in no answer for a day."""
    always = _about(session, replace(asked, lens=asked.lens.at_any_time()), wanted)
    found = _found(always, _reasons(wanted))
    matching = _matching(found, wanted)
    told_apart = case((found.c.kind == "link", -found.c.id), else_=found.c.id)  # a link may have the id of an item
    counting = select(func.count(told_apart.distinct())).where(found.c.dated_from.is_(None), *matching)
    return always.read(session, counting).scalar() or 0


def gaps_of(session: Session, asked: Asked, ref: str) -> list[Any]:
    """Every gap that bears on one recommendation: its own, its clauses' and its actions'."""
    return gaps(session, asked, Wanted(filters={"recommendation": [ref]}, limit=0)).rows
