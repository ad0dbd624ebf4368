"""Changing things by merge patch: what is not there stays, null empties, and what is published never changes."""

from typing import Any

import pytest

from models.vocabulary import DELAYS
from tests.api import writing
from tests.api.writing import CHANGED, TEXT, Caller, address, conflicts, faults, set_today

alice = writing.alice
ITEMS = tuple(noun for noun in CHANGED if noun != "link")
_FREE = {"link": ("rationale", "Because of another test.")}
# What a thing of each kind cannot be without.
REQUIRED = [
    *((noun, "title") for noun in ITEMS),
    ("review", "published_on"),
    *(("recommendation", field) for field in ("category", "short_name", "text")),
    *(("clause", field) for field in ("span_start", "span_end")),
    ("source", "source_class"),
    ("evidence", "evidence_kind"),
    ("evidence", "statement"),
    ("body", "is_group"),
    *(("link", field) for field in ("basis", "rationale", "asserted_by")),
]
# What is said once, when a thing is added.
FIXED = [
    *((noun, "external_id") for noun in ITEMS),
    *(("recommendation", field) for field in ("review", "number")),
    *(("clause", field) for field in ("recommendation", "number")),
    *(("link", field) for field in ("type", "source", "target")),
]


@pytest.mark.parametrize("noun", CHANGED)
def test_changes_what_is_there_and_nothing_else(alice: Caller, noun: str) -> None:
    made = alice.a(noun)
    field, value = _FREE.get(noun, ("title", "Another title"))

    answer = alice.patch(made["self"], {field: value})

    changed = answer.get_json()
    assert answer.status_code == 200
    assert {name for name in made if made[name] != changed[name]} - {"gaps"} == {field, "version"}
    assert (changed[field], changed["version"]) == (value, 2)
    assert "Location" not in answer.headers


@pytest.mark.parametrize("noun", CHANGED)
def test_answers_with_what_a_get_shows(alice: Caller, noun: str) -> None:
    path = alice.a(noun)["self"]

    answer = alice.patch(path, dict([_FREE.get(noun, ("title", "Another title"))]))

    shown = alice.get(path)
    assert (answer.data, answer.headers["ETag"]) == (shown.data, shown.headers["ETag"])


@pytest.mark.parametrize("noun", CHANGED)
def test_records_nothing_where_nothing_changes(alice: Caller, noun: str) -> None:
    made = alice.a(noun)
    before, tag = alice.count(), alice.etag(made["self"])

    for body in ({}, dict([_FREE.get(noun, ("title", made.get("title")))]) if noun != "link" else {"basis": "stated"}):
        assert alice.patch(made["self"], body).status_code == 200

    assert (alice.count(), alice.etag(made["self"])) == (before, tag)


def test_records_nothing_where_bodies_and_due_date_stay_as_they_are(alice: Caller) -> None:
    bodies = [alice.a("body")["ref"] for _ in range(2)]
    made = alice.a("action", partners=bodies, owner=bodies[0], due_on="2020-05-01")
    before = alice.count()

    answer = alice.patch(made["self"], {"partners": bodies, "owner": bodies[0], "due_on": "2020-05-01"})

    assert (answer.status_code, alice.count()) == (200, before)


@pytest.mark.parametrize("noun", ITEMS)
def test_empties_what_is_null(alice: Caller, noun: str) -> None:
    given = {"effective_from": "2020-01-01", "url": "https://example.org/a", "period": "2020", "confidence": "low"}
    made = alice.a(noun, **given)

    changed = alice.patch(made["self"], dict.fromkeys(given)).get_json()

    assert {name: changed[name] for name in (*given, "period_from", "period_to")} == dict.fromkeys(
        (*given, "period_from", "period_to")
    )


@pytest.mark.parametrize(("noun", "field"), REQUIRED)
def test_empties_nothing_that_a_thing_needs(alice: Caller, noun: str, field: str) -> None:
    made = alice.a(noun)

    answer = alice.patch(made["self"], {field: None})

    assert set(faults(answer)) == {f"/{field}"}


@pytest.mark.parametrize(("noun", "field"), FIXED)
def test_does_not_take_what_is_said_once(alice: Caller, noun: str, field: str) -> None:
    made = alice.a(noun)

    answer = alice.patch(made["self"], {field: made[field]})

    assert set(faults(answer)) == {f"/{field}"}


