"""Bad input to any operation is told as a problem, with the same status on both engines; it never breaks the server."""

from typing import Any
from urllib.parse import quote

import pytest
import requests

from tests.contract.document import BY_NAME, LISTS, OPERATIONS, PROBLEM, Operation
from tests.contract.server import Server

REFS = [operation for operation in OPERATIONS if operation.has_ref]
DATED = [operation for operation in OPERATIONS if "as_of" in operation.parameters]
LIMITED = [operation for operation in OPERATIONS if "limit" in operation.parameters]
DEEP = [operation for operation in OPERATIONS if "depth" in operation.parameters]
FILTERS = [
    (operation, found["name"])
    for operation in OPERATIONS
    for found in operation.described["parameters"]
    if found["in"] == "query" and found["schema"].get("type") == "array"
]
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
BAD_DAYS = ["2015-02-30", "yesterday", "0000-01-01", "", "2015", "2015-11-26T00:00:00", "10000-01-01", "-1", "null"]
NOT_AS_DOCUMENTED = ["20151126", "2015-W48-4"]
BAD_NUMBERS = ["0", "-1", "2.5", "abc", "", str(10**30), "9" * 5_000, "1e1", "0x10", "NaN", "true", "1,2"]
NO_INTEGERS = ["1_0", "%D9%A5"]
BAD_ACCEPTS = ["garbage", ";;;", ",", "a/b", "application/json;q=0", "image/*", "text/", "/", "a" * 6_000, "\\\"';"]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "FROB"]
LEAKS = ("Traceback", 'File "', "sqlalchemy", "psycopg", "sqlite3", "SELECT ", ".py")


