"""Judging: by what rules everything is judged, for whom and of what; each rule is a select with a reason.

Judged on all that the reader may see, never on a filtered page of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Result, Select, Subquery, bindparam, union_all
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.paging import Page, Wanted
from models.queries.rows import Row
from models.queries.ties import TARGETS
from models.several import among, one_of

Raws = Sequence[RowMapping]


@dataclass(frozen=True)
class Asked:
    """What everything is judged by: the reader's lens, and the day on which a due date has passed or not.

    With what it is `about`, the ids of some recommendations and their clauses, or of some evidence, nothing else is
    judged than they, the actions for them, and the links to them; if `alone`, of items nothing but they.
    """

    lens: Lens
    today: date
    about: tuple[int, ...] | None = None
    alone: bool = False

    @property
    def shape(self) -> "Asked":
        """What the rules are made with: the day, and what it is about, is given when they are run."""
        return Asked(self.lens.shape, date.min, None if self.about is None else (), self.alone)

    def read(self, session: Session, statement: Select[Any], **values: Any) -> Result[*tuple[Any, ...]]:
        """What a statement of rules finds on the day; `values` are the statement's own."""
        about = {} if self.about is None else {"targets": list(self.about)}
        return self.lens.read(session, statement, today=self.today, **about, **values)

    def among(self, target: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """The condition that a target is one of those that it is about, where it is about any."""
        return [] if self.about is None else [among(target, TARGETS)]


@contextmanager
def planned(session: Session, how: Literal["generic", "custom"]) -> Iterator[None]:
    """Have PostgreSQL keep one plan of a statement for any values, or make one for the values of each asking.

    Left to itself it makes one for the values, and takes to one for any after some askings. For rules about a few
    things that is late: to make the plan takes longer than to run it. To count what there was at a point it is wrong.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql(f"SET LOCAL plan_cache_mode = force_{how}_plan")
    yield
    connection.exec_driver_sql("SET LOCAL plan_cache_mode = auto")


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


@dataclass(frozen=True)
class Sought:
    """What is looked for: rows with one of these reasons, of some things alone (`refs`) or of some kinds alone.

    Kinds are named where a reason alone does not tell them.
    """

    reasons: tuple[str, ...]
    by_ref: bool = False
    kinds: tuple[str, ...] | None = None

    @property
    def is_everything(self) -> bool:
        """Whether it is all that has these reasons."""
        return not self.by_ref and self.kinds is None

    def among(self, found: Subquery) -> list[ColumnElement[bool]]:
        """The conditions on what has these reasons; each rule looks for a few references by their index."""
        asked: list[ColumnElement[bool]] = [found.c.ref.in_(bindparam("refs", expanding=True))] if self.by_ref else []
        return asked if self.kinds is None else [*asked, one_of(found.c.kind, self.kinds)]


def sought(rules: Rules, wanted: Wanted) -> Sought:
    """What is looked for, to answer a question."""
    reasons, kinds = rules.asked_for(wanted), wanted.filters.get("kind")
    told = kinds is None or all(set(rules.kinds(reason)) <= set(kinds) for reason in reasons)
    return Sought(reasons, "ref" in wanted.filters, None if told or kinds is None else tuple(sorted(set(kinds))))


def values_of(wanted: Wanted) -> dict[str, Any]:
    """What the statement that looks for it is given."""
    return {"refs": list(wanted.filters["ref"])} if "ref" in wanted.filters else {}