@pytest.mark.parametrize("noun", ["progress", "assessment"])
def test_alters_neither_progress_nor_verdicts(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    answer = alice.patch(made["self"], {"title": "Another title"})

    assert answer.status_code == 405
    assert "PATCH" not in answer.headers["Allow"]


@pytest.mark.parametrize("noun", CHANGED)
def test_has_nothing_to_change_where_nothing_is(alice: Caller, noun: str) -> None:
    answer = alice.patch(f"{address(noun)}/nothing", {})

    assert answer.status_code == 404


def test_never_changes_published_text(alice: Caller) -> None:
    made = alice.a("recommendation")

    answer = alice.patch(made["self"], {"text": "Another text.", "title": "Another title"})

    assert conflicts(answer) == [("recommendation", made["ref"])]
    assert alice.read(made["self"])["title"] == made["title"]


def test_takes_published_text_that_is_as_it_was(alice: Caller) -> None:
    made = alice.a("recommendation")

    answer = alice.patch(made["self"], {"text": TEXT, "short_name": "Other"})

    assert (answer.status_code, answer.get_json()["short_name"]) == (200, "Other")


def test_keeps_every_due_date_of_an_action(alice: Caller) -> None:
    made = alice.a("action", due_on="2020-05-01")

    changed = alice.patch(made["self"], {"due_on": "2020-06-01", "due_note": "It took longer"}).get_json()

    assert changed["due_on"] == "2020-06-01"
    first = {"number": 1, "due_on": "2020-05-01", "note": None, "delay": None}
    second = {"number": 2, "due_on": "2020-06-01", "note": "It took longer", "delay": None}
    assert changed["due_dates"] == [due | set_today() for due in (first, second)]


@pytest.mark.parametrize("delay", DELAYS)
def test_says_what_sort_of_reason_a_revision_has(alice: Caller, delay: str) -> None:
    made = alice.a("action", due_on="2020-05-01")
    given = {"due_on": "2020-06-01", "due_note": "It took longer", "due_delay": delay}

    changed = alice.patch(made["self"], given).get_json()

    assert [due["delay"] for due in changed["due_dates"]] == [None, delay]


@pytest.mark.parametrize("given", [{}, {"due_on": "2020-05-01"}])
def test_sorts_no_reason_where_no_due_date_is_revised(alice: Caller, given: dict[str, Any]) -> None:
    made = alice.a("action", due_on="2020-05-01")

    answer = alice.patch(made["self"], given | {"due_delay": "resources"})

    assert set(faults(answer)) == {"/due_delay"}


@pytest.mark.parametrize("note", [{}, {"due_note": None}])
def test_asks_why_a_due_date_is_revised(alice: Caller, note: dict[str, Any]) -> None:
    made = alice.a("action", due_on="2020-05-01", due_note="As published")

    answer = alice.patch(made["self"], {"due_on": "2020-06-01"} | note)

    assert set(faults(answer)) == {"/due_note"}


def test_takes_no_due_date_away(alice: Caller) -> None:
    made = alice.a("action", due_on="2020-05-01")

    answer = alice.patch(made["self"], {"due_on": None})

    assert set(faults(answer)) == {"/due_on"}


def test_judges_a_span_together_with_what_stays(alice: Caller) -> None:
    made = alice.a("clause", span_start=4, span_end=14)

    answers = [alice.patch(made["self"], body) for body in ({"span_end": 4}, {"span_start": 14}, {"span_end": 1_000})]

    assert [set(faults(answer)) for answer in answers] == [{"/span_end"}] * 3
    assert alice.read(made["self"])["text"] == TEXT[4:14]


@pytest.mark.parametrize("noun", ["evidence", "link"])
def test_judges_an_end_together_with_a_beginning_that_stays(alice: Caller, noun: str) -> None:
    made = alice.a(noun, effective_from="2020-01-02")

    answer = alice.patch(made["self"], {"effective_to": "2020-01-02"})

    assert set(faults(answer)) == {"/effective_to"}


def test_works_out_the_days_of_another_period(alice: Caller) -> None:
    made = alice.a("evidence", period="2020")

    changed = alice.patch(made["self"], {"period": "2021-02"}).get_json()

    assert (changed["period_from"], changed["period_to"]) == ("2021-02-01", "2021-02-28")


def test_changes_nothing_where_one_field_is_wrong(alice: Caller) -> None:
    made = alice.a("evidence")
    before = alice.count()

    answer = alice.patch(made["self"], {"title": "Another title", "owner": "nobody"})

    assert set(faults(answer)) == {"/owner"}
    assert (alice.read(made["self"]), alice.count()) == (made, before)


def test_names_the_thing_whose_external_id_stands_in_the_way_of_another_owner(alice: Caller) -> None:
    owner = alice.a("body")["ref"]
    first = alice.a("evidence", external_id="X-9", owner=owner)
    second = alice.a("evidence", external_id="X-9", owner=alice.a("body")["ref"])

    answer = alice.patch(second["self"], {"owner": owner})

    assert conflicts(answer) == [("evidence", first["ref"])]
