"""Judging: by what rules everything is judged, for whom and of what; each rule is a select with a reason.

Judged on all that the reader may see, never on a filtered page of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Result, Select, Subquery, union_all
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.listing import Page, Wanted
from models.queries.rows import Row
from models.queries.ties import TARGETS
from models.several import among, one_of

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

    def read(self, session: Session, statement: Select[Any], **values: Any) -> Result[*tuple[Any, ...]]:
        """What a statement of rules finds on the day; `values` are the statement's own."""
        about = {} if self.about is None else {"targets": list(self.about)}
        return self.lens.read(session, statement, today=self.today, **about, **values)

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

    def asked_for(self, wanted: Wanted) -> tuple[str, ...]:
        """The reasons asked for, all if none is named: those that the kinds and recommendations asked for can have."""
        kinds, about = (wanted.filters.get(name) for name in ("kind", "recommendation"))
        return tuple(
            reason
            for reason in dict.fromkeys(wanted.filters.get("reason") or self.words)
            if (kinds is None or set(kinds) & set(self.kinds(reason)))
            and (about is None or reason not in self.unrelated)
        )

    def last(self, session: Session, lens: Lens, after: tuple[Any, Any] | None) -> tuple[int, int]:
        """Where the page before ended: the place of the reason, and the id of the last thing; before all: zeros."""
        if after is None:
            return 0, 0
        place, ref = after
        table = "link" if self.kinds(list(self.words)[place]) == ("link",) else "item"
        return place, lens.place(session, table, ref)

    def page(self, raws: Raws, limit: int) -> Page:
        """What a page shows, and where the next one begins if there is more than its limit (0: none)."""
        last = raws[limit - 1] if limit and len(raws) > limit else None
        words = list(self.words)
        rows = []
        for raw in raws[: limit or None]:
            reason = words[raw["place"]]
            told = {"reason": reason, "explanation": self.words[reason]} | self.told(raw)
            rows.append({name: told.get(name, raw.get(name)) for name in self.fields})
        return Page(rows, (last["place"], last["ref"]) if last else None)


@kept(STATEMENTS)
def found_by(asked: Asked, rules: Rules, reasons: tuple[str, ...]) -> Subquery:
    """Everything that has one of these reasons."""
    return union_all(*(rules.judged[reason](asked) for reason in reasons)).subquery("found")


def matching(rules: Rules, found: Subquery, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is asked of a row, but for its reason and the recommendations that it is about.

    Its kind is asked for where its reason alone does not tell it.
    """
    asked: list[ColumnElement[bool]] = []
    if "ref" in wanted.filters:
        asked.append(found.c.ref.in_(wanted.filters["ref"]))
    kinds = wanted.filters.get("kind")
    if kinds is not None and any(not set(rules.kinds(reason)) <= set(kinds) for reason in rules.asked_for(wanted)):
        asked.append(one_of(found.c.kind, kinds))
    return asked
