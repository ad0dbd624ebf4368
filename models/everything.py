"""Selecting everything of a table in few words: `SELECT link.*`, where SQLAlchemy would write each column.

What is read is made of tables within tables, and in all but the last step every column is handed on. Written one by
one they were a third of the time that making a statement takes. To whoever selects from it, it has each of the columns.

A statement names the same selection many times, and so do other statements, under one name or another. It is written
once for each engine.
"""

from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    FromClause,
    Label,
    Select,
    Subquery,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import ColumnClause
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.sql.visitors import iterate


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


def called(name: str, found: Everything) -> Everything:
    """The same selection under another name; what it selects from may be called the same in all of a statement."""
    same = Everything._construct(found.element, name=name)  # noqa: SLF001 - as above
    same.of = found.of
    return same


class _Writing:
    """How what is selected is written: its parameters, None where one is named anew in each statement, and its text.

    The text is by the name of the engine.
    """

    def __init__(self, selected: ClauseElement) -> None:
        """Nothing written yet."""
        parameters = {part.key: part for part in iterate(selected) if isinstance(part, BindParameter)}
        own = any(parameter.unique or parameter.expanding for parameter in parameters.values())
        self.parameters = None if own else tuple(parameters.values())
        self.texts: dict[str, str] = {}


# By what is selected: a copy that SQLAlchemy makes of that, and changes, is another.
_WRITINGS: WeakKeyDictionary[ClauseElement, _Writing] = WeakKeyDictionary()


@compiles(Everything)
def _write(found: Everything, compiler: Any, **options: Any) -> str:
    """The selection as a statement names it, its parameters told to the statement."""
    selected: ClauseElement = found.element
    writing = _WRITINGS.get(selected) or _WRITINGS.setdefault(selected, _Writing(selected))
    outer = options.get("enclosing_alias")
    in_another = outer is not None and outer.element is found
    if writing.parameters is None or in_another or not options.get("asfrom"):
        return str(compiler.visit_subquery(found, **options))
    engine = compiler.dialect.name
    name = f" AS {compiler.preparer.format_alias(found, found.name)}"
    if engine not in writing.texts:
        written = str(compiler.visit_subquery(found, **options))
        writing.texts[engine] = written.removesuffix(name)
        return written
    for parameter in writing.parameters:
        compiler.process(parameter)
    if (linter := options.get("from_linter")) is not None:
        linter.froms[found] = found.name
    return writing.texts[engine] + name
