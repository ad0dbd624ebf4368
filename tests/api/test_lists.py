"""Lists: every item once whatever the order, filters that mean what they say, and totals that are right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.queries.paging import SORTS
from models.vocabulary import COLLECTIONS
from seed.load import MAPPA_2015, link_ref

Entry = dict[str, Any]
PUBLISHED = sorted(set(COLLECTIONS.values()) - {"decisions"})
ORDERS = [*SORTS, *(f"-{name}" for name in SORTS)]


def entries(collection: str) -> list[Entry]:
    """What the published data has of a collection."""
    found: list[Entry] = json.loads((MAPPA_2015 / f"{collection}.json").read_text(encoding="utf-8"))
    return found


def walk(client: FlaskClient, path: str) -> Iterator[Entry]:
    """Every item of a list, page by page."""
    at: str | None = path
    while at is not None:
        page = client.get(at).get_json()
        yield from page["items"]
        at = page["next"]


def listed(client: FlaskClient, path: str) -> set[str]:
    """The references of a whole list."""
    return {item["ref"] for item in walk(client, path)}


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("collection", PUBLISHED)
def test_reaches_every_item_once_in_each_order(client: FlaskClient, collection: str, sort: str) -> None:
    refs = [item["ref"] for item in walk(client, f"/api/v1/{collection}?sort={sort}&limit=3")]

    assert len(refs) == len(set(refs))
    assert set(refs) == {entry["ref"] for entry in entries(collection)}


@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("collection", PUBLISHED)
def test_gives_the_same_order_in_pages_as_in_one(client: FlaskClient, collection: str, sort: str) -> None:
    paged = [item["ref"] for item in walk(client, f"/api/v1/{collection}?sort={sort}&limit=3")]

    whole = [item["ref"] for item in client.get(f"/api/v1/{collection}?sort={sort}&limit=200").get_json()["items"]]

    assert paged == whole


@pytest.mark.parametrize("collection", PUBLISHED)
def test_sorts_by_reference_in_code_points(client: FlaskClient, collection: str) -> None:
    refs = [item["ref"] for item in walk(client, f"/api/v1/{collection}?sort=ref&limit=200")]

    assert refs == sorted(refs)


@pytest.mark.parametrize("collection", PUBLISHED)
def test_sorts_by_title_in_code_points(client: FlaskClient, collection: str) -> None:
    titles = [item["title"] for item in walk(client, f"/api/v1/{collection}?sort=title&limit=200")]

    assert titles == sorted(titles)


@pytest.mark.parametrize("sort", ["effective_from", "-effective_from"])
@pytest.mark.parametrize("collection", ["evidence", "progress", "sources", "actions"])
def test_sorts_by_day_and_puts_what_has_none_last(client: FlaskClient, collection: str, sort: str) -> None:
    days = [item["effective_from"] for item in walk(client, f"/api/v1/{collection}?sort={sort}&limit=200")]

    dated = [day for day in days if day is not None]
    assert days == sorted(dated, reverse=sort.startswith("-")) + [None] * (len(days) - len(dated))


def test_reaches_every_link_once(client: FlaskClient) -> None:
    ids = [link["id"] for link in walk(client, "/api/v1/links?limit=7")]

    assert len(ids) == len(set(ids))
    assert set(ids) == {link_ref(entry) for entry in entries("links")}


def test_reaches_every_gap_once(client: FlaskClient) -> None:
    gaps = [(gap["reason"], gap["ref"]) for gap in walk(client, "/api/v1/gaps?limit=7")]

    assert len(gaps) == len(set(gaps))
    assert len(gaps) == client.get("/api/v1/gaps?count=true").get_json()["total"]


@pytest.mark.parametrize("collection", [*PUBLISHED, "links"])
def test_counts_the_whole_list_on_request(client: FlaskClient, collection: str) -> None:
    page = client.get(f"/api/v1/{collection}?count=true&limit=1").get_json()

    assert page["total"] == len(entries(collection))


def test_does_not_count_unasked(client: FlaskClient) -> None:
    page = client.get("/api/v1/evidence").get_json()

    assert "total" not in page


def test_counts_the_same_on_every_page(client: FlaskClient) -> None:
    first = client.get("/api/v1/evidence?count=true&limit=5").get_json()

    second = client.get(first["next"]).get_json()

    assert second["total"] == first["total"]


def test_gives_fifty_items_unless_told(client: FlaskClient) -> None:
    page = client.get("/api/v1/links").get_json()

    assert len(page["items"]) == 50


def test_gives_two_hundred_items_at_most(client: FlaskClient) -> None:
    page = client.get("/api/v1/links?limit=200").get_json()

    assert len(page["items"]) == 200
    assert page["next"] is not None


def test_names_the_next_page_in_the_link_header_too(client: FlaskClient) -> None:
    answer = client.get("/api/v1/evidence?limit=5")

    assert answer.headers["Link"] == f'<{answer.get_json()["next"]}>; rel="next"'


def test_has_no_next_page_after_the_last(client: FlaskClient) -> None:
    answer = client.get("/api/v1/reviews")

    assert "Link" not in answer.headers
    assert answer.get_json()["next"] is None


def test_has_no_next_page_where_the_page_is_just_full(client: FlaskClient) -> None:
    page = client.get("/api/v1/recommendations?limit=10").get_json()

    assert len(page["items"]) == 10
    assert page["next"] is None


def test_keeps_what_was_asked_for_in_the_next_page(client: FlaskClient) -> None:
    first = client.get(
        "/api/v1/evidence?recommendation=R3&recommendation=R8&sort=-title&limit=2&fields=title"
    ).get_json()

    second = client.get(first["next"]).get_json()

    assert set(second["items"][0]) == {"ref", "kind", "self", "title"}
    assert second["items"][0]["title"] < first["items"][1]["title"]


def test_takes_another_page_size_midway(client: FlaskClient) -> None:
    first = client.get("/api/v1/evidence?limit=3").get_json()

    rest = list(walk(client, first["next"].replace("limit=3", "limit=9")))

    assert len(first["items"]) + len(rest) == len(entries("evidence"))


@pytest.mark.parametrize("change", ["&sort=title", "&as_of=2017-06-29", "&confidence=high"])
def test_refuses_a_cursor_for_another_question(client: FlaskClient, change: str) -> None:
    first = client.get("/api/v1/evidence?limit=3").get_json()

    answer = client.get(first["next"] + change)

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "after"


def test_shows_the_fields_asked_for_and_those_that_identify(client: FlaskClient) -> None:
    page = client.get("/api/v1/recommendations?fields=short_name,status").get_json()

    assert {tuple(item) for item in page["items"]} == {("ref", "kind", "short_name", "status", "self")}


def test_refuses_a_field_that_the_list_has_not(client: FlaskClient) -> None:
    answer = client.get("/api/v1/recommendations?fields=title,nope")

    assert answer.status_code == 422
    assert "nope" in answer.get_json()["errors"][0]["detail"]


@pytest.mark.parametrize("fields", ["source", "rationale", "source,target", "type"])
def test_says_where_each_link_is_whatever_fields_are_asked_for(client: FlaskClient, fields: str) -> None:
    links = client.get(f"/api/v1/links?fields={fields}&limit=3").get_json()["items"]

    assert len(links) == 3
    assert [link.get("self") for link in links] == [f"/api/v1/links/{link['id']}" for link in links]
