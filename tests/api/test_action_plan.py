"""The action plan over HTTP: its formats, its pages, and what it refuses."""

import csv
import io

import pytest
from flask.testing import FlaskClient

from models.queries.plan import PLAN_FIELDS
from tests.api.test_formats_of_answers import sheets
from tests.api.test_lists import entries, walk

PLAN = "/api/v1/action-plan"
DAY = "2020-06-01"
ALL = {entry["ref"] for entry in entries("actions")}
DATED = {entry["ref"] for entry in entries("actions") if entry.get("effective_from", "9999") <= DAY}


def _refs(client: FlaskClient, query: str) -> set[str]:
    return {row["ref"] for row in walk(client, f"{PLAN}?{query}")}


def test_has_a_row_for_every_action(client: FlaskClient) -> None:
    rows = list(walk(client, f"{PLAN}?limit=4"))

    assert len(rows) == len(ALL)
    assert {row["ref"] for row in rows} == ALL
    assert all(tuple(row) == (*PLAN_FIELDS, "self") for row in rows)
    assert all(row["self"] == f"/api/v1/actions/{row['ref']}" for row in rows)


@pytest.mark.parametrize("sort", ["recorded", "due_on", "-due_on", "title", "-ref", "effective_from"])
def test_reaches_every_action_once_in_each_order(client: FlaskClient, sort: str) -> None:
    refs = [row["ref"] for row in walk(client, f"{PLAN}?sort={sort}&limit=4")]

    assert len(refs) == len(set(refs))
    assert set(refs) == ALL


def test_puts_the_only_published_due_date_first(client: FlaskClient) -> None:
    first = client.get(f"{PLAN}?sort=due_on&limit=1").get_json()["items"][0]

    assert (first["ref"], first["due_first"], first["due_on"], first["slip_days"]) == (
        "A11",
        "2023-03-31",
        "2023-03-31",
        0,
    )


def test_has_on_a_day_what_was_so_then_and_counts_what_is_undated(client: FlaskClient) -> None:
    page = client.get(f"{PLAN}?as_of={DAY}&limit=1&count=true").get_json()

    undated = [entry for entry in entries("actions") if "effective_from" not in entry]
    assert (page["total"], page["undated"]) == (len(DATED), len(undated))
    assert _refs(client, f"as_of={DAY}&limit=3") == DATED


def test_counts_days_up_to_the_day_that_is_asked_about(client: FlaskClient) -> None:
    days = [
        client.get(f"{PLAN}?external_id=A1&as_of=2016-0{month}-01").get_json()["items"][0]["days_since_publication"]
        for month in (4, 5)
    ]

    assert days[1] - days[0] == 30


def test_answers_of_a_point_of_the_record_by_the_day_of_that_point(client: FlaskClient) -> None:
    changed = client.get("/api/v1/changes?after=149&limit=1").get_json()["items"][0]

    rows = client.get(f"{PLAN}?known_at=150&due_before=9999-01-01").get_json()["items"]

    day = changed["at"][:10]
    assert changed["seq"] == 150
    assert [(row["ref"], row["state"], row["overdue"]) for row in rows] == [("A11", None, day > "2023-03-31")]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("body=police-scotland", {"A3", "A8", "A17"}),
        ("body=police-scotland&body=home-office", {"A3", "A8", "A15", "A17"}),
        ("body=no-such-body", set()),
        ("state=complete", {"A7", "A11", "A12", "A21"}),
        ("state=under_way", {"A1"}),
        ("state=unknown", ALL - {"A1", "A7", "A11", "A12", "A21"}),
        ("due_before=2023-03-31", set()),
        ("due_before=2023-04-01", {"A11"}),
        ("overdue=true", set()),
        ("overdue=false", {"A7", "A11", "A12", "A21"}),
        ("revised=true", set()),
        ("revised=false", ALL),
        ("stale_for=36500", {"A10", "A12", "A13", "A16", "A18", "A19"}),
        ("recommendation=R2", {"A1", "A7", "A21"}),
        ("recommendation=R2&basis=stated", {"A1", "A21"}),
        ("recommendation=R2&basis=inferred", {"A7"}),
        ("recommendation=R99", set()),
        ("basis=stated", {"A1", "A12", "A21"}),
    ],
)
def test_filters_the_published_plan(client: FlaskClient, query: str, expected: set[str]) -> None:
    assert _refs(client, f"{query}&limit=4") == expected


