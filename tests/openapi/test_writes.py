"""What the committed document says of the operations that write, and of the question that is asked by POST."""

import pytest
from jsonschema_rs import Draft202012Validator

from tests.openapi.committed import (
    DOCUMENT,
    QUESTIONS,
    SCHEMAS,
    TAKERS,
    WRITES,
    Described,
    headers_of,
    name_of,
)

TYPES = {"post": "application/json", "patch": "application/merge-patch+json"}
# What lets somebody write the things of a collection; and what lets him where it is something else.
PERMISSIONS = {
    **dict.fromkeys(("reviews", "recommendations", "clauses", "sources"), "write-reviews"),
    **dict.fromkeys(("evidence", "links"), "write-evidence"),
    "actions": "plan-actions",
    "progress": "report-progress",
    "assessments": "assess",
    "bodies": "write-bodies",
    "baselines": "name-baselines",
    "keys": "manage-keys",
    "accounts": "manage-accounts",
    "approvals": "approve",
}
ELSE = {
    "change_action": "revise-actions",
    "report_progress": "report-progress",
    "add_response": "respond",
    "propose_closure": "propose-closure",
    **dict.fromkeys(
        ("return_closure", "discharge_closure", "override_closure", "end_closure", "reopen_closure"), "decide-closure"
    ),
}
# What is done to a thing that is there, and shows it: what it makes stands on that thing.
CLOSURE = tuple(f"/closure/{step}" for step in ("propose", "return", "discharge", "override", "end", "reopen"))
DONE = ("/review", "/handling", "/confirmation", "/refusal", "/split", *CLOSURE)
# What is added under a thing that stays as it is: nobody has to have seen it as it is.
UNDER = {"add_response"}
HEADERS = {"ETag", "Handling", "Personal-Data-Warning"}


def _scopes(operation: Described) -> list[str]:
    """The permissions that the policy asks for."""
    if operation["path"].endswith("/handling"):
        return ["raise-handling"]
    collection = operation["path"].split("/")[3]
    permission = ELSE.get(name_of(operation), PERMISSIONS[collection])
    withdraws = operation["method"] == "delete" and collection not in {"keys", "accounts"}
    return [permission, "withdraw"] if withdraws else [permission]


def _is_conditional(operation: Described) -> bool:
    """Whether it is done only to what the caller has seen as it is."""
    return "{" in operation["path"] and name_of(operation) not in UNDER


@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_asks_for_a_key_or_a_token_to_write(operation: Described) -> None:
    scopes = _scopes(operation)

    assert operation["security"] == [{"key": scopes}, {"token": scopes}]


@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_tells_every_answer_that_a_write_can_give(operation: Described) -> None:
    succeeding = {"post": "201", "delete": "204", "patch": "200"}[operation["method"]]
    succeeding = "200" if operation["path"].endswith(DONE) else succeeding
    expected = {"400", "401", "403", "406", "409", "413", "414", "415", "422", "429", "default"}
    expected |= {"412", "428"} if _is_conditional(operation) else set()
    expected |= {"404"} if "{" in operation["path"] or name_of(operation) == "ask_approval" else set()

    assert set(operation["responses"]) == expected | {succeeding}


@pytest.mark.parametrize("operation", QUESTIONS, ids=name_of)
def test_tells_every_answer_that_a_question_can_give(operation: Described) -> None:
    assert set(operation["responses"]) == {
        *("200", "400", "401", "403", "406", "413", "414", "415", "422", "429", "default")
    }


@pytest.mark.parametrize("operation", QUESTIONS, ids=name_of)
def test_asks_for_a_key_or_a_token_to_ask_a_question_by_post(operation: Described) -> None:
    assert operation["security"] == [{"key": ["check-text"]}, {"token": ["check-text"]}]
    assert headers_of(operation) == {}
    assert [found["name"] for found in operation["parameters"]] == ["format"]


@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_takes_the_headers_that_a_write_needs(operation: Described) -> None:
    needed = {"If-Match": True} if _is_conditional(operation) else {}

    assert headers_of(operation) == needed | {"Idempotency-Key": False}
    assert all(found["description"].endswith(".") for found in operation["parameters"] if found["in"] == "header")


@pytest.mark.parametrize("operation", WRITES, ids=name_of)
def test_needs_a_reason_for_every_write(operation: Described) -> None:
    reason, override = (
        found for name in ("reason", "override") for found in operation["parameters"] if found["name"] == name
    )

    assert (reason["required"], override["required"]) == (True, False)
    assert (reason["schema"]["minLength"], override["schema"]["minLength"]) == (1, 1)


@pytest.mark.parametrize("operation", [*TAKERS, *QUESTIONS], ids=name_of)
def test_describes_the_body_that_a_write_takes(operation: Described) -> None:
    body = operation["requestBody"]

    assert body["required"]
    assert list(body["content"]) == [TYPES[operation["method"]]]
    reference = body["content"][TYPES[operation["method"]]]["schema"]["$ref"]
    fields = SCHEMAS[reference.rpartition("/")[2]]["properties"]
    assert [name for name, field in fields.items() if not field.get("description", "").endswith(".")] == []


@pytest.mark.parametrize("operation", [*TAKERS, *QUESTIONS], ids=name_of)
def test_shows_an_example_of_the_body_that_a_write_takes(operation: Described) -> None:
    (content,) = operation["requestBody"]["content"].values()
    schema = {**content["schema"], "components": DOCUMENT["components"]}

    assert content["example"]
    assert [fault.message for fault in Draft202012Validator(schema).iter_errors(content["example"])] == []


@pytest.mark.parametrize("operation", [found for found in WRITES if found not in TAKERS], ids=name_of)
def test_takes_no_body_to_take_away_or_to_decide(operation: Described) -> None:
    assert "requestBody" not in operation


@pytest.mark.parametrize("operation", [found for found in WRITES if found["method"] == "delete"], ids=name_of)
def test_shows_nothing_of_what_was_taken_away(operation: Described) -> None:
    assert "content" not in operation["responses"]["204"]


@pytest.mark.parametrize("operation", [found for found in WRITES if found["method"] != "delete"], ids=name_of)
def test_tells_the_headers_of_what_was_written(operation: Described) -> None:
    (status,) = set(operation["responses"]) & {"200", "201"}

    assert set(operation["responses"][status]["headers"]) == HEADERS | ({"Location"} if status == "201" else set())


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name.endswith("Patch")])
def test_needs_no_field_of_a_change(name: str) -> None:
    assert "required" not in SCHEMAS[name]
