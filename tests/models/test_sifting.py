"""A long list is sifted a stretch at a time: its pages have all that the filters keep, and say that it goes on."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.items import Item
from models.lens import Lens
from models.queries import sifting
from models.queries.listing import list_items
from models.queries.paging import Page, Wanted
from tests.conftest import Databases
from tests.factories import an
from tests.large import as_if_large
from tests.models.conftest import Scratch, rolled_back

# So many pieces of evidence, of which every seventh has the word.
THERE, EACH, WORD = 30, 7, "Sign"
WITH_IT = [f"E{number}" for number in range(0, THERE, EACH)]
DAY = date(2020, 1, 1)


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[Scratch]:
    """Opens a transaction on evidence of which some has the word in its title, some in its statement."""
    database = databases.copy("empty")
    with database.writing("test", "test") as session:
        for number in range(THERE):
            said = {"title": f"A {WORD}"} if number % 2 else {"statement": f"no {WORD.upper()}al"}
            an("evidence", session, ref=f"E{number}", **(said if number % EACH == 0 else {}), effective_from=DAY)
    yield rolled_back(database)
    database.close()


@pytest.fixture
def programme(filled: Scratch) -> Iterator[Session]:
    """Such a transaction, of one test alone."""
    with filled() as opened:
        yield opened


def _pages(
    session: Session, lens: Lens | None = None, limit: int = 3, sort: str = "recorded", **filters: list[Any]
) -> Iterator[Page]:
    after = None
    while True:
        wanted = Wanted({"q": [WORD.lower()]} | filters, sort=sort, after=after, limit=limit, count=True)
        page = list_items(session, lens or Lens(), "evidence", wanted)
        yield page
        if (after := page.after) is None:
            return


def _refs(pages: Iterator[Page]) -> list[str]:
    return [row["ref"] for page in pages for row in page.rows]


@pytest.mark.parametrize("stretch", [1, 2, 7, THERE - 1, THERE])
@pytest.mark.parametrize("limit", [1, 3, 50])
@pytest.mark.parametrize("sort", ["recorded", "-recorded"])
def test_the_pages_of_a_long_list_have_all_that_has_the_word_once_in_either_order(
    programme: Session, monkeypatch: pytest.MonkeyPatch, stretch: int, limit: int, sort: str
) -> None:
    as_if_large(monkeypatch, stretch)

    found = _refs(_pages(programme, limit=limit, sort=sort))

    assert found == (WITH_IT if sort == "recorded" else WITH_IT[::-1])


@pytest.mark.parametrize(
    "filters",
    [
        {"evidence_kind": ["statistic"]},
        {"publication_type": ["press"]},
        {"confidence": ["high"]},
        {"dated": [False]},
        {"link_type": ["supports"]},
        {"basis": ["inferred"]},
        {"recommendation": ["R3"], "basis": ["stated"]},
        {"source": ["F004"]},
        {"q": ["officers"], "evidence_kind": ["finding", "observation"]},
    ],
    ids=str,
)
def test_a_filter_keeps_the_same_of_a_long_list_as_of_a_short_one(
    published: Session, monkeypatch: pytest.MonkeyPatch, filters: dict[str, list[Any]]
) -> None:
    def refs() -> list[str]:
        found, after = [], None
        while True:
            page = list_items(published, Lens(), "evidence", Wanted(filters, after=after, limit=7))
            found += [row["ref"] for row in page.rows]
            if (after := page.after) is None:
                return found

    short = refs()
    as_if_large(monkeypatch, 5)

    assert refs() == short


def test_a_page_ends_when_it_took_long_enough_and_says_that_it_is_not_the_last(
    programme: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if_large(monkeypatch, 5)

    pages = list(_pages(programme, limit=50))

    assert [[row["ref"] for row in page.rows] for page in pages] == [["E0"], ["E7"], ["E14"], [], ["E21"], ["E28"]]
    assert [page.total for page in pages] == [None] * len(pages)


def test_a_page_with_time_left_goes_on_until_it_is_full(programme: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sifting, "STRETCH", 4)

    assert [len(page.rows) for page in _pages(programme, limit=3)] == [3, len(WITH_IT) - 3]


def test_a_list_of_just_as_much_as_is_counted_is_counted(programme: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = []
    for long in (THERE, THERE - 1):
        monkeypatch.setattr(sifting, "MOST_COUNTED", long)
        (page, *_rest) = _pages(programme, limit=50)
        totals.append(page.total)

    assert totals == [len(WITH_IT), None]


def test_what_is_hidden_makes_no_list_long(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if_large(monkeypatch, 4)
    shown = []
    for hidden in (0, 20):
        for number in range(hidden):
            an("evidence", session, ref=f"H{number}", title=WORD, handling="OFFICIAL")
        session.flush()
        shown.append([(len(page.rows), page.total) for page in _pages(session)])

    assert shown == [[(0, 0)]] * 2


def test_what_is_hidden_ends_no_stretch(programme: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    as_if_large(monkeypatch, 5)
    marked = programme.scalars(select(Item).where(Item.ref.in_([f"E{number}" for number in (1, 2, 3, 4, 5)])))
    for item in marked:
        item.handling = "OFFICIAL"
    programme.flush()

    pages = [[row["ref"] for row in page.rows] for page in _pages(programme, limit=50)]

    assert pages == [["E0", "E7"], ["E14"], [], ["E21"], ["E28"]]


def test_of_a_long_list_for_a_day_the_undated_are_not_counted(
    programme: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    an("evidence", programme, ref="undated", title=WORD)
    undated = []
    for long in (THERE + 1, THERE):
        monkeypatch.setattr(sifting, "MOST_COUNTED", long)
        pages = list(_pages(programme, Lens(as_of=DAY), limit=50))
        undated.append([page.undated for page in pages])
        assert _refs(iter(pages)) == WITH_IT

    assert undated == [[1], [None]]


@pytest.mark.parametrize("filters", [{"ref": ["E28"]}, {"external_id": ["made-28"]}], ids=str)
def test_what_is_found_by_an_index_is_found_at_once_however_long_the_list(
    programme: Session, monkeypatch: pytest.MonkeyPatch, filters: dict[str, list[str]]
) -> None:
    an("evidence", programme, ref="last", external_id="made-28", title=WORD)
    as_if_large(monkeypatch, 2)

    (page,) = _pages(programme, **filters)

    assert [row["ref"] for row in page.rows] == [{"ref": "E28", "external_id": "last"}[name] for name in filters]
    assert page.total == 1
