"""The committed document: valid, up to date, and saying of every operation what a client has to know."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import yaml
from flask.testing import FlaskClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.publishing import FILE, publish
from openapi.differences import differences

DOCUMENT: dict[str, Any] = orjson.loads(FILE.read_bytes())
OPERATIONS: list[dict[str, Any]] = [
    {"path": path, "method": method, **described}
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
]
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
# No decision is published, so there is none to show.
WITHOUT_EXAMPLE = {"get_decision"}


def _name(operation: dict[str, Any]) -> str:
    """The name of an operation, for the names of tests."""
    return str(operation["operationId"])


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


def test_is_made_alike_every_time() -> None:
    assert publish() == publish()


def test_names_every_operation_once() -> None:
    names = [operation["operationId"] for operation in OPERATIONS]

    assert len(names) == len(set(names))


def test_uses_every_component_that_it_has() -> None:
    used = set(_references(DOCUMENT))

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


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_says_what_an_operation_is_for(operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z].{8,119}[^.]", operation["summary"])
    assert len(operation["tags"]) == 1
    assert operation.get("description", "It is so.").endswith(".")


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_says_who_may_call_an_operation(operation: dict[str, Any]) -> None:
    assert "security" in operation


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_describes_every_parameter_of_the_query(operation: dict[str, Any]) -> None:
    undescribed = [
        found["name"]
        for found in operation["parameters"]
        if found["in"] == "query" and not str(found.get("description", "")).endswith(".")
    ]

    assert undescribed == []


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=_name)
def test_describes_every_parameter_of_the_path(operation: dict[str, Any]) -> None:
    parameters = [found for found in operation["parameters"] if found["in"] == "path"]

    assert {found["name"] for found in parameters} == set(re.findall(r"{(\w+)}", operation["path"]))
    assert all(found["required"] for found in parameters)
    assert [found["name"] for found in parameters if not found.get("description")] == []


@pytest.mark.parametrize(
    "operation",
    [found for found in OPERATIONS if "{" in found["path"] and _name(found) not in WITHOUT_EXAMPLE],
    ids=_name,
)
def test_shows_an_example_of_every_parameter_of_the_path(operation: dict[str, Any]) -> None:
    examples = [found.get("example") for found in operation["parameters"] if found["in"] == "path"]

    assert all(examples)


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=_name)
def test_shows_no_example_that_is_empty(operation: dict[str, Any]) -> None:
    examples = [found["example"] for found in operation["parameters"] if "example" in found]

    assert "" not in examples


@pytest.mark.parametrize("operation", [found for found in OPERATIONS if "{" in found["path"]], ids=_name)
def test_lets_no_parameter_of_the_path_be_empty(operation: dict[str, Any]) -> None:
    schemas = [found["schema"] for found in operation["parameters"] if found["in"] == "path"]

    assert all(schema.get("minLength") or schema.get("pattern") or schema.get("enum") for schema in schemas)


@pytest.mark.parametrize(
    "operation",
    [
        found
        for found in OPERATIONS
        if _name(found) not in WITHOUT_EXAMPLE
        and "$ref" in found["responses"]["200"]["content"].get("application/json", {}).get("schema", {})
    ],
    ids=_name,
)
def test_shows_an_example_of_the_answer(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]

    assert content["example"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_tells_every_answer_that_an_operation_can_give(operation: dict[str, Any]) -> None:
    expected = {"200", "304", "400", "406", "414", "422", "default"}
    expected |= {"404"} if "{" in operation["path"] else set()

    assert expected <= set(operation["responses"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_describes_an_answer_in_json_as_what_json_is(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]

    assert content.get("application/json", {}).get("schema", {}).get("type") != "string"


def test_is_served_byte_for_byte(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").data == FILE.read_bytes()


def test_is_served_as_yaml_too(client: FlaskClient) -> None:
    assert yaml.safe_load(client.get("/api/v1/openapi.yaml").data) == DOCUMENT
