"""Odd headers and texts with which a write succeeds, or by which it must not be fooled."""

import json

import pytest

from tests.contract.document import BY_NAME, WRITES, Operation
from tests.contract.problem import told
from tests.contract.server import KEY, Server
from tests.contract.writing import added, perform, ready, ref_of

CHANGES = [operation for operation in WRITES if operation.matches_etag]
ODD_KEYS = ["'\";--", "%00", "../..", "{}", "k" * 255, "*", "null"]
NO_NAMES = {"empty": "", "space": "a b", "long": "r" * 256, "not_ascii": b"\xe9", "tab": "a\tb"}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_reads_the_scheme_of_a_key_as_http_does(writable: Server, scheme: str) -> None:
    operation = BY_NAME["add_evidence"]

    answer = perform(writable, operation, ready(writable, operation), Authorization=f"{scheme} {KEY}")

    assert answer.status_code == 201


@pytest.mark.parametrize("key", ODD_KEYS)
def test_takes_an_odd_idempotency_key_as_it_is(writable: Server, key: str) -> None:
    operation = BY_NAME["add_body"]
    first = perform(writable, operation, ready(writable, operation), Idempotency_Key=key)

    again = perform(writable, operation, ready(writable, operation), Idempotency_Key=key)

    assert first.status_code == 201
    assert again.content == first.content


@pytest.mark.parametrize("case", NO_NAMES)
def test_names_a_request_itself_whose_name_cannot_be_kept(writable: Server, case: str) -> None:
    operation = BY_NAME["add_body"]

    answer = perform(writable, operation, ready(writable, operation), X_Request_Id=NO_NAMES[case])

    assert answer.status_code == 201
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize("operation", CHANGES, ids=str)
def test_tells_a_star_in_quotes_from_the_star(writable: Server, operation: Operation) -> None:
    answer = perform(writable, operation, ready(writable, operation), If_Match='"*"')

    told(answer, 412)


@pytest.mark.parametrize(
    "text", ["=1+1", "<script>alert(1)</script>", "a\nb\tc", "é", "e\u0301", "😀" * 100, "\u202e", "'"]
)
def test_keeps_a_text_as_it_is_but_for_its_normal_form(writable: Server, text: str) -> None:
    ref = ref_of(added(writable, "evidence", statement=text))

    shown = writable.get(f"/api/v1/evidence/{ref}").json()["statement"]

    assert shown == text.replace("e\u0301", "é")


def test_reads_a_body_in_chunks(writable: Server) -> None:
    operation = BY_NAME["add_evidence"]
    content = json.dumps(operation.body).encode()
    lines = [
        b"POST /api/v1/evidence?reason=A+test HTTP/1.1",
        b"Host: test",
        b"Connection: close",
        b"Content-Type: application/json",
        b"Authorization: Bearer " + KEY.encode(),
        b"Transfer-Encoding: chunked",
    ]
    chunks = b"5\r\n" + content[:5] + b"\r\n%x\r\n" % (len(content) - 5) + content[5:] + b"\r\n0\r\n\r\n"

    answer = writable.raw(b"\r\n".join(lines) + b"\r\n\r\n" + chunks)

    assert answer.startswith(b"HTTP/1.1 201 ")
