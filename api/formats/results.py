"""The tables of a result: what its CSV, XLSX and Markdown hold."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import IO, Any

import orjson
from marshmallow import Schema, fields

from api.formats import as_csv, as_dot, as_graphml, as_ics, as_jsonld, as_markdown, as_mermaid, as_xlsx
from api.formats.as_json import as_json, difference_json, graph_json, item_json, listing_json, matrix_json
from api.formats.format import About, Format, Returns
from api.formats.reports import report_book, report_page
from api.formats.table import Book, Table, Value
from api.limits import COUNTED, JUDGED
from api.paging import Listing
from api.schemas.base import Strict
from models.queries.differences import DIFFERENCE_FIELDS, Difference
from models.queries.matrix import Cell, Matrix
from models.queries.rows import Row
from models.queries.ways import Hit

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PIECE = 64 * 1024
_NO_STATUS: Row = {name: {"status": None} for name in ("claimed", "verified", "derived")}
Bookmaker = Callable[[Any, About], Book]


def _value(value: Any) -> Value:
    """A field as a cell; a list of texts is joined, what has parts of its own is left to JSON."""
    if isinstance(value, list):
        return "; ".join(str(part) for part in value if not isinstance(part, dict))
    return value if isinstance(value, str | int | float | bool | date) else None


def _flat(row: Row) -> Row:
    """A row for a sheet: ties become text with their basis, a status seen three ways three columns."""
    if row.get("ties"):
        told = (f"{tie['type']} {tie['target']} ({tie['basis']})" for tie in row["ties"])
        row = row | {"ties": "; ".join(told)}
    if "status" not in row:
        return row
    parts = {f"{name}_status": part["status"] for name, part in row["status"].items()}
    return {name: value for name, value in row.items() if name != "status"} | parts


def listing_book(listing: Listing, about: About) -> Book:
    """One page of a list: a row for each item, a column for each field."""
    header = tuple(_flat({name: _NO_STATUS if name == "status" else None for name in listing.fields}))
    rows = (tuple(_value(row.get(name)) for name in header) for row in map(_flat, listing.rows))
    more = (("Next page", listing.next),) if listing.next else ()
    undated = (("Undated items left out", str(listing.undated)),) if listing.undated is not None else ()
    return Book(about.path.rsplit("/", 1)[-1], (Table("Items", header, rows),), about.pairs() + undated + more)


def _cell_text(cell: Cell, content: str) -> Value:
    """A cell in a sheet: the number alone where all is stated; what is inferred is said beside it."""
    if content == "refs":
        doubts = {"inferred": cell.inferred, "suspect": cell.suspect}
        told = ((item, [word for word, items in doubts.items() if item in items]) for item in cell.items)
        return "; ".join(f"{item} ({', '.join(words)})" if words else item for item, words in told)
    total: Value = len(cell.items)
    if content == "strength":
        total = (cell.strength or "unrated") if cell.items else ""
    doubtful = [
        f"{len(items)} {word}" for word, items in (("inferred", cell.inferred), ("suspect", cell.suspect)) if items
    ]
    return f"{total} ({', '.join(doubtful)})" if doubtful else total


def matrix_book(matrix: Matrix, about: About) -> Book:
    """The matrix: a sheet for it, one for its links, and what it is an answer to."""
    question, summary = matrix.question, matrix.summary

    def lines() -> Iterator[tuple[Value, ...]]:
        for line in matrix.lines():
            cells = (_cell_text(cell, question.cell) for cell in line.cells)
            yield (line.ref, line.title, *cells, "; ".join(line.gaps))

    header = ("Ref", "Title", *(column["ref"] for column in matrix.columns), "Gaps")
    hits: Iterable[tuple[Value, ...]] = (tuple(hit) for hit in matrix.hits)
    told = tuple(
        (name.replace("_", " ").capitalize(), "; ".join(value) if isinstance(value, list) else str(value))
        for name, value in summary.items()
    )
    about_pairs = (
        *about.pairs(),
        ("Review", "; ".join(f"{review['ref']} ({review['title']})" for review in matrix.reviews)),
        *((("Undated items left out", str(matrix.undated)),) if matrix.undated is not None else ()),
        ("Rows", question.rows),
        ("Columns", question.columns),
        ("Cells", question.cell),
        ("Links followed", ", ".join(question.followed()) + (" (direct only)" if question.direct else "")),
        *((f"Summary: {name}", value) for name, value in told),
    )
    tables = (Table("Matrix", header, lines()), Table("Links", tuple(name.capitalize() for name in Hit._fields), hits))
    return Book("Traceability matrix", tables, about_pairs)


def difference_book(difference: Difference, about: About) -> Book:
    """What differs between two points of the record: a row for each difference."""
    rows = (tuple(_said(row[name]) for name in DIFFERENCE_FIELDS) for row in difference.rows)
    ends = (("From", difference.start), ("To", difference.end))
    told = (
        *about.pairs(),
        *((name, f"{point} (change {seq})") for name, (point, seq) in ends),
        *((f"Summary: {name.replace('_', ' ')}", str(count)) for name, count in difference.summary.items()),
        *((("Truncated", f"only the first {len(difference.rows)} are shown"),) if difference.truncated else ()),
        *(() if difference.gaps_compared else (("Gaps", "not compared: the programme is too large"),)),
    )
    return Book("Differences", (Table("Differences", DIFFERENCE_FIELDS, rows),), told)


def _said(value: Any) -> Value:
    """A value that a field had, as a cell; parts of their own as JSON."""
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        return orjson.dumps(value).decode()
    return _value(value)


def _tabular(book: Bookmaker) -> tuple[Format, ...]:
    """The three tabular formats of a result that `book` makes a book of."""

    def csv(result: Any, about: About) -> Iterable[bytes]:
        return as_csv.write(book(result, about))

    def xlsx(result: Any, about: About) -> Iterable[bytes]:
        return as_xlsx.write(book(result, about))

    def markdown(result: Any, about: About) -> Iterable[bytes]:
        return as_markdown.write(book(result, about))

    return (
        Format("csv", "text/csv; charset=utf-8", csv, streams=True, extension="csv"),
        Format("xlsx", XLSX_TYPE, xlsx, streams=True, extension="xlsx"),
        Format("markdown", "text/markdown; charset=utf-8", markdown, streams=True, extension="md"),
    )


# The formats of a graph besides JSON: linked data, and what graph and drawing tools read.
_DRAWINGS = (
    Format("jsonld", "application/ld+json", as_jsonld.write, extension="jsonld"),
    Format("graphml", "application/graphml+xml", as_graphml.write, extension="graphml"),
    Format("dot", "text/vnd.graphviz; charset=utf-8", as_dot.write, extension="dot"),
    Format("mermaid", "text/vnd.mermaid; charset=utf-8", as_mermaid.write, extension="mmd"),
)


class NothingSchema(Strict):
    """Nothing: what was asked for is done."""


# A view after which there is nothing to show.
NOTHING = Returns((as_json(NothingSchema()),), status=204)


def an_item(schema: Schema, shape: Callable[[Any], Row] = item_json) -> Returns:
    """A view that returns one item or link, or a plain answer of the service."""
    return Returns((as_json(schema, shape),))


@cache
def _page_of(schema: type[Schema]) -> type[Schema]:
    """The schema of one page of a list."""
    return type(
        f"{schema.__name__.removesuffix('Schema')}ListSchema",
        (Strict,),
        {
            "__doc__": "One page of a list.",
            "items": fields.List(fields.Nested(schema), required=True),
            "next": fields.String(
                required=True,
                allow_none=True,
                metadata={
                    "description": "Where the next page is; null on the last. Where little of much is asked for, a "
                    "page may hold less than was asked for, or nothing, and not be the last."
                },
            ),
            "total": fields.Integer(
                allow_none=True,
                metadata={
                    "description": "How many there are in all; only with `count=true`. Null where there are more than "
                    f"{COUNTED.most:,}, or more than that must be gone through to count what the filters keep; and, of "
                    f"what is judged, where you may see more than {JUDGED.most:,} items and links."
                },
            ),
            "undated": fields.Integer(
                metadata={
                    "description": "How many `as_of` left out because they have no date; only with `as_of`, and not "
                    "where more must be gone through for it than `total` counts."
                }
            ),
            "resume": fields.String(
                metadata={"description": "Of the record: where to go on reading later, from the end of this page."}
            ),
        },
    )


def a_list(schema: Schema) -> Returns:
    """A view that returns one page of a list of what the schema describes."""
    return Returns((as_json(_page_of(type(schema))(), listing_json), *_tabular(listing_book)))


def a_graph(schema: Schema) -> Returns:
    """A view that returns a part of the graph."""
    return Returns((as_json(schema, graph_json), *_DRAWINGS))


def a_difference(schema: Schema) -> Returns:
    """A view that returns what differs between two points of the record."""
    return Returns((as_json(schema, difference_json), *_tabular(difference_book)))


def an_export() -> Returns:
    """A view that returns an export: a file that is sent as it is."""
    form = Format("ndjson", "application/x-ndjson", _sent, streams=True, extension="ndjson")
    return Returns((form,), description="The export, a JSON value on each line.", comparable=False)


def _sent(file: IO[bytes], _about: About) -> Iterator[bytes]:
    """A file in pieces; closed at the end."""
    with file:
        while piece := file.read(_PIECE):
            yield piece


def a_matrix(schema: Schema) -> Returns:
    """A view that returns a matrix."""
    return Returns((as_json(schema, matrix_json), *_tabular(matrix_book)))


def a_report() -> Returns:
    """A view that returns a progress report: a page to read, or a workbook."""
    _csv, xlsx, _markdown = _tabular(report_book)
    *_others, markdown = _tabular(report_page)
    return Returns((replace(markdown, streams=False), xlsx))


def a_calendar() -> Returns:
    """A view that returns a calendar."""
    return Returns((Format("ics", "text/calendar; charset=utf-8", as_ics.write, extension="ics"),))


def as_is(name: str, media_type: str, **options: Any) -> Returns:
    """Bytes of one media type, written as they are."""
    return Returns((Format(name, media_type, lambda result, _about: [result], **options),))
