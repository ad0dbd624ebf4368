"""Pages about a programme of many recommendations: each is about some, says so, and leads to the others."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from api.database import Database
from api.settings import Settings
from bench.filling import fill
from bench.programme import Size
from explorer.app import create_app
from explorer.views.matrix import COLUMNS, ROWS
from explorer.views.overview import MOST
from models.items import Item
from models.markings import Marking
from tests.conftest import Databases
from tests.explorer.conftest import Opens, url_of
from tests.explorer.pages import BROWSER
from tests.explorer.reading import Reading
from tests.explorer.tables import inside, links_in, look, marked, paragraphs, rows_of, told
from tests.factories import an, link
from tests.statements import counted

# The same recommendations have as much behind them at both sizes, but for how the ties fall.
MANY, MORE = Size("many", 120, 600, 1_800), Size("more", 480, 2_400, 7_200)
ALL = [f"recommendation-{number}" for number in range(1, MANY.recommendations + 1)]
VIEWS = ("grid", "recommendations", "links")


@pytest.fixture(scope="module")
def programmes(databases: Databases) -> Iterator[dict[Size, Flask]]:
    """The service on a programme of many recommendations, and on one of more."""
    made = {}
    for size in (MANY, MORE):
        database = databases.copy("empty")
        fill(database, size, lambda _more: None)
        made[size] = create_app(Settings(url_of(database), "test"))
        database.close()
    yield made
    for app in made.values():
        app.extensions["mappa"].database.close()


@pytest.fixture
def many(programmes: dict[Size, Flask]) -> FlaskClient:
    """Somebody who reads about many."""
    return programmes[MANY].test_client()


def _leading(page: Reading, way: str) -> list[str]:
    """Where a page leads on (`next`) or back (`prev`)."""
    return [link.get("href") for link in page.all("a") if link.get("rel") == way]


def _turned(client: FlaskClient, address: str, way: str) -> list[Reading]:
    """A page, and those that follow one another from it."""
    pages = [look(client, address)]
    while leading := _leading(pages[-1], way):
        pages.append(look(client, leading[-1]))
    return pages


def _heads(page: Reading) -> list[str]:
    """The recommendations that the columns of the matrix are of."""
    heads = [head for head in page.all("th") if head.get("scope") == "col"][1:]
    return [links_in(head)[0].rpartition("/")[2].partition("?")[0] for head in heads]


def _about(page: Reading) -> list[str]:
    """The recommendations that the rows of a table are about."""
    return [links_in(inside(row, "th")[0])[0].rpartition("/")[2] for row in rows_of(page)]


def test_the_first_page_shows_some_at_a_time_and_leads_to_every_other_and_back(many: FlaskClient) -> None:
    pages = _turned(many, "/", "next")
    last = _leading(pages[-2], "next")[-1]

    assert [len(_about(page)) for page in pages] == [MOST, MOST, MANY.recommendations - 2 * MOST]
    assert [ref for page in pages for ref in _about(page)] == ALL
    assert [_about(page) for page in _turned(many, last, "prev")] == [_about(page) for page in reversed(pages)]


def test_the_figures_of_a_first_page_are_those_of_the_recommendations_on_it(many: FlaskClient) -> None:
    for page in _turned(many, "/", "next"):
        shown = [told(many, f"/api/v1/recommendations/{ref}")["status"] for ref in _about(page)]
        figures = [int(inside(figure, "strong")[0].text) for figure in marked(page, "figure")]

        assert any(f"Of the {len(shown)} recommendations on this page:" in line for line in paragraphs(page))
        assert figures == [
            sum(status[seen]["status"] == word for status in shown)
            for seen, word in (
                ("claimed", "under_way"),
                ("verified", "not_published"),
                ("verified", "not_met"),
                ("derived", "demonstrated"),
            )
        ]


def test_the_first_page_counts_on_every_part_as_the_matrix_does(many: FlaskClient) -> None:
    matrix = {row["ref"]: row for row in told(many, "/api/v1/matrix?columns=evidence_kind")["rows"]}

    for page in _turned(many, "/", "next"):
        for row in rows_of(page):
            ref = links_in(row)[0].rpartition("/")[2]
            cells = [cell.text.strip() for cell in inside(row, "td") if "count" in cell.get("class").split()]
            assert cells == [str(cell["count"]) for cell in matrix[ref]["cells"]]


def test_a_first_page_of_which_everything_is_hidden_since_says_so_and_leads_back(
    database: Database, opens: Opens
) -> None:
    with database.writing("a test", "Many") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        *_there, last = [an("recommendation", session, parent=review, number=n + 1) for n in range(MOST + 1)]
    client = opens(database).test_client()
    (onward,) = _leading(look(client, "/"), "next")
    with database.writing("a test", "Hide") as session:
        session.get_one(Item, last.id).mark(Marking("OFFICIAL"))

    page = look(client, onward)

    assert rows_of(page) == []
    assert any("There are no recommendations from here on." in line for line in paragraphs(page))
    assert [len(_about(look(client, back))) for back in _leading(page, "prev")] == [MOST]


@pytest.mark.parametrize("view", VIEWS)
def test_the_matrix_is_about_some_at_a_time_and_leads_to_every_other_and_back(many: FlaskClient, view: str) -> None:
    address = f"/matrix?view={view}&via=supports"
    forward = [look(many, address)]
    while onward := [link for link in _leading(forward[-1], "next") if "after=" in link and "from_row" not in link]:
        forward.append(look(many, onward[-1]))
    backward = [forward[-1]]
    while leading := [link for link in _leading(backward[-1], "prev") if "from_row" not in link]:
        backward.append(look(many, leading[-1]))

    assert len(forward) == len(backward) == -(-MANY.recommendations // COLUMNS)
    shown = _heads if view == "grid" else _about
    if view != "links":
        assert [ref for page in forward for ref in shown(page)] == ALL
    assert [shown(page) for page in backward] == [shown(page) for page in reversed(forward)]
    assert all("via=supports" in link for page in forward for link in _leading(page, "next"))


def test_a_page_of_the_matrix_says_that_it_is_about_some(many: FlaskClient) -> None:
    page = look(many, "/matrix")

    assert any(f"This page is about {COLUMNS} recommendations; there are more." in line for line in paragraphs(page))
    assert any(f"of {COLUMNS} recommendations have no direct evidence" in line for line in paragraphs(page))
    assert any("What has no link to a recommendation is not on this page" in line for line in paragraphs(page))


def test_the_marks_on_a_page_of_the_matrix_are_the_links_of_its_recommendations(many: FlaskClient) -> None:
    (onward,) = [link for link in _leading(look(many, "/matrix"), "next") if "after=" in link]
    here = ALL[COLUMNS : 2 * COLUMNS]
    pages = [look(many, onward)]
    while leading := [link for link in _leading(pages[-1], "next") if "from_row" in link]:
        pages.append(look(many, leading[0]))

    rows = told(many, "/api/v1/matrix?columns=evidence&cell=refs")["rows"]
    there = {found for row in rows if row["ref"] in here for cell in row["cells"] for found in cell["links"]}
    marks = {mark.get("href").rpartition("/")[2] for page in pages for mark in marked(page, "mark")} - {""}
    assert {tuple(_heads(page)) for page in pages} == {tuple(here)}
    assert marks == there


def test_a_page_stays_small_and_everything_is_reached_by_its_links(database: Database, opens: Opens) -> None:
    evidence, asked = 2 * ROWS + 7, COLUMNS + 3
    with database.writing("a test", "Much") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        targets = [an("recommendation", session, parent=review, ref=f"R{n}", number=n) for n in range(1, asked + 1)]
        for number in range(evidence):
            found = an("evidence", session, ref=f"E{number}")
            link(session, found, "supports", targets[number % asked], ref=f"L{number}")
    client = opens(database).test_client()

    addresses, seen, marks = ["/matrix"], set[str](), set[str]()
    while addresses:
        page = look(client, addresses.pop())
        rows = [row for row in rows_of(page) if row.get("class") != "group"]
        assert len(rows) <= ROWS
        assert len(_heads(page)) <= COLUMNS
        marks |= {mark.get("href") for mark in marked(page, "mark")}
        further = [found.get("href") for found in page.all("a") if found.get("rel") == "next"]
        addresses += [address for address in further if address not in seen]
        seen |= set(further)

    assert len(seen) > 1
    assert marks - {""} == {f"/links/L{number}" for number in range(evidence)}


def test_turning_to_other_recommendations_keeps_the_filters_and_the_day_and_begins_with_the_first_evidence(
    many: FlaskClient,
) -> None:
    page = look(many, "/matrix?as_of=2031-01-01&basis=stated&from_row=100")

    (onward,) = [link for link in _leading(page, "next") if "from_row" not in link]
    assert "as_of=2031-01-01" in onward
    assert "basis=stated" in onward
    assert _heads(look(many, onward)) == ALL[COLUMNS : 2 * COLUMNS]


def test_another_view_is_about_the_same_recommendations(many: FlaskClient) -> None:
    (onward,) = [link for link in _leading(look(many, "/matrix"), "next") if "after=" in link]
    (other,) = [link for link in look(many, onward).links() if "view=recommendations" in link]

    assert _about(look(many, other)) == ALL[COLUMNS : 2 * COLUMNS]


def test_a_recommendation_of_another_page_can_be_pinned(many: FlaskClient) -> None:
    page = look(many, "/matrix?recommendation=recommendation-99&recommendation=recommendation-3")

    assert _heads(page) == ["recommendation-3", "recommendation-99"]
    ticked = [box.get("value") for box in page.all("input") if "checked" in box.attributes]
    assert ticked == ["recommendation-3", "recommendation-99"]
    assert [box for box in page.all("input") if box.get("id") == "another"]
    assert [link for link in _leading(page, "next") if "after=" in link] == []


def test_more_pins_than_a_page_has_room_for_are_refused(many: FlaskClient) -> None:
    asked = "&".join(f"recommendation={ref}" for ref in ALL[: COLUMNS + 1])

    assert many.get(f"/matrix?{asked}", headers=BROWSER).status_code == 422


def test_a_place_in_another_list_is_refused(many: FlaskClient) -> None:
    (onward,) = [link for link in _leading(look(many, "/matrix?review=review-1"), "next") if "after=" in link]

    for address in ("/matrix?after=nonsense", onward.replace("review=review-1&", "")):
        assert many.get(address, headers=BROWSER).status_code == 422


def test_a_place_goes_on_from_what_has_been_hidden_since_and_shows_nothing_of_it(
    database: Database, opens: Opens
) -> None:
    with database.writing("a test", "Many") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        for number in range(1, 61):
            an("recommendation", session, parent=review, ref=f"recommendation-{number}", number=number)
    client = opens(database).test_client()
    (onward,) = [link for link in _leading(look(client, "/matrix"), "next") if "after=" in link]
    with database.writing("a test", "Hide") as session:
        hidden = select(Item).where(Item.ref.in_(["recommendation-25", "recommendation-26"]))
        for item in session.scalars(hidden).all():
            item.mark(Marking("OFFICIAL"))

    page = look(client, f"{onward}&view=recommendations")
    before = look(client, _leading(page, "prev")[-1])

    assert _about(page) == ALL[26:51]
    assert _about(before) == [*ALL[:24], ALL[26]]


@pytest.mark.parametrize("address", ["/", "/matrix", "/matrix?view=recommendations", "/matrix?view=links"])
def test_a_page_weighs_and_asks_as_much_however_large_the_programme_is(
    programmes: dict[Size, Flask], address: str
) -> None:
    weights, statements = {}, {}
    for size, app in programmes.items():
        for turn in ("first", "again"):
            accepted = {"Accept": f"text/html, text/x-{turn}"}
            with counted(*app.extensions["mappa"].database.engines) as ran:
                weights[size] = len(app.test_client().get(address, headers=accepted).data)
        statements[size] = len(ran)

    assert weights[MORE] < 1.1 * weights[MANY]
    assert statements[MORE] == statements[MANY]
