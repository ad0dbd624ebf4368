"""What answers say of how they are to be handled: in headers, in the names of files, and in the files themselves."""

import csv
import io

import openpyxl
import pytest
from werkzeug.test import TestResponse

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People
from tests.api.writing import Caller, Row, address

alice, bob, people = writing.alice, writing.bob, peopled.people
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CACHED = {"Cache-Control": "no-cache", "Handling": None, "Vary": "Accept, Authorization"}
KEPT_BY_NOBODY = {"Cache-Control": "private, no-store", "Vary": "Accept, Authorization"}


def _headers(answer: TestResponse) -> Row:
    """What an answer says to caches and to whoever handles it."""
    return {name: answer.headers.get(name) for name in CACHED}


@pytest.fixture(scope="module")
def marked(people: People) -> Row:
    """Evidence that is marked, on a recommendation that is public."""
    evidence: Row = people.inspector().a("evidence", handling="OFFICIAL", external_id="marked")
    return evidence


@pytest.fixture(scope="module")
def public(people: People) -> Row:
    """Evidence that is public."""
    evidence: Row = people.inspector().a("evidence", external_id="public")
    return evidence


@pytest.mark.parametrize("clearance", ["OFFICIAL", "OFFICIAL-SENSITIVE"])
def test_says_how_what_is_marked_is_to_be_handled(people: People, marked: Row, clearance: str) -> None:
    answer = people.officer(clearance).get(marked["self"])

    assert _headers(answer) == KEPT_BY_NOBODY | {"Handling": "OFFICIAL"}


def test_gives_whoever_is_cleared_for_more_the_public_answer_where_all_is_public(
    people: People, marked: Row, public: Row
) -> None:
    answers = [caller.get(public["self"]) for caller in (people.officer(), people.alice, people.alice.holding(None))]

    assert [_headers(answer) for answer in answers] == [CACHED] * 3
    assert len({(answer.data, answer.headers["ETag"]) for answer in answers}) == 1


def test_marks_a_list_by_what_is_in_it(people: People, marked: Row, public: Row) -> None:
    officer = people.officer()

    answers = [officer.get(address("evidence"), external_id=name) for name in ("marked", "public")]

    assert [_headers(answer)["Handling"] for answer in answers] == ["OFFICIAL", None]


def test_marks_a_count_by_what_was_counted(people: People, marked: Row, public: Row) -> None:
    officer = people.officer()

    answer = officer.get(address("evidence"), external_id="public", count="true")
    whole = officer.get(address("evidence"), external_id=["public", "marked"], limit=1, sort="-recorded", count="true")

    assert _headers(answer) == CACHED
    assert [found["external_id"] for found in whole.get_json()["items"]] == ["public"]
    assert (whole.get_json()["total"], _headers(whole)["Handling"]) == (2, "OFFICIAL")


def test_says_that_an_answer_is_not_for_everybody_though_it_is_public(people: People) -> None:
    limited = people.inspector("PUBLIC").a("evidence", limited_to=[people.inspectorate])

    answer = people.inspector("PUBLIC").get(limited["self"])

    assert _headers(answer) == KEPT_BY_NOBODY | {"Handling": "PUBLIC"}


def test_says_of_a_write_no_less_than_of_what_it_shows(people: People) -> None:
    inspector = people.inspector()

    made = inspector.adding("evidence", handling="OFFICIAL")
    changed = inspector.patch(made.headers["Location"], {"title": "Another"})

    assert [_headers(answer) for answer in (made, changed)] == [KEPT_BY_NOBODY | {"Handling": "OFFICIAL"}] * 2


def _downloads(caller: Caller, name: str, form: str) -> TestResponse:
    """A list as a file."""
    answer = caller.get(address("evidence"), external_id=name, format=form)
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("form", ["csv", "xlsx", "markdown"])
def test_names_a_file_by_its_marking(people: People, marked: Row, form: str) -> None:
    answer = _downloads(people.officer(), "marked", form)

    assert 'filename="OFFICIAL-evidence.' in answer.headers["Content-Disposition"]
    assert _headers(answer)["Handling"] == "OFFICIAL"


def _about(content: bytes) -> dict[str, str]:
    """What the last sheet of a workbook says of it."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    found = {str(row[0]): str(row[1]) for row in book["About"].iter_rows(values_only=True)}
    book.close()
    return found


def test_says_on_the_last_sheet_how_a_workbook_is_to_be_handled(people: People, marked: Row, public: Row) -> None:
    officer = people.officer()

    found = [_about(_downloads(officer, name, "xlsx").data)["Handling"] for name in ("marked", "public")]

    assert found == ["OFFICIAL", "PUBLIC"]


def test_says_at_its_head_how_a_page_is_to_be_handled(people: People, marked: Row, public: Row) -> None:
    officer = people.officer()

    found = [_downloads(officer, name, "markdown").text.partition("\n## ")[0] for name in ("marked", "public")]

    assert ["- Handling: OFFICIAL\n" in head for head in found] == [True, False]
    assert "- Handling: PUBLIC\n" in found[1]


def test_says_in_each_row_of_a_table_how_it_is_to_be_handled(people: People, marked: Row) -> None:
    answer = _downloads(people.officer(), "marked", "csv")

    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row["handling"] == "OFFICIAL"


def test_says_in_a_file_that_it_is_not_for_everybody(people: People) -> None:
    inspector = people.inspector("PUBLIC")
    inspector.a("evidence", limited_to=[people.inspectorate], external_id="limited")

    answer = _downloads(inspector, "limited", "xlsx")

    assert 'filename="PUBLIC-evidence.xlsx"' in answer.headers["Content-Disposition"]
    assert _about(answer.data)["Handling"] == "PUBLIC (not for everybody)"


@pytest.mark.parametrize("form", ["csv", "xlsx", "markdown"])
def test_leaves_a_public_file_as_everybody_gets_it(people: People, marked: Row, public: Row, form: str) -> None:
    callers = (people.alice.holding(None), people.officer())

    answers = [_downloads(caller, "public", form) for caller in callers]

    # The point of the record is told by the number by which its reader knows it.
    assert [answer.headers["Content-Disposition"] for answer in answers] == [
        answers[0].headers["Content-Disposition"]
    ] * 2
    assert 'filename="evidence.' in answers[0].headers["Content-Disposition"]
    assert [_headers(answer) for answer in answers] == [CACHED] * 2


@pytest.mark.parametrize("path", ["/api/v1/gaps", "/api/v1/matrix?columns=source", "/api/v1/graph", "/api/v1/exports"])
def test_marks_whatever_rests_on_what_is_marked(people: People, path: str) -> None:
    source = people.inspector().a("source", handling="OFFICIAL")
    evidence = people.inspector().a("evidence", handling="OFFICIAL")
    people.inspector().a("link", type="derived_from", source=evidence["ref"], target=source["ref"])
    people.inspector().a("link", source=evidence["ref"], target=people.alice.a("recommendation")["ref"])

    seen, unseen = (people.officer(clearance).get(path) for clearance in ("OFFICIAL", "PUBLIC"))

    assert (seen.headers["Handling"], seen.headers["Cache-Control"]) == ("OFFICIAL", "private, no-store")
    assert _headers(unseen) == CACHED


def test_asks_again_whether_a_marked_answer_has_changed(people: People, marked: Row) -> None:
    officer = people.officer()
    etag = officer.etag(marked["self"])

    answer = officer.get(marked["self"], headers={"If-None-Match": etag})

    assert answer.status_code == 304
    assert _headers(answer) == KEPT_BY_NOBODY | {"Handling": "OFFICIAL"}
