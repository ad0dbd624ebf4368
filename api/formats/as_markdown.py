"""Markdown: a book as a page with pipe tables."""

import io
import re
from collections.abc import Iterable, Iterator
from datetime import date

from api.formats.table import Book, Table, Value

_CHUNK = 65_536
_SPECIAL = re.compile(r"([\\|`*_~\[\]#])")


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


def _line(values: Iterable[str]) -> str:
    """One line of a table."""
    return f"| {' | '.join(values)} |\n"


def _table(table: Table) -> Iterator[str]:
    """The lines of a table with its heading; an empty one says so."""
    yield f"\n## {_text(table.name)}\n\n"
    empty = True
    for row in table.rows:
        if empty:
            yield _line(_text(name) for name in table.header)
            yield _line("---" for _ in table.header)
        empty = False
        yield _line(_text(value) for value in row)
    if empty:
        yield "None.\n"


def _lines(book: Book) -> Iterator[str]:
    """The lines of the whole book."""
    yield f"# {_text(book.title)}\n\n"
    for name, value in book.about:
        yield f"- {_text(name)}: {_text(value)}\n"
    for table in book.tables:
        yield from _table(table)


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the whole book, in chunks of about 64 KiB; UTF-8, `?` for half a surrogate pair."""
    buffer = io.StringIO(newline="")
    for line in _lines(book):
        buffer.write(line)
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue().encode(errors="replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode(errors="replace")
