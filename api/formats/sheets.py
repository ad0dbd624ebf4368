"""Sheets: a workbook as Office Open XML has it, written a row at a time; texts in the cells themselves, no formulas."""

import math
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import count, islice
from typing import IO, Any, Self
from xml.sax.saxutils import escape, quoteattr

from api.formats.table import Value

# How cells look, by their place in the styles: the header, what is no text, texts, days and moments.
HEADER, PLAIN, TEXT, DAY, MOMENT = range(1, 6)
_FIRST_DAY, _FIRST_INEXACT = date(1900, 1, 1), 10**15
# Day 0 of the calendar, which believes that 1900 had a 29 February, its day 60.
_BEFORE, _NOT_THERE = datetime(1899, 12, 31, tzinfo=UTC).replace(tzinfo=None), 59
_DAY_SECONDS = 86_400
_ROWS_AT_A_TIME = 500
_FAST = 1  # zlib's level: three times as fast as the usual one, and a fifth larger
_UNSAFE = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_x[0-9A-Fa-f]{4}_")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What Excel takes for the code of a character in a text.
_CODE = re.compile("_(x[0-9A-Fa-f]{4}_)")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_SHEETS = "xl/worksheets/sheet"
# What is the same in every file. Whatever is not named here by its part is a sheet.
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    '<Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
)
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
_WRAPPED, _TOP = '<alignment vertical="top" wrapText="1"/>', '<alignment vertical="top"/>'
_NOTHING = 'fillId="0" borderId="0"'
_STYLES = "".join(
    (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/>',
        '<numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts>',
        '<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>',
        '<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>',
        '<fills count="2"><fill><patternFill patternType="none"/></fill>',
        '<fill><patternFill patternType="gray125"/></fill></fills>',
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
        f'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" {_NOTHING}/></cellStyleXfs>',
        f'<cellXfs count="6"><xf numFmtId="0" fontId="0" {_NOTHING} xfId="0"/>',
        *(
            f'<xf numFmtId="{form}" fontId="{font}" {_NOTHING} xfId="0" applyNumberFormat="1" applyFont="1" '
            f'applyAlignment="1">{placed}</xf>'
            for form, font, placed in ((0, 1, _WRAPPED), (0, 0, _TOP), (0, 0, _WRAPPED), (164, 0, _TOP), (165, 0, _TOP))
        ),
        '</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    )
)


def plain(text: str) -> str:
    """A text of characters that XML allows, its lines ended in one way."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _NOT_XML.sub("", lines))


def _safe(text: str) -> str:
    """A text as it stands in XML; what looks like the code of a character stays what it is."""
    return text if _UNSAFE.search(text) is None else escape(_CODE.sub(r"_x005F_\1", plain(text)))


def letters(column: int) -> str:
    """What a column (from 0) is called: A to Z, AA and so on."""
    name = ""
    column += 1
    while column:
        column, last = divmod(column - 1, 26)
        name = chr(65 + last) + name
    return name


def _day(value: date) -> float | None:
    """A day or, in UTC, a moment as Excel counts days; None before its calendar begins."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    moment = (value.astimezone(UTC) if value.tzinfo else value).replace(tzinfo=None)
    if moment.date() < _FIRST_DAY:
        return None
    since = moment - _BEFORE
    found = (
        since.days + (since.days > _NOT_THERE) + since.seconds / _DAY_SECONDS + since.microseconds / 1e6 / _DAY_SECONDS
    )
    return int(found) if found == int(found) else found


def _cell(value: Any, at: str, style: int, text: Callable[[str], str]) -> str:
    """One cell: text is text, a day a day, a number a number unless Excel would round or refuse it."""
    if isinstance(value, bool):
        return f'<c r="{at}" s="{PLAIN}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        exact = abs(value) < _FIRST_INEXACT if isinstance(value, int) else math.isfinite(value)
        if exact:
            return f'<c r="{at}" s="{PLAIN}"><v>{value!r}</v></c>'
    elif isinstance(value, date):
        if (day := _day(value)) is not None:
            return f'<c r="{at}" s="{MOMENT if isinstance(value, datetime) else DAY}"><v>{day!r}</v></c>'
        value = value.isoformat()
    return f'<c r="{at}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_safe(text(str(value)))}</t></is></c>'


class Workbook:
    """A workbook that is being written into a file, sheet after sheet."""

    def __init__(self, file: IO[bytes], text: Callable[[str], str]) -> None:
        """Begin; `text` makes a text one that a cell can hold."""
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=_FAST)
        self._text, self._sheets = text, list[tuple[str, str]]()
        self._put("[Content_Types].xml", _TYPES)
        self._put("_rels/.rels", _RELATIONS)

    def __enter__(self) -> Self:
        """Write it in a block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Let go of the file, whole or not."""
        self._archive.close()

    def _put(self, name: str, content: str) -> None:
        """Write a small part."""
        with self._archive.open(name, "w") as part:
            part.write((_HEAD + content).encode())

    def sheet(self, name: str, header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Value]]) -> None:
        """Write a sheet: a header that stays in sight, rows, and filters over all of it."""
        part = f"{_SHEETS}{len(self._sheets) + 1}.xml"
        with self._archive.open(part, "w", force_zip64=True) as file:
            file.write(_begun(widths).encode())
            last = 1
            for number, lines in self._lines(header, rows):
                file.write(lines.encode())
                last = number
            reach = f"A1:{letters(max(0, len(header) - 1))}{last}"
            ending = f'<autoFilter ref="{reach}"/>' if header else ""
            file.write(f"</sheetData>{ending}</worksheet>".encode())
        self._sheets.append((name, reach if header else ""))

    def _lines(self, header: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[tuple[int, str]]:
        """The header and the rows, some at a time, each time with the number of the last one."""
        names, text = [letters(column) for column in range(len(header))], self._text
        heads = (_cell(value, f"{name}1", HEADER, text) for name, value in zip(names, header, strict=True))
        yield 1, f'<row r="1">{"".join(heads)}</row>'
        opened = [f'<c r="{name}' for name in names]
        numbers, rest = count(2), iter(rows)
        ending = f'" s="{TEXT}" t="inlineStr"><is><t xml:space="preserve">'
        while some := list(islice(rest, _ROWS_AT_A_TIME)):
            lines: list[str] = []
            for row in some:
                last = next(numbers)
                middle = f"{last}{ending}"
                lines.append(f'<row r="{last}">')
                lines += [
                    f"{begin}{middle}{_safe(text(value))}</t></is></c>"
                    if type(value) is str
                    else _cell(value, f"{name}{last}", TEXT, text)
                    for begin, name, value in zip(opened, names, row, strict=False)
                    if value is not None
                ]
                lines.append("</row>")
            yield last, "".join(lines)

    def finish(self, title: str, created: datetime) -> None:
        """Write what speaks of all sheets: without it the file is no workbook."""
        places = range(1, len(self._sheets) + 1)
        sheets = "".join(
            f'<sheet name={quoteattr(_safe_name(name))} sheetId="{place}" r:id="rId{place}"/>'
            for place, (name, _reach) in zip(places, self._sheets, strict=True)
        )
        self._put(
            "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>'
        )
        related = "".join(
            f'<Relationship Id="rId{place}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{place}.xml"/>'
            for place in places
        )
        style = f'<Relationship Id="rId{len(self._sheets) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
        self._put(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_PACKAGE}/relationships">{related}{style}</Relationships>',
        )
        self._put("xl/styles.xml", _STYLES)
        at = f'xsi:type="dcterms:W3CDTF">{created:%Y-%m-%dT%H:%M:%SZ}'
        self._put(
            "docProps/core.xml",
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{_safe(title)}</dc:title>'
            f"<dcterms:created {at}</dcterms:created><dcterms:modified {at}</dcterms:modified></cp:coreProperties>",
        )


def _safe_name(name: str) -> str:
    """The name of a sheet, of characters that XML allows."""
    return plain(name)


def _begun(widths: Sequence[int]) -> str:
    """The beginning of a sheet: its first row stays, its columns are so wide."""
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" style="{PLAIN}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    frozen = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{frozen}</sheetView></sheetViews>'
    return f'{_HEAD}<worksheet xmlns="{_MAIN}">{view}{f"<cols>{columns}</cols>" if columns else ""}<sheetData>'
