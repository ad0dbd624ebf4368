"""The committed document: valid, up to date, and saying of every operation what a client has to know."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import yaml
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.publishing import FILE, GUIDE, guide, publish
from openapi.differences import differences

DOCUMENT: dict[str, Any] = orjson.loads(FILE.read_bytes())
OPERATIONS: list[dict[str, Any]] = [
    {"path": path, "method": method, **described}
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
]
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
READS = [operation for operation in OPERATIONS if operation["method"] == "get"]
WRITES = [operation for operation in OPERATIONS if operation["method"] != "get"]
TAKERS = [operation for operation in WRITES if operation["method"] != "delete"]
# No decision and no baseline is published, so there is none to show.
WITHOUT_EXAMPLE = {"get_decision", "list_decision_history", "get_baseline", "list_baseline_history"}
# The answers of these hold times, and so differ from one installation to another.
TIMED = {"list_record", "get_change", "get_checkpoint"}
TIMED |= {operation["operationId"] for operation in READS if operation["path"].endswith("/history")}
# What is written while it is sent has no fingerprint before it is sent.
STREAMED = {"get_export"}
TYPES = {"post": "application/json", "patch": "application/merge-patch+json"}


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


@pytest.mark.parametrize("operation", OPERATIONS, ids=_name)
def test_says_what_an_operation_is_for(operation: dict[str, Any]) -> None:
    assert re.fullmatch(r"[A-Z].{8,119}[^.]", operation["summary"])
    assert len(operation["tags"]) == 1
    assert operation.get("description", "It is so.").endswith(".")


@pytest.mark.parametrize("operation", READS, ids=_name)
def test_lets_everybody_read(operation: dict[str, Any]) -> None:
    assert operation["security"] == []


@pytest.mark.parametrize("operation", WRITES, ids=_name)
def test_asks_for_a_key_to_write(operation: dict[str, Any]) -> None:
    assert operation["security"] == [{"key": []}]
    assert DOCUMENT["components"]["securitySchemes"]["key"]["scheme"] == "bearer"


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
        for found in READS
        if _name(found) not in WITHOUT_EXAMPLE | TIMED
        and "$ref" in found["responses"]["200"]["content"].get("application/json", {}).get("schema", {})
    ],
    ids=_name,
)
def test_shows_an_example_of_the_answer(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]["application/json"]

    assert content["example"]


@pytest.mark.parametrize("operation", [found for found in READS if _name(found) in TIMED], ids=_name)
def test_shows_no_example_that_would_differ_elsewhere(operation: dict[str, Any]) -> None:
    assert "example" not in operation["responses"]["200"]["content"]["application/json"]


@pytest.mark.parametrize("operation", READS, ids=_name)
def test_tells_every_answer_that_a_read_can_give(operation: dict[str, Any]) -> None:
    expected = {"200", "304", "400", "401", "406", "414", "422", "default"}
    expected |= {"404"} if "{" in operation["path"] else set()
    expected -= {"304"} if _name(operation) in STREAMED else set()

    assert expected <= set(operation["responses"])


@pytest.mark.parametrize("operation", WRITES, ids=_name)
def test_tells_every_answer_that_a_write_can_give(operation: dict[str, Any]) -> None:
    succeeding = {"201"} if operation["method"] == "post" else {"204"} if operation["method"] == "delete" else {"200"}
    succeeding = {"200"} if operation["path"].endswith("/review") else succeeding
    expected = {"400", "401", "403", "406", "409", "413", "414", "415", "422", "default"}
    expected |= {"404", "412", "428"} if "{" in operation["path"] else set()

    assert set(operation["responses"]) == expected | succeeding


@pytest.mark.parametrize("operation", READS, ids=_name)
def test_describes_an_answer_in_json_as_what_json_is(operation: dict[str, Any]) -> None:
    content = operation["responses"]["200"]["content"]

    assert content.get("application/json", {}).get("schema", {}).get("type") != "string"


def _headers(operation: dict[str, Any]) -> dict[str, Any]:
    """The headers that an operation takes: whether each is required, by name."""
    return {found["name"]: found["required"] for found in operation["parameters"] if found["in"] == "header"}


@pytest.mark.parametrize("operation", READS, ids=_name)
def test_takes_no_header_to_read(operation: dict[str, Any]) -> None:
    assert _headers(operation) == {}
    assert "requestBody" not in operation


@pytest.mark.parametrize("operation", WRITES, ids=_name)
def test_takes_the_headers_that_a_write_needs(operation: dict[str, Any]) -> None:
    needed = {"If-Match": True} if "{" in operation["path"] else {}

    assert _headers(operation) == needed | {"Idempotency-Key": False}
    assert all(found["description"].endswith(".") for found in operation["parameters"] if found["in"] == "header")


@pytest.mark.parametrize("operation", WRITES, ids=_name)
def test_needs_a_reason_for_every_write(operation: dict[str, Any]) -> None:
    (reason,) = (found for found in operation["parameters"] if found["name"] == "reason")

    assert reason["required"]
    assert reason["schema"]["minLength"] == 1


@pytest.mark.parametrize("operation", TAKERS, ids=_name)
def test_describes_the_body_that_a_write_takes(operation: dict[str, Any]) -> None:
    body = operation["requestBody"]

    assert body["required"]
    assert list(body["content"]) == [TYPES[operation["method"]]]
    reference = body["content"][TYPES[operation["method"]]]["schema"]["$ref"]
    fields = SCHEMAS[reference.rpartition("/")[2]]["properties"]
    assert [name for name, field in fields.items() if not field.get("description", "").endswith(".")] == []


@pytest.mark.parametrize("operation", TAKERS, ids=_name)
def test_shows_an_example_of_the_body_that_a_write_takes(operation: dict[str, Any]) -> None:
    (content,) = operation["requestBody"]["content"].values()
    schema = {**content["schema"], "components": DOCUMENT["components"]}

    assert content["example"]
    assert [fault.message for fault in Draft202012Validator(schema).iter_errors(content["example"])] == []


@pytest.mark.parametrize("operation", [found for found in WRITES if found["method"] == "delete"], ids=_name)
def test_takes_no_body_to_withdraw(operation: dict[str, Any]) -> None:
    assert "requestBody" not in operation
    assert "content" not in operation["responses"]["204"]


@pytest.mark.parametrize("operation", TAKERS, ids=_name)
def test_tells_the_headers_of_what_was_written(operation: dict[str, Any]) -> None:
    (status,) = set(operation["responses"]) & {"200", "201"}

    assert set(operation["responses"][status]["headers"]) == {"ETag"} | ({"Location"} if status == "201" else set())


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.endswith("Patch")])
def test_needs_no_field_of_a_change(name: str) -> None:
    assert "required" not in SCHEMAS[name]


def test_is_served_byte_for_byte(client: FlaskClient) -> None:
    assert client.get("/api/v1/openapi.json").data == FILE.read_bytes()


def test_is_served_as_yaml_too(client: FlaskClient) -> None:
    assert yaml.safe_load(client.get("/api/v1/openapi.yaml").data) == DOCUMENT
