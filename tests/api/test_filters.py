"""Filters: counts worked out from the files of the published data; repeated means or, different means and."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.database import Database
from tests.api.test_lists import Entry, entries, listed
from tests.factories import an

ClientOf = Callable[[Database], FlaskClient]
LINKS = entries("links")
CLAUSES_OF = {clause["ref"]: clause["parent"] for clause in entries("clauses")}


def _refs(collection: str, holds: Callable[[Entry], bool]) -> set[str]:
    """The references of the entries of which something holds."""
    return {entry["ref"] for entry in entries(collection) if holds(entry)}


def _bodies(entry: Entry, role: str) -> set[str]:
    """The bodies with a part in an entry."""
    return {part["body"] for part in entry.get("bodies", []) if part["role"] == role}


def _tied(collection: str, recommendations: set[str], **link: str) -> set[str]:
    """The entries that a link ties to one of the recommendations or to a clause of one."""
    sources = {
        entry["source"]
        for entry in LINKS
        if CLAUSES_OF.get(entry["target"], entry["target"]) in recommendations
        and all(entry.get(name) == word for name, word in link.items())
    }
    return _refs(collection, lambda entry: entry["ref"] in sources)


def _saying(collection: str, *words: str) -> set[str]:
    """The entries with one of these in their title, or in what they say."""
    return _refs(
        collection,
        lambda entry: any(
            word.lower() in str(entry.get(name, "")).lower()
            for word in words
            for name in ("title", "text", "statement")
        ),
    )


CASES: list[tuple[str, Callable[[], set[str]]]] = [
    ("evidence?evidence_kind=statistic", lambda: _refs("evidence", lambda e: e["evidence_kind"] == "statistic")),
    (
        "evidence?evidence_kind=statistic&evidence_kind=observation",
        lambda: _refs("evidence", lambda e: e["evidence_kind"] in {"statistic", "observation"}),
    ),
    (
        "evidence?evidence_kind=audit_finding&confidence=high",
        lambda: _refs("evidence", lambda e: e["evidence_kind"] == "audit_finding" and e.get("confidence") == "high"),
    ),
    (
        "evidence?publication_type=primary&publication_type=press",
        lambda: _refs("evidence", lambda e: e.get("publication_type") in {"primary", "press"}),
    ),
    ("evidence?recommendation=R3", lambda: _tied("evidence", {"R3"})),
    ("evidence?recommendation=R3&recommendation=R8", lambda: _tied("evidence", {"R3", "R8"})),
    ("evidence?recommendation=R8&link_type=supports", lambda: _tied("evidence", {"R8"}, type="supports")),
    ("evidence?recommendation=R3&basis=stated", lambda: _tied("evidence", {"R3"}, basis="stated")),
    (
        "evidence?recommendation=R3&link_type=supports&basis=inferred",
        lambda: _tied("evidence", {"R3"}, type="supports", basis="inferred"),
    ),
    ("recommendations/R3/evidence?", lambda: _tied("evidence", {"R3"})),
    ("recommendations/R6/actions?", lambda: _tied("actions", {"R6"}, type="addresses")),
    ("actions?recommendation=R6&basis=stated", lambda: _tied("actions", {"R6"}, type="addresses", basis="stated")),
    ("sources?recommendation=R1", lambda: _tied("sources", {"R1"})),
    ("sources?source_class=fieldwork", lambda: _refs("sources", lambda e: e["source_class"] == "fieldwork")),
    (
        "sources?source_class=fieldwork&method=observe&method=survey",
        lambda: _refs(
            "sources", lambda e: e["source_class"] == "fieldwork" and e.get("method") in {"observe", "survey"}
        ),
    ),
    ("actions?owner=police-scotland", lambda: _refs("actions", lambda e: e.get("owner") == "police-scotland")),
    (
        "actions?owner=police-scotland&owner=scottish-government",
        lambda: _refs("actions", lambda e: e.get("owner") in {"police-scotland", "scottish-government"}),
    ),
    ("progress?action=A1", lambda: _refs("progress", lambda e: e["parent"] == "A1")),
    ("actions/A1/progress?", lambda: _refs("progress", lambda e: e["parent"] == "A1")),
    ("progress?claimed_status=complete", lambda: _refs("progress", lambda e: e.get("claimed_status") == "complete")),
    ("assessments?subject=R3", lambda: _refs("assessments", lambda e: e["parent"] == "R3")),
    ("recommendations/R3/assessments?", lambda: _refs("assessments", lambda e: e["parent"] == "R3")),
    ("assessments?verdict=not_met", lambda: _refs("assessments", lambda e: e.get("verdict") == "not_met")),
    (
        "assessments?progress_review=F033",
        lambda: _refs("assessments", lambda e: e["effective_from"] == "2017-06-29" and e["parent"] != "MAPPA-2015"),
    ),
    ("assessments?progress_review=F034", set),
    ("actions?part_of=A1", set),
    ("recommendations/R3/responses?response=disputed&response=noted", set),
    ("assessments?assessor=hmics", lambda: _refs("assessments", lambda e: "hmics" in _bodies(e, "assessor"))),
    (
        "recommendations?lead=police-scotland",
        lambda: _refs("recommendations", lambda e: "police-scotland" in _bodies(e, "lead")),
    ),
    (
        "recommendations?partner=responsible-authorities&lead=scottish-government",
        lambda: _refs(
            "recommendations",
            lambda e: (
                "responsible-authorities" in _bodies(e, "partner") and "scottish-government" in _bodies(e, "lead")
            ),
        ),
    ),
    (
        "recommendations?category=recommendation",
        lambda: _refs("recommendations", lambda e: e["category"] == "recommendation"),
    ),
    ("recommendations?review=MAPPA-2015", lambda: _refs("recommendations", lambda e: e["parent"] == "MAPPA-2015")),
    ("reviews?publisher=hmics", lambda: _refs("reviews", lambda e: "hmics" in _bodies(e, "publisher"))),
    ("clauses?recommendation=R7", lambda: _refs("clauses", lambda e: e["parent"] == "R7")),
    ("bodies?is_group=true", lambda: _refs("bodies", lambda e: bool(e["is_group"]))),
    ("bodies?is_group=true&is_group=false", lambda: _refs("bodies", lambda e: "is_group" in e)),
    ("evidence?dated=false", lambda: _refs("evidence", lambda e: "effective_from" not in e)),
    ("evidence?dated=true", lambda: _refs("evidence", lambda e: "effective_from" in e)),
    ("evidence?external_id=F013&external_id=F014", lambda: {"F013", "F014"}),
    ("evidence?external_id=F0%25", set),
    ("evidence?recommendation=R99", set),
    ("evidence?q=VISOR", lambda: _saying("evidence", "visor")),
    ("evidence?q=visor&q=notification", lambda: _saying("evidence", "visor", "notification")),
    ("evidence?q=visor&evidence_kind=statistic", set),
    ("evidence?q=25%25", lambda: _saying("evidence", "25%")),
    ("evidence?q=_", set),
    ("evidence?q=/", lambda: _saying("evidence", "/")),
    ("evidence?q=a%25b", set),
    ("recommendations?q=oUtLiNiNg+OwNeRs", lambda: {"R7"}),
    ("recommendations?q=VISOR", lambda: _saying("recommendations", "visor")),
    ("sources?q=meetings", lambda: _saying("sources", "meetings")),
    ("actions?q=plan", lambda: _saying("actions", "plan")),
    ("progress?q=police", lambda: _saying("progress", "police")),
    ("assessments?q=fully", lambda: _saying("assessments", "fully")),
    ("clauses?q=visor", lambda: _saying("clauses", "visor")),
    ("bodies?q=police", lambda: _saying("bodies", "police")),
    ("recommendations/R7/evidence?q=visor", lambda: _saying("evidence", "visor") & _tied("evidence", {"R7"})),
]


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_lists_what_a_filter_holds_of(client: FlaskClient, query: str, expected: Callable[[], set[str]]) -> None:
    refs = listed(client, f"/api/v1/{query}&limit=4")

    assert refs == expected()


@pytest.mark.parametrize(("query", "expected"), CASES, ids=[query for query, _ in CASES])
def test_counts_what_a_filter_holds_of(client: FlaskClient, query: str, expected: Callable[[], set[str]]) -> None:
    page = client.get(f"/api/v1/{query}&limit=1&count=true").get_json()

    assert page["total"] == len(expected())


@pytest.mark.parametrize(
    "asked",
    [
        {"type": ["supports"]},
        {"type": ["supports", "qualifies"]},
        {"target": ["R3"], "type": ["qualifies"]},
        {"source": ["F042"]},
        {"basis": ["inferred"], "target": ["R1", "R2"]},
        {"strength": ["weak"]},
    ],
    ids=str,
)
def test_filters_links(client: FlaskClient, asked: dict[str, list[str]]) -> None:
    query = "&".join(f"{name}={word}" for name, words in asked.items() for word in words)

    page = client.get(f"/api/v1/links?{query}&limit=200&count=true").get_json()

    expected = [link for link in LINKS if all(link.get(name) in words for name, words in asked.items())]
    assert page["total"] == len(expected)
    assert all(item[name] in words for item in page["items"] for name, words in asked.items())


@pytest.mark.parametrize("collection", ["actions", "progress", "evidence", "sources", "assessments"])
def test_a_filter_narrows_what_a_list_has(client: FlaskClient, collection: str) -> None:
    one: Any = entries(collection)[0]

    refs = listed(client, f"/api/v1/{collection}?external_id={one['external_id']}")

    assert refs == {one["ref"]}


def test_finds_words_as_they_are_and_letters_in_either_case(client_of: ClientOf, database: Database) -> None:
    with database.writing("a test", "Add things to look for") as session:
        for title in ("An Écu", "an écu", "100%", "100 of them", "a_b", "axb", "a/b", "a\\b"):
            an("evidence", session, title=title, statement="A thing was observed.")
    client = client_of(database)

    found = {
        word: [row["title"] for row in client.get("/api/v1/evidence", query_string={"q": word}).get_json()["items"]]
        for word in ("ÉCU", "aN é", "0%", "A_B", "/", "\\", "nowhere")
    }

    assert found == {
        "ÉCU": ["An Écu"],
        "aN é": ["an écu"],
        "0%": ["100%"],
        "A_B": ["a_b"],
        "/": ["a/b"],
        "\\": ["a\\b"],
        "nowhere": [],
    }


def test_looks_for_words_in_what_was_said_then(client_of: ClientOf, database: Database) -> None:
    with database.writing("a test", "Say one thing") as session:
        made = an("evidence", session, ref="E1", statement="The door was open.")
    with database.writing("a test", "Say another") as session:
        session.merge(made).statement = "The door was shut."
    client = client_of(database)

    told = [
        [row["ref"] for row in client.get(f"/api/v1/evidence?q={word}{then}").get_json()["items"]]
        for then in ("", "&known_at=1")
        for word in ("open", "shut")
    ]

    assert told == [[], ["E1"], ["E1"], []]


@pytest.mark.parametrize("asked", ["q=", f"q={'x' * 201}", "&".join(f"q={number}" for number in range(11))])
def test_looks_for_no_more_words_than_it_says(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/api/v1/evidence?{asked}")

    assert (answer.status_code, {fault["pointer"] for fault in answer.get_json()["errors"]}) == (422, {"q"})
