"""What is kept of questions about everything: the same answers, for the same reader, until anything changes."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from models.changes import newest_change
from models.items import Item
from models.lens import Lens
from models.markings import Marking
from models.queries import unchanged
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.listing import list_items, list_links
from models.queries.matrix import Matrix, matrix
from models.queries.paging import Page, Wanted
from models.queries.report import Report, review_report
from models.queries.standing import Question
from tests.conftest import Databases
from tests.factories import an, link
from tests.statements import counted

TODAY = datetime.now(UTC).date()
PUBLIC, OFFICIAL = Lens(), Lens("OFFICIAL")
REFS = Question(columns="evidence")


def _asked(lens: Lens) -> Asked:
    return Asked(lens, TODAY)


def _matrix(database: Database, lens: Lens = PUBLIC, *, known: bool = True) -> Matrix:
    """The matrix, asked by a session that knows where the record stands, or that does not and so finds all anew."""
    with database.reading() as session:
        if known:
            newest_change(session)
        return matrix(session, _asked(lens), REFS)


def _gaps(session: Session, wanted: Wanted, lens: Lens = PUBLIC) -> Page:
    return gaps(session, _asked(lens), wanted)


def _refs(found: Matrix) -> set[str]:
    return {hit.item for hit in found.hits} | {row["ref"] for row in found.rows}


@pytest.fixture
def arranged(database: Database) -> Database:
    """Two recommendations with evidence, of which one piece is official."""
    with database.writing("a test", "Arrange") as session:
        review = an("review", session, ref="V", published_on=TODAY)
        for number in (1, 2):
            asked = an("recommendation", session, ref=f"R-{number}", parent=review, number=number)
            link(session, an("evidence", session, ref=f"E-{number}"), "supports", asked)
        hidden = an("evidence", session, ref="E-hidden", handling="OFFICIAL")
        link(session, hidden, "contradicts", asked, handling="OFFICIAL")
    return database


def _change(database: Database, ref: str, marking: Marking) -> None:
    with database.writing("a test", "Mark") as session:
        session.scalars(select(Item).where(Item.ref == ref)).one().mark(marking)


def test_finds_the_same_as_a_session_that_keeps_nothing(arranged: Database) -> None:
    for lens in (PUBLIC, OFFICIAL, PUBLIC):
        assert _matrix(arranged, lens) == _matrix(arranged, lens) == _matrix(arranged, lens, known=False)


def test_asks_nothing_a_second_time_but_what_it_does_not_keep(arranged: Database) -> None:
    _matrix(arranged)
    with counted(*arranged.engines) as ran:
        _matrix(arranged)

    assert len(ran) == 2  # where the record stands, and the names of the reviews


def test_keeps_the_report_on_a_review_for_each_reader_and_day(arranged: Database) -> None:
    def report(asked: Asked) -> Report:
        with arranged.reading() as session:
            newest_change(session)
            return review_report(session, asked, "V")

    asked = [_asked(PUBLIC), _asked(OFFICIAL), Asked(PUBLIC, TODAY + timedelta(days=1))]
    found = [report(one) for one in asked]

    assert [report(one) is before for one, before in zip(asked, found, strict=True)] == [True] * 3
    assert found[0] is not found[1]
    assert [one.day for one in found] == [TODAY, TODAY, TODAY + timedelta(days=1)]
    _change(arranged, "R-1", Marking("OFFICIAL"))
    assert [len(report(one).standings) for one in asked] == [1, 2, 1]


def test_counts_a_list_once_for_each_reader_and_filter_until_anything_changes(arranged: Database) -> None:
    def count(lens: Lens, **filters: list[str]) -> tuple[int | None, int]:
        with arranged.reading() as session:
            newest_change(session)
            with counted(*arranged.engines) as ran:
                total = list_items(session, lens, "evidence", Wanted(filters=filters, count=True)).total
            return total, sum("count(" in statement for statement in ran)

    asked: list[tuple[Lens, dict[str, list[str]]]] = [(PUBLIC, {}), (OFFICIAL, {}), (PUBLIC, {"ref": ["E-1"]})]

    assert [count(lens, **filters) for lens, filters in asked] == [(2, 1), (3, 1), (1, 1)]
    assert [count(lens, **filters) for lens, filters in asked] == [(2, 0), (3, 0), (1, 0)]
    _change(arranged, "E-1", Marking("OFFICIAL"))
    assert [count(lens, **filters) for lens, filters in asked] == [(1, 1), (3, 1), (0, 1)]


def test_counts_the_links_once_until_anything_changes(arranged: Database) -> None:
    def count() -> tuple[int | None, int]:
        with arranged.reading() as session:
            newest_change(session)
            with counted(*arranged.engines) as ran:
                total = list_links(session, PUBLIC, Wanted(count=True)).total
            return total, sum("count(" in statement for statement in ran)

    assert [count(), count()] == [(2, 1), (2, 0)]
    _change(arranged, "E-1", Marking("OFFICIAL"))
    assert [count(), count()] == [(1, 1), (1, 0)]


def test_gives_no_reader_what_was_found_for_another(arranged: Database) -> None:
    seen = _matrix(arranged, OFFICIAL)

    assert "E-hidden" in _refs(seen)
    assert "E-hidden" not in _refs(_matrix(arranged, PUBLIC))
    assert "E-hidden" in _refs(_matrix(arranged, OFFICIAL))


def test_finds_anew_what_was_marked_since(arranged: Database) -> None:
    before = _matrix(arranged)
    _change(arranged, "E-1", Marking("OFFICIAL"))

    assert "E-1" in _refs(before)
    assert "E-1" not in _refs(_matrix(arranged))


def test_finds_anew_on_the_day_on_which_an_embargo_ends(arranged: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = TODAY + timedelta(days=1)
    _change(arranged, "E-1", Marking(embargo_until=tomorrow, until_then=frozenset()))
    before = _matrix(arranged)
    values = Lens.values.fget
    monkeypatch.setattr(Lens, "values", property(lambda lens: values(lens) | {"today_read": tomorrow}))

    assert "E-1" not in _refs(before)
    assert "E-1" in _refs(_matrix(arranged))


def test_keeps_nothing_of_a_session_that_writes(arranged: Database) -> None:
    with arranged.writing("a test", "Write") as session:
        newest_change(session)
        review = session.scalars(select(Item).where(Item.ref == "V")).one()
        an("recommendation", session, ref="R-3", parent=review, number=3)
        within = matrix(session, _asked(PUBLIC), REFS)
        session.rollback()

    assert "R-3" in _refs(within)
    assert "R-3" not in _refs(_matrix(arranged))


def test_keeps_no_more_than_so_many_rows(arranged: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "MOST", 1)
    _matrix(arranged)
    with counted(*arranged.engines) as ran:
        _matrix(arranged)

    assert len(ran) > 2


PAGES = [
    Wanted(limit=0),
    Wanted(limit=3, count=True),
    Wanted(filters={"kind": ["action"]}, limit=2, count=True),
    Wanted(filters={"reason": ["no_evidence", "suspect_link"]}, limit=50),
    Wanted(filters={"kind": ["recommendation"], "reason": ["no_action"]}, limit=0),
    Wanted(filters={"recommendation": ["R1"]}, limit=0),
]


@pytest.mark.parametrize("wanted", PAGES, ids=str)
def test_pages_of_kept_gaps_are_those_of_the_database(databases: Databases, wanted: Wanted) -> None:
    database = databases.copy("published")
    with database.reading() as alone, database.reading() as keeping:
        newest_change(keeping)
        more, pages = True, 0
        while more:
            pages += 1
            found = _gaps(alone, wanted)

            assert _gaps(keeping, wanted) == found
            more = found.after is not None
            wanted = Wanted(wanted.filters, wanted.sort, found.after, wanted.limit, wanted.count)
    database.close()
    assert pages
