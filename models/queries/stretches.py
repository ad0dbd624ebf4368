"""Judging a large programme: what there is to judge is looked at a stretch at a time, until a page is full.

One statement about everything takes longer the more there is, and at some size longer than a statement may. A stretch
takes as long as it is, so a page of a large programme is made as fast as one of a small; what it cannot say is how
much there is in all. Who asks for all of it gets all of it, from longer stretches.
"""

from bisect import bisect_left
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from math import inf
from time import monotonic
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import PARTS, kept
from models.lens import Lens
from models.queries.counting import up_to
from models.queries.judging import Asked, Raws, Rules, Sought, found_by, planned, sought, values_of
from models.queries.looking import looked_for_until
from models.queries.paging import Page, Wanted
from models.queries.ties import targets_of
from models.queries.unchanged import count_while_unchanged
from models.several import one_of

# How many things one statement judges, for a page and for everything.
STRETCH, LONG_STRETCH = 50, 500
# A programme in which its reader sees more to look at than this is large.
SMALL = 200_000
# Of these, what hangs on them alone tells; of all others, items and links.
_ALONE = "action"


@kept(PARTS)
def _things(lens: Lens, kinds: tuple[str, ...]) -> Select[Any]:
    """What there is of these kinds in the order of the record; of every kind of item if none is named."""
    thing = lens.links() if kinds == ("link",) else lens.items()
    found = select(thing.c.id, thing.c.ref).order_by(thing.c.id)
    return found if kinds in {("link",), ()} else found.where(one_of(thing.c.kind, kinds))


@kept(PARTS)
def _next(lens: Lens, kinds: tuple[str, ...], most: int) -> Select[Any]:
    """The next things of these kinds, up to so many, after one of them (`after_id`)."""
    things = _things(lens, kinds)
    return things.where(things.selected_columns.id > bindparam("after_id", type_=Integer)).limit(first(most))


def is_large(session: Session, lens: Lens, kinds: Iterable[str]) -> bool:
    """Whether there is more to look at than is judged in one statement, to judge things of these kinds.

    One statement, none where it was counted since the record last changed.
    """
    looked_at: tuple[tuple[str, ...], ...] = ((_ALONE,),) if set(kinds) == {_ALONE} else ((), ("link",))

    def count() -> int:
        with nullcontext() if lens.known_at is None else planned(session, "custom"):
            return lens.read(session, _how_much(lens, looked_at, SMALL)).scalar() or 0

    return count_while_unchanged(session, lens, ("to judge", *looked_at), {}, count) > SMALL


@kept(PARTS)
def _how_much(lens: Lens, looked_at: tuple[tuple[str, ...], ...], most: int) -> Select[Any]:
    """How much there is to look at, of each sort one more than so much at most."""
    there = (up_to(most, _things(lens, some)).scalar_subquery() for some in looked_at)
    return select(sum(there, literal(0)))


def page_in_stretches(session: Session, rules: Rules, asked: Asked, wanted: Wanted) -> Page:
    """One page of a large programme, or all of it (`limit` 0); nothing is counted.

    A page ends where it is full, or when it took long enough, with those before it in the same reading.
    """
    stretches, words = _Stretches(session, rules, asked, wanted), list(rules.words)
    place, shown = rules.last(session, asked.lens, wanted.after)
    places = sorted(words.index(reason) for reason in rules.asked_for(wanted))
    raws: list[RowMapping] = []
    until = looked_for_until(session, asked.lens) if wanted.limit else inf
    for at in places[bisect_left(places, place) :]:
        reason, last = words[at], shown if at == place else 0
        while things := stretches.things(reason, last):
            raws += stretches.judge(reason, last, things)
            last = things[-1]["id"]
            if 0 < wanted.limit < len(raws):
                return rules.page(raws, wanted.limit)
            if monotonic() >= until:
                return replace(rules.page(raws, 0), after=(at, things[-1]["ref"]))
    return rules.page(raws, wanted.limit)


@dataclass(frozen=True)
class _Stretches:
    """What a question looks at, and finds, a stretch at a time."""

    session: Session
    rules: Rules
    asked: Asked
    wanted: Wanted

    def things(self, reason: str, after: int) -> Raws:
        """The next things that could have a reason after one of them, each with its id and its reference."""
        most = STRETCH if self.wanted.limit else LONG_STRETCH
        statement = _next(self.asked.lens, self.rules.kinds(reason), most)
        return self.asked.lens.read(self.session, statement, after_id=after).mappings().all()

    def judge(self, reason: str, after: int, things: Raws) -> Raws:
        """Which of some things have a reason: actions and links looked for by their ids, others as what it is about."""
        asked, kinds = self.asked, self.rules.kinds(reason)
        if not set(kinds) & {"action", "link"}:
            refs = [thing["ref"] for thing in things]
            asked = replace(asked, about=targets_of(self.session, asked.lens, refs, kinds))
        statement = _in_stretch(asked, self.rules, replace(sought(self.rules, self.wanted), reasons=(reason,)))
        stretch = {"low": after, "high": things[-1]["id"]}
        return asked.read(self.session, statement, **stretch, **values_of(self.wanted)).mappings().all()


@kept(PARTS)
def _in_stretch(asked: Asked, rules: Rules, what: Sought) -> Select[Any]:
    """What is looked for among the things after one (`low`) and up to another (`high`), in the order of the record."""
    found = found_by(asked, rules, what.reasons)
    low, high = (bindparam(name, type_=Integer) for name in ("low", "high"))
    stretch = (found.c.id > low, found.c.id <= high)
    return select(found).where(*stretch, *what.among(found)).order_by(found.c.id)
