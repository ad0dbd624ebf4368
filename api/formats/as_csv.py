"""CSV (RFC 4180): the first table of a book, safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from api.formats.table import Book, Value

_CHUNK = 65_536
# A cell that begins so is taken for a formula by spreadsheets; an apostrophe before it makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: Value) -> str | int | float:
    """A value as CSV holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000").startswith(_FORMULA):
        return f"'{value}"
    return value


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the first table, in chunks of about 64 KiB; UTF-8 without a byte-order mark."""
    table, buffer = book.tables[0], io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_cell(name) for name in table.header])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
