"""Strange headers, parameters and lengths of a request that writes: no failure of ours, alike on both engines."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.contract.alike import alike
from tests.contract.document import TAKERS, WRITES, Operation, thing_at
from tests.contract.problem import told
from tests.contract.server import KEY, Server
from tests.contract.writing import REASON, Ready, perform

CHANGES = [operation for operation in WRITES if operation.matches_etag]
NO_KEYS = {
    "empty": "",
    "bare": "Bearer",
    "blank": "Bearer ",
    "basic": f"Basic {KEY}",
    "other": "Bearer another-key-of-nobody",
    "shorter": f"Bearer {KEY[:-1]}",
    "longer": f"Bearer {KEY}x",
    "twice": f"Bearer {KEY} {KEY}",
    "listed": f"Bearer {KEY}, Bearer {KEY}",
    "case": f"Bearer {KEY.upper()}",
    "key_alone": KEY,
    "not_ascii": b"Bearer \xe9\xff",
    "long": "Bearer " + "a" * 6_000,
    "sql": "Bearer ' OR '1'='1",
}
NO_TYPES = {
    "none": None,
    "empty": "",
    "text": "text/plain",
    "form": "application/x-www-form-urlencoded",
    "multipart": "multipart/form-data; boundary=x",
    "xml": "application/xml",
    "several": "application/json, application/json",
    "suffix": "application/json+x",
    "strange": ";;;",
    "not_ascii": b"application/\xff",
    "long": "application/" + "j" * 6_000,
}
ENCODINGS = ["gzip", "br", "deflate", "identity", "gzip, gzip", "nonsense", "a" * 6_000]
STALE = {
    "empty": "",
    "other": '"0"',
    "unquoted": "abc",
    "weak": 'W/"abc"',
    "open": '"abc',
    "many": ", ".join(f'"{number}"' for number in range(1_000)),
    "long": f'"{"a" * 6_000}"',
    "not_ascii": b'"\xff\xfe"',
    "commas": ",,,",
    "weak_star": "W/*",
    "star_in_words": "a*b",
    "sql": "\"' OR '1'='1\"",
}
BAD_KEYS = {
    "empty": "",
    "space": "a b",
    "tab": "a\tb",
    "long": "k" * 256,
    "longer": "k" * 6_000,
    "not_ascii": b"k\xe9y",
    "twice": "a, b",
}
BAD_QUERIES = {
    "": "reason",
    "?": "reason",
    "?reason=": "reason",
    "?reason=" + "a" * 1_001: "reason",
    "?reason=a&reason=b": "reason",
    "?reason=a&no_such_parameter=1": "no_such_parameter",
    "?reason=a&as_of=2017-06-29": "as_of",
    "?reason=a&known_at=1": "known_at",
    "?Reason=a": "Reason",
}
BAD_ACCEPTS = ["image/png", "text/csv", "application/json;q=0", "garbage"]
STRANGE_REFS = ["%27", "R8%20", "..%2FR8", "%F0%9F%98%80", "r8", "R" * 5_000]
UNREADABLE = ["%00", "%FF", "%0A", "%C0%AF", "%ED%A0%80"]


@pytest.fixture(scope="module", autouse=True)
def _nothing_written(writable: Server) -> Iterator[None]:
    """After all of it the record is as it was."""
    before = writable.newest()
    yield
    assert writable.newest() == before


def _at(operation: Operation) -> Ready:
    """A write on what is published."""
    return Ready(operation.place, operation.body if operation.takes is not None else None)


def _refused(
    writable: Server, operation: Operation, name: str, values: Mapping[str, str | bytes | None], status: int
) -> list[dict[str, Any]]:
    """The problems with which each value of a header is refused, the same on both engines."""
    problems = []
    for case, value in values.items():
        answer = perform(writable, operation, _at(operation), **{name: value})
        assert answer.status_code == status, (case, answer.text[:300])
        problems.append(told(answer, status))
        alike(answer, name, operation.name, case)
    return problems


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_a_key_that_it_does_not_know(writable: Server, operation: Operation) -> None:
    assert len(_refused(writable, operation, "Authorization", NO_KEYS, 401)) == len(NO_KEYS)


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_a_body_of_another_type(writable: Server, operation: Operation) -> None:
    (other,) = {"application/json", "application/merge-patch+json"} - {operation.takes}

    problems = _refused(writable, operation, "Content_Type", NO_TYPES | {"other": other}, 415)

    assert operation.takes
    assert all(operation.takes in problem["detail"] for problem in problems)


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_a_body_that_is_encoded(writable: Server, operation: Operation) -> None:
    assert _refused(writable, operation, "Content_Encoding", {name[:20]: name for name in ENCODINGS}, 415)


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "latin-1", "nonsense", '"utf-8"', ""])
@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_reads_a_body_as_utf_8_whatever_its_charset(writable: Server, operation: Operation, charset: str) -> None:
    kind = f"{operation.takes}; charset={charset}"

    answer = perform(writable, operation, Ready(operation.place, '{"é": 1}'.encode()), Content_Type=kind)

    assert "/é" in {fault["pointer"] for fault in told(answer, 422)["errors"]}


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_refuses_an_etag_of_nothing_that_is_there(writable: Server, operation: Operation) -> None:
    assert len(_refused(writable, operation, "If_Match", STALE, 412)) == len(STALE)


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_refuses_a_weak_etag_of_what_is_there(writable: Server, operation: Operation) -> None:
    seen = writable.see(thing_at(operation.place)).headers["ETag"]

    answer = perform(writable, operation, _at(operation), If_Match=f"W/{seen}")

    told(answer, 412)


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_a_strange_idempotency_key(writable: Server, operation: Operation) -> None:
    problems = _refused(writable, operation, "Idempotency_Key", BAD_KEYS, 422)

    assert {fault["pointer"] for problem in problems for fault in problem["errors"]} == {"Idempotency-Key"}


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_an_accept_that_allows_nothing(writable: Server, operation: Operation) -> None:
    assert _refused(writable, operation, "Accept", {name: name for name in BAD_ACCEPTS}, 406)


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_parameters_that_a_write_does_not_take(writable: Server, operation: Operation) -> None:
    pointers = {}
    for query in BAD_QUERIES:
        answer = perform(writable, operation, _at(operation), query)
        pointers[query] = told(answer, 422)["errors"][0]["pointer"]
        alike(answer, "query", operation.name, query)

    assert pointers == BAD_QUERIES


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_a_reason_that_is_no_text(writable: Server, operation: Operation) -> None:
    for bytes_ in UNREADABLE:
        told(perform(writable, operation, _at(operation), f"?reason={bytes_}"), 400)


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_an_unknown_format(writable: Server, operation: Operation) -> None:
    for name in ("nope", "csv", "", "JSON"):
        told(perform(writable, operation, _at(operation), f"{REASON}&format={name}"), 406)


@pytest.mark.parametrize("operation", [found for found in WRITES if found.has_ref], ids=str)
def test_refuses_to_write_on_a_strange_reference(writable: Server, operation: Operation) -> None:
    for ref in STRANGE_REFS:
        told(perform(writable, operation, Ready(operation.of(ref), _at(operation).body)), 404)


@pytest.mark.parametrize("operation", [found for found in WRITES if found.has_ref], ids=str)
def test_refuses_to_write_on_a_thing_of_another_kind(writable: Server, operation: Operation) -> None:
    other = "R8" if operation.collection == "evidence" else "F028"

    answer = perform(writable, operation, Ready(operation.of(other), _at(operation).body))

    told(answer, 404)


@pytest.mark.parametrize("operation", [found for found in WRITES if found.takes is None], ids=str)
def test_refuses_a_body_where_none_is_taken(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, Ready(operation.place, {}))

    told(answer, 415)


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_refuses_too_many_headers(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, _at(operation), **{f"X_{number}": "a" for number in range(150)})

    told(answer, 400)


def _raw(writable: Server, content: bytes, *headers: bytes) -> bytes:
    """What comes back for a POST of exactly these headers and bytes."""
    lines = [
        b"POST /api/v1/evidence?reason=A+test HTTP/1.1",
        b"Host: test",
        b"Connection: close",
        b"Content-Type: application/json",
        b"Authorization: Bearer " + KEY.encode(),
        *headers,
    ]
    return writable.raw(b"\r\n".join(lines) + b"\r\n\r\n" + content)


def test_refuses_a_body_that_is_longer_than_it_says(writable: Server) -> None:
    answer = _raw(writable, b'{"title": "x"}', b"Content-Length: 5")

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_refuses_a_body_that_never_comes(writable: Server) -> None:
    answer = _raw(writable, b'{"title": "x"}', b"Content-Length: 500")

    assert answer == b""


def test_refuses_a_body_without_a_length(writable: Server) -> None:
    answer = _raw(writable, b"{}")

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_refuses_a_length_given_twice(writable: Server) -> None:
    answer = _raw(writable, b"{}", b"Content-Length: 2", b"Content-Length: 1")

    assert answer.startswith(b"HTTP/1.1 400 ")


def test_refuses_a_length_beside_chunks(writable: Server) -> None:
    answer = _raw(writable, b"2\r\n{}\r\n0\r\n\r\n", b"Content-Length: 2", b"Transfer-Encoding: chunked")

    assert answer[9:12] in {b"400", b"422"}


def test_writes_no_error_to_its_log(writable: Server) -> None:
    assert "unhandled error" not in writable.told()
