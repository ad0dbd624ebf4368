"""The matrix of everything: found with arrays, from statements that each read no more than so much."""

from dataclasses import replace
from datetime import date
from itertools import count

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from models.changes import newest_change
from models.errors import Invalid
from models.items import Item
from models.lens import Lens
from models.queries import matrix as of_cells
from models.queries import spans, unchanged, whole
from models.queries.adjacency import INFERRED, SUSPECT, Adjacency
from models.queries.alone import alone
from models.queries.matrix import Matrix, grid
from models.queries.standing import COLUMNS_OF, Question
from models.vocabulary import BASES
from tests.conftest import Databases
from tests.factories import an, link
from tests.large import as_if_large
from tests.models.conftest import Scratch
from tests.models.naive import Plain
from tests.models.small_graphs import small_graphs, store
from tests.statements import counted

_TURNS = count()
LENSES = (Lens(), Lens(as_of=date(2019, 12, 31)))
QUESTIONS = [
    Question(rows, columns, direct=direct, basis=basis)
    for rows, there in COLUMNS_OF.items()
    for columns in there
    for direct, basis in ((False, ()), (True, BASES[:1]), (False, BASES[1:]))
]


def _by_name(session: Session, lens: Lens, question: Question) -> Matrix:
    """The same matrix, all of its rows asked for by name."""
    return grid(session, lens, replace(question, row=tuple(row["ref"] for row in grid(session, lens, question).rows)))


def _same(whole: Matrix, named: Matrix) -> None:
    """A whole matrix has what that of all its rows by name has; the latter has only columns with something in them."""
    filled = {column["ref"] for column in named.columns}
    of_columns = ("columns", "empty_columns")

    assert list(whole.hits) == list(named.hits)
    assert whole.rows == named.rows
    assert [column for column in whole.columns if column["ref"] in filled] == named.columns
    assert {**whole.summary, **dict.fromkeys(of_columns)} == {**named.summary, **dict.fromkeys(of_columns)}
    columns = [column["ref"] for column in whole.columns]
    for line, other in zip(whole.lines(), named.lines(), strict=True):
        there = dict(zip(columns, line.cells, strict=True))
        assert [there.pop(column["ref"]) for column in named.columns] == list(other.cells)
        assert set(there.values()) <= {of_cells.EMPTY}


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_the_whole_matrix_is_that_of_all_rows_by_name_however_little_a_statement_reads(
    published: Session, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "SPAN", 2)

    for lens in LENSES:
        _same(grid(published, lens, question), _by_name(published, lens, question))


@settings(deadline=None, derandomize=True, database=None, max_examples=40)
@given(plain=small_graphs(), question=st.sampled_from(QUESTIONS), size=st.sampled_from([1, 2, spans.SPAN]))
def test_so_it_is_of_any_small_graph_however_much_a_statement_reads(
    scratch: Scratch, plain: Plain, question: Question, size: int
) -> None:
    with scratch() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "SPAN", size)
        store(session, plain)

        _same(grid(session, Lens(), question), _by_name(session, Lens(), question))


