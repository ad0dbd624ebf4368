"""Idempotency-Key: a request that is sent again acts once, and is answered as it was."""

import threading
from itertools import count
from typing import Any

import pytest
from werkzeug.test import TestResponse

from models.writing.items import add_item
from tests.api import writing
from tests.api.writing import NOUNS, Caller, address, faults

alice, bob = writing.alice, writing.bob
_NUMBERS = count(1)
TOLD = ("Location", "ETag", "Content-Type")
EVIDENCE = "/api/v1/evidence"


@pytest.fixture
def key() -> dict[str, str]:
    """A key that nobody has used."""
    return {"Idempotency-Key": f"key-{next(_NUMBERS)}"}


@pytest.mark.parametrize("noun", [noun for noun in NOUNS if noun != "progress"])
def test_adds_a_thing_once_and_tells_it_again(alice: Caller, noun: str, key: dict[str, str]) -> None:
    body, before = alice.body_for(noun), alice.count()

    first, again = (alice.post(address(noun), body, headers=key) for _ in range(2))

    assert (first.status_code, again.status_code, again.data) == (201, 201, first.data)
    assert [again.headers[name] for name in TOLD] == [first.headers[name] for name in TOLD]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert alice.count() == before + 1


def test_reports_progress_once_though_the_action_looks_another_way_since(alice: Caller, key: dict[str, str]) -> None:
    action = alice.a("action")
    path, seen = f"{action['self']}/progress", alice.etag(action["self"])
    report = {"title": "Some progress", "statement": "Done.", "claimed_status": "complete"}

    answers = [alice.post(path, report, seen=seen, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(alice.read(path)["items"]) == 1


def test_changes_a_thing_once_and_tells_it_again(alice: Caller, key: dict[str, str]) -> None:
    link = alice.a("link")
    before, seen = alice.count(), alice.etag(link["self"])

    answers = [alice.patch(link["self"], {"rationale": "Other."}, seen=seen, headers=key) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(200, answers[0].data)] * 2
    assert alice.count() == before + 1


def test_reviews_a_link_once_and_tells_it_again(alice: Caller, key: dict[str, str]) -> None:
    path, review = alice.a("link")["self"], {"finding": "valid", "note": "Read."}
    before, seen = alice.count(), alice.etag(path)

    answers = [alice.post(f"{path}/review", review, seen=seen, headers=key) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(200, answers[0].data)] * 2
    assert alice.count() == before + 1


def test_withdraws_once_and_tells_it_again(alice: Caller, key: dict[str, str]) -> None:
    made = alice.a("evidence")

    answers = [alice.delete(made["self"], headers=key) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(204, b"")] * 2


@pytest.mark.parametrize("change", [{"title": "Another title"}, {"confidence": "low"}])
def test_refuses_another_body_under_the_same_key(alice: Caller, key: dict[str, str], change: dict[str, str]) -> None:
    body = alice.body_for("evidence")
    alice.post(EVIDENCE, body, headers=key)
    before = alice.count()

    answer = alice.post(EVIDENCE, body | change, headers=key)

    assert set(faults(answer)) == {"Idempotency-Key"}
    assert alice.count() == before


def test_refuses_another_address_under_the_same_key(alice: Caller, key: dict[str, str]) -> None:
    body = {"title": "The same"}
    alice.post(address("body"), body, headers=key)

    answer = alice.post(address("action"), body, headers=key)

    assert set(faults(answer)) == {"Idempotency-Key"}


def test_knows_a_body_however_it_is_written(alice: Caller, key: dict[str, str]) -> None:
    first = alice.post(address("body"), raw=b'{"title": "\\u00e9", "is_group": true}', headers=key)

    again = alice.post(address("body"), raw='{"is_group":true,"title":"e\u0301"}'.encode(), headers=key)

    assert (again.status_code, again.data) == (201, first.data)


def test_takes_the_same_key_of_another_caller_for_another_request(
    alice: Caller, bob: Caller, key: dict[str, str]
) -> None:
    body = alice.body_for("evidence")

    answers = [caller.post(EVIDENCE, body, headers=key) for caller in (alice, bob)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].headers["Location"] != answers[1].headers["Location"]


@pytest.mark.parametrize("wrong", [{"owner": "nobody"}, {"statement": ""}])
def test_leaves_the_key_of_a_refused_request_free(alice: Caller, key: dict[str, str], wrong: dict[str, str]) -> None:
    body = alice.body_for("evidence")
    refused = alice.post(EVIDENCE, body | wrong, headers=key)

    answer = alice.post(EVIDENCE, body, headers=key)

    assert (refused.status_code, answer.status_code) == (422, 201)
    assert "Idempotency-Replayed" not in answer.headers


@pytest.mark.parametrize("given", ["", " ", "x" * 256, "with space", "caf\u00e9", "tab\there"])
def test_refuses_a_key_that_is_none(alice: Caller, given: str) -> None:
    answer = alice.post(address("body"), {"title": "A body"}, headers={"Idempotency-Key": given})

    assert set(faults(answer)) == {"Idempotency-Key"}


def test_takes_the_longest_key(alice: Caller) -> None:
    longest = {"Idempotency-Key": "!~" * 127 + "x"}

    answers = [alice.post(address("body"), {"title": "A body"}, headers=longest) for _ in range(2)]

    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true"]


def test_works_on_one_request_at_a_time_under_a_key(
    alice: Caller, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    began, go_on = threading.Event(), threading.Event()
    body, before = alice.body_for("evidence"), alice.count()
    first: list[TestResponse] = []

    def add_slowly(*given: Any) -> str:
        began.set()
        assert go_on.wait(30)
        return add_item(*given)

    monkeypatch.setattr("api.upkeep.add_item", add_slowly)
    thread = threading.Thread(target=lambda: first.append(alice.post(EVIDENCE, body, headers=key)))
    thread.start()
    assert began.wait(30)
    second = alice.post(EVIDENCE, body, headers=key)
    go_on.set()
    thread.join(30)
    third = alice.post(EVIDENCE, body, headers=key)

    assert [first[0].status_code, second.status_code, third.status_code] == [201, 409, 201]
    assert third.data == first[0].data
    assert alice.count() == before + 1
