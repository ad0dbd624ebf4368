"""Lists: filtered, ordered, a page at a time."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from models.lens import Lens
from models.queries.listing import list_items, list_links
from models.queries.paging import SORTS, Page, Wanted
from models.queries.rows import fields_of
from models.vocabulary import KINDS
from tests.factories import an, link
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

NOW = Lens()
PUBLISHED = published_plain()
DAY = date(2020, 1, 1)
LISTED = [kind for kind in KINDS if PUBLISHED.of(kind)]


def _refs(page: Page) -> list[str]:
    return [row["ref"] for row in page.rows]


def _listed(session: Session, kind: str, **filters: list[Any]) -> list[str]:
    return _refs(list_items(session, NOW, kind, Wanted(filters=filters, limit=200)))


def _paged(session: Session, kind: str, sort: str, size: int) -> list[str]:
    """Every reference of a list, gathered page by page."""
    found, after = [], None
    while True:
        page = list_items(session, NOW, kind, Wanted(sort=sort, limit=size, after=after))
        found += _refs(page)
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("kind", LISTED)
def test_a_list_holds_each_published_item_of_its_kind(published: Session, kind: str) -> None:
    page = list_items(published, NOW, kind, Wanted(limit=200, count=True))

    assert sorted(_refs(page)) == sorted(PUBLISHED.of(kind))
    assert (page.total, page.after, page.undated) == (len(page.rows), None, None)
    assert all(set(row) == set(fields_of(kind)) for row in page.rows)


@pytest.mark.parametrize("kind", LISTED)
def test_a_list_without_a_sort_is_in_the_order_in_which_things_entered_the_record(
    published: Session, kind: str
) -> None:
    entered = published.scalars(text("SELECT ref FROM item WHERE kind = :kind ORDER BY created_seq"), {"kind": kind})

    assert _listed(published, kind) == list(entered)


@pytest.mark.parametrize("kind", LISTED)
def test_the_order_of_the_record_is_that_of_the_files(published: Session, kind: str) -> None:
    assert _listed(published, kind) == [entry["ref"] for entry in entries_of(kind)]


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
@pytest.mark.parametrize("kind", ["progress", "clause", "evidence"])
def test_the_pages_of_a_list_are_the_list_whatever_the_sort(published: Session, kind: str, sort: str) -> None:
    whole = _refs(list_items(published, NOW, kind, Wanted(sort=sort, limit=200)))

    assert _paged(published, kind, sort, 4) == whole
    assert sorted(whole) == sorted(PUBLISHED.of(kind))


@pytest.mark.parametrize(("sort", "field"), [("ref", "ref"), ("title", "title"), ("effective_from", "effective_from")])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_list_is_sorted_by_code_point_and_by_day(published: Session, sort: str, field: str, backwards: bool) -> None:
    wanted = Wanted(sort=f"-{sort}" if backwards else sort, limit=200)

    values = [row[field] for row in list_items(published, NOW, "evidence", wanted).rows if row[field] is not None]

    assert all((one >= other) if backwards else (one <= other) for one, other in pairwise(values))


@pytest.mark.parametrize("sort", ["effective_from", "-effective_from", "number", "-number"])
def test_what_has_no_value_to_sort_by_comes_last(session: Session, action: Item, sort: str) -> None:
    an("progress", session, ref="without", parent=action)
    an("progress", session, ref="with", parent=action, number=1, effective_from=DAY)

    page = list_items(session, NOW, "progress", Wanted(sort=sort))

    assert _refs(page) == ["with", "without"]


def test_equal_values_are_told_apart_by_the_record(session: Session) -> None:
    for ref in ("second", "first", "third"):
        an("evidence", session, ref=ref, title="Alike")

    assert [_paged(session, "evidence", sort, 1) for sort in ("title", "-title")] == [["second", "first", "third"]] * 2


def _entries(kind: str, field: str, *words: Any) -> list[str]:
    return sorted(entry["ref"] for entry in entries_of(kind) if entry.get(field) in words)


@pytest.mark.parametrize(
    ("kind", "name", "field", "words"),
    [
        ("clause", "recommendation", "parent", ["R7"]),
        ("clause", "recommendation", "parent", ["R7", "R8"]),
        ("recommendation", "review", "parent", ["MAPPA-2015"]),
        ("source", "source_class", "source_class", ["fieldwork"]),
        ("source", "method", "method", ["observe", "examine"]),
        ("source", "publication_type", "publication_type", ["press"]),
        ("evidence", "evidence_kind", "evidence_kind", ["statistic"]),
        ("evidence", "confidence", "confidence", ["high"]),
        ("action", "owner", "owner", ["police-scotland"]),
        ("progress", "action", "parent", ["A3", "A8"]),
        ("progress", "claimed_status", "claimed_status", ["complete"]),
        ("assessment", "subject", "parent", ["R3"]),
        ("assessment", "verdict", "verdict", ["not_published"]),
        ("body", "is_group", "is_group", [True]),
        ("evidence", "external_id", "external_id", ["F015", "F016", "nothing"]),
        ("evidence", "dated", "effective_from", [None]),
    ],
)
def test_a_filter_keeps_the_published_items_that_have_the_word(
    published: Session, kind: str, name: str, field: str, words: list[Any]
) -> None:
    expected = _entries(kind, field, *words)

    asked = [False] if name == "dated" else words

    assert expected
    assert sorted(_listed(published, kind, **{name: asked})) == expected


@pytest.mark.parametrize(
    ("kind", "name", "role"),
    [
        ("review", "publisher", "publisher"),
        ("recommendation", "lead", "lead"),
        ("recommendation", "partner", "partner"),
        ("assessment", "assessor", "assessor"),
    ],
)
def test_a_filter_by_a_part_keeps_the_items_in_which_the_body_has_it(
    published: Session, kind: str, name: str, role: str
) -> None:
    body = next(part["body"] for entry in entries_of(kind) for part in entry["bodies"] if part["role"] == role)

    expected = [entry["ref"] for entry in entries_of(kind) if {"role": role, "body": body} in entry["bodies"]]
    assert sorted(_listed(published, kind, **{name: [body]})) == sorted(expected)


def test_evidence_is_found_by_what_it_was_drawn_from(published: Session) -> None:
    expected = {e.source for e in PUBLISHED.links if (e.type, e.target) == ("derived_from", "S07")}

    assert set(_listed(published, "evidence", source=["S07"])) == expected


@pytest.mark.parametrize("kind", ["evidence", "source", "action"])
@pytest.mark.parametrize("basis", ["stated", "inferred"])
def test_tied_items_are_found_by_the_recommendation_and_the_basis_of_one_link(
    published: Session, kind: str, basis: str
) -> None:
    expected = {
        edge.source
        for edge in PUBLISHED.links
        if (edge.target, edge.basis, PUBLISHED.kinds[edge.source]) == ("R2", basis, kind)
    }

    assert set(_listed(published, kind, recommendation=["R2"], basis=[basis])) == expected


def test_filters_on_a_tie_are_asked_of_one_and_the_same_link(
    session: Session, asked: Item, clause: Item, evidence: Item
) -> None:
    link(session, evidence, "supports", asked, basis="inferred")
    link(session, evidence, "qualifies", clause)

    found = {
        (type_, basis): _listed(session, "evidence", recommendation=["R"], link_type=[type_], basis=[basis])
        for type_ in ("supports", "qualifies")
        for basis in ("stated", "inferred")
    }

    assert {key for key, refs in found.items() if refs} == {("supports", "inferred"), ("qualifies", "stated")}


def test_actions_are_found_by_their_latest_claim(session: Session, action: Item) -> None:
    for number, claimed in enumerate(("under_way", "complete"), start=1):
        an(
            "progress",
            session,
            parent=action,
            number=number,
            claimed_status=claimed,
            effective_from=date(2020, 1, number),
        )

    assert _listed(session, "action", claimed_status=["under_way"]) == []
    assert _listed(session, "action", claimed_status=["under_way", "complete"]) == ["A"]


@pytest.mark.parametrize("name", ["type", "source", "target", "basis", "strength"])
def test_links_are_found_by_each_of_their_filters(published: Session, name: str) -> None:
    word = {"type": "supports", "source": "A1", "target": "R2", "basis": "inferred", "strength": "weak"}[name]
    expected = [edge.ref for edge in PUBLISHED.links if getattr(edge, name) == word]

    page = list_links(published, NOW, Wanted(filters={name: [word]}, limit=200, count=True))

    assert [row["id"] for row in page.rows] == expected
    assert page.total == len(expected)


def test_the_pages_of_links_are_the_links_in_the_order_of_the_record(published: Session) -> None:
    found, after = [], None
    while True:
        page = list_links(published, NOW, Wanted(limit=50, after=after))
        found += [row["id"] for row in page.rows]
        after = page.after
        if after is None:
            break

    assert found == [edge.ref for edge in PUBLISHED.links]


@pytest.mark.parametrize("size", [38, 39, 40])
def test_the_last_page_has_no_next(published: Session, size: int) -> None:
    page = list_items(published, NOW, "evidence", Wanted(limit=size))

    assert (page.after is None) is (size >= 39)


@pytest.mark.parametrize("kind", ["recommendation", "evidence", "action", "progress"])
def test_a_list_takes_the_same_number_of_statements_at_any_size(database: Database, kind: str) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=DAY)
            for number in range(1, more + 1):
                lead, action = an("body", session), an("action", session)
                asked = an("recommendation", session, number=number, parent=review, lead=lead)
                an("progress", session, parent=action, number=1)
                link(session, an("evidence", session), "supports", asked)
        with database.reading() as session, counted(*database.engines) as ran:
            page = list_items(session, NOW, kind, Wanted(limit=200, count=True))
            counts.append((len(page.rows), len(ran)))

    assert [rows for rows, _ in counts] == [3, 60]
    assert counts[0][1] == counts[1][1] <= 6
