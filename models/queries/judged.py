"""What was judged: what a set of rules finds of everything, a row for each with its reason, a page at a time."""

from bisect import bisect_right
from dataclasses import replace
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.queries.counting import counted, told
from models.queries.judging import Asked, Raws, Rules, Sought, found_by, planned, sought, values_of
from models.queries.paging import Page, Wanted
from models.queries.stretches import is_large, page_in_stretches
from models.queries.ties import targets_of
from models.queries.unchanged import count_while_unchanged, keeps, while_unchanged

# What is kept of one question at most; more rows than these are read a page at a time.
MOST_KEPT = 50_000


@kept(STATEMENTS)
def _ordered(asked: Asked, rules: Rules, what: Sought, most: int, *, later: bool = False) -> Select[Any]:
    """What is looked for, by reason and then in the order of the record, up to so much (0: all of it).

    If `later`, what comes after the end of a page: after its last reason (`last_place`) and thing (`last_id`).
    """
    found = found_by(asked, rules, what.reasons)
    statement = select(found).where(*what.among(found)).order_by(found.c.place, found.c.id)
    if later:
        place, last_id = (bindparam(name, type_=Integer) for name in ("last_place", "last_id"))
        statement = statement.where(or_(found.c.place > place, and_(found.c.place == place, found.c.id > last_id)))
    return statement.limit(first(most)) if most else statement


@kept(STATEMENTS)
def _counting(asked: Asked, rules: Rules, what: Sought) -> Select[Any]:
    """How much there is of what is looked for, as far as it is told."""
    found = found_by(asked, rules, what.reasons)
    return counted(select(found.c.id).where(*what.among(found)))


@kept(STATEMENTS)
def _undated(asked: Asked, rules: Rules, what: Sought) -> Select[Any]:
    """Of how many things without a date something is found."""
    found = found_by(asked, rules, what.reasons)
    told_apart = case((found.c.kind == "link", -found.c.id), else_=found.c.id)  # a link may have the id of an item
    return select(func.count(told_apart.distinct())).where(found.c.dated_from.is_(None), *what.among(found))


def _about(session: Session, asked: Asked, wanted: Wanted) -> Asked:
    """What is judged by where some recommendations or things are asked about. One statement, none if not."""
    refs, alone = (wanted.filters.get(name) for name in ("recommendation", "ref"))
    if refs is not None:
        return replace(asked, about=targets_of(session, asked.lens, refs))
    return asked if alone is None else replace(asked, about=targets_of(session, asked.lens, alone, None), alone=True)


def judge(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page of what the rules find, by reason and then in the order of the record.

    One statement, one more to count, and one more that finds the recommendations asked about or tells whether the
    programme is large. None where nothing but `reason` and `kind` is asked for, and was since the record last changed.
    Filters: `reason`, `kind`, `ref`, `recommendation`. A `limit` of 0 gives all of it. A large programme is judged
    in stretches: nothing is counted, and a page may end before it is full.
    """
    what = sought(rules, wanted)
    if not what.reasons:
        return Page([], None, total=0 if wanted.count else None, undated=0 if asked.lens.as_of else None)
    if asked.about is not None or wanted.filters.keys() & {"recommendation", "ref"}:
        with planned(session, "generic"):
            return _read(session, rules, _about(session, asked, wanted), wanted)
    kinds = {kind for reason in what.reasons for kind in rules.kinds(reason)}
    if is_large(session, asked.lens, kinds):
        return page_in_stretches(session, rules, asked, wanted)
    if keeps(session) and what.is_everything:
        whole = _whole(session, rules, asked, what)
        if whole is not None:
            return _page_of(session, rules, asked, wanted, whole)
    return _read(session, rules, asked, wanted)


def _read(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page, found in one statement."""
    what, values = sought(rules, wanted), values_of(wanted)
    if wanted.after is not None:
        place, last_id = rules.last(session, asked.lens, wanted.after)
        values |= {"last_place": place, "last_id": last_id}
    most = wanted.limit + 1 if wanted.limit else 0
    statement = _ordered(asked, rules, what, most, later=wanted.after is not None)
    raws = asked.read(session, statement, **values).mappings().all()
    total = _count(session, rules, asked, wanted) if wanted.count else None
    undated = _count_undated(session, rules, asked, wanted) if asked.lens.as_of else None
    return replace(rules.page(raws, wanted.limit), total=total, undated=undated)


def _count(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> int | None:
    """How much matches; what is about some things is counted anew."""

    def count() -> int:
        counting = _counting(asked, rules, sought(rules, wanted))
        return asked.read(session, counting, **values_of(wanted)).scalar() or 0

    if asked.about is not None:
        return told(count())
    return told(count_while_unchanged(session, asked.lens, (rules.name, asked.today), wanted.filters, count))


def _whole(session: Session, rules: Rules, asked: Asked, what: Sought) -> Raws | None:
    """Everything that is looked for; None where it is too much to be kept."""

    def find() -> Raws | None:
        statement = _ordered(asked, rules, what, MOST_KEPT + 1)
        raws = asked.read(session, statement).mappings().all()
        return raws if len(raws) <= MOST_KEPT else None

    question = (rules.name, asked.today, what)
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
    counting = _undated(always, rules, sought(rules, wanted))
    return always.read(session, counting, **values_of(wanted)).scalar() or 0