def test_a_statement_reads_no_more_than_so_much(session: Session, asked: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        link(session, an("evidence", session), "supports", asked)
    session.flush()
    ran = []
    for size in (5, 6, 2):
        monkeypatch.setattr(spans, "SPAN", size)
        with counted(session.get_bind()) as statements:
            assert len(grid(session, Lens(), Question(direct=True)).hits) == 5
        ran.append(sum("link_seen" in statement for statement in statements))

    assert ran == [2, 1, 3]  # as many as there are may not be all


def test_derivations_are_read_once_until_anything_changes(databases: Databases) -> None:
    database = databases.copy("published")

    def reads(question: Question) -> int:
        with database.reading() as session:
            newest_change(session)
            with counted(*database.engines) as ran:
                grid(session, Lens(), question)
            return sum("'derived_from'" in statement for statement in ran)

    before = [reads(Question(columns="source")), reads(Question(columns="evidence"))]
    with database.writing("a test", "Add") as session:
        an("evidence", session)
    after = reads(Question(columns="source"))
    database.close()

    assert (before, after) == ([1, 0], 1)


def test_what_takes_too_much_room_is_not_kept(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    database = databases.copy("published")

    def is_kept() -> bool:
        found = []
        for _ in range(2):
            with database.reading() as session:
                newest_change(session)
                found.append(grid(session, Lens(), Question(columns="source")))
        return found[0] is found[1]

    weight = [is_kept()]
    monkeypatch.setattr(unchanged, "MOST", 40)
    with database.writing("a test", "Add") as session:
        an("evidence", session)
    weight.append(is_kept())
    database.close()

    assert weight == [True, False]


def test_more_cells_than_an_answer_has_are_refused(
    session: Session, asked: Item, evidence: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(session, evidence, "supports", asked)
    link(session, an("evidence", session), "supports", asked)
    questions = [Question(columns="evidence"), Question(columns="evidence", row=(asked.ref,))]
    monkeypatch.setattr(of_cells, "MOST_CELLS", 2)
    assert [len(grid(session, Lens(), question).columns) for question in questions] == [2, 2]
    monkeypatch.setattr(of_cells, "MOST_CELLS", 1)

    for question in questions:
        with pytest.raises(Invalid, match="1 rows and 2 columns"):
            grid(session, Lens(), question)


def test_hidden_rows_and_columns_make_no_matrix_too_large(
    session: Session, asked: Item, evidence: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(session, evidence, "supports", asked)
    an("evidence", session, handling="OFFICIAL")
    monkeypatch.setattr(of_cells, "MOST_CELLS", 1)

    assert len(grid(session, Lens(), Question(columns="evidence")).columns) == 1


def test_more_steps_than_are_looked_at_are_refused(
    session: Session, asked: Item, evidence: Item, monkeypatch: pytest.MonkeyPatch
) -> None:
    link(session, evidence, "supports", asked)
    link(session, evidence, "derived_from", an("source", session))
    monkeypatch.setattr(whole, "MOST_STEPS", 2)
    assert len(grid(session, Lens(), Question(columns="source")).hits) == 1
    monkeypatch.setattr(whole, "MOST_STEPS", 1)

    with pytest.raises(Invalid, match="named"):
        grid(session, Lens(), Question(columns="source"))


@pytest.fixture
def circle() -> Adjacency:
    """1 from 2 by an inferred link, 2 from 3, 3 from 1 by a suspect one; nothing from 9, which has the highest id."""
    steps = [(1, 2 << 2 | INFERRED), (2, 3 << 2), (3, 1 << 2 | SUSPECT), (2, 9 << 2)]
    return Adjacency.of(steps)


def test_a_circle_ends_when_no_way_is_more_doubtful(circle: Adjacency) -> None:
    below, _looked = circle.below(1 << 2)

    both = INFERRED | SUSPECT
    ways_to = {1: {0, both}, 2: {INFERRED, both}, 3: {INFERRED, both}, 9: {INFERRED, both}}
    assert sorted(below) == sorted(item << 2 | doubts for item, known in ways_to.items() for doubts in known)


def test_below_what_nothing_was_derived_from_is_nothing_else(circle: Adjacency) -> None:
    assert circle.below(9 << 2 | SUSPECT) == ([9 << 2 | SUSPECT], 1)
    assert circle.below(70 << 2) == ([70 << 2], 1)
    assert Adjacency.of([]).below(0) == ([0], 1)


def test_the_whole_matrix_of_a_large_programme_is_worked_out_for_one_request_at_a_time(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(path: str) -> TestResponse:
        return client.get(path, headers={"Accept": f"application/json, text/x-{next(_TURNS)}"})

    small = asked("/api/v1/matrix")
    with alone():
        assert asked("/api/v1/matrix").json == small.json
        as_if_large(monkeypatch, 20)
        refused, named = asked("/api/v1/matrix"), asked("/api/v1/matrix?row=R1")
    after = asked("/api/v1/matrix")

    assert (refused.status_code, refused.mimetype) == (503, "application/problem+json")
    assert refused.headers["Retry-After"] == "30"
    assert named.status_code == 200
    assert after.json == small.json
