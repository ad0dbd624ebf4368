"""CSV (RFC 4180): the first table of a book, safe to open in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from api.formats.table import Book, Value

_CHUNK = 65_536
# A cell that begins so is taken for a formula by spreadsheets, some of which skip blanks and invisible characters and
# read the full-width signs of East Asian keyboards; an apostrophe before it makes it text.
_FORMULA = re.compile("[\t\r]|[\x00-\x20\\s\u200b-\u200f\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")


def _cell(value: Value) -> str | int | float:
    """A value as CSV holds it."""
    if isinstance(value, str):
        return f"'{value}" if _FORMULA.match(value) else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else value


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the first table, in chunks of about 64 KiB; UTF-8 without a mark, `?` for half a surrogate pair."""
    table, buffer = book.tables[0], io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow([_cell(name) for name in table.header])
    for row in table.rows:
        writer.writerow([_cell(value) for value in row])
        if buffer.tell() > _CHUNK:
            yield buffer.getvalue().encode(errors="replace")
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode(errors="replace")
