"""Tables: what a sheet, a CSV file or a Markdown page holds, before it is bytes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

Value = str | int | float | bool | date | None


@dataclass(frozen=True)
class Table:
    """A table: its name, the names of its columns, and its rows, which may be made while they are written."""

    name: str
    header: tuple[str, ...]
    rows: Iterable[Sequence[Value]]


@dataclass(frozen=True)
class Book:
    """Tables that belong together, and what they are an answer to."""

    title: str
    tables: tuple[Table, ...]
    about: tuple[tuple[str, str], ...]
