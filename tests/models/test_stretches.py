"""A large programme is judged a stretch at a time: what is found is the same, and the pages say that it is not all."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.items import Item
from models.lens import Lens
from models.links import Link
from models.queries import counting, stretches
from models.queries.disagreements import disagreements
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.listing import list_items, list_links
from models.queries.paging import Page, Wanted
from models.vocabulary import GAP_REASONS
from tests.conftest import Databases
from tests.factories import an, link
from tests.large import as_if_large
from tests.models import planted
from tests.models.conftest import Scratch, rolled_back

ASKED = Asked(Lens(), planted.TODAY)
Judging = Callable[[Session, Asked, Wanted], Page]
JUDGED: dict[str, Judging] = {"gaps": gaps, "disagreements": disagreements}


@pytest.fixture(scope="module")
def planted_once(databases: Databases) -> Iterator[Scratch]:
    """Opens a transaction on a programme in which everything that can be found is there once."""
    database = databases.copy("empty")
    with database.writing("test", "test") as session:
        planted.plant(session)
    yield rolled_back(database)
    database.close()


@pytest.fixture
def programme(planted_once: Scratch) -> Iterator[Session]:
    """Such a transaction, of one test alone."""
    with planted_once() as opened:
        yield opened


@pytest.fixture
def large(programme: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The same, as if it were large: a stretch is twenty things, and a page has no time for another."""
    as_if_large(monkeypatch, 20)
    return programme


def _pages(judging: Judging, session: Session, **filters: list[str]) -> Iterator[Page]:
    page = judging(session, ASKED, Wanted(filters=filters, limit=2))
    yield page
    while page.after is not None:
        page = judging(session, ASKED, Wanted(filters=filters, limit=2, after=page.after))
        yield page


def _found(judging: Judging, session: Session, **filters: list[str]) -> list[tuple[str, str]]:
    return [(row["ref"], row["reason"]) for page in _pages(judging, session, **filters) for row in page.rows]


def _count(session: Session, column: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count(column)).where(*conditions)) or 0


@pytest.mark.parametrize("filters", [{}, {"kind": ["clause", "action"]}, {"reason": list(GAP_REASONS)[3:9]}], ids=str)
def test_the_gaps_of_a_large_programme_are_those_of_a_small_one(
    programme: Session, monkeypatch: pytest.MonkeyPatch, filters: dict[str, list[str]]
) -> None:
    at_once = gaps(programme, ASKED, Wanted(filters=filters, limit=0)).rows
    as_if_large(monkeypatch, 20)

    assert _found(gaps, programme, **filters) == [(row["ref"], row["reason"]) for row in at_once]
    assert gaps(programme, ASKED, Wanted(filters=filters, limit=0)).rows == at_once


def test_every_disagreement_that_was_planted_is_found_in_stretches(large: Session) -> None:
    found = _found(disagreements, large)

    assert set(found) == planted.DISAGREEMENTS
    assert len(found) == len(planted.DISAGREEMENTS)


@pytest.mark.parametrize("judging", JUDGED.values(), ids=JUDGED)
def test_a_page_of_a_large_programme_ends_when_it_took_long_enough_and_counts_nothing(
    large: Session, judging: Judging
) -> None:
    pages = list(_pages(judging, large))

    assert min(len(page.rows) for page in pages[:-1]) == 0
    assert max(len(page.rows) for page in pages) <= 2
    assert judging(large, ASKED, Wanted(count=True)).total is None


def test_a_programme_of_just_as_much_as_is_judged_at_once_is_counted(
    programme: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = _count(programme, Item.id) + _count(programme, Link.id, Link.withdrawn_seq.is_(None))
    totals = []
    for small in (there, there - 1):
        monkeypatch.setattr(stretches, "SMALL", small)
        totals.append(gaps(programme, ASKED, Wanted(count=True)).total)

    assert totals == [len(planted.GAPS), None]


def test_hidden_things_make_no_programme_large(programme: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stretches, "SMALL", 2 * _count(programme, Item.id))
    before = gaps(programme, ASKED, Wanted(count=True)).total
    for _ in range(stretches.SMALL):
        an("body", programme, handling="OFFICIAL")

    assert gaps(programme, ASKED, Wanted(count=True)).total == before == len(planted.GAPS)


def test_what_is_about_actions_alone_is_told_by_how_many_actions_there_are(
    programme: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = _count(programme, Item.id, Item.kind == "action")
    totals = []
    for small in (actions, actions - 1):
        monkeypatch.setattr(stretches, "SMALL", small)
        totals.append(gaps(programme, ASKED, Wanted(filters={"reason": ["overdue"]}, count=True)).total)

    assert totals == [1, None]


@pytest.mark.parametrize(("more", "told"), [(0, 3), (1, None)], ids=["as many as are counted", "one more"])
def test_lists_are_counted_up_to_a_limit(
    session: Session, asked: Item, monkeypatch: pytest.MonkeyPatch, more: int, told: int | None
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 3)
    for _ in range(3 + more):
        link(session, an("evidence", session), "supports", asked)

    assert list_items(session, Lens(), "evidence", Wanted(count=True)).total == told
    assert list_links(session, Lens(), Wanted(count=True)).total == told
