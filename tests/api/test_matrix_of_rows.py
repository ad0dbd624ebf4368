"""A matrix of some rows: the same rows that the whole has, whoever asks, and nothing of any other."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from api.database import Database
from models.lens import Lens
from models.queries.judging import Asked
from models.queries.matrix import matrix
from models.queries.standing import CELLS, COLUMNS_OF, Question
from tests.factories import an, link
from tests.statements import counted

Row = dict[str, Any]
COMBINATIONS = [(rows, columns) for rows, there in COLUMNS_OF.items() for columns in there]
NAMED = {
    "recommendation": ("R8", "R3"),
    "clause": ("R2.1", "R8.1", "R3.2"),
    "evidence": ("F024", "F018", "F031", "F042"),
}
PLAIN, CLEARED = Asked(Lens(), date(2020, 1, 1)), Asked(Lens("OFFICIAL"), date(2020, 1, 1))


def _told(client: FlaskClient, **asked: Any) -> Row:
    """The matrix that parameters ask for."""
    answer = client.get(f"/api/v1/matrix?{urlencode(asked, doseq=True)}")
    assert answer.status_code == 200, answer.text
    told: Row = answer.get_json()
    return told


def _cells(told: Row, named: tuple[str, ...] | None = None) -> dict[str, dict[str, Row]]:
    """The cells of the rows that are named, by row and column, but for those with nothing in them."""
    columns = [column["ref"] for column in told["columns"]]
    return {
        row["ref"]: {column: cell for column, cell in zip(columns, row["cells"], strict=True) if any(cell.values())}
        for row in told["rows"]
        if named is None or row["ref"] in named
    }


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("rows", "columns"), COMBINATIONS)
def test_has_what_the_whole_matrix_has_in_these_rows(client: FlaskClient, rows: str, columns: str, cell: str) -> None:
    asked = {"rows": rows, "columns": columns, "cell": cell}

    whole, some = _told(client, **asked), _told(client, **asked, row=NAMED[rows])

    assert _cells(some) == _cells(whole, NAMED[rows])
    heads = [{name: row[name] for name in ("ref", "title", "self", "gaps")} for row in whole["rows"]]
    assert [row | {"cells": None} for row in some["rows"]] == [
        row | {"cells": None} for row in heads if row["ref"] in NAMED[rows]
    ]
    used = {column for cells in _cells(some).values() for column in cells}
    if columns == "evidence_kind":
        assert some["columns"] == whole["columns"]
    else:
        assert some["columns"] == [column for column in whole["columns"] if column["ref"] in used]


@pytest.mark.parametrize(
    "filtered",
    [
        {"basis": "inferred"},
        {"via": ["supports", "qualifies"]},
        {"direct": "true"},
        {"review": "MAPPA-2015"},
        {"as_of": "2017-06-29"},
        {"known_at": "60"},
        {"known_at": "120", "as_of": "2018-01-01", "basis": "stated"},
    ],
    ids=str,
)
@pytest.mark.parametrize("rows", COLUMNS_OF)
def test_takes_every_other_filter(client: FlaskClient, rows: str, filtered: Row) -> None:
    asked = {"rows": rows, "columns": "evidence", "cell": "refs", **filtered}

    whole, some = _told(client, **asked), _told(client, **asked, row=NAMED[rows])

    assert _cells(some) == _cells(whole, NAMED[rows])
    gaps = {row["ref"]: row["gaps"] for row in whole["rows"]}
    assert {row["ref"]: row["gaps"] for row in some["rows"]} == {
        ref: found for ref, found in gaps.items() if ref in NAMED[rows]
    }


def test_its_summary_speaks_of_these_rows(client: FlaskClient) -> None:
    asked = {"columns": "evidence", "cell": "refs"}
    whole = _told(client, **asked)
    links = {
        found for cells in _cells(whole, ("R8", "R5")).values() for cell in cells.values() for found in cell["links"]
    }

    summary = _told(client, **asked, row=["R8", "R5"])["summary"]

    assert (summary["rows"], summary["links"], summary["empty_columns"]) == (2, len(links), [])
    for name in ("only_inferred", "only_context", "uncovered"):
        assert summary[name] == [ref for ref in whole["summary"][name] if ref in {"R8", "R5"}]


def test_comes_in_every_format(client: FlaskClient) -> None:
    lines = client.get("/api/v1/matrix?row=R8&columns=source&format=csv").get_data(as_text=True).splitlines()

    assert [line.split(",")[0] for line in lines if line.startswith("R")] == ["Ref", "R8"]


@pytest.mark.parametrize("rows", COLUMNS_OF)
@pytest.mark.parametrize("row", ["N-never-was", "police-scotland"])
def test_a_row_that_is_not_there_or_is_something_else_is_left_out(client: FlaskClient, rows: str, row: str) -> None:
    alone = _told(client, rows=rows, columns="source", row=row)
    beside = _told(client, rows=rows, columns="source", row=[row, *NAMED[rows]])

    assert (alone["rows"], alone["columns"], alone["summary"]["rows"]) == ([], [], 0)
    assert beside == _told(client, rows=rows, columns="source", row=NAMED[rows])


def test_a_recommendation_does_not_stand_for_its_clauses(client: FlaskClient) -> None:
    assert _told(client, rows="clause", row="R3")["rows"] == []


def test_a_row_of_another_review_than_is_asked_for_is_left_out(database: Database) -> None:
    with database.writing("a test", "Two reviews") as session:
        for name in ("V", "W"):
            review = an("review", session, ref=name, published_on=date(2020, 1, 1))
            asked = an("recommendation", session, parent=review, ref=f"{name}-R", number=1)
            link(session, an("evidence", session, ref=f"{name}-E"), "supports", asked)
    with database.reading() as session:
        found = matrix(session, PLAIN, Question(columns="evidence", review=("V",), row=("V-R", "W-R")))

    assert ([row["ref"] for row in found.rows], [column["ref"] for column in found.columns]) == (["V-R"], ["V-E"])


@pytest.mark.parametrize("values", [[f"N-{number}" for number in range(101)], ["not a reference"], [""]], ids=len)
def test_too_many_rows_and_what_is_no_reference_are_refused(client: FlaskClient, values: list[str]) -> None:
    answer = client.get(f"/api/v1/matrix?{urlencode({'row': values}, doseq=True)}")

    assert answer.status_code == 422
    assert {fault["pointer"].partition("/")[0] for fault in answer.get_json()["errors"]} == {"row"}


def test_what_is_hidden_is_not_told_from_what_never_was(database: Database) -> None:
    with database.writing("a test", "Hide some") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        seen = an("recommendation", session, parent=review, ref="seen", number=1)
        hidden = an("recommendation", session, parent=review, ref="hidden", number=2, handling="OFFICIAL")
        link(session, an("evidence", session, ref="behind-hidden"), "supports", hidden, handling="OFFICIAL")
        official = an("evidence", session, ref="official", handling="OFFICIAL")
        link(session, official, "supports", seen, handling="OFFICIAL")
    columns = Question(columns="evidence")

    def found(asked: Asked, *row: str) -> tuple[list[str], list[str]]:
        with database.reading() as session:
            told = matrix(session, asked, Question(columns=columns.columns, row=row))
        return [line["ref"] for line in told.rows], [column["ref"] for column in told.columns]

    assert found(PLAIN, "hidden") == found(PLAIN, "never-was") == ([], [])
    assert found(PLAIN, "seen", "hidden") == (["seen"], [])
    assert found(CLEARED, "seen", "hidden") == (["seen", "hidden"], ["behind-hidden", "official"])


def test_what_is_left_out_for_having_no_date_is_counted_of_these_rows(database: Database) -> None:
    with database.writing("a test", "Undated") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        for number in (1, 2, 3):
            asked = an(
                "recommendation",
                session,
                parent=review,
                ref=f"R{number}",
                number=number,
                effective_from=date(2020, 1, 1) if number < 3 else None,
            )
            for place in range(number):
                link(session, an("evidence", session, ref=f"E{number}-{place}", effective_from=None), "supports", asked)
    day = Asked(Lens(as_of=date(2021, 1, 1)), date(2021, 1, 1))
    with database.reading() as session:
        undated = {
            row: matrix(session, day, Question(columns="evidence", row=row)).undated
            for row in (("R1",), ("R2",), ("R3",), ("R1", "R2"), ("never-was",))
        }

    assert undated == {("R1",): 1, ("R2",): 2, ("R3",): 4, ("R1", "R2"): 3, ("never-was",): 0}


@pytest.mark.parametrize(("columns", "statements"), [("evidence_kind", 5), ("evidence", 5), ("body", 6)])
def test_takes_the_same_number_of_statements_however_many_rows(
    database: Database, columns: str, statements: int
) -> None:
    with database.writing("a test", "Rows") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        for number in range(1, 41):
            asked = an("recommendation", session, parent=review, ref=f"R{number}", number=number)
            link(session, an("evidence", session), "supports", asked)
    counts = []
    for many in (1, 40):
        with database.reading() as session, counted(*database.engines) as ran:
            matrix(session, PLAIN, Question(columns=columns, row=tuple(f"R{n}" for n in range(1, many + 1))))
        counts.append(len(ran))

    assert counts == [statements + 1] * 2
