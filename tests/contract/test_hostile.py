"""Bad input to any operation is told as a problem, with the same status on both engines; it never breaks the server."""

import re
from urllib.parse import quote

import pytest

from tests.contract.document import DOCUMENT, READS, Operation
from tests.contract.problem import told
from tests.contract.server import Server

REFS = [operation for operation in READS if "{ref}" in operation.path or "{name}" in operation.path]
POINTS = [operation for operation in READS if "{start}" in operation.path]
# A zero byte, a control sign, a new line, a delete; a surrogate, an invalid, an overlong and a cut-short sequence.
NOT_TEXT = ["%00", "%1F", "%0A", "%7F", "%ED%A0%80", "%FF", "%C0%AF", "a%E2%82"]
NO_REFS = ["'\";--", "R1' OR '1'='1", "R%", "R_", "R1 ", "R1/R2", "../R1", "R" * 5_000, "😀", "r1"]
NO_REFS += ["<script>alert(1)</script>", "{{7*7}}%s%n"]
NO_POINTS = ["'\";--", "R%", "10000000000", "2015-02-30", "2017-06-29T12:00:00", "😀", "{{7*7}}%s%n", "a" * 3_000]
BAD_ACCEPTS = ["garbage", ";;;", ",", "a/b", "image/*", "text/", "/", "a" * 6_000, "\\\"';"]
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FROB"}


@pytest.mark.parametrize("operation", READS, ids=str)
def test_refuses_an_unknown_parameter_by_name(server: Server, operation: Operation) -> None:
    answer = server.get(f"{operation.place}?no_such_parameter=1")

    assert [fault["pointer"] for fault in told(answer, 422)["errors"]] == ["no_such_parameter"]


@pytest.mark.parametrize("operation", READS, ids=str)
def test_refuses_a_format_given_twice(server: Server, operation: Operation) -> None:
    name = server.get(f"{operation.place}?format=nope").json()["detail"].split("there are: ")[1].split(" ")[0]

    answer = server.get(f"{operation.place}?format={name}&format={name}")

    told(answer, 422)


@pytest.mark.parametrize("operation", READS, ids=str)
def test_refuses_an_unknown_format_and_names_the_known(server: Server, operation: Operation) -> None:
    for name in ("nope", "", "JSON", "../json", "json%20", "xml"):
        answer = server.get(f"{operation.place}?format={name}")

        assert operation.media_types[0] in told(answer, 406)["detail"]


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_refuses_a_method_and_names_those_allowed(server: Server, path: str) -> None:
    allowed = {name.upper() for name in DOCUMENT["paths"][path]}
    named = allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())

    for method in METHODS - allowed:
        answer = server.send(method, re.sub(r"{\w+}", "1", path))

        told(answer, 405)
        assert set(answer.headers["Allow"].split(", ")) == named, method


@pytest.mark.parametrize("operation", READS, ids=str)
def test_refuses_a_query_that_is_no_text(server: Server, operation: Operation) -> None:
    for bytes_ in NOT_TEXT:
        told(server.get(f"{operation.place}?no_such_parameter={bytes_}"), 400)


@pytest.mark.parametrize("operation", REFS, ids=str)
def test_refuses_a_reference_that_is_no_text(server: Server, operation: Operation) -> None:
    for bytes_ in NOT_TEXT:
        told(server.get(operation.of(f"R1{bytes_}")), 400)


@pytest.mark.parametrize("operation", REFS, ids=str)
def test_has_nothing_under_a_strange_reference(server: Server, operation: Operation) -> None:
    for ref in NO_REFS:
        told(server.get(operation.of(quote(ref, safe=""))), 404)


@pytest.mark.parametrize("operation", POINTS, ids=str)
def test_refuses_a_point_of_the_record_that_is_no_text(server: Server, operation: Operation) -> None:
    for bytes_ in NOT_TEXT:
        told(server.get(operation.of(f"1{bytes_}")), 400)


@pytest.mark.parametrize("point", [*NO_POINTS, "t-baseline ", "T-BASELINE", "-"])
@pytest.mark.parametrize("operation", POINTS, ids=str)
def test_compares_nothing_with_a_strange_point_of_the_record(server: Server, operation: Operation, point: str) -> None:
    for path in (operation.of("1").replace("/1/", f"/{quote(point, safe='')}/"), operation.of(quote(point, safe=""))):
        assert server.get(path).status_code in {404, 422}, path


@pytest.mark.parametrize("number", ["-1", "1.0", "0", "one", "1e1", "99999999", str(2**31), str(2**63), "9" * 400])
def test_has_no_change_of_a_strange_number(server: Server, number: str) -> None:
    answer = server.get(f"/api/v1/changes/{number}")

    told(answer, 404)


@pytest.mark.parametrize("ref", ["%25FF", "%2500", "%250A"])
def test_decodes_a_path_once(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    told(answer, 404)


@pytest.mark.parametrize("ref", ["a%20b", "%22", "%F0%9F%98%80", "%3Cb%3E"])
def test_names_the_instance_as_a_uri_reference(server: Server, ref: str) -> None:
    answer = server.get(f"/api/v1/reviews/{ref}")

    assert told(answer, 404)["instance"] == f"/api/v1/reviews/{ref}"


@pytest.mark.parametrize("operation", READS, ids=str)
def test_has_nothing_for_a_strange_accept(server: Server, operation: Operation) -> None:
    for accept in (*BAD_ACCEPTS, f"{operation.media_types[0]};q=0"):
        told(server.get(operation.place, Accept=accept), 406)


@pytest.mark.parametrize("operation", READS, ids=str)
def test_refuses_too_many_headers(server: Server, operation: Operation) -> None:
    answer = server.get(operation.place, **{f"X_{number}": "a" for number in range(150)})

    told(answer, 400)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/api/v2", "/api/v2/reviews", "/api/v1/reviews/MAPPA-2015/x", "/API/V1", "/%FF"]
)
def test_tells_an_unknown_path(server: Server, path: str) -> None:
    answer = server.get(path)

    told(answer, 404)
