"""Bad input to any operation is told as a problem, with the same status on both engines; it never breaks the server."""

from urllib.parse import quote

import pytest

from tests.contract.document import OPERATIONS, Operation
from tests.contract.problem import told
from tests.contract.server import Server

REFS = [operation for operation in OPERATIONS if operation.has_ref]
NOT_TEXT = {"nul": "%00", "control": "%1F", "newline": "%0A", "delete": "%7F"} | {
    "surrogate": "%ED%A0%80",
    "invalid": "%FF",
    "overlong": "%C0%AF",
    "cut_short": "a%E2%82",
}
NO_REFS = {
    "quotes": "'\";--",
    "sql": "R1' OR '1'='1",
    "percent": "R%",
    "underscore": "R_",
    "space": "R1 ",
    "slash": "R1/R2",
    "traversal": "../R1",
    "long": "R" * 5_000,
    "emoji": "😀",
    "case": "r1",
    "markup": "<script>alert(1)</script>",
    "template": "{{7*7}}%s%n",
}
BAD_ACCEPTS = ["garbage", ";;;", ",", "a/b", "application/json;q=0", "image/*", "text/", "/", "a" * 6_000, "\\\"';"]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FROB"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_an_unknown_parameter_by_name(server: Server, operation: Operation) -> None:
    answer = server.get(f"{operation.place}?no_such_parameter=1")

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == ["no_such_parameter"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_format_given_twice(server: Server, operation: Operation) -> None:
    name = server.get(f"{operation.place}?format=nope").json()["detail"].split("there are: ")[1].split(" ")[0]

    answer = server.get(f"{operation.place}?format={name}&format={name}")

    told(answer, 422)


@pytest.mark.parametrize("name", ["nope", "", "JSON", "../json", "json%20", "xml"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_an_unknown_format_and_names_the_known(server: Server, operation: Operation, name: str) -> None:
    answer = server.get(f"{operation.place}?format={name}")

    assert operation.media_types[0] in told(answer, 406)["detail"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_method_and_names_those_allowed(server: Server, operation: Operation, method: str) -> None:
    answer = server.send(method, operation.place)

    told(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("bytes_", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_query_that_is_no_text(server: Server, operation: Operation, bytes_: str) -> None:
    answer = server.get(f"{operation.place}?no_such_parameter={bytes_}")

    told(answer, 400)


@pytest.mark.parametrize("bytes_", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("operation", REFS, ids=str)
def test_refuses_a_reference_that_is_no_text(server: Server, operation: Operation, bytes_: str) -> None:
    answer = server.get(operation.of(f"R1{bytes_}"))

    told(answer, 400)


@pytest.mark.parametrize("ref", NO_REFS.values(), ids=NO_REFS)
@pytest.mark.parametrize("operation", REFS, ids=str)
def test_has_nothing_under_a_strange_reference(server: Server, operation: Operation, ref: str) -> None:
    answer = server.get(operation.of(quote(ref, safe="")))

    told(answer, 404)


@pytest.mark.parametrize("ref", ["%25FF", "%2500", "%250A"])
def test_decodes_a_path_once(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    told(answer, 404)


@pytest.mark.parametrize("ref", ["a%20b", "%22", "%F0%9F%98%80", "%3Cb%3E"])
def test_names_the_instance_as_a_uri_reference(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    assert told(answer, 404)["instance"] == f"/api/v1/reviews/{ref}"


@pytest.mark.parametrize("accept", BAD_ACCEPTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_has_nothing_for_a_strange_accept(server: Server, operation: Operation, accept: str) -> None:
    allowed = accept if accept != "application/json;q=0" else f"{operation.media_types[0]};q=0"

    answer = server.get(operation.place, Accept=allowed)

    told(answer, 406)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_too_many_headers(server: Server, operation: Operation) -> None:
    answer = server.get(operation.place, **{f"X_{number}": "a" for number in range(150)})

    told(answer, 400)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api", "/api/v2/reviews", "/api/v1/reviews/MAPPA-2015/x", "/API/V1", "/%FF"]
)
def test_tells_an_unknown_path(server: Server, path: str) -> None:
    answer = server.get(path)

    told(answer, 404)
