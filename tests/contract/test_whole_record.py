"""Every page of every list, every item behind it, every chain, reach and matrix is as documented."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from models.queries.standing import CELLS, COLUMNS, COLUMNS_OF
from tests.contract.document import BY_NAME, COLLECTIONS, LISTS, PROBLEM, Operation, operation_at
from tests.contract.server import Server

JSON = "application/json"
RECOMMENDATIONS = [f"R{number}" for number in range(1, 11)]
# An override stands on a thing and is nowhere itself.
PLACED = [operation for operation in COLLECTIONS if operation.name != "list_pii_overrides"]
LISTS_OF_RECOMMENDATIONS = [operation for operation in LISTS if operation.path.startswith("/api/v1/recommendations/{")]
DAY = "2017-06-29"
MATRICES = [(rows, columns) for rows, there in COLUMNS_OF.items() for columns in there]
UNJOINED = [pair for pair in product(COLUMNS_OF, COLUMNS) if pair not in MATRICES]


def _pages(server: Server, path: str) -> Iterator[dict[str, Any]]:
    """Each page of a list, following `next`."""
    at: str | None = path
    while at is not None:
        answer = server.get(at)
        assert answer.status_code == 200, (at, answer.text)
        page = answer.json()
        yield page
        at = page["next"]


def _refs(server: Server, collection: str) -> list[str]:
    """The references of all items of a collection."""
    return [item["ref"] for page in _pages(server, f"/api/v1/{collection}?limit=200") for item in page["items"]]


def _faults_at(server: Server, operation: Operation, path: str) -> list[str]:
    """What is wrong with the answer at a path."""
    answer = server.get(path)
    if answer.status_code != 200:
        return [f"{path}: {answer.status_code} {answer.text[:300]}"]
    return [f"{path} {fault}" for fault in operation.faults("200", JSON, answer.json())]


@pytest.mark.parametrize("operation", COLLECTIONS, ids=str)
def test_gives_every_page_as_documented(server: Server, operation: Operation) -> None:
    pages = list(_pages(server, f"{operation.place}?limit=7"))

    assert pages[0]["items"]
    assert [fault for page in pages for fault in operation.faults("200", JSON, page)] == []


@pytest.mark.parametrize("operation", COLLECTIONS, ids=str)
def test_gives_every_page_of_a_day_as_documented(server: Server, operation: Operation) -> None:
    day = f"as_of={DAY}" if "as_of" in operation.parameters else ""

    pages = list(_pages(server, f"{operation.place}?limit=7&{day}"))

    assert [fault for page in pages for fault in operation.faults("200", JSON, page)] == []


@pytest.mark.parametrize("operation", PLACED, ids=str)
def test_gives_every_item_where_its_self_says(server: Server, operation: Operation) -> None:
    addresses = {item["self"] for page in _pages(server, f"{operation.place}?limit=200") for item in page["items"]}

    faults = [fault for at in sorted(addresses) for fault in _faults_at(server, operation_at(at), at)]

    assert addresses
    assert faults == []


@pytest.mark.parametrize("operation", LISTS_OF_RECOMMENDATIONS, ids=str)
@pytest.mark.parametrize("ref", RECOMMENDATIONS)
def test_gives_every_part_of_a_recommendation_as_documented(server: Server, operation: Operation, ref: str) -> None:
    pages = list(_pages(server, f"{operation.of(ref)}?limit=7"))

    assert [fault for page in pages for fault in operation.faults("200", JSON, page)] == []


@pytest.mark.parametrize("query", ["", f"?as_of={DAY}", "?depth=1", "?limit=2"])
@pytest.mark.parametrize("ref", RECOMMENDATIONS)
def test_gives_the_chain_of_a_recommendation_as_documented(server: Server, ref: str, query: str) -> None:
    chain = BY_NAME["get_chain"]

    faults = _faults_at(server, chain, chain.of(ref) + query)

    assert faults == []


@pytest.mark.parametrize("ref", RECOMMENDATIONS)
def test_gives_a_recommendation_on_a_day_as_documented(server: Server, ref: str) -> None:
    one = BY_NAME["get_recommendation"]

    faults = _faults_at(server, one, f"{one.of(ref)}?as_of={DAY}")

    assert faults == []


def test_gives_the_address_of_everything_related_to_a_recommendation(server: Server) -> None:
    related = server.get("/api/v1/recommendations/R7").json()["related"]

    statuses = {name: server.get(address).status_code for name, address in related.items()}

    assert set(statuses.values()) == {200}, statuses


def test_gives_the_reach_of_every_evidence_as_documented(server: Server) -> None:
    reach = BY_NAME["get_reach"]

    faults = [fault for ref in _refs(server, "evidence") for fault in _faults_at(server, reach, reach.of(ref))]

    assert faults == []


def test_gives_the_progress_of_every_action_as_documented(server: Server) -> None:
    progress = BY_NAME["list_action_progress"]

    faults = [fault for ref in _refs(server, "actions") for fault in _faults_at(server, progress, progress.of(ref))]

    assert faults == []


def test_gives_every_kind_of_problem_as_documented(server: Server) -> None:
    kinds = [kind["self"] for kind in server.get("/api/v1/problems").json()["items"]]

    faults = [fault for at in kinds for fault in _faults_at(server, BY_NAME["get_problem"], at)]

    assert faults == []


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("rows", "columns"), MATRICES)
def test_gives_every_matrix_as_documented(server: Server, rows: str, columns: str, cell: str) -> None:
    matrix = BY_NAME["get_matrix"]

    faults = _faults_at(server, matrix, f"{matrix.place}?rows={rows}&columns={columns}&cell={cell}")

    assert faults == []


@pytest.mark.parametrize("asked", ["direct=true", f"as_of={DAY}", "basis=stated", "via=supports&via=derived_from"])
@pytest.mark.parametrize(("rows", "columns"), MATRICES)
def test_gives_every_narrowed_matrix_as_documented(server: Server, rows: str, columns: str, asked: str) -> None:
    matrix = BY_NAME["get_matrix"]

    faults = _faults_at(server, matrix, f"{matrix.place}?rows={rows}&columns={columns}&cell=refs&{asked}")

    assert faults == []


@pytest.mark.parametrize(("rows", "columns"), UNJOINED)
def test_refuses_a_matrix_whose_columns_no_link_joins_to_its_rows(server: Server, rows: str, columns: str) -> None:
    matrix = BY_NAME["get_matrix"]

    answer = server.get(f"{matrix.place}?rows={rows}&columns={columns}")

    assert answer.status_code == 422
    assert matrix.faults("422", PROBLEM, answer.json()) == []


@pytest.mark.parametrize("asked", ["", "start=R7", f"as_of={DAY}", "kind=body", "direction=in&start=hmics", "limit=5"])
def test_gives_the_graph_as_documented(server: Server, asked: str) -> None:
    graph = BY_NAME["get_graph"]

    faults = _faults_at(server, graph, f"{graph.place}?{asked}")

    assert faults == []


@pytest.mark.parametrize(
    "path", ["evidence/T-hidden", "evidence/T-hidden/reach", "graph?start=T-hidden", "evidence/T-marked"]
)
def test_does_not_have_what_the_reader_may_not_see(server: Server, path: str) -> None:
    answer = server.get(f"/api/v1/{path}")

    assert answer.status_code == 404
