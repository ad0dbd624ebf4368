"""The pages of the action plan and of one action: what is due, late and moved, and what shows that it was done."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from api.database import Database
from models.actions import DueDate
from models.queries import stretches
from tests.explorer.conftest import Opens
from tests.explorer.pages import BROWSER
from tests.explorer.reading import Reading
from tests.explorer.tables import inside, links_in, look, marked, paragraphs, rows_of, text_of, told
from tests.factories import an, link

PLAN = "/api/v1/action-plan?limit=200"
PUBLISHED = date(2020, 1, 1)


def _refs(page: Reading) -> list[str]:
    """The actions of the page, one for each row."""
    return [links_in(row)[0].partition("?")[0].rpartition("/")[2] for row in rows_of(page)]


def _rows(client: FlaskClient, query: str = "") -> list[str]:
    """The actions that the API lists."""
    return [row["ref"] for row in told(client, f"{PLAN}{query}")["items"]]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "&body=police-scotland",
        "&state=complete",
        "&state=unknown",
        "&overdue=false",
        "&overdue=true",
        "&revised=false",
        "&due_before=2024-01-01",
        "&stale_for=3000",
        "&recommendation=R2&basis=stated",
        "&basis=inferred",
    ],
)
def test_has_one_row_for_each_action_that_the_api_lists(reader: FlaskClient, query: str) -> None:
    assert sorted(_refs(look(reader, f"/action-plan?{query[1:]}"))) == sorted(_rows(reader, query))


def test_related_developments_stand_apart(reader: FlaskClient) -> None:
    page = look(reader, "/action-plan")
    related = {row["ref"] for row in told(reader, PLAN)["items"] if row["related_development"]}

    apart = {
        links_in(row)[0].rpartition("/")[2] for table in marked(page, "related") for row in inside(table, "tr")[1:]
    }
    stated = {
        links_in(row)[0].rpartition("/")[2] for table in marked(page, "stated") for row in inside(table, "tr")[1:]
    }

    assert apart == related
    assert stated == set(_rows(reader)) - related != set()


def test_what_is_not_known_is_said(reader: FlaskClient) -> None:
    (row,) = rows_of(look(reader, "/action-plan?state=under_way"))

    cells = [text_of(cell) for cell in inside(row, "td")]
    assert cells[3] == "No due date on record Whether it is late is not known"
    assert cells[4] == "Nothing on record"
    assert cells[5].startswith("Asked for more than three years ago Last progress")


def test_the_figures_count_the_whole_plan_whatever_is_filtered(reader: FlaskClient) -> None:
    gaps = "/api/v1/gaps?count=true&limit=1&reason="
    expected = [
        told(reader, f"{gaps}overdue")["total"],
        told(reader, f"{gaps}no_due_date")["total"],
        told(reader, f"{PLAN}&revised=true&count=true")["total"],
        told(reader, f"{gaps}claimed_complete_without_evidence")["total"],
    ]

    for address in ("/action-plan", "/action-plan?body=home-office"):
        page = look(reader, address)
        assert [int(text_of(inside(found, "strong")[0])) for found in marked(page, "figure")] == expected
    assert expected[1] > 0


def test_a_form_that_was_sent_with_empty_fields_asks_for_nothing(reader: FlaskClient) -> None:
    empty = "body=&recommendation=&state=&basis=&overdue=&revised=&due_before=&stale_for=&sort=due_on"
    page = look(reader, f"/action-plan?{empty}")

    assert sorted(_refs(page)) == sorted(_rows(reader))
    assert marked(page, "chosen") == []


def test_the_form_keeps_what_was_asked_for(reader: FlaskClient) -> None:
    page = look(
        reader,
        "/action-plan?overdue=false&state=complete&recommendation=R6&due_before=2030-01-01&stale_for=10&as_of=2025-01-01",
    )

    chosen = {
        found.within.get("name"): found.get("value")
        for found in page.all("option")
        if "selected" in found.attributes and found.within is not None
    }
    filled = {found.get("name"): found.get("value") for found in page.all("input")}
    assert chosen == {"overdue": "false", "state": "complete", "recommendation": "R6", "sort": "due_on"}
    assert (filled["due_before"], filled["stale_for"], filled["as_of"]) == ("2030-01-01", "10", "2025-01-01")


def test_what_is_due_first_comes_first(database: Database, opens: Opens) -> None:
    with database.writing("a test", "Actions") as session:
        for ref, day in (("late", date(2031, 1, 1)), ("soon", date(2030, 1, 1))):
            an("action", session, ref=ref, due_dates=[DueDate(number=1, due_on=day)])
        an("action", session, ref="never")

    assert _refs(look(opens(database).test_client(), "/action-plan")) == ["soon", "late", "never"]


def test_pages_of_the_plan_have_every_action_once(reader: FlaskClient) -> None:
    found, address = [], "/action-plan?limit=4&sort=title"
    while address:
        page = look(reader, address)
        assert len(rows_of(page)) <= 4
        found += _refs(page)
        address = next((link.get("href") for link in page.all("a") if link.get("rel") == "next"), "")

    assert sorted(found) == sorted(_rows(reader))


def test_an_empty_plan_and_one_that_is_filtered_empty_say_so(
    reader: FlaskClient, database: Database, opens: Opens
) -> None:
    filtered = look(reader, "/action-plan?recommendation=R99")
    empty = look(opens(database).test_client(), "/action-plan")

    assert [text_of(found) for found in marked(filtered, "missing")] == ["No action on record matches. Show everything"]
    assert [text_of(found) for found in marked(empty, "missing")] == ["No action is on record."]


@pytest.mark.parametrize(
    ("query", "address"),
    [("", "/api/v1/calendar.ics"), ("?body=lanarkshire-mappa", "/api/v1/calendar.ics?body=lanarkshire-mappa")],
)
def test_due_dates_can_be_had_as_a_calendar(reader: FlaskClient, query: str, address: str) -> None:
    assert address in look(reader, f"/action-plan{query}").links()
    assert reader.get(address).mimetype == "text/calendar"


@pytest.fixture
def moved(database: Database, opens: Opens) -> FlaskClient:
    """A record with an action that was moved and is late, was reported on, is shown by evidence, and has a part."""
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=40), today - timedelta(days=10)
    with database.writing("a test", "An action that was moved") as session:
        review = an("review", session, published_on=PUBLISHED)
        asked = an("recommendation", session, parent=review, ref="R", number=1)
        other = an("recommendation", session, parent=review, ref="S", number=2)
        action = an(
            "action",
            session,
            ref="A",
            due_dates=[
                DueDate(number=1, due_on=first, note="as published", set_by="the owner", set_on=PUBLISHED),
                DueDate(number=2, due_on=last, note="nobody was free", delay="resources"),
            ],
        )
        link(session, action, "addresses", asked, rationale="The page says so.")
        link(session, action, "addresses", other, basis="inferred", rationale="It looks like it.")
        claimed = {"claimed_status": "under_way", "delay": "dependency"}
        begun = an("progress", session, parent=action, ref="P2", number=1, effective_from=date(2021, 5, 1), **claimed)
        came = {"impact": "Everybody knows the plan."}
        an("progress", session, parent=action, ref="P1", number=2, effective_from=PUBLISHED, **came)
        link(session, an("evidence", session, ref="E"), "demonstrates", begun, ref="L", rationale="Minutes of it.")
        part = an("action", session, ref="B", title="A part of it")
        link(session, part, "contributes_to", action)
        link(session, an("action", session, ref="C"), "depends_on", action)
    return opens(database).test_client()


def test_a_late_and_moved_action_shows_both_in_the_plan(moved: FlaskClient) -> None:
    (row,) = rows_of(look(moved, "/action-plan?overdue=true&revised=true"))

    due = text_of(inside(row, "td")[3])
    assert "overdue by 10 days" in due
    assert "Moved 1 time from" in due
    assert "30 days later. Reason: resources" in due


def test_an_action_shows_every_due_date_with_who_when_and_why(moved: FlaskClient) -> None:
    rows = rows_of(look(moved, "/actions/A"))

    assert [text_of(inside(row, "th")[0]) for row in rows] == ["The first", "Revision 1, in force"]
    assert [[text_of(cell) for cell in inside(row, "td")][1:] for row in rows] == [
        ["the owner", "1 January 2020", "as published", "None: it was not moved"],
        ["Not known", "Not known", "nobody was free", "Resources"],
    ]


def test_an_action_shows_its_progress_in_order_with_what_came_of_it_and_what_delays_it(moved: FlaskClient) -> None:
    steps = [found for found in look(moved, "/actions/A").all("li") if found.get("id").startswith("progress-")]

    assert [step.get("id") for step in steps] == ["progress-P1", "progress-P2"]
    told_first, told_then = map(text_of, steps)
    assert "Everybody knows the plan." in told_first
    assert "What came of it Nothing is said" in told_then
    assert "Why it is not done yet Dependency" in told_then


def test_an_action_shows_what_shows_it_and_what_it_is_for(moved: FlaskClient) -> None:
    page = look(moved, "/actions/A")

    said = [text_of(found) for found in page.all("li")]
    assert any("demonstrates P2: Minutes of it." in line for line in said)
    (stated,) = [line for line in said if "The page says so." in line]
    (inferred,) = [line for line in said if "It looks like it." in line]
    assert ("stated on the page" in stated, "inferred by an analyst" in inferred) == (True, True)
    assert {"/evidence/E", "/recommendations/R", "/recommendations/S", "/links/A-addresses-R"} <= set(page.links())


def test_an_action_shows_its_parts_what_depends_on_it_and_who_changed_it(moved: FlaskClient) -> None:
    page = look(moved, "/actions/A")

    assert {"/actions/B", "/actions/C", "/changes?ref=A"} <= set(page.links())
    assert "/actions/A" in look(moved, "/actions/B").links()


def test_a_related_development_says_that_it_is_progress_on_none(reader: FlaskClient) -> None:
    said = paragraphs(look(reader, "/actions/A2"))

    assert "Related development A2" in said
    assert "No page states that it addresses a recommendation: it is progress on none." in said


@pytest.mark.parametrize("ref", [f"A{number}" for number in range(1, 22)])
def test_every_action_has_a_page_that_says_what_is_missing_of_it(reader: FlaskClient, ref: str) -> None:
    page = look(reader, f"/actions/{ref}")

    gaps = told(reader, f"/api/v1/gaps?ref={ref}")["items"]
    assert [text_of(found) for part in marked(page, "gaps") for found in inside(part, "li")] == [
        gap["explanation"] for gap in gaps
    ]


@pytest.mark.parametrize("address", ["/actions/A999", "/actions/R1", "/actions/A3?as_of=2016-01-01"])
def test_what_is_no_action_then_has_no_page(reader: FlaskClient, address: str) -> None:
    answer = reader.get(address, headers=BROWSER)

    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_of_a_large_programme_it_says_that_what_is_judged_was_not_counted(
    moved: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = look(moved, "/action-plan")
    monkeypatch.setattr(stretches, "SMALL", 0)

    page = look(moved, "/action-plan?sort=title")

    assert [text_of(figure).partition(" ")[0] for figure in before.all("strong")][:4] == ["1", "2", "1", "0"]
    figures = [text_of(figure) for figure in page.all("strong")][:4]
    assert figures == ["Uncounted", "Uncounted", "1", "Uncounted"]
