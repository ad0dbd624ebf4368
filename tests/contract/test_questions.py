"""What is asked by POST and writes nothing: its example, every documented status, hostile bodies, and no trace."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.contract.alike import alike
from tests.contract.document import PROBLEM, QUESTIONS, Operation
from tests.contract.problem import told
from tests.contract.server import BEARER, BEARER_OF_READER, Server
from tests.contract.test_hostile_bodies import MIB, NO_OBJECTS, PAST, STRANGE_KEYS, UNREADABLE
from tests.contract.test_hostile_writes import BAD_ACCEPTS, NO_KEYS, NO_TYPES

(CHECK,) = QUESTIONS
LARGE = b'{"texts": ["x"]}'.ljust(MIB + 1)
WRONG: dict[str, tuple[Any, str]] = {
    "null": (None, "/texts"),
    "text": ("x", "/texts"),
    "object": ({}, "/texts"),
    "none": ([], "/texts"),
    "too_many": (["x"] * 101, "/texts"),
    "number": (["x", 1], "/texts/1"),
    "nothing": ([None], "/texts/0"),
    "list": ([["x"]], "/texts/0"),
    "too_long": (["x" * 10_001], "/texts/0"),
}


@pytest.fixture(scope="module", autouse=True)
def _nothing_written(server: Server) -> Iterator[None]:
    """After all of it the record is as it was."""
    before = server.newest()
    yield
    assert server.newest() == before


def _ask(
    server: Server, body: Any = None, query: str = "", method: str = "POST", **headers: str | bytes | None
) -> requests.Response:
    """The answer to the question."""
    usual: dict[str, str | bytes | None] = {"Authorization": BEARER, "If_Match": None}
    return server.write(method, CHECK.place + query, CHECK.body if body is None else body, **(usual | headers))


PRODUCERS: dict[str, Callable[[Server], requests.Response]] = {
    "200": _ask,
    "400": lambda server: _ask(server, b"{"),
    "401": lambda server: _ask(server, Authorization=None),
    "403": lambda server: _ask(server, Authorization=BEARER_OF_READER),
    "406": lambda server: _ask(server, query="?format=csv"),
    "413": lambda server: _ask(server, LARGE),
    "414": lambda server: _ask(server, query=f"?format={'a' * 9_000}"),
    "415": lambda server: _ask(server, Content_Type="text/plain"),
    "422": lambda server: _ask(server, {}),
    "default": lambda server: _ask(server, method="FROB"),
}


def test_is_the_one_question_that_is_asked_by_post() -> None:
    assert [operation.name for operation in QUESTIONS] == ["check_texts"]


def test_produces_every_documented_status() -> None:
    elsewhere = {"429"}  # in test_too_many_failures.py

    assert set(CHECK.described["responses"]) == PRODUCERS.keys() | elsewhere


def test_answers_the_documented_body_as_documented(server: Server) -> None:
    answer = _ask(server)

    assert answer.status_code == 200
    assert CHECK.faults("200", "application/json", answer.json()) == []


def test_answers_with_findings_as_documented(server: Server) -> None:
    answer = _ask(server, {"texts": ["", "Nothing.", "Write to somebody@example.org, or ring 0131 496 0000."]})

    found = answer.json()["findings"]
    assert CHECK.faults("200", "application/json", answer.json()) == []
    assert [(one["pointer"], one["type"], one["refused"]) for one in found] == [
        ("/texts/2", "email_address", True),
        ("/texts/2", "phone_number", False),
    ]
    assert "somebody" not in answer.text


@pytest.mark.parametrize("status", [status for status in PRODUCERS if status != "200"])
def test_tells_each_problem_as_documented(server: Server, status: str) -> None:
    answer = PRODUCERS[status](server)

    problem = told(answer, 405 if status == "default" else int(status))
    assert CHECK.faults(status, PROBLEM, problem) == []
    assert problem["instance"] == CHECK.place


@pytest.mark.parametrize("case", UNREADABLE)
def test_refuses_what_is_no_json(server: Server, case: str) -> None:
    answer = _ask(server, UNREADABLE[case])

    told(answer, 400)
    alike(answer, "question", "unreadable", case)


@pytest.mark.parametrize("case", PAST)
def test_refuses_what_is_past_a_limit(server: Server, case: str) -> None:
    content, pointer = PAST[case]

    answer = _ask(server, content.replace(b"%s", b"texts"))

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == [pointer.replace("%s", "texts")]
    alike(answer, "question", "past", case)


@pytest.mark.parametrize("case", NO_OBJECTS)
def test_refuses_what_is_no_object(server: Server, case: str) -> None:
    answer = _ask(server, NO_OBJECTS[case])

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == [""]


@pytest.mark.parametrize("key", STRANGE_KEYS, ids=lambda key: key[:20])
def test_refuses_a_field_that_there_is_not(server: Server, key: str) -> None:
    answer = _ask(server, CHECK.body | {key: 1})

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == [STRANGE_KEYS[key]]


@pytest.mark.parametrize("case", WRONG)
def test_refuses_texts_that_are_none(server: Server, case: str) -> None:
    texts, pointer = WRONG[case]

    answer = _ask(server, {"texts": texts})

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == [pointer]
    alike(answer, "question", "texts", case)


def test_reads_as_many_and_as_long_texts_as_it_says(server: Server) -> None:
    answer = _ask(server, {"texts": ["x" * 10_000] * 100})

    assert answer.status_code == 200


@pytest.mark.parametrize("case", NO_KEYS)
def test_refuses_a_key_that_it_does_not_know(server: Server, case: str) -> None:
    answer = _ask(server, Authorization=NO_KEYS[case])

    told(answer, 401)


@pytest.mark.parametrize("case", NO_TYPES)
def test_refuses_a_body_of_another_type(server: Server, case: str) -> None:
    answer = _ask(server, Content_Type=NO_TYPES[case])

    assert "application/json" in told(answer, 415)["detail"]


@pytest.mark.parametrize("accept", BAD_ACCEPTS)
def test_refuses_an_accept_that_allows_nothing(server: Server, accept: str) -> None:
    answer = _ask(server, Accept=accept)

    told(answer, 406)


@pytest.mark.parametrize("query", ["?reason=A+test", "?override=because", "?no_such_parameter=1", "?as_of=2017-06-29"])
def test_refuses_a_parameter_that_it_does_not_take(server: Server, query: str) -> None:
    answer = _ask(server, query=query)

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == [query[1:].partition("=")[0]]


def test_keeps_nothing_of_what_was_asked_but_the_name_of_the_request(server: Server) -> None:
    _ask(server, {"texts": ["a-word-that-is-nowhere-else"]}, X_Request_Id="a-name")

    assert "nowhere" not in server.told()
    assert '"a-name"' in server.told()


@pytest.mark.parametrize("operation", QUESTIONS, ids=str)
def test_takes_no_key_of_a_repetition(server: Server, operation: Operation) -> None:
    answers = [_ask(server, body, Idempotency_Key="same") for body in (operation.body, {"texts": ["Another."]})]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert not [answer for answer in answers if "Idempotency-Replayed" in answer.headers]
