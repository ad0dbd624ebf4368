"""Writing as the tests do it: a service with keys on a database of its own, and those who call it.

A test module that writes takes the fixtures by name: `alice, bob = writing.alice, writing.bob`. What `alice` and `bob`
write to is shared by the tests of the module, so that each test makes the things that it needs; `alone` shares nothing.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from api.app import create_app
from api.database import Database
from api.settings import Settings
from models.vocabulary import COLLECTIONS
from tests.conftest import Databases

Row = dict[str, Any]
ALICE, BOB = "key-of-alice-0123456789", "key-of-bob-0123456789"
KEYS = {ALICE: "alice", BOB: "bob"}
MANY = 1_000_000
MERGE_PATCH, JSON = "application/merge-patch+json", "application/json"
TEXT = "The first body should do the thing, and the second should look at it."
# What has to be given with a new thing; `None` stands for a thing of the kind that its field names.
NEEDED: dict[str, Row] = {
    "review": {"title": "A review", "published_on": "2020-01-31"},
    "recommendation": {
        "title": "A recommendation",
        "review": None,
        "category": "recommendation",
        "short_name": "Thing",
        "text": TEXT,
    },
    "clause": {"title": "A clause", "recommendation": None, "span_start": 0, "span_end": 34},
    "source": {"title": "A source", "source_class": "fieldwork"},
    "evidence": {"title": "Some evidence", "evidence_kind": "observation", "statement": "A thing was observed."},
    "action": {"title": "An action"},
    "progress": {"title": "Some progress", "action": None, "statement": "A thing was done."},
    "assessment": {"title": "A verdict", "subject": None, "verdict": "not_met"},
    "body": {"title": "A body"},
    "link": {
        "type": "supports",
        "source": None,
        "target": None,
        "basis": "stated",
        "rationale": "Because of the test.",
    },
}
_STANDS_FOR = {"subject": "recommendation", "source": "evidence", "target": "recommendation"}
NOUNS = tuple(NEEDED)
CHANGED = tuple(noun for noun in NOUNS if noun not in {"progress", "assessment"})


def set_today(by: str = "alice") -> Row:
    """When and by whom a due date was set that is written now."""
    return {"set_on": datetime.now(UTC).date().isoformat(), "set_by": by}


def address(kind: str) -> str:
    """Where the things of a kind are."""
    return f"/api/v1/{(COLLECTIONS | {'link': 'links', 'baseline': 'baselines'})[kind]}"


@dataclass(frozen=True)
class Caller:
    """Somebody who calls a service, with a key or without."""

    app: Flask
    key: str | None = ALICE
    known: Row = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The database that the service stands on."""
        found: Database = self.app.extensions["mappa"].database
        return found

    def holding(self, key: str | None) -> "Caller":
        """Somebody else who calls the same service."""
        return replace(self, key=key)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """The answer to a request; `headers`, `reason`, `raw` (the bytes sent), `content_type` where they matter."""
        headers = {"Authorization": f"Bearer {self.key}"} if self.key is not None else {}
        reason = options.pop("reason", "A test")
        raw = options.pop("raw", None if body is None else json.dumps(body).encode())
        usual = None if raw is None else MERGE_PATCH if method == "PATCH" else JSON
        query = options.pop("query", {}) | ({} if reason is None else {"reason": reason})
        return self.app.test_client().open(
            path,
            method=method,
            query_string=query or None,
            headers=headers | options.pop("headers", {}),
            data=raw,
            content_type=options.pop("content_type", usual),
            **options,
        )

    def get(self, path: str, *, headers: dict[str, str] | None = None, **query: Any) -> TestResponse:
        """The answer to a GET."""
        return self.send("GET", path, reason=None, query=query, headers=headers or {})

    def read(self, path: str, **query: Any) -> Any:
        """What a GET shows."""
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def post(self, path: str, body: Any = None, *, seen: str | None = None, **options: Any) -> TestResponse:
        """The answer to a POST, by one who has seen a thing with this ETag."""
        return self._having_seen(seen, "POST", path, body, options)

    def patch(self, path: str, body: Any, *, seen: str | None = "*", **options: Any) -> TestResponse:
        """The answer to a PATCH, by one who has seen whatever there is unless told otherwise."""
        return self._having_seen(seen, "PATCH", path, body, options)

    def delete(self, path: str, *, seen: str | None = "*", **options: Any) -> TestResponse:
        """The answer to a DELETE, by one who has seen whatever there is unless told otherwise."""
        return self._having_seen(seen, "DELETE", path, None, options)

    def _having_seen(self, seen: str | None, method: str, path: str, body: Any, options: Row) -> TestResponse:
        condition = {} if seen is None else {"If-Match": seen}
        return self.send(method, path, body, **options | {"headers": condition | options.get("headers", {})})

    def etag(self, path: str) -> str:
        """The ETag with which a thing is shown."""
        return self.get(path).headers["ETag"]

    def body_for(self, kind: str, /, **values: Any) -> Row:
        """A body with which such a thing can be added; what it stands on is there, whatever else stands on it."""
        needed = NEEDED[kind] | values
        return {
            name: self._some(_STANDS_FOR.get(name, name)) if value is None and name not in values else value
            for name, value in needed.items()
        }

    def _some(self, kind: str) -> str:
        """The reference of some thing of a kind: evidence of its own, or what other tests stand on too."""
        if kind == "evidence":
            return str(self.a(kind)["ref"])
        if kind not in self.known:
            self.known[kind] = self.a(kind)["ref"]
        return str(self.known[kind])

    def adding(self, kind: str, /, **values: Any) -> TestResponse:
        """The answer to adding a thing of a kind."""
        body = self.body_for(kind, **values)
        if kind == "progress":
            return self.post(f"{address('action')}/{body.pop('action')}/progress", body, seen="*")
        return self.post(address(kind), body)

    def a(self, kind: str, /, **values: Any) -> Row:
        """A new thing of a kind, as it is shown."""
        answer = self.adding(kind, **values)
        assert answer.status_code == 201, answer.text
        row: Row = answer.get_json()
        return row

    def count(self) -> int:
        """How many changes there are."""
        total: int = self.read("/api/v1/changes", limit=1, count="true")["total"]
        return total

    def record(self) -> list[Row]:
        """Every change, in order."""
        found: list[Row] = []
        while True:
            page = self.read("/api/v1/changes", limit=200, after=len(found))["items"]
            found += page
            if len(page) < 200:
                return found


