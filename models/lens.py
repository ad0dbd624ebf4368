"""A lens is the only way to read: what this reader may see, on which date, as known at which point of the record."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    FromClause,
    Integer,
    Result,
    Subquery,
    Table,
    and_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from models.base import Base
from models.keeping import PARTS, kept
from models.versions import VERSIONS
from models.vocabulary import HANDLINGS, TIMELESS_KINDS

# The day and the point of the record asked for; a statement serves every day and point.
_DAY = bindparam("as_of", type_=Date)
_POINT = bindparam("known_at", type_=Integer)


@dataclass(frozen=True)
class Lens:
    """What a reader sees: up to which handling, only what was so `as_of` a day, only what was known at a point.

    `known_at` is a change's number: everything is shown as it stood after that change; None shows the present. With
    `as_of`, undated items are left out, because they cannot be placed in time; `at_any_time()` sees them, so that an
    answer can count what it left out.
    """

    clearance: str = "PUBLIC"
    as_of: date | None = None
    known_at: int | None = None

    def at_any_time(self) -> "Lens":
        """The same reader without the date."""
        return replace(self, as_of=None)

    @property
    def shape(self) -> "Lens":
        """The lens that selectables are made with: which day and which point, is given when they are read."""
        day = None if self.as_of is None else date.min
        return Lens(self.clearance, day, None if self.known_at is None else 0)

    def read(self, session: Session, statement: Executable, **values: Any) -> Result[*tuple[Any, ...]]:
        """What a statement made with this lens finds, on its day and at its point; `values` are the statement's own."""
        return session.execute(statement, {"as_of": self.as_of, "known_at": self.known_at, **values})

    def _rows(self, name: str, alias: str) -> FromClause:
        """The rows of a table: as they are, or the versions of them that stood at the point asked for."""
        if self.known_at is None:
            return Base.metadata.tables[name].alias(alias)
        version: Table = VERSIONS[name]
        columns = [column for column in version.c if column.name not in {"from_seq", "until_seq"}]
        return select(*columns).where(version.c.from_seq <= _POINT, version.c.until_seq > _POINT).subquery(alias)

    def _visible(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that every row must pass: handling within clearance, and not withdrawn."""
        return and_(self._allowed(table), table.c.withdrawn_seq.is_(None))

    def _allowed(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that a row's handling is within clearance."""
        return table.c.handling.in_(HANDLINGS[: HANDLINGS.index(self.clearance) + 1])

    def _holds(self, table: FromClause) -> list[ColumnElement[bool]]:
        """The predicate that the row was so on the day asked for; a row without an end is so until further notice."""
        if self.as_of is None:
            return []
        return [
            table.c.effective_from <= _DAY,
            or_(table.c.effective_to.is_(None), table.c.effective_to > _DAY),
        ]

    def _item_shown(self, item: FromClause) -> ColumnElement[bool]:
        """The whole predicate for an item; kinds that are not events have no date to be asked for."""
        holds = self._holds(item)
        if not holds:
            return self._visible(item)
        return and_(self._visible(item), or_(item.c.kind.in_(TIMELESS_KINDS), and_(*holds)))

    @kept(PARTS)
    def items(self, name: str = "seen") -> Subquery:
        """The items of every kind that this reader sees, with the columns that all kinds have."""
        item = self._rows("item", f"{name}_item")
        return select(item).where(self._item_shown(item)).subquery(name)

    @kept(PARTS)
    def details(self, kind: str, name: str | None = None) -> FromClause:
        """The columns of one kind alone; to be joined by id to `items`, which decides what is seen."""
        return self._rows(kind, name or f"{kind}_details")

    @kept(PARTS)
    def links(self, name: str = "link_seen") -> Subquery:
        """The links that this reader sees: those that hold and of which both ends are seen.

        A link is suspect when an end no longer says what it said when the link was last reviewed, or when the review
        found it invalid.
        """
        link = self._rows("link", f"{name}_link")
        source = self._rows("item", f"{name}_source")
        target = self._rows("item", f"{name}_target")
        conditions = [self._visible(link), self._item_shown(source), self._item_shown(target)]
        if self.as_of is not None:
            conditions.append(or_(link.c.effective_from.is_(None), link.c.effective_from <= _DAY))
            conditions.append(or_(link.c.effective_to.is_(None), link.c.effective_to > _DAY))
        said = {"source": source.c.content, "target": target.c.content}
        changed = {end: now != link.c[f"{end}_content"] for end, now in said.items()}
        invalid = func.coalesce(link.c.finding, "") == "invalid"
        columns: list[Any] = [
            *link.c,
            source.c.ref.label("source_ref"),
            target.c.ref.label("target_ref"),
            *(now.label(f"{end}_says") for end, now in said.items()),
            *(differs.label(f"{end}_changed") for end, differs in changed.items()),
            or_(*changed.values(), invalid).label("suspect"),
        ]
        return (
            select(*columns)
            .join_from(link, source, source.c.id == link.c.source_id)
            .join(target, target.c.id == link.c.target_id)
            .where(*conditions)
            .subquery(name)
        )

    @kept(PARTS)
    def involvements(self, name: str = "part") -> Subquery:
        """The parts of bodies in items, of those bodies that this reader sees, each with the body's reference."""
        part = self._rows("involvement", f"{name}_involvement")
        body = self._rows("item", f"{name}_body")
        return (
            select(*part.c, body.c.ref.label("body_ref"))
            .join_from(part, body, body.c.id == part.c.body_id)
            .where(self._item_shown(body))
            .subquery(name)
        )

    @kept(PARTS)
    def due_dates(self) -> FromClause:
        """The due dates of actions; to be joined by id to `items`, which decides what is seen."""
        return self._rows("due_date", "due")

    @kept(PARTS)
    def changes(self) -> Subquery:
        """The changes of what this reader may see, of what was withdrawn too; at a point of the record, those up to it.

        Whether a thing may be seen is judged by its marking now, and for a link by those of its ends too.
        """
        tables = Base.metadata.tables
        change, item, link = tables["change"], tables["item"].alias(), tables["link"].alias()
        source, target = tables["item"].alias(), tables["item"].alias()
        of_item = select(item.c.id).where(item.c.ref == change.c.ref, item.c.kind == change.c.kind, self._allowed(item))
        of_link = (
            select(link.c.id)
            .join_from(link, source, source.c.id == link.c.source_id)
            .join(target, target.c.id == link.c.target_id)
            .where(link.c.ref == change.c.ref, *(self._allowed(table) for table in (link, source, target)))
        )
        named = change.c.kind == "baseline"
        seen = or_(named, of_item.exists(), and_(change.c.kind == "link", of_link.exists()))
        known = [] if self.known_at is None else [change.c.seq <= _POINT]
        return select(change).where(seen, *known).subquery("change_seen")
