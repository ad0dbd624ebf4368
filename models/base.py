"""The declarative base: names of constraints, and column types that mean the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Join, MetaData, Select, String, literal, literal_column, types
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# PostgreSQL sorts text by the locale of the cluster, SQLite by code point: "C" makes both sort by code point.
Text = String().with_variant(String(collation="C"), "postgresql")


class Base(DeclarativeBase):
    """What every table inherits: one metadata, with a name for each constraint from the first migration on."""

    metadata = MetaData(naming_convention=NAMING)
    __table_args__: Any = {"sqlite_strict": True}


# How many rows are usually asked for: a newest thing; one and the next; one more than a page, a walk, links or a count;
# some at a time.
_USUAL = frozenset({1, 2, 50, 51, 201, 500, 5_001, 50_001, 100_001, 200_000, 200_001})


def first(rows: int) -> ColumnElement[int]:
    """The LIMIT of a statement. The usual ones are words of it, the others parameters.

    SQLite plans by a parameter that is a limit, and so makes the whole statement anew each time it is given one.
    """
    return literal_column(str(rows), Integer) if rows in _USUAL else literal(rows, Integer)


def there_is(rows: Select[Any]) -> ColumnElement[bool]:
    """The condition that there is such a row, asked of one row at a time as the conditions before it leave them.

    It is fenced (OFFSET 0): else PostgreSQL may first find what all rows of the table would answer, and keep it.
    """
    return rows.offset(literal_column("0")).exists()


class InOrder(Join):
    """Two things joined of which the first is gone through, and the second looked for by its index.

    On SQLite, which else may begin with either, knowing nothing of how much there is of them. PostgreSQL knows.
    """

    inherit_cache = True


@compiles(InOrder, "sqlite")
def _in_order(join: InOrder, compiler: Any, **options: Any) -> str:
    """A CROSS JOIN, whose order SQLite keeps; with a condition it is a join like others."""
    first, second = (compiler.process(side, **options | {"asfrom": True}) for side in (join.left, join.right))
    condition = compiler.process(join.onclause, **options | {"asfrom": False})
    return f"{first} CROSS JOIN {second} ON {condition}"


def _compiles_on_sqlite(kind: type[types.TypeEngine[Any]], strict_name: str) -> None:
    """Give a column type a name that a STRICT table of SQLite accepts."""

    @compiles(kind, "sqlite")
    def _name(_type: Any, _compiler: Any, **_options: Any) -> str:
        return strict_name


_STRICT_NAMES: dict[type[types.TypeEngine[Any]], str] = {
    types.String: "TEXT",
    types.Date: "TEXT",
    types.DateTime: "TEXT",
    types.JSON: "TEXT",
    types.Boolean: "INTEGER",
    types.BigInteger: "INTEGER",
}
for _kind, _strict_name in _STRICT_NAMES.items():
    _compiles_on_sqlite(_kind, _strict_name)