def faults(answer: TestResponse) -> dict[str, str]:
    """What is told to be wrong with a request, by its pointer."""
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json"), answer.text
    return {fault["pointer"]: fault["detail"] for fault in answer.get_json()["errors"]}


def conflicts(answer: TestResponse) -> list[tuple[str, str]]:
    """What a request is told to contradict."""
    assert (answer.status_code, answer.mimetype) == (409, "application/problem+json"), answer.text
    return [(found["kind"], found["ref"]) for found in answer.get_json()["conflicts"]]


@contextmanager
def calling(database: Database, folder: Path, keys: dict[str, str] | None = None, **settings: Any) -> Iterator[Caller]:
    """Somebody who calls a service on this database, which keeps its checkpoint and signing key in a folder.

    Whoever sends wrong keys to it is not kept waiting, unless the settings say how often he may.
    """
    keys = KEYS if keys is None else keys
    url = database.url.render_as_string(hide_password=False)
    files = {"checkpoint_file": folder / "checkpoint.json", "signing_key_file": folder / "signing-key.pem"}
    app = create_app(Settings(url, "test", keys, **{"failures_a_minute": MANY, **files, **settings}))
    app.testing = False
    yield Caller(app)
    app.extensions["mappa"].database.close()


@pytest.fixture(scope="session")
def alice(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """Alice, who writes to a database that the tests of a module share."""
    with calling(databases.copy("empty"), tmp_path_factory.mktemp("service")) as caller:
        yield caller


@pytest.fixture(scope="session")
def bob(alice: Caller) -> Caller:
    """Bob, who writes to the same."""
    return alice.holding(BOB)


@pytest.fixture
def alone(database: Database, tmp_path: Path) -> Iterator[Caller]:
    """Alice on an empty database that no other test writes to."""
    with calling(database, tmp_path) as caller:
        yield caller
