"""Progress reports: what a page and a workbook say, and that they say nothing that is not on record."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask.testing import FlaskClient

from api.database import Database
from models.actions import DueDate
from models.items import Item
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People
from tests.api.test_formats_of_answers import XLSX, sheets
from tests.api.test_golden_days import _tables as tables
from tests.api.test_lists import entries
from tests.factories import an, link
from tests.statements import counted

alice, people = writing.alice, peopled.people
REVIEW = "/api/v1/reviews/MAPPA-2015/report"
R2 = "/api/v1/recommendations/R2/report"


def _page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "text/markdown"), answer.text
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("address", [REVIEW, R2])
def test_is_a_page_unless_a_workbook_is_asked_for(client: FlaskClient, address: str) -> None:
    types = [
        client.get(address).mimetype,
        client.get(address, headers={"Accept": XLSX}).mimetype,
        client.get(f"{address}?format=xlsx").mimetype,
        client.get(address, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}).mimetype,
    ]

    assert types == ["text/markdown", XLSX, XLSX, "text/markdown"]


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
def test_names_the_formats_that_there_are(client: FlaskClient, form: str) -> None:
    answer = client.get(f"{REVIEW}?format={form}")

    assert answer.status_code == 406
    assert all(name in answer.get_json()["detail"] for name in ("markdown", "xlsx"))


def test_says_of_what_day_and_point_of_the_record_it_is_and_how_to_handle_it(client: FlaskClient) -> None:
    changed = client.get("/api/v1/changes?after=299&limit=1").get_json()["items"][0]

    page = _page(client, f"{REVIEW}?as_of=2017-06-29&known_at=300")

    head = page.partition("\n## ")[0].splitlines()
    assert head[0] == "# Progress report: MAPPA-2015 Joint Thematic Review of MAPPA in Scotland"
    assert {
        "- Day: 2017-06-29",
        "- Known at: change 300 of the record",
        "- From change of the record: 300",
        f"- That change was recorded: {changed['at']}",
        "- Handling: PUBLIC",
    } <= set(head)
    assert changed["seq"] == 300


def test_is_judged_on_this_day_where_no_other_is_named(client: FlaskClient) -> None:
    page = _page(client, REVIEW)

    today = datetime.fromisoformat(
        client.get("/api/v1/changes?limit=200&after=423").get_json()["items"][0]["at"]
    ).date()
    told = next(line for line in page.splitlines() if line.startswith("- Day: "))
    assert date.fromisoformat(told.removeprefix("- Day: ")) >= today


def test_tells_the_text_of_a_recommendation_word_for_word(client: FlaskClient) -> None:
    (text,) = (entry["text"] for entry in entries("recommendations") if entry["ref"] == "R4")

    told = tables(_page(client, "/api/v1/recommendations/R4/report"))["Text"]

    assert told == [{"Ref": "R4", "Text": text}]


def test_tells_the_actions_of_a_recommendation_and_which_are_only_related(client: FlaskClient) -> None:
    told = tables(_page(client, f"{R2}?as_of=2024-03-31"))["Actions"]

    assert [(line["Ref"], line["Tie"], line["Claimed"], line["Claimed on"], line["Rests on"]) for line in told] == [
        ("A1", "stated", "under way", "2017-03-31", "F031"),
        ("A7", "inferred: a related development", "complete", "2024-03-31", "F054"),
        ("A21", "stated", "complete", "2020-03-31", "F111"),
    ]
    assert {line["Due"] for line in told} == {"not known"}


def test_counts_no_related_development_as_progress(client: FlaskClient) -> None:
    (line,) = tables(_page(client, f"{R2}?as_of=2024-03-31"))["Recommendations"]

    assert line["Actions"] == "2 stated: 1 complete, 0 overdue; 1 related"
    assert line["Days since progress"] == str((date(2024, 3, 31) - date(2020, 3, 31)).days)


def test_says_in_words_what_is_not_known_and_what_is_not_published_here(client: FlaskClient) -> None:
    (line,) = tables(_page(client, "/api/v1/recommendations/R6/report"))["Recommendations"]
    verdicts = tables(_page(client, R2))["Verdicts"]

    assert line["Claimed"] == "under way, 2017-03-31 (F031, F070)"
    assert [verdict["Verdict"] for verdict in verdicts] == ["not published here"]
    assert verdicts[0]["Given by"] == "hmics, care-inspectorate"


def test_leaves_out_the_undated_on_a_day_and_counts_them(client: FlaskClient) -> None:
    page = _page(client, "/api/v1/recommendations/R6/report?as_of=2024-01-01")

    assert "- Undated actions left out: 2\n" in page
    assert [line["Ref"] for line in tables(page)["Actions"]] == ["A1", "A14"]


def test_has_the_same_evidence_counts_and_gaps_as_the_overview(client: FlaskClient) -> None:
    overview = client.get("/api/v1/recommendations/R3").get_json()

    told = tables(_page(client, "/api/v1/recommendations/R3/report"))

    assert [(line["Tied to it"], line["Of these only inferred"]) for line in told["Evidence"]] == [
        (str(one["count"]), str(one["inferred"])) for one in overview["evidence_counts"]
    ]
    assert {(line["Gap"], ref) for line in told["Gaps"] for ref in line["Of"].split(", ")} == {
        (gap["explanation"], gap["ref"]) for gap in overview["gaps"]
    }


def test_has_the_gaps_of_each_recommendation_as_each_report_has_them(client: FlaskClient) -> None:
    whole = tables(_page(client, REVIEW))["Gaps"]

    for number in range(1, 11):
        one = tables(_page(client, f"/api/v1/recommendations/R{number}/report"))["Gaps"]
        assert [line for line in whole if line["Ref"] == f"R{number}"] == one


def test_keeps_words_days_and_numbers_apart_in_a_workbook(client: FlaskClient) -> None:
    book = sheets(client.get(f"{REVIEW}?as_of=2017-06-29&format=xlsx").data)

    assert list(book) == ["Status", "Counts", "Gaps", "About"]
    status = [row[2:] for row in book["Status"] if row[0] == "R3"]
    assert [(row[0], row[1], str(row[2])[:10], row[3]) for row in status] == [
        ("claimed", "under way", "2017-03-31", "F031"),
        ("verified by the inspectorates", "not met", "2017-06-29", "F034"),
        ("shown by evidence", "not demonstrated", "2017-03-31", "A1"),
    ]
    assert book["Counts"][3] == ("R3", "Social media", 1, 0, 0, 1, 581, 90)
    assert ("Day", "2017-06-29") in book["About"]


def test_has_a_sheet_for_each_part_of_one_recommendation(client: FlaskClient) -> None:
    book = sheets(client.get(f"{R2}?format=xlsx").data)

    assert list(book) == ["Text", "Status", "Counts", "Actions", "Verdicts", "Evidence", "Gaps", "About"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/reviews/R2/report",
        "/api/v1/recommendations/R99/report",
        "/api/v1/recommendations/A1/report",
        f"{REVIEW}?as_of=2015-11-25",
        f"{R2}?as_of=2015-11-25",
    ],
)
def test_of_what_is_not_there_is_no_report(client: FlaskClient, address: str) -> None:
    answer = client.get(address)

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_tells_of_some_recommendations_what_the_whole_report_tells_of_them(client: FlaskClient) -> None:
    whole = sheets(client.get(f"{REVIEW}?format=xlsx").data)
    some = sheets(client.get(f"{REVIEW}?format=xlsx&recommendation=R7&recommendation=R2&recommendation=R99").data)

    for name in ("Status", "Counts", "Gaps"):
        head, *rows = whole[name]
        assert some[name] == [head, *(row for row in rows if row[0] in {"R2", "R7"})] != [head]


def test_tells_nothing_of_the_recommendations_of_another_review(
    programme: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    empty = sheets(client_of(programme).get("/api/v1/reviews/empty/report?format=xlsx&recommendation=R1").data)

    assert [len(empty[name]) for name in ("Status", "Counts", "Gaps")] == [1, 1, 1]


@pytest.mark.parametrize("query", ["limit=1", "recommendation=", "row=R1", "as_of=tomorrow", "known_at=99999"])
def test_refuses_what_it_cannot_be_asked(client: FlaskClient, query: str) -> None:
    answer = client.get(f"{REVIEW}?{query}")

    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == query.partition("=")[0]


@pytest.fixture
def programme(database: Database) -> Database:
    """A database with a review of two recommendations, about one of which nothing is known, and an empty review."""
    with database.writing("test", "test") as session:
        review = an("review", session, ref="V", title="A | review", published_on=date(2020, 1, 1))
        an("review", session, ref="empty", published_on=date(2020, 1, 1))
        done, _quiet = (
            an("recommendation", session, ref=f"R{number}", number=number, parent=review) for number in (1, 2)
        )
        for ref in ("done", "late"):
            due = DueDate(number=1, due_on=date(2020, 6, 1), note=None)
            link(session, an("action", session, ref=ref, due_dates=[due]), "addresses", done)
        action = session.query(Item).filter_by(ref="done").one()
        proof = an("progress", session, ref="P", parent=action, number=1, claimed_status="complete")
        link(session, an("evidence", session, ref="E"), "demonstrates", proof)
    return database


def test_tells_what_has_no_date_and_what_nobody_knows(
    programme: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    lines = tables(_page(client_of(programme), "/api/v1/reviews/V/report"))["Recommendations"]

    shown = [(line["Claimed"], line["Verified"], line["Shown by evidence"], line["Actions"]) for line in lines]
    assert shown == [
        (
            "under way, date not known (P)",
            "not known",
            "partly demonstrated, date not known (done, late, E)",
            "2 stated: 1 complete, 1 overdue; 0 related",
        ),
        ("not known", "not known", "no action", "0 stated: 0 complete, 0 overdue; 0 related"),
    ]
    assert [line["Days since progress"] for line in lines] == ["not known", "not known"]


def test_reports_on_the_recommendations_of_the_review_alone(
    programme: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    page = _page(client_of(programme), "/api/v1/reviews/empty/report")

    assert page.count("\nNone.\n") == 2
    assert "late" not in page


def test_a_title_is_no_markup(programme: Database, client_of: Callable[[Database], FlaskClient]) -> None:
    page = _page(client_of(programme), "/api/v1/reviews/V/report")

    assert page.startswith("# Progress report: V A \\| review\n")


def test_says_so_where_there_is_more_than_it_tells(
    programme: Database, client_of: Callable[[Database], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.queries.report.MOST_REPORTED", 1)

    page = _page(client_of(programme), "/api/v1/reviews/V/report")

    assert "- Cut: there is more than is told here\n" in page
    assert [line["Ref"] for line in tables(page)["Recommendations"]] == ["R1"]


@pytest.mark.parametrize("address", ["/api/v1/reviews/V/report", "/api/v1/recommendations/R1/report"])
def test_takes_the_same_statements_at_any_size(
    programme: Database, client_of: Callable[[Database], FlaskClient], address: str
) -> None:
    client, counts = client_of(programme), []
    for more in (1, 25):
        with programme.writing("test", "test") as session:
            found = {item.ref: item for item in session.query(Item).filter(Item.ref.in_(["V", "R1"]))}
            for number in range(more):
                other = an("recommendation", session, number=100 * more + number, parent=found["V"])
                for target in (other, found["R1"]):
                    link(session, an("action", session), "addresses", target)
        with counted(*client.application.extensions["mappa"].database.engines) as ran:
            page = _page(client, f"{address}?known_at=now")
            counts.append((page.count("\n| "), len(ran)))

    assert counts[0][0] < counts[1][0]
    assert counts[0][1] == counts[1][1]


def test_is_marked_by_what_it_tells(people: People) -> None:
    asked = people.alice.a("recommendation")
    address = f"/api/v1/recommendations/{asked['ref']}/report"
    before = people.officer().get(address)
    office = people.office()
    action = office.a("action", handling="OFFICIAL", due_on="2000-01-01", owner=people.force)
    tie = {"type": "addresses", "source": action["ref"], "target": asked["ref"], "handling": "OFFICIAL"}
    people.inspector().a("link", **tie)

    cleared, anybody = people.officer().get(address), people.alice.holding(None).get(address)

    assert [answer.headers.get("Handling") for answer in (before, cleared, anybody)] == [None, "OFFICIAL", None]
    assert cleared.headers["Content-Disposition"].startswith('attachment; filename="OFFICIAL-recommendations-')
    assert "- Handling: OFFICIAL\n" in cleared.get_data(as_text=True)
    assert "1 stated: 0 complete, 1 overdue" in cleared.get_data(as_text=True)
    assert action["ref"] not in anybody.get_data(as_text=True)
    assert "0 stated: 0 complete, 0 overdue" in anybody.get_data(as_text=True)
