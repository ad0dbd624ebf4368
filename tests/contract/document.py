"""The committed document as the contract: its operations, their calls, and what an answer has to be like."""

import copy
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema_rs import Draft202012Validator, Registry

from api.app import create_app
from api.publishing import FILE, declarations
from api.settings import Settings

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
PROBLEM = "application/problem+json"
# Neither decisions nor baselines are published as yet, and no key, account or approval is; so the document has no
# example of one, or REF in its place. The servers of these tests hold one of each.
UNPUBLISHED = {
    "get_decision": "/api/v1/decisions/T-decision",
    "list_decision_history": "/api/v1/decisions/T-decision/history",
    "get_baseline": "/api/v1/baselines/t-baseline",
    "list_baseline_history": "/api/v1/baselines/t-baseline/history",
    "get_key": "/api/v1/keys/T-key",
    "confirm_key": "/api/v1/keys/T-key/confirmation",
    "end_key": "/api/v1/keys/T-key",
    "get_account": "/api/v1/accounts/T-account",
    "confirm_account": "/api/v1/accounts/T-account/confirmation",
    "end_account": "/api/v1/accounts/T-account",
    "get_approval": "/api/v1/approvals/T-approval",
    "confirm_approval": "/api/v1/approvals/T-approval/confirmation",
    "decline_approval": "/api/v1/approvals/T-approval/refusal",
}
# What is done in the name of a body: of the caller's own, or of that which whoever has a development key names.
ACTING = {
    "add_response": "police-scotland",
    "propose_closure": "scottish-government",
    **dict.fromkeys(
        ("return_closure", "discharge_closure", "override_closure", "end_closure", "reopen_closure"), "hmics"
    ),
}
_REGISTRY = Registry([("urn:mappa", DOCUMENT)])


@cache
def published_calls() -> dict[str, str]:
    """The example call of each published endpoint of the application, by its name."""
    app = create_app(Settings("sqlite:///never-opened.db", "test"))
    return {found.name: found.declared.example for found in declarations(app)}


@cache
def published_paths() -> dict[str, tuple[str, str]]:
    """The method and path of each published endpoint of the application, by its name."""
    app = create_app(Settings("sqlite:///never-opened.db", "test"))
    return {found.name: (found.method, re.sub(r"<(\w+)>", r"{\1}", found.path)) for found in declarations(app)}


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    name: str
    path: str
    method: str

    @property
    def described(self) -> dict[str, Any]:
        """What the document says of it."""
        described: dict[str, Any] = DOCUMENT["paths"][self.path][self.method]
        return described

    @property
    def example(self) -> str:
        """Path and query of a call that works."""
        return UNPUBLISHED.get(self.name) or published_calls()[self.name]

    @property
    def place(self) -> str:
        """The path of that call."""
        return urlsplit(self.example).path

    @property
    def parameters(self) -> set[str]:
        """The names of its query parameters."""
        return {found["name"] for found in self.described["parameters"] if found["in"] == "query"}

    @property
    def has_ref(self) -> bool:
        """Whether its path names one thing."""
        return "{" in self.path

    @property
    def success(self) -> str:
        """The status with which it succeeds."""
        (status,) = (status for status in self.described["responses"] if status.startswith("2"))
        return status

    @property
    def media_types(self) -> list[str]:
        """What it can answer with."""
        return list(self.described["responses"][self.success].get("content", {}))

    @property
    def open(self) -> bool:
        """Whether whoever says nothing of himself may call it."""
        return {} in self.described["security"]

    @property
    def asks_who(self) -> bool:
        """Whether it looks at the key that is sent with it at all."""
        return "401" in self.described["responses"]

    @property
    def matches_etag(self) -> bool:
        """Whether its caller has to send If-Match."""
        return any(found["name"] == "If-Match" and found["required"] for found in self.described["parameters"])

    @property
    def collection(self) -> str:
        """The name of the collection that it belongs to."""
        return self.path.split("/")[3]

    @property
    def marks(self) -> bool:
        """Whether it raises the marking of a thing."""
        return self.path.endswith("/handling")

    @property
    def takes(self) -> str | None:
        """The media type of the body that it takes; None where it takes none."""
        return next(iter(self.described.get("requestBody", {}).get("content", {})), None)

    @property
    def body(self) -> Any:
        """The documented example of its body, a copy; in the name of a body, where it has to be."""
        acting = {"owner": ACTING[self.name]} if self.name in ACTING else {}
        return copy.deepcopy(self.described["requestBody"]["content"][self.takes]["example"]) | acting

    @property
    def _body_schema(self) -> str:
        """The name of the schema of its body."""
        reference: str = self.described["requestBody"]["content"][self.takes]["schema"]["$ref"]
        return reference.rpartition("/")[2]

    @property
    def fields(self) -> dict[str, Any]:
        """The schemas of the fields of its body, by name."""
        fields: dict[str, Any] = DOCUMENT["components"]["schemas"][self._body_schema]["properties"]
        return fields

    def refusing(self, value: Any) -> set[str]:
        """The fields of its body whose documented schema refuses a value."""
        at = f"urn:mappa#/components/schemas/{self._body_schema}/properties"
        return {name for name in self.fields if not _validator(f"{at}/{name}").is_valid(value)}

    @property
    def is_list(self) -> bool:
        """Whether it answers with pages."""
        return "after" in self.parameters

    def of(self, ref: str) -> str:
        """The path for another thing."""
        return re.sub(r"\{\w+\}", lambda _match: ref, self.path)

    def answers(self, path: str) -> bool:
        """Whether a path is one of its own."""
        return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", self.path), path) is not None

    def faults(self, status: str, media_type: str, answer: Any) -> list[str]:
        """How an answer differs from what is documented."""
        response = f"/paths/{_escaped(self.path)}/{self.method}/responses/{status}"
        reference = self.described["responses"][status].get("$ref")
        at = f"urn:mappa{reference}" if reference else f"urn:mappa#{response}"
        return _faults(f"{at}/content/{_escaped(media_type)}/schema", answer)

    def __str__(self) -> str:
        """Its name, for the names of tests."""
        return self.name


