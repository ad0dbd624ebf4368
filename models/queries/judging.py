"""Judging: what a set of rules finds of everything, a row for each with its reason, a page at a time.

Judged on all that the reader may see, never on a filtered page of it.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Result,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.listing import Page, Wanted
from models.queries.rows import Row
from models.queries.ties import TARGETS, targets_of
from models.queries.unchanged import count_while_unchanged, keeps, while_unchanged
from models.several import among, one_of

# What is kept of one question at most; more rows than these are read a page at a time.
MOST_KEPT = 50_000
Raws = Sequence[RowMapping]


@dataclass(frozen=True)
class Asked:
    """What everything is judged by: the reader's lens, and the day on which a due date has passed or not.

    With what it is `about`, the ids of some recommendations and their clauses, or of some evidence, nothing else is
    judged than they, the actions for them, and the links to them.
    """

    lens: Lens
    today: date
    about: tuple[int, ...] | None = None

    @property
    def shape(self) -> "Asked":
        """What the rules are made with: the day, and what it is about, is given when they are run."""
        return Asked(self.lens.shape, date.min, None if self.about is None else ())

    def read(self, session: Session, statement: Select[Any]) -> Result[*tuple[Any, ...]]:
        """What a statement of rules finds on the day."""
        about = {} if self.about is None else {"targets": list(self.about)}
        return self.lens.read(session, statement, today=self.today, **about)

    def among(self, target: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The condition that a target is one of those that it is about, where it is about any."""
        return [] if self.about is None else [among(target, TARGETS)]


def once(found: Select[Any] | CompoundSelect[Any]) -> CTE:
    """What is found once, before everything else in the statement, and then asked for from there.

    SQLite, which knows nothing of how much there is of what, would find it anew for each row that asks for it.
    """
    return found.cte().prefix_with("MATERIALIZED")


@dataclass(frozen=True, eq=False)
class Rules:
    """A set of rules: one select for each reason, in the order of the words, and how what they find is shown.

    Each select has `place` (that of its reason), `id`, `kind`, `ref`, `dated_from`, and what the fields name. `kinds`
    are those of what can have a reason; `unrelated` are reasons of what bears on no recommendation; `told` is what a
    row shows besides, worked out from what was found.
    """

    name: str
    words: Mapping[str, str]
    judged: Mapping[str, Callable[[Asked], Select[Any]]]
    kinds: Callable[[str], tuple[str, ...]]
    fields: tuple[str, ...]
    unrelated: tuple[str, ...] = ()
    told: Callable[[RowMapping], Row] = lambda _raw: {}

    def table_of(self, place: int) -> str:
        """Where what has a reason is kept: among links or among items."""
        return "link" if self.kinds(list(self.words)[place]) == ("link",) else "item"


@kept(STATEMENTS)
def _found(asked: Asked, rules: Rules, reasons: tuple[str, ...]) -> Subquery:
    """Everything that has one of these reasons."""
    return union_all(*(rules.judged[reason](asked) for reason in reasons)).subquery("found")


@kept(STATEMENTS)
def _ordered(asked: Asked, rules: Rules, reasons: tuple[str, ...], most: int | None = None) -> Select[Any]:
    """What has these reasons, by reason and then in the order of the record, up to so much."""
    found = _found(asked, rules, reasons)
    statement = select(found).order_by(found.c.place, found.c.id)
    return statement if most is None else statement.limit(literal_column(str(most)))


def _about(session: Session, asked: Asked, wanted: Wanted) -> Asked:
    """What is judged by where some recommendations are asked about. One statement, none if not."""
    refs = wanted.filters.get("recommendation")
    return asked if refs is None else replace(asked, about=targets_of(session, asked.lens, refs))


def _reasons(rules: Rules, wanted: Wanted) -> tuple[str, ...]:
    """The reasons asked for, all where none is named: those that the kinds and recommendations asked for can have."""
    kinds, about = (wanted.filters.get(name) for name in ("kind", "recommendation"))
    return tuple(
        reason
        for reason in dict.fromkeys(wanted.filters.get("reason") or rules.words)
        if (kinds is None or set(kinds) & set(rules.kinds(reason))) and (about is None or reason not in rules.unrelated)
    )


