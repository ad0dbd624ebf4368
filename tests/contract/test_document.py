"""The running server keeps what the committed document promises of answers that succeed."""

import csv
import io
import json
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import networkx as nx
import openpyxl
import pytest
import yaml
from icalendar import Calendar

from tests.contract.document import DOCUMENT, OPERATIONS, READS, Operation, published_paths
from tests.contract.server import Server

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMAT_NAMES = {
    "application/json": "json",
    "text/csv": "csv",
    XLSX: "xlsx",
    "text/markdown": "markdown",
    "application/yaml": "yaml",
    "text/html": "html",
    "application/ld+json": "jsonld",
    "application/graphml+xml": "graphml",
    "text/vnd.graphviz": "dot",
    "text/vnd.mermaid": "mermaid",
    "text/calendar": "ics",
    "application/x-ndjson": "ndjson",
    "text/plain": "prometheus",
}
OFFERED = [(operation, media_type) for operation in READS for media_type in operation.media_types]
JSON = [operation for operation in READS if "application/json" in operation.media_types]


def _with(path: str, **query: str) -> str:
    """A path and query with more in its query."""
    return f"{path}{'&' if urlsplit(path).query else '?'}{urlencode(query)}"


def _is_csv(content: bytes) -> bool:
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    return len(rows) >= 1 and len(rows[0]) > 1 and all(len(row) == len(rows[0]) for row in rows)


def _is_xlsx(content: bytes) -> bool:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    names = book.sheetnames
    book.close()
    return content.startswith(b"PK\x03\x04") and bool(names)


def _is_markdown(content: bytes) -> bool:
    text = content.decode("utf-8")
    return any(line.startswith("|") for line in text.splitlines()) and "| ---" in text.replace("|---", "| ---")


def _is_yaml(content: bytes) -> bool:
    return bool(yaml.safe_load(content) == DOCUMENT)


def _is_html(content: bytes) -> bool:
    return content.lower().startswith(b"<!doctype html>") and content.rstrip().endswith(b"</html>")


def _is_jsonld(content: bytes) -> bool:
    return "@context" in json.loads(content)


def _is_graphml(content: bytes) -> bool:
    return len(nx.read_graphml(io.BytesIO(content))) > 0


def _is_dot(content: bytes) -> bool:
    return content.startswith(b"digraph ") and content.rstrip().endswith(b"}")


def _is_mermaid(content: bytes) -> bool:
    return any(line.startswith(("flowchart ", "graph ")) for line in content.decode("utf-8").splitlines())


def _is_ndjson(content: bytes) -> bool:
    lines = content.decode("utf-8").splitlines()
    return content.endswith(b"\n") and len(lines) > 1 and all(isinstance(json.loads(line), dict) for line in lines)


def _is_calendar(content: bytes) -> bool:
    (found,) = Calendar.from_ical(content, multiple=True)
    return bool(found.required) and not found.errors and all(len(line) <= 75 for line in content.split(b"\r\n"))


READABLE: dict[str, Callable[[bytes], bool]] = {
    "text/csv": _is_csv,
    XLSX: _is_xlsx,
    "text/markdown": _is_markdown,
    "application/yaml": _is_yaml,
    "text/html": _is_html,
    "application/ld+json": _is_jsonld,
    "application/graphml+xml": _is_graphml,
    "text/vnd.graphviz": _is_dot,
    "text/vnd.mermaid": _is_mermaid,
    "text/calendar": _is_calendar,
    "application/x-ndjson": _is_ndjson,
}


def test_documents_the_published_endpoints_and_no_other() -> None:
    documented = {operation.name: (operation.method, operation.path) for operation in OPERATIONS}

    assert documented == published_paths()


@pytest.mark.parametrize("operation", JSON, ids=str)
def test_answers_the_example_call_as_documented(server: Server, operation: Operation) -> None:
    answer = server.get(operation.example)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert operation.faults("200", "application/json", answer.json()) == []


@pytest.mark.parametrize("operation", JSON, ids=str)
def test_documents_an_example_that_is_as_documented(operation: Operation) -> None:
    content = operation.described["responses"]["200"]["content"]["application/json"]

    faults = operation.faults("200", "application/json", content["example"]) if "example" in content else []

    assert faults == []


@pytest.mark.parametrize(("operation", "media_type"), OFFERED, ids=str)
def test_gives_each_documented_media_type_that_accept_names(
    server: Server, operation: Operation, media_type: str
) -> None:
    answer = server.get(operation.example, Accept=media_type)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == media_type
    assert answer.content


@pytest.mark.parametrize(("operation", "media_type"), OFFERED, ids=str)
def test_gives_each_documented_media_type_by_the_name_of_its_format(
    server: Server, operation: Operation, media_type: str
) -> None:
    answer = server.get(_with(operation.example, format=FORMAT_NAMES[media_type]))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == media_type


@pytest.mark.parametrize(("operation", "media_type"), [offer for offer in OFFERED if offer[1] in READABLE], ids=str)
def test_writes_what_a_reader_of_the_media_type_can_read(server: Server, operation: Operation, media_type: str) -> None:
    answer = server.get(operation.example, Accept=media_type)

    assert READABLE[media_type](answer.content)


def test_serves_the_committed_document(server: Server) -> None:
    answer = server.get("/api/v1/openapi.json")

    assert answer.json() == DOCUMENT


def test_gives_every_address_of_its_index(server: Server) -> None:
    links = server.get("/").json()["links"]

    statuses = {address: server.get(address).status_code for address in links.values()}

    assert set(statuses.values()) == {200}, statuses


def test_writes_nothing_to_its_log_that_is_an_error(server: Server) -> None:
    server.get("/api/v1/recommendations/R1")

    assert "Traceback" not in server.told()
