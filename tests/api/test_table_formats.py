"""Tables as CSV, Markdown and XLSX."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from api.formats import as_csv, as_markdown, as_xlsx
from api.formats.table import Book, Table, Value

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "\ufeff=1", "\u3000\uff1d1", "\uff20x")


def a_book(*rows: tuple[Value, ...], name: str = "Gaps", header: tuple[str, ...] = ("Ref", "Due")) -> Book:
    return Book("Open gaps", (Table(name, header, iter(rows)),), (("As of", "2026-01-02"),))


def csv_rows(book: Book) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(as_csv.write(book)).decode(), newline="")))


def markdown(book: Book) -> str:
    return b"".join(as_markdown.write(book)).decode()


def workbook(book: Book) -> Workbook:
    return load_workbook(io.BytesIO(b"".join(as_xlsx.write(book))))


def first_cell(value: Value) -> object:
    return workbook(a_book((value, None)))["Gaps"]["A2"].value


# CSV


def test_csv_ends_lines_with_crlf_and_quotes_only_where_needed() -> None:
    book = a_book(('say "no", twice', 1), ("two\nlines", 2))

    written = b"".join(as_csv.write(book))

    assert written == b'Ref,Due\r\n"say ""no"", twice",1\r\n"two\nlines",2\r\n'


def test_csv_is_utf_8_without_a_byte_order_mark() -> None:
    book = a_book(("Café", None))

    written = b"".join(as_csv.write(book))

    assert written == "Ref,Due\r\nCafé,\r\n".encode()


def test_csv_says_dates_truths_and_nothing_plainly() -> None:
    book = a_book((date(2026, 1, 2), True), (False, None))

    rows = csv_rows(book)

    assert rows[1:] == [["2026-01-02", "true"], ["false", ""]]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_looks_like_a_formula_gets_an_apostrophe_in_csv(text: str) -> None:
    book = a_book((text, None))

    rows = csv_rows(book)

    assert rows[1] == [f"'{text}", ""]


@pytest.mark.parametrize("text", ["", " ", "R-1", "a=b", "1+1", "x@example.org"])
def test_a_text_that_is_no_formula_stays_as_it_is_in_csv(text: str) -> None:
    book = a_book((text, 1))

    rows = csv_rows(book)

    assert rows[1] == [text, "1"]


def test_a_negative_number_stays_a_number_in_csv() -> None:
    book = a_book((-1, -0.5))

    rows = csv_rows(book)

    assert rows[1] == ["-1", "-0.5"]


def test_a_column_named_like_a_formula_is_guarded_in_csv() -> None:
    book = a_book(header=("=Ref", "Due"))

    rows = csv_rows(book)

    assert rows == [["'=Ref", "Due"]]


def test_csv_holds_the_first_table_only() -> None:
    first, second = Table("First", ("A",), [("1",)]), Table("Second", ("B",), [("2",)])

    rows = csv_rows(Book("Both", (first, second), ()))

    assert rows == [["A"], ["1"]]


def test_csv_is_sent_while_its_rows_are_still_being_made() -> None:
    made = []

    def rows() -> Iterator[tuple[Value, ...]]:
        for number in range(10_000):
            made.append(number)
            yield (f"R-{number}", "x" * 100)

    first = next(as_csv.write(Book("Long", (Table("Long", ("Ref", "Text"), rows()),), ())))

    assert 65_536 < len(first) < 70_000
    assert len(made) < 1_000


@pytest.mark.parametrize("write", [as_csv.write, as_markdown.write])
def test_half_a_surrogate_pair_does_not_stop_a_text_format(write: Callable[[Book], Iterator[bytes]]) -> None:
    book = a_book(("a\ud800b", None))

    written = b"".join(write(book))

    assert b"a?b" in written


# Markdown


def test_markdown_has_a_title_what_it_is_about_and_a_table() -> None:
    book = a_book(("R-1", date(2026, 1, 2)), ("R-2", None))

    written = markdown(book)

    assert written == (
        "# Open gaps\n\n- As of: 2026-01-02\n\n## Gaps\n\n"
        "| Ref | Due |\n| --- | --- |\n| R-1 | 2026-01-02 |\n| R-2 |  |\n"
    )


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("one\r\ntwo\nthree", "one<br>two<br>three"),
        ("<script>&lt;", "&lt;script&gt;&amp;lt;"),
        ("[x](javascript:y)", r"\[x\](javascript:y)"),
    ],
)
def test_a_text_is_no_markup_in_markdown(text: str, safe: str) -> None:
    book = a_book((text, None))

    written = markdown(book)

    assert f"\n| {safe} |  |\n" in written


def test_an_empty_table_says_none_in_markdown() -> None:
    book = a_book()

    written = markdown(book)

    assert written.endswith("## Gaps\n\nNone.\n")


def test_markdown_is_sent_in_chunks_of_many_rows() -> None:
    book = a_book(*[("x" * 100, number) for number in range(10_000)])

    chunks = list(as_markdown.write(book))

    assert 10 < len(chunks) < 20


# XLSX


@pytest.mark.parametrize("text", [*FORMULAS[:4], "{=1}", "http://example.org", "12"])
def test_a_cell_that_looks_like_a_formula_is_text(text: str) -> None:
    book = a_book((text, None))

    cell = workbook(book)["Gaps"]["A2"]

    assert (cell.value, cell.hyperlink) == (text, None)
    assert cell.data_type in {"s", "inlineStr"}


def test_no_sheet_holds_a_formula_element() -> None:
    book = a_book(*[(text, None) for text in FORMULAS], name="=1", header=("=1", "=2"))

    with zipfile.ZipFile(io.BytesIO(b"".join(as_xlsx.write(book)))) as archive:
        sheets = [archive.read(name) for name in archive.namelist() if "worksheets/" in name]

    assert len(sheets) == 2
    assert not any(b"<f>" in sheet or b"<f " in sheet for sheet in sheets)


def test_a_day_is_a_true_date() -> None:
    book = a_book((date(2026, 1, 2), None))

    cell = workbook(book)["Gaps"]["A2"]

    assert (cell.value, cell.number_format) == (datetime(2026, 1, 2), "yyyy-mm-dd")  # noqa: DTZ001 (Excel has no zones)


def test_a_moment_is_said_in_utc() -> None:
    book = a_book((datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None))

    cell = workbook(book)["Gaps"]["A2"]

    assert cell.value == datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 (Excel has no zones)
    assert cell.number_format == "yyyy-mm-dd hh:mm:ss"


@pytest.mark.parametrize("value", [7, -0.5, True, False, None])
def test_a_number_and_a_truth_keep_their_kind(value: Value) -> None:
    read = first_cell(value)

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(date(1850, 1, 1), "1850-01-01"), (2**63, "9223372036854775808"), (float("nan"), "nan"), (float("-inf"), "-inf")],
)
def test_what_excel_cannot_hold_exactly_is_text(value: Value, text: str) -> None:
    read = first_cell(value)

    assert read == text


@pytest.mark.parametrize(
    ("text", "held"), [("a\x00\x0b\x1fb\uffff", "ab"), ("a\ud800b", "a\ufffdb"), ("a\r\nb\rc", "a\nb\nc")]
)
def test_characters_that_xml_forbids_do_not_break_a_sheet(text: str, held: str) -> None:
    read = first_cell(text)

    assert read == held


def test_a_text_at_the_limit_of_a_cell_is_whole() -> None:
    read = first_cell("x" * 32_767)

    assert read == "x" * 32_767


@pytest.mark.parametrize("text", ["x" * 32_768, "\U0001f600" * 16_384])
def test_a_text_over_the_limit_of_a_cell_is_cut_and_says_so(text: str) -> None:
    read = str(first_cell(text))

    assert read.endswith(" …(cut)")
    assert 32_765 < len(read.encode("utf-16-le")) // 2 <= 32_767


def test_the_header_is_bold_frozen_and_filters_every_row() -> None:
    book = a_book(("R-1", 1), ("R-2", 2))

    sheet = workbook(book)["Gaps"]

    assert [(cell.value, cell.font.b) for cell in sheet[1]] == [("Ref", True), ("Due", True)]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")


def test_an_empty_table_is_a_sheet_with_a_header() -> None:
    book = a_book()

    sheet = workbook(book)["Gaps"]

    assert list(sheet.values) == [("Ref", "Due")]


def test_the_last_sheet_says_what_the_file_is() -> None:
    book = a_book(("R-1", 1))

    read = workbook(book)

    assert read.sheetnames == ["Gaps", "About"]
    assert list(read["About"].values) == [("What", "Value"), ("Title", "Open gaps"), ("As of", "2026-01-02")]


def test_a_long_table_continues_on_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 3)
    book = a_book(*[(f"R-{number}", number) for number in range(5)])

    read = workbook(book)

    assert read.sheetnames == ["Gaps", "Gaps (2)", "Gaps (3)", "About"]
    assert [cell.value for name in read.sheetnames[:3] for cell in read[name]["A"]] == [
        *("Ref", "R-0", "R-1"),
        *("Ref", "R-2", "R-3"),
        *("Ref", "R-4"),
    ]


def test_a_table_that_just_fills_a_sheet_has_no_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 3)
    book = a_book(("R-1", 1), ("R-2", 2))

    read = workbook(book)

    assert read.sheetnames == ["Gaps", "About"]


def test_a_table_wider_than_a_sheet_says_what_was_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as_xlsx, "MOST_COLUMNS", 2)
    book = a_book(("R-1", 1, 2, 3), header=("Ref", "A", "B", "C"))

    read = workbook(book)

    assert list(read["Gaps"].values) == [("Ref", "A"), ("R-1", 1)]
    assert list(read["About"].values)[-1] == ("Columns left out of Gaps", "the last 2: a sheet ends at 2")


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("a/b:c[d]*?\\", "a b c d"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("x" * 30 + "'y", "x" * 30),
        ("\U0001f600" * 31, "\U0001f600" * 15),
        ("", "Sheet"),
        ("ABOUT", "ABOUT (2)"),
        ("History", "History (2)"),
    ],
)
def test_a_sheet_has_a_name_that_excel_allows(name: str, sheet: str) -> None:
    book = a_book(name=name)

    read = workbook(book)

    assert read.sheetnames == [sheet, "About"]


def test_no_two_sheets_have_the_same_name_whatever_the_case() -> None:
    tables = tuple(Table(name, ("A",), ()) for name in ("x" * 31, "X" * 31, "x" * 35))

    read = workbook(Book("Three", tables, ()))

    assert read.sheetnames == ["x" * 31, "X" * 27 + " (2)", "x" * 27 + " (3)", "About"]


def test_the_same_book_gives_the_same_bytes() -> None:
    first, second = (b"".join(as_xlsx.write(a_book(("R-1", date(2026, 1, 2))))) for _ in range(2))

    assert first == second


def test_nothing_inside_the_file_tells_when_it_was_written() -> None:
    written = b"".join(as_xlsx.write(a_book(("R-1", 1))))

    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        times = {info.date_time for info in archive.infolist()}
        properties = archive.read("docProps/core.xml")

    assert times == {(1980, 1, 1, 0, 0, 0)}
    assert properties.count(b"2015-11-26T00:00:00Z") == 2


def test_xlsx_is_sent_in_chunks_of_64_kib() -> None:
    book = a_book(*[(f"R-{number * 7919 % 100_003}", number) for number in range(20_000)])

    chunks = list(as_xlsx.write(book))

    assert len(chunks) > 1
    assert {len(chunk) for chunk in chunks[:-1]} == {65_536}


def test_rows_that_fail_leave_no_file_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows() -> Iterator[tuple[Value, ...]]:
        yield ("R-1", 1)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        list(as_xlsx.write(Book("Broken", (Table("Gaps", ("Ref", "Due"), rows()),), ())))

    assert list(tmp_path.iterdir()) == []


def test_a_reader_who_leaves_early_leaves_no_file_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    chunks = as_xlsx.write(a_book(*[(f"R-{number}", number) for number in range(20_000)]))

    next(chunks)
    chunks.close()  # type: ignore[attr-defined]  # a generator, which is what the server closes

    assert list(tmp_path.iterdir()) == []
