# ruff: noqa: S608 - statements are made of names of our own
"""Plain SQL, as somebody writes it who goes around the service: what attacks on the database are made of."""

from typing import NamedTuple

from models.base import Base

NOWHERE = "999999"
# Tables whose ids the database gives out.
_NUMBERED = {"item", "link", "baseline", "key", "account", "approval", "override"}


class Case(NamedTuple):
    """A constraint, a statement that it refuses, and what PostgreSQL would name first."""

    constraint: str
    statement: str
    first: tuple[str, ...] = ()


def id_of(ref: str) -> str:
    """The id of an item."""
    return f"(SELECT id FROM item WHERE ref = '{ref}')"


def copied(table: str, where: str, /, **changed: str) -> str:
    """Insert a row once more, with other values; ids are given out by the database where none is named."""
    given = _NUMBERED - ({table} if "id" in changed else set())
    columns_of = [column.name for column in Base.metadata.tables[table].columns]
    names = [name for name in columns_of if not (name == "id" and table in given)]
    values = ", ".join(changed.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    return f'INSERT INTO "{table}" ({columns}) SELECT {values} FROM "{table}" WHERE {where}'


def put(table: str, where: str, /, **values: str) -> str:
    """Change a row."""
    changed = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f'UPDATE "{table}" SET {changed} WHERE {where}'


def further(table: str, where: str, /, **values: str) -> str:
    """A change that makes one more version."""
    return put(table, where, version="version + 1", **values)
