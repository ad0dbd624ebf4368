"""Markdown: a book as a page with pipe tables."""

import re
from collections.abc import Iterator
from datetime import date

from api.formats.table import Book, Table, Value

_SPECIAL = re.compile(r"([\\|`*_\[\]#])")


def _text(value: Value) -> str:
    """A value as text that is no markup of Markdown or HTML."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str):
        return str(value)
    safe = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"\r\n|\r|\n", "<br>", _SPECIAL.sub(r"\\\1", safe))


def _line(values: Iterator[str]) -> bytes:
    """One line of a table."""
    return f"| {' | '.join(values)} |\n".encode()


def _table(table: Table) -> Iterator[bytes]:
    """A table with its heading; an empty one says so."""
    yield f"\n## {_text(table.name)}\n\n".encode()
    empty = True
    for row in table.rows:
        if empty:
            yield _line(_text(name) for name in table.header)
            yield _line("---" for _ in table.header)
        empty = False
        yield _line(_text(value) for value in row)
    if empty:
        yield b"None.\n"


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the whole book, a line at a time."""
    yield f"# {_text(book.title)}\n\n".encode()
    for name, value in book.about:
        yield f"- {_text(name)}: {_text(value)}\n".encode()
    for table in book.tables:
        yield from _table(table)
