"""What the matrix shows around its cells: every row and column, its summary, its gaps, and what it costs."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.changes import last_seq
from models.items import Item
from models.lens import Lens
from models.queries.judging import Asked
from models.queries.matrix import Matrix, matrix
from models.queries.standing import Question
from models.vocabulary import EVIDENCE_KINDS
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

ASKED = Asked(Lens(), date(2020, 1, 1))
PUBLISHED = published_plain()
TEN = [f"R{number}" for number in range(1, 11)]


def _filled(found: Matrix) -> dict[tuple[str, str], tuple[str, ...]]:
    columns = [column["ref"] for column in found.columns]
    return {
        (line.ref, column): cell.items
        for line in found.lines()
        for column, cell in zip(columns, line.cells, strict=True)
        if cell.items
    }


def test_rows_and_columns_without_anything_in_them_are_there(session: Session, asked: Item, evidence: Item) -> None:
    found = matrix(session, ASKED, Question(columns="evidence"))

    (line,) = found.lines()
    assert (line.ref, len(line.cells), line.cells[0].items) == ("R", 1, ())
    assert found.summary["empty_columns"] == ["E"]


def test_every_kind_of_evidence_is_a_column_whether_there_is_some_or_not(session: Session, asked: Item) -> None:
    found = matrix(session, ASKED, Question())

    assert [column["ref"] for column in found.columns] == list(EVIDENCE_KINDS)


def test_the_summary_tells_stated_inferred_context_and_nothing_apart(session: Session, review: Item) -> None:
    words = {"by-stated": "stated", "by-inferred": "inferred", "by-context": None, "by-nothing": None}
    for number, (ref, basis) in enumerate(words.items(), start=1):
        asked = an("recommendation", session, ref=ref, number=number, parent=review)
        if basis:
            link(session, an("evidence", session), "supports", asked, basis=basis)
        if ref == "by-context":
            link(session, an("evidence", session, evidence_kind="statistic"), "contextualises", asked)

    summary = matrix(session, ASKED, Question()).summary

    assert summary == {
        "rows": 4,
        "columns": 5,
        "links": 3,
        "covered": 2,
        "covered_by_stated": 1,
        "only_inferred": ["by-inferred"],
        "only_context": ["by-context"],
        "uncovered": ["by-nothing"],
        "empty_columns": ["audit_finding", "survey_theme", "document"],
    }


def test_the_summary_of_the_published_record_is_what_its_files_say(published: Session) -> None:
    arguing = [edge for edge in PUBLISHED.links if edge.type in {"supports", "contradicts", "qualifies"}]
    covered = {edge.target for edge in arguing}
    stated = {edge.target for edge in arguing if edge.basis == "stated"}

    summary = matrix(published, ASKED, Question()).summary

    assert (summary["covered"], summary["covered_by_stated"]) == (len(covered), len(stated))
    assert summary["only_inferred"] == [ref for ref in TEN if ref in covered - stated]
    assert summary["only_context"] == [ref for ref in TEN if ref not in covered]
    assert summary["uncovered"] == []


@pytest.mark.parametrize("rows", ["recommendation", "clause", "evidence"])
def test_each_line_names_the_gaps_of_its_row(published: Session, rows: str) -> None:
    tied = {edge.target for edge in PUBLISHED.links}
    bearing = {edge.source for edge in PUBLISHED.links if edge.type != "derived_from"}

    lines = {line.ref: line.gaps for line in matrix(published, ASKED, Question(rows=rows, columns="source")).lines()}

    assert list(lines) == PUBLISHED.of(rows)
    if rows == "clause":
        assert lines == {ref: () if ref in tied else ("clause_not_covered",) for ref in PUBLISHED.of("clause")}
    elif rows == "evidence":
        assert lines == {ref: () if ref in bearing else ("orphan_evidence",) for ref in PUBLISHED.of("evidence")}
    else:
        unanswered = {ref for ref, gaps in lines.items() if "assessment_not_published" in gaps}
        assert unanswered == {*TEN} - {"R3"}


def test_a_body_stands_in_a_row_that_it_leads_or_whose_actions_it_owns(
    session: Session, review: Item, action: Item
) -> None:
    leader, owner, other = (an("body", session, ref=ref) for ref in ("leader", "owner", "other"))
    asked = an("recommendation", session, ref="L", number=1, parent=review, lead=leader)
    owned = an("action", session, ref="owned", owner=owner)
    link(session, owned, "addresses", asked)

    found = matrix(session, ASKED, Question(columns="body"))

    assert [column["ref"] for column in found.columns] == [body.ref for body in (leader, owner, other)]
    assert _filled(found) == {("L", "leader"): ("leader",), ("L", "owner"): ("owned",)}


def test_the_bodies_of_the_published_record_stand_where_its_files_put_them(published: Session) -> None:
    owners = {edge.source: edge.target for edge in PUBLISHED.bodies if edge.type == "owned_by"}
    parts = {(edge.source, edge.target) for edge in PUBLISHED.bodies if edge.type in {"led_by", "partnered_by"}}
    addressed = {(edge.target, owners[edge.source]) for edge in PUBLISHED.links if edge.source in owners}

    found = matrix(published, ASKED, Question(columns="body"))

    assert set(_filled(found)) == {(ref, body) for ref, body in parts | addressed if ref in TEN}


@pytest.mark.parametrize("basis", ["stated", "inferred"])
def test_a_matrix_of_one_basis_holds_the_ways_with_that_basis(session: Session, asked: Item, basis: str) -> None:
    for name in ("stated", "inferred"):
        link(session, an("evidence", session, ref=name), "supports", asked, basis=name)

    found = matrix(session, ASKED, Question(columns="evidence", basis=(basis,)))

    assert _filled(found) == {("R", basis): (basis,)}


def test_a_matrix_of_one_review_has_the_rows_of_that_review_alone(session: Session, asked: Item, clause: Item) -> None:
    other = an("review", session, ref="W", published_on=date(2021, 1, 1))
    another = an("recommendation", session, ref="Q", number=1, parent=other)
    an("clause", session, ref="Q.1", number=1, parent=another)

    rows = {
        (kind, ref): [row["ref"] for row in matrix(session, ASKED, Question(rows=kind, review=(ref,))).rows]
        for kind, ref in product(("recommendation", "clause"), ("V", "W"))
    }

    assert rows == {
        ("recommendation", "V"): ["R"],
        ("recommendation", "W"): ["Q"],
        ("clause", "V"): ["R.1"],
        ("clause", "W"): ["Q.1"],
    }


def test_a_matrix_along_named_links_follows_no_other(session: Session, asked: Item) -> None:
    for type_ in ("supports", "contradicts"):
        link(session, an("evidence", session, ref=type_), type_, asked)

    found = matrix(session, ASKED, Question(columns="evidence", via=("contradicts",)))

    assert _filled(found) == {("R", "contradicts"): ("contradicts",)}


@pytest.mark.parametrize(("columns", "statements"), [("evidence", 9), ("source", 9), ("body", 11)])
def test_a_matrix_takes_the_same_number_of_statements_at_any_size(
    database: Database, columns: str, statements: int
) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=date(2020, 1, 1))
            for number in range(1, more + 1):
                asked = an("recommendation", session, number=number, parent=review, lead=an("body", session))
                evidence = an("evidence", session)
                link(session, evidence, "supports", asked)
                link(session, evidence, "derived_from", an("source", session))
        with database.reading() as session, counted(*database.engines) as ran:
            found = matrix(session, ASKED, Question(columns=columns))
            counts.append((len(found.rows), len(ran)))

    assert counts == [(3, statements), (60, statements)]


def test_evidence_and_its_kinds_are_looked_for_once_in_a_reading(published: Session) -> None:
    by_kind, by_item = Question(row=tuple(TEN)), Question(columns="evidence", row=tuple(TEN))
    last_seq(published)  # a reading that knows at which point it is
    with counted(published.get_bind()) as ran:
        kinds = matrix(published, ASKED, by_kind)
        looked_for = len(ran)
        items = matrix(published, ASKED, by_item)

    assert {(hit.row, hit.item, hit.link) for hit in kinds.hits} == {
        (hit.row, hit.item, hit.link) for hit in items.hits
    }
    assert [statement for statement in ran[looked_for:] if "standing" in statement] == []
    assert {hit.column for hit in kinds.hits} <= set(EVIDENCE_KINDS)
    assert {hit.column for hit in items.hits} == {column["ref"] for column in items.columns}


def test_the_titles_of_the_columns_are_those_of_the_files(published: Session) -> None:
    titles = {entry["ref"]: entry["title"] for entry in entries_of("source")}

    found = matrix(published, ASKED, Question(columns="source"))

    assert {column["ref"]: column["title"] for column in found.columns} == titles


def test_a_matrix_of_nothing_is_empty(scratch: Scratch) -> None:
    with scratch() as session:
        found = matrix(session, ASKED, Question())

    assert (list(found.lines()), found.summary["rows"]) == ([], 0)
