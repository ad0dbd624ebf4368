"""A lens is the only way to read: what this reader may see, on which date."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Executable,
    FromClause,
    Result,
    Subquery,
    and_,
    bindparam,
    or_,
    select,
)
from sqlalchemy.orm import Session

from models.actions import DueDate
from models.items import Involvement, Item
from models.keeping import PARTS, kept
from models.links import Link
from models.nouns import NOUNS
from models.vocabulary import HANDLINGS, TIMELESS_KINDS

# The day asked for; a statement serves every day.
_DAY = bindparam("as_of", type_=Date)


@dataclass(frozen=True)
class Lens:
    """What a reader sees: up to which handling, and with `as_of` only what was so on that day.

    With `as_of`, undated items are left out, because they cannot be placed in time; `at_any_time()` sees them, so
    that an answer can count what it left out.
    """

    clearance: str = "PUBLIC"
    as_of: date | None = None

    def at_any_time(self) -> "Lens":
        """The same reader without the date."""
        return replace(self, as_of=None)

    @property
    def shape(self) -> "Lens":
        """The lens that selectables are made with: which day it is, is given when they are read."""
        return replace(self, as_of=None if self.as_of is None else date.min)

    def read(self, session: Session, statement: Executable, **values: Any) -> Result[*tuple[Any, ...]]:
        """What a statement made with this lens finds, on its day; `values` are the statement's own parameters."""
        return session.execute(statement, {"as_of": self.as_of, **values})

    def _visible(self, table: FromClause) -> ColumnElement[bool]:
        """The predicate that every row must pass: handling within clearance, and not withdrawn."""
        allowed = HANDLINGS[: HANDLINGS.index(self.clearance) + 1]
        return and_(table.c.handling.in_(allowed), table.c.withdrawn_seq.is_(None))

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
        item = Item.__table__.alias(f"{name}_item")
        return select(item).where(self._item_shown(item)).subquery(name)

    @kept(PARTS)
    def details(self, kind: str, name: str | None = None) -> FromClause:
        """The columns of one kind alone; to be joined by id to `items`, which decides what is seen."""
        return NOUNS[kind].__table__.alias(name or f"{kind}_details")

    @kept(PARTS)
    def links(self, name: str = "link_seen") -> Subquery:
        """The links that this reader sees: those that hold and of which both ends are seen."""
        link = Link.__table__.alias(f"{name}_link")
        source = Item.__table__.alias(f"{name}_source")
        target = Item.__table__.alias(f"{name}_target")
        conditions = [self._visible(link), self._item_shown(source), self._item_shown(target)]
        if self.as_of is not None:
            conditions.append(or_(link.c.effective_from.is_(None), link.c.effective_from <= _DAY))
            conditions.append(or_(link.c.effective_to.is_(None), link.c.effective_to > _DAY))
        columns: list[Any] = [*link.c, source.c.ref.label("source_ref"), target.c.ref.label("target_ref")]
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
        part = Involvement.__table__.alias(f"{name}_involvement")
        body = Item.__table__.alias(f"{name}_body")
        return (
            select(*part.c, body.c.ref.label("body_ref"))
            .join_from(part, body, body.c.id == part.c.body_id)
            .where(self._item_shown(body))
            .subquery(name)
        )

    @kept(PARTS)
    def due_dates(self) -> FromClause:
        """The due dates of actions; to be joined by id to `items`, which decides what is seen."""
        return DueDate.__table__.alias("due")
