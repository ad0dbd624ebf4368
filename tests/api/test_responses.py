"""Responses: what the bodies that are asked answer to a recommendation."""

import pytest

from models.vocabulary import RESPONSES
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import Row, faults

alice, bob, people = writing.alice, writing.bob, peopled.people


def _address(people: People) -> str:
    return f"/api/v1/recommendations/{people.alice.a('recommendation')['ref']}/responses"


@pytest.mark.parametrize("word", [word for word in RESPONSES if word != "not_ours"])
def test_a_body_answers_in_its_own_name(people: People, word: str) -> None:
    address, officer = _address(people), people.officer()

    made = officer.post(address, {"response": word, "statement": "So be it."}).get_json()

    (shown,) = people.alice.read(address)["items"]
    assert shown == made
    assert (shown["decision"], shown["owner"], shown["decided_by"]) == (word, people.force, name_of(officer))


def test_what_is_not_its_own_names_the_body_or_the_programme_that_it_depends_on(people: People) -> None:
    address, officer = _address(people), people.officer()

    by_body = officer.post(address, {"response": "not_ours", "depends_on_body": people.inspectorate}).get_json()
    by_programme = officer.post(address, {"response": "not_ours", "depends_on": "A new system"}).get_json()

    (link,) = people.alice.read("/api/v1/links", source=by_body["ref"])["items"]
    assert (link["type"], link["target"]) == ("depends_on", people.inspectorate)
    assert by_programme["depends_on"] == "A new system"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"response": "not_ours"}, "/depends_on"),
        ({"response": "accepted", "depends_on": "A new system"}, "/depends_on"),
        ({"response": "accepted", "depends_on_body": "B"}, "/depends_on_body"),
        ({"response": "proposed"}, "/response"),
        ({"statement": "Without an answer"}, "/response"),
        ({"response": "noted", "handling": "SECRET"}, "/handling"),
    ],
)
def test_an_answer_that_is_told_badly_is_refused(people: People, body: Row, fault: str) -> None:
    address = _address(people)

    assert fault in faults(people.officer().post(address, body))
    assert people.alice.read(address)["items"] == []


def test_every_answer_stays_on_record_and_is_found_by_its_word(people: People) -> None:
    address, officer = _address(people), people.officer()
    for word in ("disputed", "accepted"):
        officer.post(address, {"response": word})

    words = [row["decision"] for row in people.alice.read(address)["items"]]

    assert words == ["disputed", "accepted"]
    assert [row["decision"] for row in people.alice.read(address, response="accepted")["items"]] == ["accepted"]


def test_steps_of_closure_are_no_answers(people: People) -> None:
    address = _address(people)
    closure = address.replace("responses", "closure")

    ended = {"outcome": "no_longer_relevant", "statement": "It is gone."}
    people.inspector().post(f"{closure}/end", ended, seen="*")

    assert people.alice.read(address)["items"] == []


def test_an_inspector_answers_nothing_and_nobody_for_another_body(people: People) -> None:
    address = _address(people)

    forbidden(people.inspector().post(address, {"response": "noted"}))
    forbidden(people.officer().post(address, {"response": "noted", "owner": people.inspectorate}))


def test_an_answer_can_be_kept_from_the_public(people: People) -> None:
    address = _address(people)

    people.officer().post(address, {"response": "disputed", "handling": "OFFICIAL"})

    assert people.alice.holding(None).read(address, count="true")["total"] == 0
    assert len(people.inspector().read(address)["items"]) == 1


def test_what_is_not_there_is_answered_by_nobody(people: People) -> None:
    answer = people.officer().post("/api/v1/recommendations/not-there/responses", {"response": "noted"})

    problem(answer, 404, "not-found")
