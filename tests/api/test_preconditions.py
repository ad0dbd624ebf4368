"""Preconditions: who changes a thing says what he has seen of it, so that nobody's change is lost."""

import pytest
from werkzeug.test import TestResponse

from tests.api import writing
from tests.api.writing import CHANGED, NOUNS, Caller, Row, address

alice, bob = writing.alice, writing.bob
# What can be done to a thing that is there: to which kind, by which method, at its address or below, with which body.
DONE: list[tuple[str, str, str, Row | None]] = [
    *((noun, "PATCH", "", {"rationale" if noun == "link" else "title": "Another one"}) for noun in CHANGED),
    *((noun, "DELETE", "", None) for noun in NOUNS),
    ("link", "POST", "/review", {"finding": "valid", "note": "Read again."}),
    ("action", "POST", "/progress", {"title": "Some progress", "statement": "A thing was done."}),
]
SOME = [DONE[3], DONE[0], *DONE[-2:]]


def doing(caller: Caller, path: str, done: tuple[str, str, str, Row | None], seen: str | None) -> TestResponse:
    """The answer to a change of a thing by one who has seen it with this ETag, or does not say."""
    _noun, method, below, body = done
    condition = {} if seen is None else {"If-Match": seen}
    return caller.send(method, path + below, body, headers=condition)


@pytest.mark.parametrize("done", DONE)
def test_asks_what_the_caller_has_seen(alice: Caller, done: tuple[str, str, str, Row | None]) -> None:
    answer = doing(alice, f"{address(done[0])}/something", done, None)

    assert (answer.status_code, answer.get_json()["type"]) == (428, "/api/v1/problems/precondition-required")


@pytest.mark.parametrize("done", DONE)
def test_lets_one_change_it_who_has_seen_it_as_it_is(alice: Caller, done: tuple[str, str, str, Row | None]) -> None:
    made = alice.a(done[0])

    answer = doing(alice, made["self"], done, alice.etag(made["self"]))

    assert answer.status_code in {200, 201, 204}, answer.text


@pytest.mark.parametrize("done", DONE)
def test_refuses_one_who_has_seen_something_else(alice: Caller, done: tuple[str, str, str, Row | None]) -> None:
    made = alice.a(done[0])
    before = alice.count()

    answer = doing(alice, made["self"], done, '"0123456789abcdef0123456789abcdef"')

    assert (answer.status_code, answer.get_json()["type"]) == (412, "/api/v1/problems/precondition-failed")
    assert answer.headers["ETag"] == alice.etag(made["self"])
    assert alice.count() == before


@pytest.mark.parametrize("done", SOME)
def test_takes_a_list_of_tags_of_which_one_fits(alice: Caller, done: tuple[str, str, str, Row | None]) -> None:
    made = alice.a(done[0])

    answer = doing(alice, made["self"], done, f'"other", {alice.etag(made["self"])}, W/"third"')

    assert answer.status_code in {200, 201}, answer.text


@pytest.mark.parametrize("seen", ["W/{tag}", '"other"', "", '"*"', 'W/"*"', '"a", "b"'])
def test_takes_no_tag_that_does_not_fit_exactly(alice: Caller, seen: str) -> None:
    made = alice.a("evidence")

    answer = alice.patch(made["self"], {"title": "Another"}, seen=seen.format(tag=alice.etag(made["self"])))

    assert answer.status_code == 412


def test_takes_whatever_there_is_by_a_star(alice: Caller) -> None:
    made = alice.a("evidence")

    answer = alice.patch(made["self"], {"title": "Another"}, seen=" * ")

    assert answer.status_code == 200


@pytest.mark.parametrize(("seen", "status"), [("*", 200), ("{tag}", 200), ('"other"', 412)])
def test_reads_for_one_who_has_seen_what_there_is(alice: Caller, seen: str, status: int) -> None:
    path = alice.a("evidence")["self"]
    tag = alice.etag(path)

    answer = alice.send("GET", path, reason=None, headers={"If-Match": seen.format(tag=tag)})

    assert (answer.status_code, answer.headers["ETag"]) == (status, tag)
    assert answer.content_type == ("application/json" if status == 200 else "application/problem+json")


@pytest.mark.parametrize("noun", CHANGED)
def test_goes_on_from_the_tag_of_its_own_answer(alice: Caller, noun: str) -> None:
    made = alice.adding(noun)
    path, field = made.headers["Location"], "rationale" if noun == "link" else "title"

    first = alice.patch(path, {field: "One"}, seen=made.headers["ETag"])
    second = alice.patch(path, {field: "Two"}, seen=first.headers["ETag"])
    late = alice.patch(path, {field: "Three"}, seen=first.headers["ETag"])

    assert [answer.status_code for answer in (first, second, late)] == [200, 200, 412]
    assert alice.read(path)[field] == "Two"


def test_refuses_the_second_of_two_who_saw_the_same(alice: Caller, bob: Caller) -> None:
    path = alice.a("evidence")["self"]
    seen = alice.etag(path)

    answers = [caller.patch(path, {"title": caller.key}, seen=seen) for caller in (alice, bob)]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert answers[1].headers["ETag"] == answers[0].headers["ETag"] == bob.etag(path)


def test_counts_as_a_change_what_is_reported_on_an_action(alice: Caller, bob: Caller) -> None:
    action = alice.a("action")
    report = {"title": "Some progress", "statement": "Done.", "claimed_status": "complete"}
    seen = alice.etag(action["self"])

    answers = [caller.post(f"{action['self']}/progress", report, seen=seen) for caller in (alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 412]


def test_counts_as_a_change_of_a_link_what_its_ends_say(alice: Caller) -> None:
    link = alice.a("link")
    seen = alice.etag(link["self"])
    alice.patch(f"/api/v1/evidence/{link['source']}", {"statement": "Another thing."})

    answer = alice.post(f"{link['self']}/review", {"finding": "valid", "note": "Read."}, seen=seen)

    assert answer.status_code == 412


def test_does_not_take_the_tag_of_the_link_for_that_of_its_end(alice: Caller) -> None:
    link = alice.a("link")

    answer = alice.patch(f"/api/v1/evidence/{link['source']}", {"title": "Other"}, seen=alice.etag(link["self"]))

    assert answer.status_code == 412


@pytest.mark.parametrize("noun", NOUNS)
def test_says_that_nothing_changed_until_something_does(alice: Caller, noun: str) -> None:
    made = alice.adding(noun)
    path, tag = made.headers["Location"], made.headers["ETag"]

    before = alice.get(path, headers={"If-None-Match": tag})
    alice.delete(path)
    after = alice.get(path, headers={"If-None-Match": tag})

    assert (before.status_code, before.data) == (304, b"")
    assert after.status_code == 404
