"""The committed document as these tests read it: its operations, and what is said of them elsewhere."""

from typing import Any

import orjson

from api.publishing import FILE

Described = dict[str, Any]
DOCUMENT: dict[str, Any] = orjson.loads(FILE.read_bytes())
OPERATIONS: list[Described] = [
    {"path": path, "method": method, **described}
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
]
SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]
READS = [operation for operation in OPERATIONS if operation["method"] == "get"]
# What is asked by POST because it is too long for a URL; it writes nothing.
QUESTIONS = [operation for operation in OPERATIONS if operation["operationId"] == "check_texts"]
WRITES = [operation for operation in OPERATIONS if operation not in READS and operation not in QUESTIONS]
# What is said by the path alone: to take something away, and to decide what another has asked for.
_BODILESS = ("/confirmation", "/refusal")
TAKERS = [found for found in WRITES if found["method"] != "delete" and not found["path"].endswith(_BODILESS)]
# What not everybody may read, and what it needs.
CLOSED = {
    "get_checkpoint": ["read-checkpoint"],
    "get_metrics": ["read-metrics"],
    "list_keys": ["manage-keys"],
    "get_key": ["manage-keys"],
    "list_accounts": ["manage-accounts"],
    "get_account": ["manage-accounts"],
    "list_all_approvals": ["approve"],
    "get_approval": ["approve"],
    "list_pii_overrides": ["override-guard"],
}
# What answers everybody alike without a look at the database, and so without a look at who is calling.
ASKING_NOBODY = {"get_live", "get_ready", "get_openapi_json", "get_openapi_yaml", "get_docs"}
# No decision and no baseline is published, so there is none to show.
WITHOUT_EXAMPLE = {"get_decision", "list_decision_history", "get_baseline", "list_baseline_history"}
# The answers of these hold times, and so differ from one installation to another.
TIMED = {"list_record", "get_change", *CLOSED}
TIMED |= {operation["operationId"] for operation in READS if operation["path"].endswith("/history")}
# What is written while it is sent, or is another each time, has no fingerprint.
STREAMED = {"get_export", "get_metrics"}


def name_of(operation: Described) -> str:
    """The name of an operation, for the names of tests."""
    return str(operation["operationId"])


def headers_of(operation: Described) -> dict[str, Any]:
    """The headers that an operation takes: whether each is required, by name."""
    return {found["name"]: found["required"] for found in operation["parameters"] if found["in"] == "header"}
