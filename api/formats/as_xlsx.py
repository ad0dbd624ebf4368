"""XLSX: a sheet for each table and one that says what the file is; no formulas, the same bytes each time."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

from api.formats.sheets import Workbook, plain
from api.formats.table import Book, Table, Value

# What a sheet holds, by Excel's specifications and limits.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
_MOST_CHARACTERS, _MOST_NAME = 32_767, 31
# "About" is the last sheet's; "History" is a name that Excel keeps for itself.
_RESERVED = frozenset({"about", "history"})
_CUT = " …(cut)"
_CHUNK = 65_536
_IN_MEMORY = 1024 * 1024
_CREATED = datetime(2015, 11, 26, tzinfo=UTC)
_NARROW, _WIDE, _TEXT_COLUMNS = 14, 60, {"title", "text", "statement", "rationale", "value", "gaps", "explanation"}


def _shortened(text: str, most: int, mark: str = "") -> str:
    """A text of at most so many characters as Excel counts them, which is in UTF-16; what is cut ends in the mark."""
    if 2 * len(text) <= most or len(units := text.encode("utf-16-le")) <= 2 * most:
        return text
    return units[: 2 * (most - len(mark))].decode("utf-16-le", errors="ignore") + mark


def _text(value: str) -> str:
    """A text that a cell can hold: only characters that XML allows, and no longer than Excel reads."""
    return value if 2 * len(value) <= _MOST_CHARACTERS else _shortened(plain(value), _MOST_CHARACTERS, _CUT)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows and that no sheet has yet, whatever the case."""
    base = _shortened(re.sub(r"[\[\]:*?/\\\s]", " ", plain(name)).strip("' "), _MOST_NAME).strip("' ") or "Sheet"
    found, number = base, 1
    while found.lower() in taken:
        number += 1
        suffix = f" ({number})"
        found = _shortened(base, _MOST_NAME - len(suffix)) + suffix
    taken.add(found.lower())
    return found


def _write_sheet(workbook: Workbook, name: str, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """A sheet of the columns that it can hold, each as wide as what stands in it wants."""
    shown = tuple(header[:MOST_COLUMNS])
    widths = [_WIDE if name.lower() in _TEXT_COLUMNS else max(_NARROW, min(len(name) + 4, _WIDE)) for name in shown]
    workbook.sheet(name, shown, widths, rows)


def _write_table(workbook: Workbook, table: Table, taken: set[str]) -> None:
    """A table, on as many sheets as its rows need."""
    rows = iter(table.rows)
    part: Iterator[Sequence[Value]] = islice(rows, MOST_ROWS - 1)
    while True:
        _write_sheet(workbook, _sheet_name(table.name, taken), table.header, part)
        following = next(rows, None)
        if following is None:
            return
        part = chain([following], islice(rows, MOST_ROWS - 2))


def _about(book: Book) -> Iterator[tuple[str, str]]:
    """What the last sheet says: the title, what the file is an answer to, and what no sheet could hold."""
    yield ("Title", book.title)
    yield from book.about
    for table in book.tables:
        if (more := len(table.header) - MOST_COLUMNS) > 0:
            yield (f"Columns left out of {table.name}", f"the last {more:,}: a sheet ends at {MOST_COLUMNS:,}")


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the whole book; memory does not grow with the rows, and rows that fail leave no file behind."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        taken = set(_RESERVED)
        with Workbook(file, _text) as workbook:
            for table in book.tables:
                _write_table(workbook, table, taken)
            _write_sheet(workbook, "About", ("What", "Value"), _about(book))
            workbook.finish(plain(book.title), _CREATED)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
