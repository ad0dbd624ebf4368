"""What was judged: what a set of rules finds of everything, a row for each with its reason, a page at a time."""

from bisect import bisect_right
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.queries.counting import counted, told
from models.queries.judging import Asked, Raws, Rules, found_by, matching
from models.queries.listing import Page, Wanted
from models.queries.stretches import is_large, page_in_stretches
from models.queries.ties import targets_of
from models.queries.unchanged import count_while_unchanged, keeps, while_unchanged

# What is kept of one question at most; more rows than these are read a page at a time.
MOST_KEPT = 50_000


@kept(STATEMENTS)
def _ordered(asked: Asked, rules: Rules, reasons: tuple[str, ...], most: int | None = None) -> Select[Any]:
    """What has these reasons, by reason and then in the order of the record, up to so much."""
    found = found_by(asked, rules, reasons)
    statement = select(found).order_by(found.c.place, found.c.id)
    return statement if most is None else statement.limit(first(most))


def _about(session: Session, asked: Asked, wanted: Wanted) -> Asked:
    """What is judged by where some recommendations are asked about. One statement, none if not."""
    refs = wanted.filters.get("recommendation")
    return asked if refs is None else replace(asked, about=targets_of(session, asked.lens, refs))


def judge(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page of what the rules find, by reason and then in the order of the record.

    One statement, one more to count, and one more that finds the recommendations asked about or tells whether the
    programme is large. None where nothing but `reason` and `kind` is asked for, and was since the record last changed.
    Filters: `reason`, `kind`, `ref`, `recommendation`. A `limit` of 0 gives all of it. A large programme is judged
    in stretches: nothing is counted, and a page may end before it is full.
    """
    reasons = rules.asked_for(wanted)
    if not reasons:
        return Page([], None, total=0 if wanted.count else None, undated=0 if asked.lens.as_of else None)
    if asked.about is not None or wanted.filters.keys() & {"recommendation", "ref"}:
        return _read(session, rules, _about(session, asked, wanted), wanted)
    kinds = {kind for reason in reasons for kind in rules.kinds(reason)}
    if is_large(session, asked.lens, kinds):
        return page_in_stretches(session, rules, asked, wanted)
    if keeps(session) and not matching(rules, found_by(asked, rules, reasons), wanted):
        whole = _whole(session, rules, asked, reasons)
        if whole is not None:
            return _page_of(session, rules, asked, wanted, whole)
    return _read(session, rules, asked, wanted)


def _read(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page, found in one statement."""
    reasons = rules.asked_for(wanted)
    found = found_by(asked, rules, reasons)
    narrower = matching(rules, found, wanted)
    statement = _ordered(asked, rules, reasons).where(*narrower)
    if wanted.after is not None:
        place, last_id = rules.last(session, asked.lens, wanted.after)
        statement = statement.where(or_(found.c.place > place, and_(found.c.place == place, found.c.id > last_id)))
    if wanted.limit:
        statement = statement.limit(first(wanted.limit + 1))
    raws = asked.read(session, statement).mappings().all()
    counting = counted(select(found.c.id).where(*narrower))
    total = _count(session, rules, asked, wanted, counting) if wanted.count else None
    undated = _count_undated(session, rules, asked, wanted) if asked.lens.as_of else None
    return replace(rules.page(raws, wanted.limit), total=total, undated=undated)


def _count(session: Session, rules: Rules, asked: Asked, wanted: Wanted, counting: Select[Any]) -> int | None:
    """How much matches; what is about some things is counted anew."""

    def count() -> int:
        return asked.read(session, counting).scalar() or 0

    if asked.about is not None:
        return told(count())
    return told(count_while_unchanged(session, asked.lens, (rules.name, asked.today), wanted.filters, count))


def _whole(session: Session, rules: Rules, asked: Asked, reasons: tuple[str, ...]) -> Raws | None:
    """Everything that has these reasons; None where it is too much to be kept."""

    def find() -> Raws | None:
        raws = asked.read(session, _ordered(asked, rules, reasons, MOST_KEPT + 1)).mappings().all()
        return raws if len(raws) <= MOST_KEPT else None

    question = (rules.name, asked.today, reasons)
    found: Raws | None = while_unchanged(session, asked.lens, question, find, lambda raws: len(raws or ()))
    return found


def _page_of(session: Session, rules: Rules, asked: Asked, wanted: Wanted, whole: Raws) -> Page:
    """One page of everything that matches."""
    rest = whole
    if wanted.after is not None:
        key = rules.last(session, asked.lens, wanted.after)
        rest = whole[bisect_right(whole, key, key=lambda raw: (raw["place"], raw["id"])) :]
    undated = _count_undated(session, rules, asked, wanted) if asked.lens.as_of else None
    page = rules.page(rest[: wanted.limit + 1] if wanted.limit else rest, wanted.limit)
    return replace(page, total=len(whole) if wanted.count else None, undated=undated)


def _count_undated(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> int:
    """How many things have such reasons at any time but no date, and so stand in no answer for a day."""
    always = _about(session, replace(asked, lens=asked.lens.at_any_time()), wanted)
    found = found_by(always, rules, rules.asked_for(wanted))
    told_apart = case((found.c.kind == "link", -found.c.id), else_=found.c.id)  # a link may have the id of an item
    counting = select(func.count(told_apart.distinct())).where(
        found.c.dated_from.is_(None), *matching(rules, found, wanted)
    )
    return always.read(session, counting).scalar() or 0
