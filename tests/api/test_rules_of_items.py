"""The rules of single kinds of items: verdicts and tallies, periods, due dates, the span of a clause."""

from typing import Any

import pytest

from models.vocabulary import CLAIMED_STATUSES
from tests.api import writing
from tests.api.writing import TEXT, Caller, faults, set_today

alice = writing.alice


@pytest.mark.parametrize("noun", ["review", "recommendation", "clause"])
def test_takes_each_subject_that_can_be_assessed(alice: Caller, noun: str) -> None:
    subject = alice.a(noun)["ref"]
    tally = {"verdict": None, "tally_fully_met": 1, "tally_partially_met": 0, "tally_not_met": 2}

    made = alice.a("assessment", subject=subject, **(tally if noun == "review" else {}))

    assert (made["subject"], made["subject_kind"]) == (subject, noun)


@pytest.mark.parametrize(
    "values",
    [
        {"verdict": "not_met"},
        {"verdict": None},
        {"verdict": None, "tally_fully_met": 1, "tally_not_met": 2},
        {"verdict": "not_met", "tally_fully_met": 1, "tally_partially_met": 0, "tally_not_met": 2},
    ],
)
def test_asks_for_a_whole_tally_on_a_review(alice: Caller, values: dict[str, Any]) -> None:
    answer = alice.adding("assessment", subject=alice.a("review")["ref"], **values)

    assert set(faults(answer)) == {"/tally_fully_met"}


@pytest.mark.parametrize("values", [{"verdict": None}, {"tally_fully_met": 1}, {"verdict": None, "tally_not_met": 0}])
@pytest.mark.parametrize("noun", ["recommendation", "clause"])
def test_asks_for_a_verdict_on_a_recommendation_or_clause(alice: Caller, noun: str, values: dict[str, Any]) -> None:
    answer = alice.adding("assessment", subject=alice.a(noun)["ref"], **values)

    assert set(faults(answer)) == {"/verdict"}


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2020", "2020-01-01", "2020-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
        ("2020-02-03", "2020-02-03", "2020-02-03"),
        ("2020-11/2021", "2020-11-01", "2021-12-31"),
    ],
)
def test_reads_the_days_of_a_published_period(alice: Caller, period: str, first: str, last: str) -> None:
    made = alice.a("evidence", period=period)

    assert (made["period"], made["period_from"], made["period_to"]) == (period, first, last)


@pytest.mark.parametrize(
    "period", ["spring", "2020-13", "2020-02-30", "2020/", "/2020", "2021/2020", "20-01", "2020-1"]
)
def test_refuses_a_period_that_is_none(alice: Caller, period: str) -> None:
    answer = alice.adding("evidence", period=period)

    assert set(faults(answer)) == {"/period"}


@pytest.mark.parametrize("begins", [None, "2020-01-02", "2020-01-03"])
@pytest.mark.parametrize("noun", ["review", "evidence", "action", "body"])
def test_refuses_an_end_that_is_not_after_the_beginning(alice: Caller, noun: str, begins: str | None) -> None:
    answer = alice.adding(noun, effective_from=begins, effective_to="2020-01-02")

    assert set(faults(answer)) == {"/effective_to"}


def test_keeps_the_first_due_date_with_its_note(alice: Caller) -> None:
    made = alice.a("action", due_on="2021-01-31", due_note="By the end of the month")

    assert made["due_on"] == "2021-01-31"
    assert made["due_dates"] == [
        {"number": 1, "due_on": "2021-01-31", "note": "By the end of the month", "delay": None} | set_today()
    ]


def test_sorts_no_reason_of_a_first_due_date(alice: Caller) -> None:
    answer = alice.adding("action", due_on="2021-01-31", due_delay="resources")

    assert set(faults(answer)) == {"/due_delay"}


@pytest.mark.parametrize("status", [None, *CLAIMED_STATUSES])
def test_what_is_complete_has_no_reason_to_wait(alice: Caller, status: str | None) -> None:
    action = alice.a("action")
    given = {"title": "A thing", "statement": "A thing was done.", "claimed_status": status, "delay": "legislation"}

    answer = alice.post(f"{action['self']}/progress", given, seen=alice.etag(action["self"]))

    assert answer.status_code == (422 if status == "complete" else 201), answer.text
    assert set(faults(answer)) == {"/delay"} if status == "complete" else answer.get_json()["delay"] == "legislation"


def test_takes_an_action_whose_due_date_is_said_to_be_unknown(alice: Caller) -> None:
    answer = alice.adding("action", due_on=None)

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(("start", "end"), [(0, len(TEXT)), (len(TEXT) - 1, len(TEXT))])
def test_takes_a_clause_to_the_end_of_the_text(alice: Caller, start: int, end: int) -> None:
    made = alice.a("clause", span_start=start, span_end=end)

    assert made["text"] == TEXT[start:end]


@pytest.mark.parametrize(("start", "end"), [(0, len(TEXT) + 1), (5, 5), (6, 5)])
def test_refuses_a_clause_that_is_no_part_of_the_text(alice: Caller, start: int, end: int) -> None:
    answer = alice.adding("clause", span_start=start, span_end=end)

    assert set(faults(answer)) == {"/span_end"}


def test_counts_the_text_of_a_clause_in_code_points(alice: Caller) -> None:
    whole = alice.a("recommendation", text="\U0001f600é should act.")["ref"]

    made = alice.a("clause", recommendation=whole, span_start=1, span_end=9)

    assert made["text"] == "é should"
