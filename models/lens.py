"""A lens is the only way to read: what this reader may see, on which date, as known at which point of the record."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Executable,
    FromClause,
    Integer,
    Result,
    String,
    Subquery,
    Table,
    TableClause,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy import table as table_named
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import NamedFromClause

from models.base import Base, InOrder, first
from models.everything import Everything, called, everything
from models.keeping import PARTS, kept
from models.markings import RESTRICTED
from models.several import one_of
from models.sight import beyond_sight
from models.versions import VERSIONS
from models.vocabulary import HANDLINGS, TIMELESS_KINDS

MARKED = ("item", "link")
_ENDS = ("source", "target")
# What a link tells of the items at its ends, in columns of theirs: by the index of one it is found from there.
_TOLD = {
    "source": ("kind", "owner_id", "title", "effective_from"),
    "target": ("id", "kind", "parent_id", "title", "effective_from"),
}

# The day and the point of the record asked for, the reader's body, the day on which he reads: a statement serves all.
_DAY = bindparam("as_of", type_=Date)
POINT = bindparam("known_at", type_=Integer)
BODY = bindparam("body", type_=String)
_TODAY = bindparam("today_read", type_=Date)
_SOME_BODY = "-"


@dataclass(frozen=True)
class Lens:
    """What a reader sees: up to which handling, for which body, only what was so `as_of` a day or known at a point.

    `known_at` is a change's number: everything is shown as it stood after that change; None shows the present. With
    `as_of`, undated items are left out, because they cannot be placed in time; `at_any_time()` sees them, so that an
    answer can count what it left out. What is hidden from the reader now is hidden at every earlier point too.
    `whole` is the sight of whoever keeps the record: nothing is hidden from it. `record` says which of the changes of
    what it sees it is shown: `seen` all, `own` those of its body and of what is public, `plan` those of all actions
    too, `accounts` those of keys and accounts and of what is public, `hashed` every change there is, with the values
    hashed, `all` the same in plain.
    """

    clearance: str = "PUBLIC"
    as_of: date | None = None
    known_at: int | None = None
    body: str | None = None
    today: date | None = None
    whole: bool = False
    record: str = "seen"

    @property
    def sees_record(self) -> bool:
        """Whether the reader is shown every change there is, and so knows them by the numbers of the record."""
        return self.whole or self.record in {"hashed", "all"}

    def at_any_time(self) -> "Lens":
        """The same reader without the date."""
        return replace(self, as_of=None)

    @property
    def shape(self) -> "Lens":
        """The lens that selectables of things are made with: which day, point and body, is given when they are read."""
        day = None if self.as_of is None else date.min
        point = None if self.known_at is None else 0
        if self.whole:
            return Lens(as_of=day, known_at=point, whole=True)
        return Lens(self.clearance, day, point, None if self.body is None else _SOME_BODY)

    @property
    def values(self) -> dict[str, Any]:
        """What a statement made with the shape of this lens is given when it is read."""
        today = self.today or datetime.now(UTC).date()
        body = None if self.body is None else f" {self.body} "
        return {"as_of": self.as_of, "known_at": self.known_at, "body": body, "today_read": today}

    def read(self, session: Session, statement: Executable, **values: Any) -> Result[*tuple[Any, ...]]:
        """What a statement made with this lens finds, on its day and at its point; `values` are the statement's own."""
        return session.execute(statement, self.values | values)

    def _rows(self, name: str, alias: str) -> NamedFromClause:
        """The rows of a table: as they are, or the versions of them that stood at the point asked for.

        A version of something that is hidden now is hidden, too, however it was marked then. That is asked by EXISTS:
        on the right of a LEFT JOIN, SQLite would make a list of all there was of a join.
        """
        table = Base.metadata.tables[name]
        if self.known_at is None:
            return _named(table).alias(alias)
        version = _named(VERSIONS[name])
        stood: list[ColumnElement[bool]] = [version.c.from_seq <= POINT, version.c.until_seq > POINT]
        if self.whole or name not in MARKED:
            return everything(alias, version, where=stood)
        now = _named(table).alias(f"{alias}_now")
        allowed = select(now.c.id).where(now.c.id == version.c.id, self.allowed(now)).exists()
        return everything(alias, version, where=[*stood, allowed])

    def _visible(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that every row must pass: its marking lets the reader see it, and it is not withdrawn."""
        return and_(self.allowed(table), table.c.withdrawn_seq.is_(None))

    def allowed(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that a row's marking lets the reader see it; every term is true or false, never unknown."""
        if self.whole:
            return true()
        unlimited: ColumnElement[bool] = table.c.limited_to.is_(None)
        passed: ColumnElement[bool] = (table.c.embargo_until > _TODAY).is_not(true())
        if self.body is not None:
            unlimited = or_(unlimited, _names(table.c.limited_to))
            passed = or_(passed, _names(table.c.embargo_bodies))
        return and_(self.cleared(table), unlimited, passed)

    def cleared(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that the reader is cleared for a row's handling: words of the statement, being always so."""
        words: list[ColumnElement[str]] = [
            literal_column(f"'{word}'") for word in HANDLINGS[: HANDLINGS.index(self.clearance) + 1]
        ]
        return table.c.handling == words[0] if len(words) == 1 else table.c.handling.in_(words)

    def holds(self, item: FromClause) -> list[ColumnElement[bool]]:
        """The predicate that an item was so on the day asked for; one without an end is so until further notice."""
        if self.as_of is None:
            return []
        return [item.c.effective_from <= _DAY, or_(item.c.effective_to.is_(None), item.c.effective_to > _DAY)]

    def link_holds(self, link: FromClause) -> list[ColumnElement[bool]]:
        """The predicate that a link with dates of its own was so on the day asked for; one without is as its ends."""
        if self.as_of is None:
            return []
        return [
            or_(link.c.effective_from.is_(None), link.c.effective_from <= _DAY),
            or_(link.c.effective_to.is_(None), link.c.effective_to > _DAY),
        ]

    def _item_shown(self, item: FromClause) -> ColumnElement[bool]:
        """The whole predicate for an item; kinds that are not events have no date to be asked for."""
        holds = self.holds(item)
        if not holds:
            return self._visible(item)
        return and_(self._visible(item), or_(one_of(item.c.kind, TIMELESS_KINDS), and_(*holds)))

    @kept(PARTS)
    def items(self, name: str = "seen") -> Everything:
        """The items of every kind that this reader sees, with the columns that all kinds have."""
        return self._items(name) if self.whole else called(name, self._items("seen"))

    @kept(PARTS)
    def _items(self, name: str) -> Everything:
        """The items, from rows that are called after a name: one for all, but for whoever keeps the record."""
        item = self._rows("item", f"{name}_item")
        return everything(name, item, where=[self._item_shown(item)])

    @kept(PARTS)
    def details(self, kind: str, name: str | None = None) -> FromClause:
        """The columns of one kind alone; to be joined by id to `items`, which decides what is seen.

        Of links, those whose marking lets the reader see them; to be joined by id to `links`.
        """
        if kind not in MARKED:
            return self._rows(kind, name or f"{kind}_details")
        marked = self._rows(kind, f"{kind}_marked")
        return everything(name or f"{kind}_details", marked, where=[self._visible(marked)])

    @kept(PARTS)
    def links(self, name: str = "link_seen", *, from_target: bool = False) -> Everything:
        """The links that this reader sees: those that hold and of which both ends are seen.

        A link is suspect when an end no longer says what it said when the link was last reviewed, or when the review
        found it invalid. If `from_target`, SQLite looks for them from their targets.
        """
        made = self._links(name if self.whole else "link_seen", from_target=from_target)
        return made if self.whole else called(name, made)

    @kept(PARTS)
    def _links(self, name: str, *, from_target: bool) -> Everything:
        """The links, from rows that are called after a name, as the items are."""
        link = self._rows("link", f"{name}_link")
        ends = {end: self._rows("item", f"{name}_{end}") for end in _ENDS}
        source, target = ends.values()
        conditions = [self._visible(link), *map(self._item_shown, ends.values()), *self.link_holds(link)]
        changed = {end: item.c.content != link.c[f"{end}_content"] for end, item in ends.items()}
        invalid = func.coalesce(link.c.finding, literal_column("''")) == literal_column("'invalid'")
        columns: list[Any] = [
            *(item.c.ref.label(f"{end}_ref") for end, item in ends.items()),
            *(ends[end].c[told].label(f"{end}_item_{told}") for end, names in _TOLD.items() for told in names),
            *(item.c.content.label(f"{end}_says") for end, item in ends.items()),
            *(differs.label(f"{end}_changed") for end, differs in changed.items()),
            or_(*changed.values(), invalid).label("suspect"),
        ]
        at_target, at_source = target.c.id == link.c.target_id, source.c.id == link.c.source_id
        joined: FromClause = link.join(source, at_source).join(target, at_target)
        if from_target:
            joined = InOrder(InOrder(target, link, at_target), source, at_source)
        return everything(name, link, *columns, joined=joined, where=conditions)

    @kept(PARTS)
    def involvements(self, name: str = "part") -> Subquery:
        """The parts of bodies in items, of those bodies that this reader sees, each with the body's reference."""
        part = self._rows("involvement", f"{name}_involvement")
        body = self._rows("item", f"{name}_body")
        joined = part.join(body, body.c.id == part.c.body_id)
        return everything(name, part, body.c.ref.label("body_ref"), joined=joined, where=[self._item_shown(body)])

    @kept(PARTS)
    def due_dates(self, name: str = "due") -> FromClause:
        """The due dates of actions; to be joined by id to `items`, which decides what is seen.

        On a day, those that were set by then; what was published without that day stands.
        """
        if self.as_of is None:
            return self._rows("due_date", name)
        due = self._rows("due_date", f"{name}_set")
        return everything(name, due, where=[or_(due.c.set_on.is_(None), due.c.set_on <= _DAY)])

    @staticmethod
    def place(session: Session, table: str, ref: str) -> int:
        """Where a list goes on that ended with this item or link (`table`), hidden by now or not. One statement."""
        rows = Base.metadata.tables[table]
        with beyond_sight(session):
            return int(session.scalar(select(rows.c.id).where(rows.c.ref == ref)) or 0)

    @kept(PARTS)
    def restricted(self) -> CompoundSelect[Any]:
        """Rows, at most one of items and one of links, that this reader sees and not everybody does."""
        item, link = Base.metadata.tables["item"], Base.metadata.tables["link"]
        source, target = item.alias("restricted_source"), item.alias("restricted_target")
        of_item = select(item.c.id).where(text(restricted_sql("item")), self.allowed(item))
        of_link = (
            select(link.c.id)
            .join_from(link, source, source.c.id == link.c.source_id)
            .join(target, target.c.id == link.c.target_id)
            .where(text(restricted_sql("link")), *(self.allowed(row) for row in (link, source, target)))
        )
        return union_all(*(select(found.limit(first(1)).subquery()) for found in (of_item, of_link)))

    @kept(PARTS)
    def every_link(self, name: str = "ever_link") -> FromClause:
        """The links whose marking, and that of both ends, lets this reader see them, those withdrawn too."""
        link = self._rows("link", f"{name}_link")
        ends = source, target = [self._rows("item", f"{name}_{end}") for end in _ENDS]
        joined = link.join(source, source.c.id == link.c.source_id).join(target, target.c.id == link.c.target_id)
        return everything(name, link, joined=joined, where=[self.allowed(link), *map(self.allowed, ends)])

    @kept(PARTS)
    def every_item(self, name: str = "ever") -> FromClause:
        """The items whose marking lets this reader see them, those that were withdrawn too."""
        item = self._rows("item", f"{name}_item")
        return everything(name, item, where=[self.allowed(item)])


@cache
def _named(table: Table) -> TableClause:
    """A table by its name, and its columns by name and type: a statement needs no more, and is made faster."""
    return table_named(table.name, *(column(found.name, found.type) for found in table.c))


def _names(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a list of bodies names the reader's."""
    blank = literal_column("' '", String)
    spaced = blank + func.coalesce(column, literal_column("''")) + blank
    return func.replace(spaced, BODY, "") != spaced


def restricted_sql(name: str) -> str:
    """The condition of the index of what is restricted, for the rows of a table."""
    return "(" + re.sub(r"(handling|limited_to|embargo_until)", name + r".\1", RESTRICTED) + ")"