def _escaped(part: str) -> str:
    """A name as part of a JSON pointer in a URI."""
    return part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")


@cache
def _validator(reference: str) -> Draft202012Validator:
    """What checks against one schema of the document."""
    return Draft202012Validator({"$ref": reference}, registry=_REGISTRY, validate_formats=True)


def _faults(reference: str, answer: Any) -> list[str]:
    """How a value differs from a schema of the document."""
    found = _validator(reference).iter_errors(answer)
    return [f"{'/'.join(map(str, fault.instance_path))}: {fault.message[:500]}" for fault in found]


OPERATIONS = [
    Operation(described["operationId"], path, method)
    for path, methods in DOCUMENT["paths"].items()
    for method, described in methods.items()
]
READS = [operation for operation in OPERATIONS if operation.method == "get"]
WRITES = [operation for operation in OPERATIONS if operation.method != "get" and "reason" in operation.parameters]
# What is asked by POST because it is too long for a URL; it writes nothing.
QUESTIONS = [operation for operation in OPERATIONS if operation not in READS and operation not in WRITES]
TAKERS = [operation for operation in WRITES if operation.takes is not None]
LISTS = [operation for operation in READS if operation.is_list]
COLLECTIONS = [operation for operation in LISTS if not operation.has_ref]
BY_NAME = {operation.name: operation for operation in OPERATIONS}


CLOSED = [operation for operation in READS if not operation.open]


def operation_at(path: str) -> Operation:
    """The operation that answers a GET of a path."""
    exact = [operation for operation in READS if operation.path == path]
    return exact[0] if exact else next(operation for operation in READS if operation.answers(path))


def needs_key(path: str) -> bool:
    """Whether a GET of this path (and query) is refused to whoever says nothing of himself."""
    return any(operation.answers(path.partition("?")[0]) for operation in CLOSED)


def thing_at(path: str) -> str:
    """The path of the thing that a write is done to: without what is done to it, as `/progress`.

    A step of closure is done to the closure of a recommendation.
    """
    return "/".join(path.split("/")[: 6 if "/closure/" in path else 5])
