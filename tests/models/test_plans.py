"""Plans: questions go along the indexes of links, whatever else there is, and are not planned anew at each asking."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import date
from functools import partial

import pytest
from sqlalchemy import event, func, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.database import Database
from bench.filling import fill
from bench.programme import Size
from models.items import Item
from models.lens import Lens
from models.queries.chain import CHAIN_STEPS
from models.queries.disagreements import disagreements
from models.queries.gaps import gaps, gaps_of
from models.queries.graph import EDGE_TYPES, MOST, steps_of
from models.queries.judging import Asked
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.matrix import grid
from models.queries.numbers import numbers_of
from models.queries.paging import Wanted
from models.queries.parts import bodies_of
from models.queries.reach import REACH_STEPS
from models.queries.report import review_report
from models.queries.standing import COLUMNS_OF, Question
from models.queries.status import statuses
from models.queries.stretches import is_large
from models.queries.walk import Steps, walk
from models.vocabulary import KINDS
from tests.conftest import Databases
from tests.large import give_due_dates
from tests.statements import counted

# Enough that a planner would rather read a whole table than make up its mind.
FEW = Size("few", 100, 2_000, 6_000)
# Ties are found by the things that they lead to; PostgreSQL goes along the same index in one of two ways.
BY_TARGET = (
    r"SEARCH link_seen_link USING .*ix_link_backward|Index .*ix_link_backward on link link_seen_link"
    r"|Bitmap Heap Scan on link link_seen_link .*\n(?:.*\n){0,3}.*Bitmap Index Scan on ix_link_backward"
)
ASKED = Asked(Lens(), date(2020, 1, 1))
on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
WALKS = [
    ("recommendation-1", CHAIN_STEPS),
    ("evidence-77", REACH_STEPS),
    ("recommendation-7", steps_of(EDGE_TYPES, KINDS)),
]


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Database]:
    database = databases.copy("empty")
    databases.plan_as_usual(database)
    fill(database, FEW, lambda _more: None)
    give_due_dates(database)
    database.take_stock()
    yield database
    database.close()


@contextmanager
def _planned(database: Database) -> Iterator[list[str]]:
    """The plans of the queries that are run meanwhile, as the engine tells them."""
    told: list[str] = []
    explained = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "

    def note(_connection: object, cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        if not re.match(r"SELECT|WITH", statement):
            return
        planned = cursor.connection.cursor()  # type: ignore[attr-defined]
        planned.execute(explained + statement, parameters)
        told.append("\n".join(str(row[-1]) for row in planned.fetchall()))

    event.listen(database.reader, "before_cursor_execute", note)
    yield told
    event.remove(database.reader, "before_cursor_execute", note)


@pytest.mark.parametrize("lens", [Lens(), Lens(known_at=3_000)], ids=["now", "at a point"])
@pytest.mark.parametrize(("ref", "steps"), WALKS)
def test_a_walk_finds_its_links_by_their_indexes(filled: Database, ref: str, steps: Steps, lens: Lens) -> None:
    with filled.reading() as session:
        start = id_of(session, lens, ref)
        with _planned(filled) as plans:
            walk(session, lens, [start], steps, MOST)

    plan = "\n".join(plans)
    assert re.search(r"ix_link(_version)?_(forward|backward)|fk_|uq_link_active", plan)
    of_all = r"SCAN (link_seen_link|(link|item)_version)\b|ix_item(_version)?_kind|BLOOM FILTER"
    of_all += r"|Seq Scan on link(_version)?\b" + ("" if steps.involved else "|Hash Join")  # bodies are few
    assert not re.search(of_all, plan), plan


def test_a_load_leaves_sqlite_without_statistics(filled: Database) -> None:
    if filled.is_sqlite:
        assert not inspect(filled.engine).has_table("sqlite_stat1")
    else:
        with filled.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM pg_stats WHERE tablename = 'link'")) > 0


def test_a_walk_on_postgresql_is_fenced(filled: Database) -> None:
    with filled.reading() as session, counted(*filled.engines) as ran:
        walk(session, Lens(), [1], CHAIN_STEPS, MOST)

    fenced = [re.search(r"LATERAL \(.*OFFSET 0\)", " ".join(statement.split())) for statement in ran]
    assert all(bool(found) != filled.is_sqlite for found in fenced)


@pytest.mark.parametrize("lens", [Lens(), Lens(known_at=3_000)], ids=["now", "at a point"])
def test_what_is_asked_about_one_recommendation_is_not_looked_for_in_the_whole_programme(
    filled: Database, lens: Lens
) -> None:
    asked = replace(ASKED, lens=lens)
    with filled.reading() as session, _planned(filled) as plans:
        find(session, lens, "recommendation", "recommendation-1")
        statuses(session, lens, ["recommendation-1"])
        gaps_of(session, asked, "recommendation-1")
        for filters in ({"recommendation": ["recommendation-1"]}, {"ref": ["recommendation-1"]}):
            gaps(session, asked, Wanted(filters=filters))
            disagreements(session, asked, Wanted(filters=filters))
        bodies_of(session, lens, "recommendation-1", Wanted())
        review_report(session, asked, "review-1", ["recommendation-1"])
        list_items(session, lens, "evidence", Wanted(filters={"recommendation": ["recommendation-1"]}))

    lines = [line.strip() for plan in plans for line in plan.splitlines()]
    of_all = r"SCAN (\w+_(link|item)\b|(link|item)_version\b(?!.*_restricted))|Seq Scan on link(_version)?\b"
    assert len(plans) == (49 if lens.known_at is None else 48)
    assert [line for line in lines if re.search(of_all, line)] == []
    assert lens.known_at or re.search(BY_TARGET, plans[-2])


@pytest.mark.parametrize("sort", ["due_on", "-due_on"])
def test_the_action_plan_is_read_along_the_index_of_due_dates(filled: Database, sort: str) -> None:
    with filled.reading() as session, _planned(filled) as plans:
        first = list_items(session, Lens(), "action", Wanted(sort=sort, limit=5))
        list_items(session, Lens(), "action", Wanted(sort=sort, limit=5, after=first.after))

    ordered = [plan for plan in plans if "ix_due_date_due_on" in plan]
    assert len(ordered) == 2
    assert [plan for plan in ordered if re.search(r"Sort Key: (?!.*\n *Presorted)", plan)] == []


def test_a_word_is_looked_for_in_the_texts_of_a_stretch_and_no_more(filled: Database) -> None:
    with filled.reading() as session, _planned(filled) as plans:
        list_items(session, Lens(), "evidence", Wanted({"q": ["seen"]}))

    plan = "\n".join(plans)
    assert not re.search(r"Seq Scan on \w+ filter_texts|SCAN filter_texts|hashed SubPlan", plan), plan


@pytest.mark.parametrize(
    ("rows", "columns"), [(rows, columns) for rows, all_ in COLUMNS_OF.items() for columns in all_]
)
def test_a_matrix_of_some_rows_is_found_from_these_rows(filled: Database, rows: str, columns: str) -> None:
    named = tuple(f"{rows}-{place if rows != 'clause' else place * 10 + 1}" for place in range(2, 7))
    with filled.reading() as session, _planned(filled) as plans:
        found = grid(session, Lens(), Question(rows=rows, columns=columns, row=named))

    assert len(found.rows) == len(named)
    lines = [line.strip() for plan in plans for line in plan.splitlines()]
    of_all = r"SCAN \w*_(link|item|details)\b|ix_item_kind \(kind=\?\)|Seq Scan on link\b"
    assert [line for line in lines if re.search(of_all, line)] == []


def test_no_transaction_has_sqlite_prepare_its_statements_anew(filled: Database) -> None:
    def in_turn() -> None:
        with filled.reading() as session:
            session.scalar(select(func.count()).select_from(Item))
        with filled.writing("test", "test"):
            pass

    in_turn()
    ran: list[str] = []
    for engine in filled.engines:
        event.listen(engine, "before_cursor_execute", lambda _c, _r, statement, *_rest: ran.append(statement))
    in_turn()

    assert ran
    assert [statement for statement in ran if statement.startswith("PRAGMA")] == []


def _prepared(session: Session) -> list[str]:
    """The statements about ties that PostgreSQL has prepared on the connection of a session."""
    found = session.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    return sorted(statement for statement in found if "link_seen_link" in statement)


@on_postgresql
def test_what_is_asked_again_about_another_is_prepared_on_postgresql(filled: Database) -> None:
    def ask(session: Session, number: int) -> None:
        list_items(session, Lens(), "evidence", Wanted(filters={"recommendation": [f"recommendation-{number}"]}))

    for number in (1, 2, 3):
        with filled.reading() as session:
            ask(session, number)

    with filled.reading() as session:
        before = _prepared(session)
        ask(session, 4)
        assert _prepared(session) == before != []


def _gaps_of_evidence(session: Session, number: int) -> None:
    gaps(session, ASKED, Wanted(filters={"ref": [f"evidence-{number}"]}))


def _gaps_of_a_recommendation(session: Session, number: int) -> None:
    gaps_of(session, ASKED, f"recommendation-{number}")


def _how_much_there_was(session: Session, number: int) -> None:
    is_large(session, Lens(known_at=3_000 + number), ["action"])


@on_postgresql
@pytest.mark.parametrize(
    ("ask", "of_them", "kept"),
    [
        (_gaps_of_a_recommendation, "judged", True),
        (_gaps_of_evidence, "judged", True),
        (_how_much_there_was, "item_version", False),
    ],
)
def test_postgresql_keeps_the_plan_of_what_is_judged_about_a_few_things_and_none_of_a_count_at_a_point(
    filled: Database, ask: Callable[[Session, int], None], of_them: str, kept: bool
) -> None:
    filled.engine.dispose()  # a new connection has nothing prepared
    found = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE :like")
    with filled.reading() as session:
        for number in range(1, 9):
            ask(session, number)
        made = session.execute(found, {"like": f"%{of_them}%"}).all()

    assert made
    assert {row.custom_plans > 0 for row in made} == {not kept}
    assert {row.generic_plans > 0 for row in made} == {kept}


@on_postgresql
@pytest.mark.parametrize(
    "begun",
    [Database.reading, partial(Database.writing, principal="test", reason="Tried.")],
    ids=["reading", "writing"],
)
def test_what_was_prepared_on_postgresql_stays_so_when_a_transaction_fails(
    filled: Database, begun: Callable[[Database], AbstractContextManager[Session]]
) -> None:
    def ask(session: Session) -> None:
        list_items(session, Lens(), "evidence", Wanted(filters={"recommendation": ["recommendation-1"]}))

    for _ in range(3):
        with filled.reading() as session:
            ask(session)
            before = _prepared(session)
    with pytest.raises(DBAPIError), begun(filled) as session:
        session.execute(text("SELECT nothing"))
    with pytest.raises(LookupError), begun(filled) as session:
        ask(session)
        raise LookupError

    with filled.reading() as session:
        assert _prepared(session) == before != []


def test_a_reader_cannot_write(filled: Database) -> None:
    with pytest.raises(DBAPIError), filled.reading() as session:
        session.execute(text("UPDATE item SET title = 'written'"))


def test_what_is_hidden_is_looked_for_from_what_is_restricted(filled: Database) -> None:
    with filled.reading() as session, _planned(filled) as plans:
        numbers_of(session, Lens())

    (plan,) = plans
    gone_through = re.findall(r"ix_change_subject \(kind=\?\)$", plan, re.MULTILINE)
    assert len(gone_through) == filled.is_sqlite, plan  # the changes of keys and accounts alone


def test_all_disagreements_are_found_from_the_few_things_that_they_begin_with(filled: Database) -> None:
    with filled.reading() as session, _planned(filled) as plans:
        disagreements(session, ASKED, Wanted())

    _how_large, plan = plans
    lines = [line.strip() for line in plan.splitlines()]
    assert [line for line in lines if filled.is_sqlite and re.search(r"SCAN \w*_(link|item)\b", line)] == []
