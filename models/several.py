"""Several values as one parameter: a statement is the same however many it is given, and so is prepared once.

Words of the vocabulary are no values: they are always the same, and stand in the statement.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Dialect,
    Integer,
    String,
    bindparam,
    literal_column,
    types,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_WORD = re.compile(r"[a-z_]+")


class _Several(types.TypeDecorator[Sequence[Any]]):
    """An array on PostgreSQL; a list in JSON on SQLite, which has no arrays, and takes only so many values."""

    impl = String
    cache_ok = True

    def __init__(self, of: type[types.TypeEngine[Any]]) -> None:
        """Values of this type."""
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """What the engine calls it."""
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        """The values as the engine takes them."""
        values = list(value or ())
        return values if dialect.name == "postgresql" else json.dumps(values)


class _Among(FunctionElement[bool]):
    """That the first, a column, is one of the second, several values."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> "_Among":  # noqa: ARG002 - as every element is asked
        """As it is: SQLite, compared to 1, would not look for the column by its index."""
        return self


@compiles(_Among)
def _listed(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - made by the compiler


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: Any, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY ({values})"


def several(name: str, of: type[types.TypeEngine[Any]] = Integer) -> BindParameter[Any]:
    """A parameter that is given any number of values of a type when the statement is run."""
    return bindparam(name, type_=_Several(of))


def among(column: ColumnElement[Any], values: BindParameter[Any]) -> ColumnElement[bool]:
    """The condition that a column holds one of several values."""
    return _Among(column, values)


def one_of(column: ColumnElement[Any], words: Iterable[str]) -> ColumnElement[bool]:
    """The condition that a column holds one of some words of the vocabulary; refuses what cannot be one."""
    found = list(words)
    if not all(map(_WORD.fullmatch, found)):
        raise ValueError("Only words of the vocabulary stand in a statement.")
    return column.in_([literal_column(f"'{word}'", String) for word in found])
