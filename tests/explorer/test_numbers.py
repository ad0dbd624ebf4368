"""Numbers: each that a page shows is the API's for the same reader, and not everybody's are the same."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from api.call import Service
from api.settings import Settings
from explorer.app import create_app
from models.items import Item
from models.markings import Marking
from models.queries import counting
from tests.conftest import Databases
from tests.explorer.conftest import give_key, url_of
from tests.explorer.pages import BROWSER
from tests.explorer.reading import Element, Reading

READERS = ("public", "inspector", "officer")
# The evidence that the public does not see.
_HIDDEN = ("F019", "F023")
Row = dict[str, Any]


@pytest.fixture
def of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is counted of which there are more than forty."""
    monkeypatch.setattr(counting, "MOST_COUNTED", 40)


class Seen:
    """The service as one reader sees it."""

    def __init__(self, app: Flask, key: str | None) -> None:
        """Keep who reads."""
        self._client = app.test_client()
        self._headers = {} if key is None else {"Authorization": f"Bearer {key}"}

    def page(self, address: str) -> Reading:
        """A page as this reader gets it."""
        answer = self._client.get(address, headers=self._headers | BROWSER)
        assert answer.status_code == 200, answer.text
        return Reading(answer.get_data(as_text=True))

    def told(self, address: str) -> Row:
        """What the API tells this reader."""
        answer = self._client.get(address, headers=self._headers)
        assert answer.status_code == 200, answer.text
        told: Row = answer.get_json()
        return told


@pytest.fixture(scope="module")
def seen(databases: Databases) -> Iterator[dict[str, Seen]]:
    """The published record with some of it marked, as each reader sees it."""
    database = databases.copy("published")
    with database.writing("a test", "Mark some") as session:
        for item in session.scalars(select(Item).where(Item.ref.in_(_HIDDEN))).all():
            item.mark(Marking("OFFICIAL"))
    keys = {
        "public": None,
        "inspector": give_key(database, "inspector", body="hmics", clearance="OFFICIAL"),
        "officer": give_key(database, "officer", body="police-scotland"),
    }
    app = create_app(Settings(url_of(database), "test"))
    yield {name: Seen(app, key) for name, key in keys.items()}
    service: Service = app.extensions["mappa"]
    service.database.close()
    database.close()


def _text(element: Element) -> str:
    """All the text in an element."""
    return " ".join(element.text.split()) + "".join(f" {_text(child)}" for child in element.children)


def _rows(page: Reading) -> list[list[str]]:
    """The cells of the rows of the first table's body."""
    bodies = page.all("tbody")[:1]
    return [[_text(cell) for cell in row.children] for body in bodies for row in body.children]


def _first(text: str) -> int:
    """The first number in a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found, text
    return int(found[0].replace(",", ""))


@pytest.mark.parametrize("reader", READERS)
def test_the_overview_counts_as_the_matrix_the_gaps_and_the_report_do(seen: dict[str, Seen], reader: str) -> None:
    matrix = seen[reader].told("/api/v1/matrix?columns=evidence_kind&review=MAPPA-2015&cell=count")
    recommendations = seen[reader].told("/api/v1/recommendations?sort=number&limit=200")["items"]
    rows = _rows(seen[reader].page("/"))
    kinds = len(matrix["columns"])

    shown = [(row[0], [_first(cell) for cell in row[4 : 4 + kinds]], _first(row[-1])) for row in rows]

    counted = {line["ref"]: line for line in matrix["rows"]}
    assert shown == [
        (
            f" {row['number']}. {row['short_name']}",
            [_count(cell) for cell in counted[row["ref"]]["cells"]],
            len(counted[row["ref"]]["gaps"]),
        )
        for row in recommendations
    ]


def _count(cell: Any) -> int:
    """How many a cell of the matrix has."""
    return int(cell["count"]) if isinstance(cell, dict) else int(cell or 0)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("ref", ["R3", "R6", "R7"])
def test_a_recommendation_counts_as_the_api_does(seen: dict[str, Seen], reader: str, ref: str) -> None:
    whole = f"/api/v1/recommendations/{ref}"
    evidence = seen[reader].told(f"{whole}/evidence?count=true&limit=1")["total"]
    gaps = len(seen[reader].told(whole)["gaps"])
    stated = seen[reader].told(f"/api/v1/action-plan?recommendation={ref}&limit=200")["items"]
    page = seen[reader].page(f"/recommendations/{ref}")
    headings = {heading.get("id"): _text(heading) for heading in page.all("h2")}

    assert _first(headings["evidence"]) == evidence
    assert (_first(headings["gaps"]) if "gaps" in headings else 0) == gaps
    assert _first(headings["actions"]) == sum(not row["related_development"] for row in stated)


@pytest.mark.parametrize("reader", READERS)
def test_what_is_said_of_the_data_is_counted_where_it_leads(seen: dict[str, Seen], reader: str) -> None:
    page = seen[reader].page("/about-the-data")
    leading = [link for link in page.all("a") if link.get("href").startswith("/api/v1/")]
    figures = [link for link in leading if link.text.replace(",", "").isdecimal()]

    shown = {figure.get("href"): _first(figure.text) for figure in figures}

    assert len(shown) >= 15
    assert shown == {address: seen[reader].told(address)["total"] for address in shown}


@pytest.mark.usefixtures("of_few")
def test_of_a_list_too_long_to_be_counted_its_parts_are_not_counted_either(seen: dict[str, Seen]) -> None:
    page = seen["inspector"].page("/about-the-data")
    said = {link.get("href"): link.text for link in page.all("a") if link.get("href").startswith("/api/v1/")}

    uncounted = {address for address, text in said.items() if text == "An uncounted number of"}

    assert {address.partition("?")[0].rpartition("/")[2] for address in uncounted} == {"links"}
    assert len(uncounted) == 3
    assert said["/api/v1/links?limit=1&count=true"].startswith("more than")
    assert all(seen["inspector"].told(address)["items"] for address in uncounted if "demonstrates" not in address)


def test_the_readers_are_not_told_the_same(seen: dict[str, Seen]) -> None:
    pages = {name: seen[name].page("/about-the-data") for name in READERS}
    evidence = {
        name: next(_first(link.text) for link in page.all("a") if link.get("href").startswith("/api/v1/evidence?"))
        for name, page in pages.items()
    }

    assert evidence["inspector"] == evidence["public"] + 2
    assert evidence["officer"] == evidence["public"]


@pytest.mark.parametrize("reader", READERS)
def test_a_list_shows_what_the_api_lists(seen: dict[str, Seen], reader: str) -> None:
    listed = [row["ref"] for row in seen[reader].told("/api/v1/recommendations?sort=number")["items"]]

    shown = [link for link in seen[reader].page("/recommendations").links() if link.startswith("/recommendations/")]

    assert [link.rpartition("/")[2] for link in shown] == listed
