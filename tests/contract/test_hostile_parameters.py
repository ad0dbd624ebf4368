"""Parameters that are no days, no numbers, no cursors and no words: refused by name, alike on both engines."""

from collections.abc import Iterable

import pytest

from tests.contract.document import LISTS, READS, Operation
from tests.contract.problem import told
from tests.contract.server import Server

DATED = [operation for operation in READS if "as_of" in operation.parameters]
KNOWN = [operation for operation in READS if "known_at" in operation.parameters]
LIMITED = [operation for operation in READS if "limit" in operation.parameters]
DEEP = [operation for operation in READS if "depth" in operation.parameters]
FILTERS = [
    (operation, found["name"])
    for operation in READS
    for found in operation.described["parameters"]
    if found["in"] == "query" and found["schema"].get("type") == "array"
]
# Filters by what others have chosen freely: any text may be asked for, and need not be there.
ANY_TEXT = {"external_id", "principal", "q"}
# Of those, what only so many may be given of.
NOT_MANY = {"q"}
BAD_DAYS = ["2015-02-30", "yesterday", "0000-01-01", "", "2015", "2015-11-26T00:00:00", "10000-01-01", "-1", "null"]
NOT_AS_DOCUMENTED = ["20151126", "2015-W48-4"]
BAD_POINTS = [
    "",
    "-1",
    "99999999",
    "10000000000",
    "9" * 61,
    "2015-02-30",
    "9999-12-31",
    "2017-06-29T12:00:00",
    "2017-06-29T25:00:00Z",
    "0001-01-01T00:00%2B23:59",
    "9999-12-31T23:59-23:59",
    "T-BASELINE",
    "no-such-baseline",
    "a" * 61,
    "1.0",
    "%D9%A5",
    "'%20OR%201=1--",
    "%F0%9F%98%80",
]
GOOD_POINTS = ["0", "1", "424", "0000000424", "now", "t-baseline", "0001-01-01", "2017-06-29T12:00%2B02:00"]
BAD_NUMBERS = ["0", "-1", "2.5", "abc", "", str(10**30), "9" * 5_000, "1e1", "0x10", "NaN", "true", "1,2"]
BAD_CURSORS = ["", "x", "a" * 1_001, "WyJ2YWx1ZSIsMSwxXQ.bad", "....", "%F0%9F%98%80", "null", "[]"]
NO_INTEGERS = ["1_0", "%D9%A5"]


def _refused(server: Server, operation: Operation, name: str, values: Iterable[str]) -> None:
    """Check that an operation refuses each of these values of a parameter by its name."""
    for value in values:
        answer = server.get(f"{operation.place}?{name}={value}")

        assert told(answer, 422)["errors"][0]["pointer"] == name, value


@pytest.mark.parametrize("operation", DATED, ids=str)
def test_refuses_a_day_that_is_none(server: Server, operation: Operation) -> None:
    _refused(server, operation, "as_of", BAD_DAYS)


@pytest.mark.parametrize("day", NOT_AS_DOCUMENTED)
def test_refuses_a_day_that_is_not_written_as_documented(server: Server, day: str) -> None:
    answer = server.get(f"/api/v1/reviews?as_of={day}")

    assert told(answer, 422)["errors"][0]["pointer"] == "as_of"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("operation", [found for found in DATED if not found.has_ref], ids=str)
def test_takes_the_first_and_the_last_day_of_all(server: Server, operation: Operation, day: str) -> None:
    answer = server.get(f"{operation.place}?as_of={day}")

    assert answer.status_code == 200


@pytest.mark.parametrize("operation", KNOWN, ids=str)
def test_refuses_a_point_of_the_record_that_is_none(server: Server, operation: Operation) -> None:
    _refused(server, operation, "known_at", BAD_POINTS)


@pytest.mark.parametrize("operation", [found for found in KNOWN if not found.has_ref], ids=str)
def test_takes_every_form_of_a_point_of_the_record(server: Server, operation: Operation) -> None:
    for point in GOOD_POINTS:
        assert server.get(f"{operation.place}?known_at={point}").status_code == 200, point


@pytest.mark.parametrize("name", ["since", "until"])
@pytest.mark.parametrize(
    "moment", ["", "2015-11-26", "2015-11-26T00:00:00", "yesterday", "2015-11-26T00:00:00%2B00:00"]
)
def test_refuses_a_moment_that_is_not_written_as_documented(server: Server, name: str, moment: str) -> None:
    answer = server.get(f"/api/v1/changes?{name}={moment}")

    assert told(answer, 422)["errors"][0]["pointer"] == name


@pytest.mark.parametrize("operation", LIMITED, ids=str)
def test_refuses_a_limit_that_is_no_number_of_items(server: Server, operation: Operation) -> None:
    _refused(server, operation, "limit", BAD_NUMBERS)


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_page_of_too_many_items(server: Server, operation: Operation) -> None:
    _refused(server, operation, "limit", ["201", "10000"])


@pytest.mark.parametrize("number", NO_INTEGERS)
def test_refuses_a_limit_that_only_python_reads_as_a_number(server: Server, number: str) -> None:
    answer = server.get(f"/api/v1/reviews?limit={number}")

    told(answer, 422)


@pytest.mark.parametrize("operation", DEEP, ids=str)
def test_refuses_a_depth_out_of_bounds(server: Server, operation: Operation) -> None:
    _refused(server, operation, "depth", [*BAD_NUMBERS, "33"])


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_cursor_that_it_did_not_give(server: Server, operation: Operation) -> None:
    _refused(server, operation, "after", BAD_CURSORS)


@pytest.mark.parametrize("operation", LISTS, ids=str)
def test_refuses_a_cursor_of_another_list(server: Server, operation: Operation) -> None:
    other = "links" if operation.name == "list_clauses" else "clauses"
    cursor = server.get(f"/api/v1/{other}?limit=1").json()["next"].split("after=")[1]

    answer = server.get(f"{operation.place}?after={cursor}")

    assert told(answer, 422)["errors"][0]["pointer"] == "after"


@pytest.mark.parametrize(("operation", "name"), FILTERS, ids=str)
def test_survives_a_filter_given_three_hundred_times(server: Server, operation: Operation, name: str) -> None:
    query = "&".join(f"{name}=a{number}" for number in range(300))

    answer = server.get(f"{operation.place}?{query}")

    if name in ANY_TEXT - NOT_MANY:
        assert answer.status_code == 200
    else:
        told(answer, 422)


@pytest.mark.parametrize(("operation", "name"), [pair for pair in FILTERS if pair[1] not in ANY_TEXT], ids=str)
def test_refuses_a_filter_by_what_cannot_be(server: Server, operation: Operation, name: str) -> None:
    for value in ("%27%20OR%201%3D1--", "%25", "", "%F0%9F%98%80"):
        assert told(server.get(f"{operation.place}?{name}={value}"), 422)["errors"]
