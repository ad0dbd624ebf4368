"""Selecting everything of a table in few words: `SELECT link.*`, where SQLAlchemy would write each column.

What is read is made of tables within tables, and in all but the last step every column is handed on. Written one by
one they were a third of the time that making a statement takes. To whoever selects from it, it has each of the columns.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Label, Select, Subquery, literal_column, select
from sqlalchemy.sql.expression import ColumnClause
from sqlalchemy.sql.selectable import NamedFromClause


class Everything(Subquery):
    """A subquery with the columns of what it selects from, and some more."""

    inherit_cache = True
    of: Sequence[ColumnElement[Any]]

    def _populate_column_collection(self, columns: Any, primary_key: Any, foreign_keys: Any) -> None:  # noqa: ARG002
        """The columns as whoever selects from this names them, where SQLAlchemy would look for them in the SELECT."""
        for column in self.of:
            columns.add(ColumnClause(column.name, column.type, _selectable=self))


def everything(
    name: str,
    of: NamedFromClause,
    *more: Label[Any],
    joined: FromClause | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> Everything:
    """What `SELECT of.*, more FROM joined WHERE where` finds, under a name; where nothing is joined, `of` alone."""
    lean: Select[Any] = select(literal_column(f"{of.name}.*"), *more)
    lean = lean.select_from(of if joined is None else joined).where(*where)
    found = Everything._construct(lean, name=name)  # noqa: SLF001 - as Select.subquery() makes one
    found.of = [*of.c, *more]
    return found