@pytest.mark.parametrize(("days", "stale"), [(1157, True), (1158, False), (1159, False)])
def test_is_stale_from_the_day_after_so_many_days_of_silence(client: FlaskClient, days: int, stale: bool) -> None:
    row = client.get(f"{PLAN}?external_id=A1&as_of={DAY}").get_json()["items"][0]

    found = _refs(client, f"external_id=A1&as_of={DAY}&stale_for={days}")

    assert row["days_since_progress"] == 1158
    assert ("A1" in found) is stale


def test_goes_on_with_its_filters_on_the_next_page(client: FlaskClient) -> None:
    first = client.get(f"{PLAN}?state=unknown&body=lanarkshire-mappa&limit=1&as_of=2023-01-01").get_json()

    second = client.get(first["next"]).get_json()

    assert [row["ref"] for page in (first, second) for row in page["items"]] == ["A5", "A20"]
    assert second["next"] is None


def test_refuses_the_cursor_of_another_plan(client: FlaskClient) -> None:
    first = client.get(f"{PLAN}?state=unknown&limit=1").get_json()

    answer = client.get(f"{first['next']}&overdue=true")

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "after"


@pytest.mark.parametrize(
    "query",
    [
        "due_before=tomorrow",
        "due_before=20230331",
        "due_before=2023-02-30",
        "due_before=",
        "stale_for=-1",
        "stale_for=36501",
        "stale_for=1.5",
        "stale_for=",
        "stale_for=99999999999",
        "overdue=maybe",
        "revised=1",
        "state=done",
        "basis=guessed",
        "body=%27",
        "sort=slip_days",
        "due_before=2023-01-01&due_before=2024-01-01",
        "stale_for=1&stale_for=2",
        "link_type=addresses",
        "silent=1",
        "due=true",
        "owner=police-scotland",
    ],
)
def test_refuses_what_it_cannot_be_asked_and_says_why(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{PLAN}?{query}")

    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.get_json()["errors"][0]["pointer"] == query.partition("=")[0]


@pytest.mark.parametrize(("day", "refs"), [("0001-01-01", set()), ("9999-12-31", {"A11"})])
def test_answers_about_the_ends_of_time(client: FlaskClient, day: str, refs: set[str]) -> None:
    assert _refs(client, f"as_of={day}&stale_for=36500&due_before={day}") == refs


def test_writes_the_rows_of_json_into_csv(client: FlaskClient) -> None:
    items = client.get(f"{PLAN}?as_of={DAY}").get_json()["items"]

    written = client.get(f"{PLAN}?as_of={DAY}&format=csv").get_data(as_text=True)

    rows = list(csv.DictReader(io.StringIO(written, newline=""), strict=True))
    assert tuple(rows[0]) == PLAN_FIELDS
    assert [row["ref"] for row in rows] == [item["ref"] for item in items]
    assert rows[0]["recommendations"] == "R1; R2; R3; R4; R5; R6; R7; R8; R9; R10"
    assert (rows[0]["overdue"], rows[0]["days_since_publication"]) == ("", "1649")


def test_writes_numbers_and_days_as_such_into_xlsx(client: FlaskClient) -> None:
    answer = client.get(f"{PLAN}?external_id=A11&format=xlsx&as_of=2024-01-01")

    header, row = sheets(answer.data)["Items"]
    told = dict(zip(header, row, strict=True))
    assert (told["slip_days"], told["days_since_progress"], told["overdue"]) == (0, 1, False)
    assert told["due_on"].isoformat().startswith("2023-03-31")
    assert told["age_band"] is None


def test_writes_only_the_fields_asked_for(client: FlaskClient) -> None:
    page = client.get(f"{PLAN}?fields=state,due_on&limit=1").get_json()

    assert tuple(page["items"][0]) == ("ref", "kind", "state", "due_on", "self")


def test_names_its_words_in_the_vocabulary(client: FlaskClient) -> None:
    words = client.get("/api/v1/vocabulary").get_json()["words"]

    bands = {row["age_band"] for row in walk(client, f"{PLAN}?limit=50") if row["age_band"] is not None}

    assert bands
    assert bands <= set(words["age_band"])
