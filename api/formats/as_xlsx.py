"""XLSX: a sheet for each table and one that says what the file is; no formulas, the same bytes each time."""

import math
import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import xlsxwriter

from api.formats.table import Book, Table, Value

# What a sheet holds, by Excel's specifications and limits.
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
_MOST_CHARACTERS, _MOST_NAME = 32_767, 31
_FIRST_DAY, _FIRST_INEXACT = date(1900, 1, 1), 10**15
# "About" is the last sheet's; "History" is a name that Excel keeps for itself.
_RESERVED = frozenset({"about", "history"})
_CUT = " …(cut)"
_CHUNK = 65_536
_IN_MEMORY = 1024 * 1024
_CREATED = datetime(2015, 11, 26, tzinfo=UTC).replace(tzinfo=None)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}
_NARROW, _WIDE, _TEXT_COLUMNS = 14, 60, {"title", "text", "statement", "rationale", "value", "gaps", "explanation"}


def _shortened(text: str, most: int, mark: str = "") -> str:
    """A text of at most so many characters as Excel counts them, which is in UTF-16; what is cut ends in the mark."""
    if 2 * len(text) <= most or len(units := text.encode("utf-16-le")) <= 2 * most:
        return text
    return units[: 2 * (most - len(mark))].decode("utf-16-le", errors="ignore") + mark


def _text(value: str) -> str:
    """A text that a cell can hold: only characters that XML allows, and no longer than Excel reads."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return _shortened(_SURROGATE.sub("\ufffd", _NOT_XML.sub("", lines)), _MOST_CHARACTERS, _CUT)


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows and that no sheet has yet, whatever the case."""
    base = _shortened(re.sub(r"[\[\]:*?/\\\s]", " ", _text(name)).strip("' "), _MOST_NAME).strip("' ") or "Sheet"
    found, number = base, 1
    while found.lower() in taken:
        number += 1
        suffix = f" ({number})"
        found = _shortened(base, _MOST_NAME - len(suffix)) + suffix
    taken.add(found.lower())
    return found


def _write_day(sheet: Any, place: tuple[int, int], value: date, formats: dict[str, Any]) -> None:
    """A day or, in UTC, a moment; text where Excel's calendar has not begun."""
    moment = isinstance(value, datetime)
    if isinstance(value, datetime) and value.tzinfo:
        value = value.astimezone(UTC).replace(tzinfo=None)
    if (value.date() if isinstance(value, datetime) else value) < _FIRST_DAY:
        sheet.write_string(*place, value.isoformat(), formats["text"])
    else:
        sheet.write_datetime(*place, value, formats["moment" if moment else "day"])


def _write_cell(sheet: Any, place: tuple[int, int], value: Value, formats: dict[str, Any]) -> None:
    """One cell: text is text, a day a day, a number a number unless Excel would round or refuse it."""
    if isinstance(value, str):
        sheet.write_string(*place, _text(value), formats["text"])
    elif isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, date):
        _write_day(sheet, place, value, formats)
    elif value is not None:
        exact = abs(value) < _FIRST_INEXACT if isinstance(value, int) else math.isfinite(value)
        (sheet.write_number if exact else sheet.write_string)(*place, value if exact else str(value))


def _write_sheet(sheet: Any, header: tuple[str, ...], rows: Iterator[Any], formats: dict[str, Any]) -> None:
    """A sheet: a header that stays in sight, rows, and filters over all of it."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header[:MOST_COLUMNS]):
        width = _WIDE if name.lower() in _TEXT_COLUMNS else max(_NARROW, min(len(name) + 4, _WIDE))
        sheet.set_column(column, column, width, formats["plain"])
        sheet.write_string(0, column, _text(name), formats["header"])
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in zip(range(MOST_COLUMNS), row, strict=False):
            _write_cell(sheet, (last, column), value, formats)
    if header:
        sheet.autofilter(0, 0, last, min(len(header), MOST_COLUMNS) - 1)


def _write_table(workbook: Any, table: Table, taken: set[str], formats: dict[str, Any]) -> None:
    """A table, on as many sheets as its rows need."""
    rows = iter(table.rows)
    part: Iterator[Any] = islice(rows, MOST_ROWS - 1)
    while True:
        _write_sheet(workbook.add_worksheet(_sheet_name(table.name, taken)), table.header, part, formats)
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


def _write_book(workbook: Any, book: Book) -> None:
    """All sheets of a book."""
    workbook.set_properties({"title": _text(book.title), "created": _CREATED})
    top = {"valign": "top"}
    formats = {
        "header": workbook.add_format({"bold": True, "text_wrap": True} | top),
        "plain": workbook.add_format(top),
        "text": workbook.add_format({"text_wrap": True} | top),
        "day": workbook.add_format({"num_format": "yyyy-mm-dd"} | top),
        "moment": workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"} | top),
    }
    taken = set(_RESERVED)
    for table in book.tables:
        _write_table(workbook, table, taken, formats)
    _write_sheet(workbook.add_worksheet("About"), ("What", "Value"), _about(book), formats)


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the whole book; memory does not grow with the rows, and rows that fail leave no file behind."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        with (
            tempfile.TemporaryDirectory() as folder,
            xlsxwriter.Workbook(file, _OPTIONS | {"tmpdir": folder}) as workbook,
        ):
            _write_book(workbook, book)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