def _told(answer: requests.Response, status: int) -> dict[str, Any]:
    """The problem that an answer tells, checked to be a whole one of this status."""
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["Content-Type"] == PROBLEM
    told: dict[str, Any] = answer.json()
    assert BY_NAME["get_root"].faults("default", PROBLEM, told) == []
    assert told["status"] == status
    assert told["detail"].strip()
    assert told["instance"].startswith("/")
    assert not [leak for leak in LEAKS if leak in answer.text]
    return told


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_an_unknown_parameter_by_name(server: Server, operation: Operation) -> None:
    answer = server.get(f"{operation.place}?no_such_parameter=1")

    assert [fault["pointer"] for fault in _told(answer, 422)["errors"]] == ["no_such_parameter"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_format_given_twice(server: Server, operation: Operation) -> None:
    name = server.get(f"{operation.place}?format=nope").json()["detail"].split("there are: ")[1].split(" ")[0]

    answer = server.get(f"{operation.place}?format={name}&format={name}")

    _told(answer, 422)


@pytest.mark.parametrize("name", ["nope", "", "JSON", "../json", "json%20", "xml"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_an_unknown_format_and_names_the_known(server: Server, operation: Operation, name: str) -> None:
    answer = server.get(f"{operation.place}?format={name}")

    assert operation.media_types[0] in _told(answer, 406)["detail"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_method_and_names_those_allowed(server: Server, operation: Operation, method: str) -> None:
    answer = server.send(method, operation.place)

    _told(answer, 405)
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("bytes_", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_a_query_that_is_no_text(server: Server, operation: Operation, bytes_: str) -> None:
    answer = server.get(f"{operation.place}?no_such_parameter={bytes_}")

    _told(answer, 400)


@pytest.mark.parametrize("bytes_", NOT_TEXT.values(), ids=NOT_TEXT)
@pytest.mark.parametrize("operation", REFS, ids=str)
def test_refuses_a_reference_that_is_no_text(server: Server, operation: Operation, bytes_: str) -> None:
    answer = server.get(operation.of(f"R1{bytes_}"))

    _told(answer, 400)


@pytest.mark.parametrize("ref", NO_REFS.values(), ids=NO_REFS)
@pytest.mark.parametrize("operation", REFS, ids=str)
def test_has_nothing_under_a_strange_reference(server: Server, operation: Operation, ref: str) -> None:
    answer = server.get(operation.of(quote(ref, safe="")))

    _told(answer, 404)


@pytest.mark.parametrize("ref", ["%25FF", "%2500", "%250A"])
def test_decodes_a_path_once(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    _told(answer, 404)


@pytest.mark.parametrize("ref", ["a%20b", "%22", "%F0%9F%98%80", "%3Cb%3E"])
def test_names_the_instance_as_a_uri_reference(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    assert _told(answer, 404)["instance"] == f"/api/v1/reviews/{ref}"


@pytest.mark.parametrize("day", BAD_DAYS)
@pytest.mark.parametrize("operation", DATED, ids=str)
def test_refuses_a_day_that_is_none(server: Server, operation: Operation, day: str) -> None:
    answer = server.get(f"{operation.place}?as_of={day}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "as_of"


@pytest.mark.parametrize("day", NOT_AS_DOCUMENTED)
def test_refuses_a_day_that_is_not_written_as_documented(server: Server, day: str) -> None:
    answer = server.get(f"/api/v1/reviews?as_of={day}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "as_of"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("operation", [found for found in DATED if not found.has_ref], ids=str)
def test_takes_the_first_and_the_last_day_of_all(server: Server, operation: Operation, day: str) -> None:
    answer = server.get(f"{operation.place}?as_of={day}")

    assert answer.status_code == 200


@pytest.mark.parametrize("number", BAD_NUMBERS)
@pytest.mark.parametrize("operation", LIMITED, ids=str)
def test_refuses_a_limit_that_is_no_number_of_items(server: Server, operation: Operation, number: str) -> None:
    answer = server.get(f"{operation.place}?limit={number}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "limit"


@pytest.mark.parametrize("number", ["201", "10000"])
@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_page_of_too_many_items(server: Server, operation: Operation, number: str) -> None:
    answer = server.get(f"{operation.place}?limit={number}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "limit"


@pytest.mark.parametrize("number", NO_INTEGERS)
def test_refuses_a_limit_that_only_python_reads_as_a_number(server: Server, number: str) -> None:
    answer = server.get(f"/api/v1/reviews?limit={number}")

    _told(answer, 422)


@pytest.mark.parametrize("number", [*BAD_NUMBERS, "33"])
@pytest.mark.parametrize("operation", DEEP, ids=str)
def test_refuses_a_depth_out_of_bounds(server: Server, operation: Operation, number: str) -> None:
    answer = server.get(f"{operation.place}?depth={number}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "depth"


@pytest.mark.parametrize(
    "cursor", ["", "x", "a" * 1_001, "WyJ2YWx1ZSIsMSwxXQ.bad", "....", "%F0%9F%98%80", "null", "[]"]
)
@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_cursor_that_it_did_not_give(server: Server, operation: Operation, cursor: str) -> None:
    answer = server.get(f"{operation.place}?after={cursor}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "after"


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_cursor_of_another_list(server: Server, operation: Operation) -> None:
    other = "links" if operation.name == "list_clauses" else "clauses"
    cursor = server.get(f"/api/v1/{other}?limit=1").json()["next"].split("after=")[1]

    answer = server.get(f"{operation.place}?after={cursor}")

    assert _told(answer, 422)["errors"][0]["pointer"] == "after"


@pytest.mark.parametrize(("operation", "name"), FILTERS, ids=str)
def test_survives_a_filter_given_three_hundred_times(server: Server, operation: Operation, name: str) -> None:
    query = "&".join(f"{name}=a{number}" for number in range(300))

    answer = server.get(f"{operation.place}?{query}")

    if name == "external_id":
        assert answer.status_code == 200
    else:
        _told(answer, 422)


@pytest.mark.parametrize("value", ["%27%20OR%201%3D1--", "%25", "", "%F0%9F%98%80"])
@pytest.mark.parametrize(("operation", "name"), [pair for pair in FILTERS if pair[1] != "external_id"], ids=str)
def test_refuses_a_filter_by_what_cannot_be(server: Server, operation: Operation, name: str, value: str) -> None:
    answer = server.get(f"{operation.place}?{name}={value}")

    assert _told(answer, 422)["errors"]


@pytest.mark.parametrize("accept", BAD_ACCEPTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_has_nothing_for_a_strange_accept(server: Server, operation: Operation, accept: str) -> None:
    allowed = accept if accept != "application/json;q=0" else f"{operation.media_types[0]};q=0"

    answer = server.get(operation.place, Accept=allowed)

    _told(answer, 406)


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_refuses_too_many_headers(server: Server, operation: Operation) -> None:
    answer = server.get(operation.place, **{f"X_{number}": "a" for number in range(150)})

    _told(answer, 400)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api", "/api/v2/reviews", "/api/v1/reviews/MAPPA-2015/x", "/API/V1", "/%FF"]
)
def test_tells_an_unknown_path(server: Server, path: str) -> None:
    answer = server.get(path)

    _told(answer, 404)
