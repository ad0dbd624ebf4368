"""The traceability matrix."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.items import Item
from models.lens import Lens
from models.queries.judging import Asked
from models.queries.matrix import Cell, Matrix, matrix
from models.queries.standing import Question
from models.vocabulary import BEARING_TYPES, EVIDENCE_KINDS
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.naive import Behind, Plain, cells, published_plain, together
from tests.models.small_graphs import small_graphs, store

ASKED = Asked(Lens(), date(2020, 1, 1))
EVIDENCE = Question(columns="evidence")
FROM_EVIDENCE = {"recommendation": BEARING_TYPES, "source": ("derived_from",), "action": ("demonstrates",)}


def _cells(found: Matrix) -> dict[tuple[str, str], Cell]:
    """The cells that hold something."""
    columns = [column["ref"] for column in found.columns]
    return {
        (line.ref, column): cell
        for line in found.lines()
        for column, cell in zip(columns, line.cells, strict=True)
        if cell.items
    }


def _as_sets(found: Matrix) -> dict[tuple[str, str], Behind]:
    return {
        key: Behind(frozenset(cell.items), frozenset(cell.inferred), frozenset(cell.links), cell.strength)
        for key, cell in _cells(found).items()
    }


def _expected(plain: Plain, question: Question, types: tuple[str, ...]) -> dict[tuple[str, str], Behind]:
    """The cells by the naive computation, each item in the column where it belongs."""
    gathered: dict[tuple[str, str], list[Behind]] = {}
    for (row, item), behind in cells(plain, question.rows, types, direct=question.direct).items():
        if question.columns == "evidence_kind":
            column = plain.columns.get(item)
        else:
            column = item if plain.kinds[item] == question.columns else None
        if column is not None:
            gathered.setdefault((row, column), []).append(behind)
    return {key: together(found) for key, found in gathered.items()}


PUBLISHED = published_plain()
QUESTIONS = [
    (Question(rows=rows, columns=columns, direct=direct), types)
    for rows in ("recommendation", "clause")
    for columns, types in (
        ("evidence_kind", BEARING_TYPES),
        ("evidence", BEARING_TYPES),
        ("source", BEARING_TYPES),
        ("action", ("addresses",)),
    )
    for direct in (False, True)
] + [(Question(rows="evidence", columns=columns), types) for columns, types in FROM_EVIDENCE.items()]


@pytest.mark.parametrize(("question", "types"), QUESTIONS, ids=str)
def test_the_matrix_of_the_published_record_is_what_its_files_say(
    published: Session, question: Question, types: tuple[str, ...]
) -> None:
    found = matrix(published, ASKED, question)

    assert _as_sets(found) == _expected(PUBLISHED, question, types)
    columns = EVIDENCE_KINDS if question.columns == "evidence_kind" else PUBLISHED.of(question.columns)
    assert [row["ref"] for row in found.rows] == PUBLISHED.of(question.rows)
    assert sorted(column["ref"] for column in found.columns) == sorted(columns)


@settings(deadline=None, derandomize=True, database=None, max_examples=100)
@given(plain=small_graphs(), asked=st.sampled_from(QUESTIONS))
def test_the_matrix_of_any_small_graph_is_that_of_the_naive_computation(
    scratch: Scratch, plain: Plain, asked: tuple[Question, tuple[str, ...]]
) -> None:
    question, types = asked
    with scratch() as session:
        store(session, plain)

        found = _as_sets(matrix(session, ASKED, question))

    assert found == _expected(plain, question, types)


def test_what_bears_on_a_clause_counts_for_its_recommendation(session: Session, clause: Item, evidence: Item) -> None:
    link(session, evidence, "supports", clause)

    rolled_up = _cells(matrix(session, ASKED, EVIDENCE))

    assert rolled_up == {("R", "E"): Cell(("E",), ("E-supports-R.1",), (), None)}


def test_what_bears_on_a_clause_does_not_count_where_only_direct_links_do(
    session: Session, clause: Item, evidence: Item
) -> None:
    link(session, evidence, "supports", clause)

    found = matrix(session, ASKED, Question(columns="evidence", direct=True))

    assert _cells(found) == {}
    assert found.summary["uncovered"] == ["R"]


def test_what_the_evidence_was_derived_from_stands_behind_the_row_too(
    session: Session, asked: Item, evidence: Item
) -> None:
    middle, source = an("evidence", session, ref="M"), an("source", session, ref="S")
    link(session, evidence, "supports", asked)
    link(session, evidence, "derived_from", middle)
    link(session, middle, "derived_from", source)

    transitive = matrix(session, ASKED, Question(columns="source"))
    direct = matrix(session, ASKED, Question(columns="source", direct=True))

    assert _cells(transitive) == {("R", "S"): Cell(("S",), ("E-supports-R",), (), None)}
    assert _cells(direct) == {}


@pytest.mark.parametrize(
    ("steps", "inferred"),
    [(("stated", "stated"), ()), (("inferred", "stated"), ("S",)), (("stated", "inferred"), ("S",))],
)
def test_an_inferred_step_anywhere_makes_what_stands_behind_inferred(
    session: Session, asked: Item, evidence: Item, steps: tuple[str, str], inferred: tuple[str, ...]
) -> None:
    link(session, evidence, "supports", asked, basis=steps[0])
    link(session, evidence, "derived_from", an("source", session, ref="S"), basis=steps[1])

    found = _cells(matrix(session, ASKED, Question(columns="source")))

    assert found["R", "S"].inferred == inferred


def test_a_fully_stated_way_outweighs_an_inferred_one(session: Session, asked: Item, evidence: Item) -> None:
    source, other = an("source", session, ref="S"), an("evidence", session)
    link(session, evidence, "supports", asked, basis="inferred")
    link(session, other, "supports", asked)
    link(session, evidence, "derived_from", source)
    link(session, other, "derived_from", source)

    found = _cells(matrix(session, ASKED, Question(columns="source")))

    assert found["R", "S"].items == ("S",)
    assert found["R", "S"].inferred == ()


def test_two_ways_that_are_each_stated_in_part_are_no_stated_way(session: Session, asked: Item, evidence: Item) -> None:
    source, other = an("source", session, ref="S"), an("evidence", session)
    link(session, evidence, "supports", asked, basis="inferred")
    link(session, other, "supports", asked)
    link(session, evidence, "derived_from", source)
    link(session, other, "derived_from", source, basis="inferred")

    found = _cells(matrix(session, ASKED, Question(columns="source")))

    assert found["R", "S"].inferred == ("S",)


@pytest.mark.parametrize(
    ("strengths", "shown"),
    [
        (("weak", "strong"), "strong"),
        ((None, "weak"), "weak"),
        (("moderate", "weak"), "moderate"),
        ((None, None), None),
    ],
)
def test_a_cell_is_as_strong_as_its_strongest_link(
    session: Session, asked: Item, evidence: Item, strengths: tuple[str | None, str | None], shown: str | None
) -> None:
    link(session, evidence, "supports", asked, strength=strengths[0])
    link(session, evidence, "qualifies", asked, strength=strengths[1])

    (cell,) = _cells(matrix(session, ASKED, EVIDENCE)).values()

    assert (cell.items, cell.strength) == (("E",), shown)