def _matching(rules: Rules, found: Subquery, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is asked of a row, but for its reason and the recommendations that it is about.

    Its kind is asked for where its reason alone does not tell it.
    """
    asked: list[ColumnElement[bool]] = []
    if "ref" in wanted.filters:
        asked.append(found.c.ref.in_(wanted.filters["ref"]))
    kinds = wanted.filters.get("kind")
    if kinds is not None and any(not set(rules.kinds(reason)) <= set(kinds) for reason in _reasons(rules, wanted)):
        asked.append(one_of(found.c.kind, kinds))
    return asked


def judge(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page of what the rules find, by reason and then in the order of the record.

    One statement, one more to count, and one more where it is about some recommendations. No statement where nothing
    but `reason` and `kind` is asked for, and was since the record last changed. Filters: `reason`, `kind`, `ref`,
    `recommendation`. A `limit` of 0 gives all of it.
    """
    reasons = _reasons(rules, wanted)
    if not reasons:
        return Page([], None, total=0 if wanted.count else None, undated=0 if asked.lens.as_of else None)
    asked = _about(session, asked, wanted)
    found = _found(asked, rules, reasons)
    matching = _matching(rules, found, wanted)
    if not matching and asked.about is None and keeps(session):
        whole = _whole(session, rules, asked, reasons)
        if whole is not None:
            return _page_of(session, rules, asked, wanted, whole)
    statement = _ordered(asked, rules, reasons)
    if matching:
        statement = statement.where(*matching)
    if wanted.after is not None:
        place, last_id = _last(session, rules, asked, wanted.after)
        statement = statement.where(or_(found.c.place > place, and_(found.c.place == place, found.c.id > last_id)))
    if wanted.limit:
        statement = statement.limit(first(wanted.limit + 1))
    raws = asked.read(session, statement).mappings().all()
    counting = select(func.count()).select_from(found).where(*matching)
    total = _count(session, rules, asked, wanted, counting) if wanted.count else None
    undated = _count_undated(session, rules, asked, wanted) if asked.lens.as_of else None
    return replace(_shown(rules, raws, wanted.limit), total=total, undated=undated)


def _count(session: Session, rules: Rules, asked: Asked, wanted: Wanted, counting: Select[Any]) -> int:
    """How much matches; what is about some things is counted anew."""

    def count() -> int:
        return asked.read(session, counting).scalar() or 0

    if asked.about is not None:
        return count()
    return count_while_unchanged(session, asked.lens, (rules.name, asked.today), wanted.filters, count)


def _last(session: Session, rules: Rules, asked: Asked, after: tuple[Any, Any]) -> tuple[int, int]:
    """Where the page before ended: the place of the reason, and the id of the last thing."""
    place, ref = after
    return place, asked.lens.place(session, rules.table_of(place), ref)


def _shown(rules: Rules, raws: Raws, limit: int) -> Page:
    """What a page shows, and where the next one begins if there is more than its limit (0: none)."""
    last = raws[limit - 1] if limit and len(raws) > limit else None
    words = list(rules.words)
    rows = []
    for raw in raws[: limit or None]:
        reason = words[raw["place"]]
        told = {"reason": reason, "explanation": rules.words[reason]} | rules.told(raw)
        rows.append({name: told.get(name, raw.get(name)) for name in rules.fields})
    return Page(rows, (last["place"], last["ref"]) if last else None)


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
        key = _last(session, rules, asked, wanted.after)
        rest = whole[bisect_right(whole, key, key=lambda raw: (raw["place"], raw["id"])) :]
    undated = _count_undated(session, rules, asked, wanted) if asked.lens.as_of else None
    page = _shown(rules, rest[: wanted.limit + 1] if wanted.limit else rest, wanted.limit)
    return replace(page, total=len(whole) if wanted.count else None, undated=undated)


def _count_undated(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> int:
    """How many things have such reasons at any time but no date, and so stand in no answer for a day."""
    always = _about(session, replace(asked, lens=asked.lens.at_any_time()), wanted)
    found = _found(always, rules, _reasons(rules, wanted))
    told_apart = case((found.c.kind == "link", -found.c.id), else_=found.c.id)  # a link may have the id of an item
    counting = select(func.count(told_apart.distinct())).where(
        found.c.dated_from.is_(None), *_matching(rules, found, wanted)
    )
    return always.read(session, counting).scalar() or 0
