"""The committed document: valid, up to date, and saying of every operation what a client has to know."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import yaml
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.publishing import FILE, GUIDE, guide, publish
from openapi.differences import differences
from tests.openapi.committed import (
    ASKING_NOBODY,
    CLOSED,
    DOCUMENT,
    OPERATIONS,
    READS,
    SCHEMAS,
    STREAMED,
    TIMED,
    WITHOUT_EXAMPLE,
    WRITES,
    Described,
    headers_of,
    name_of,
)

# What the public has by the policy.
READING = {"open", "read", "read-record"}


def _references(value: Any) -> Iterator[str]:
    """Every $ref in a value."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _references(part)


def test_is_valid() -> None:
    faults = [fault.message for fault in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()]

    assert faults == []


def test_is_of_the_version_that_the_design_names() -> None:
    assert DOCUMENT["openapi"] == "3.1.1"


def test_is_what_the_endpoints_declare() -> None:
    made = publish()

    found = "\n".join(differences(DOCUMENT, orjson.loads(made)))
    assert made == FILE.read_bytes(), f"Run `mappa-trace openapi -o`:\n{found}"


def test_has_a_guide_that_is_what_the_endpoints_declare() -> None:
    assert guide() == GUIDE.read_bytes(), "Run `mappa-trace guide -o`."


def test_is_made_alike_every_time() -> None:
    assert publish() == publish()


@pytest.mark.parametrize("at", ["2017-01-01T00:00:00.000000Z", "2199-12-31T23:59:59.999999Z"])
def test_is_made_alike_at_any_time(monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    for module in ("models.changes", "models.recording", "models.queries.points"):
        monkeypatch.setattr(f"{module}.moment", lambda: at)

    made = publish()

    assert "\n".join(differences(DOCUMENT, orjson.loads(made))) == ""


def test_names_every_operation_once() -> None:
    names = [operation["operationId"] for operation in OPERATIONS]

    assert len(names) == len(set(names))


def test_uses_every_component_that_it_has() -> None:
    used = set(_references(DOCUMENT))
    used |= {
        f"#/components/securitySchemes/{name}" for found in WRITES for asked in found["security"] for name in asked
    }

    there = {f"#/components/{part}/{name}" for part, found in DOCUMENT["components"].items() for name in found}
    assert used == there


def test_names_components_without_suffixes() -> None:
    assert [name for name in SCHEMAS if not re.fullmatch(r"([A-Z][a-z]+)+", name) or name.endswith("Schema")] == []


@pytest.mark.parametrize("name", SCHEMAS)
def test_lets_no_object_have_more_than_is_said(name: str) -> None:
    schema = SCHEMAS[name]

    assert schema["type"] == "object"
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("name", SCHEMAS)
def test_requires_only_what_it_describes(name: str) -> None:
    schema = SCHEMAS[name]

    assert set(schema.get("required", [])) <= set(schema["properties"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_says_what_an_operation_is_for(operation: Described) -> None:
    assert re.fullmatch(r"[A-Z].{8,119}[^.]", operation["summary"])
    assert len(operation["tags"]) == 1
    assert operation.get("description", "It is so.").endswith(".")


@pytest.mark.parametrize("operation", [found for found in READS if name_of(found) not in CLOSED], ids=name_of)
def test_lets_everybody_read(operation: Described) -> None:
    anybody, *known = operation["security"]

    assert anybody == {}
    assert [list(asked) for asked in known] == [["key"], ["token"]]
    assert {scope for asked in known for scopes in asked.values() for scope in scopes} <= READING


@pytest.mark.parametrize("operation", [found for found in READS if name_of(found) in CLOSED], ids=name_of)
def test_asks_for_a_key_or_a_token_to_read_what_is_not_for_everybody(operation: Described) -> None:
    scopes = CLOSED[name_of(operation)]

    assert operation["security"] == [{"key": scopes}, {"token": scopes}]


@pytest.mark.parametrize("name", ["key", "token"])
def test_says_how_whoever_calls_says_who_he_is(name: str) -> None:
    scheme = DOCUMENT["components"]["securitySchemes"][name]

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert scheme["description"].endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_describes_every_parameter_of_the_query(operation: Described) -> None:
    undescribed = [
        found["name"]
        for found in operation["parameters"]
        if found["in"] == "query" and not str(found.get("description", "")).endswith(".")
    ]

    assert undescribed == []


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=name_of)
def test_describes_every_parameter_of_the_path(operation: Described) -> None:
    parameters = [found for found in operation["parameters"] if found["in"] == "path"]

    assert {found["name"] for found in parameters} == set(re.findall(r"{(\w+)}", operation["path"]))
    assert all(found["required"] for found in parameters)
    assert [found["name"] for found in parameters if not found.get("description")] == []


@pytest.mark.parametrize(
    "operation",
    [found for found in OPERATIONS if "{" in found["path"] and name_of(found) not in WITHOUT_EXAMPLE],
    ids=name_of,
)
def test_shows_an_example_of_every_parameter_of_the_path(operation: Described) -> None:
    examples = [found.get("example") for found in operation["parameters"] if found["in"] == "path"]

    assert all(examples)


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=name_of)
def test_shows_no_example_that_is_empty(operation: Described) -> None:
    examples = [found["example"] for found in operation["parameters"] if "example" in found]

    assert "" not in examples


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=name_of)
def test_lets_no_parameter_of_the_path_be_empty(operation: Described) -> None:
    schemas = [found["schema"] for found in operation["parameters"] if found["in"] == "path"]

    assert all(schema.get("minLength") or schema.get("pattern") or schema.get("enum") for schema in schemas)


@pytest.mark.parametrize(
    "operation",
    [
        found
        for found in READS
        if name_of(found) not in WITHOUT_EXAMPLE | TIMED
        and "$ref" in found["responses"]["200"]["content"].get("application/json", {}).get("schema", {})
    ],
    ids=name_of,
)
def test_shows_an_example_of_the_answer(operation: Described) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]

    assert content["example"]


@pytest.mark.parametrize("operation", [found for found in READS if name_of(found) in TIMED], ids=name_of)
def test_shows_no_example_that_would_differ_elsewhere(operation: Described) -> None:
    assert not [shown for shown in operation["responses"]["200"]["content"].values() if "example" in shown]


@pytest.mark.parametrize("operation", READS, ids=name_of)
def test_tells_every_answer_that_a_read_can_give(operation: Described) -> None:
    name = name_of(operation)
    expected = {"200", "304", "400", "406", "414", "422", "default"}
    expected |= {"401", "429"} if name not in ASKING_NOBODY else set()
    expected |= {"403"} if name in CLOSED else set()
    expected |= {"404"} if "{" in operation["path"] or name in {"get_graph", "get_checkpoint"} else set()
    expected |= {"503"} if name == "get_ready" else set()
    expected -= {"304"} if name in STREAMED else set()

    assert set(operation["responses"]) == expected


@pytest.mark.parametrize("operation", READS, ids=name_of)
def test_describes_an_answer_in_json_as_what_json_is(operation: Described) -> None:
    content = operation["responses"]["200"]["content"]

    assert content.get("application/json", {}).get("schema", {}).get("type") != "string"


@pytest.mark.parametrize("operation", READS, ids=name_of)
def test_takes_no_header_to_read(operation: Described) -> None:
    assert headers_of(operation) == {}
    assert "requestBody" not in operation


def test_is_served_byte_for_byte(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").data == FILE.read_bytes()


def test_is_served_as_yaml_too(client: FlaskClient) -> None:
    assert yaml.safe_load(client.get("/api/v1/openapi.yaml").data) == DOCUMENT
