"""XLSX: a sheet for each table and one that says what the file is; no formulas, the same bytes each time."""

import re
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

import xlsxwriter

from api.formats.table import Book, Table, Value

MOST_ROWS = 1_048_576
_MOST_CHARACTERS = 32_767
_CUT = " …(cut)"
_CHUNK = 65_536
_IN_MEMORY = 8 * 1024 * 1024
_CREATED = datetime(2015, 11, 26, tzinfo=UTC).replace(tzinfo=None)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NARROW, _WIDE, _TEXT_COLUMNS = 14, 60, {"title", "text", "statement", "rationale", "value", "gaps", "explanation"}


def _text(value: str) -> str:
    """A text that a cell can hold: no characters that XML forbids, and no longer than Excel reads."""
    clean = _NOT_XML.sub("", value)
    return clean if len(clean) <= _MOST_CHARACTERS else clean[: _MOST_CHARACTERS - len(_CUT)] + _CUT


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that Excel allows and that no sheet has yet, whatever the case."""
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip("' ")[:31] or "Sheet"
    found, number = base, 1
    while found.lower() in taken:
        number += 1
        suffix = f" ({number})"
        found = base[: 31 - len(suffix)] + suffix
    taken.add(found.lower())
    return found


def _write_cell(sheet: Any, place: tuple[int, int], value: Value, formats: dict[str, Any]) -> None:
    """One cell: text is text, a number a number, a day a day."""
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, date):
        sheet.write_datetime(*place, value, formats["day"])
    elif isinstance(value, str):
        sheet.write_string(*place, _text(value), formats["text"])
    else:
        sheet.write_number(*place, value)


def _write_sheet(sheet: Any, header: tuple[str, ...], rows: Iterator[Any], formats: dict[str, Any]) -> None:
    """A sheet: a header that stays in sight, rows, and filters over all of it."""
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        width = _WIDE if name.lower() in _TEXT_COLUMNS else max(_NARROW, min(len(name) + 4, _WIDE))
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, _text(name), formats["header"])
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write_cell(sheet, (last, column), value, formats)
    if header:
        sheet.autofilter(0, 0, last, len(header) - 1)


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


def write(book: Book) -> Iterator[bytes]:
    """The bytes of the whole book; memory does not grow with the rows."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        workbook = xlsxwriter.Workbook(file, _OPTIONS)
        workbook.set_properties({"title": _text(book.title), "created": _CREATED})
        formats = {
            "header": workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "text": workbook.add_format({"text_wrap": True, "valign": "top"}),
            "day": workbook.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
        }
        taken = {"about"}
        for table in book.tables:
            _write_table(workbook, table, taken, formats)
        about = iter((("Title", book.title), *book.about))
        _write_sheet(workbook.add_worksheet("About"), ("What", "Value"), about, formats)
        workbook.close()
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
