"""The life of one recommendation, played to a running service by five people, as docs/walkthrough.md shows it.

Here is how it is played and written down; what is played stands in life.py.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from api.database import Database
from api.keykeeping import OPERATOR
from models.lens import Lens
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key
from tests.contract.server import TIMEOUT_SECONDS
from tests.process import served, wait

WHOLE = Lens(HANDLINGS[-1], whole=True)
# Who plays, in which role, for which body: those that the published record has.
CAST = {
    "the programme office": ("programme_office", "scottish-government"),
    "an officer": ("officer", "police-scotland"),
    "another officer": ("officer", "scottish-prison-service"),
    "an inspector": ("inspector", "hmics"),
    "another inspector": ("inspector", "care-inspectorate"),
}
# What is shown of an answer; of steps and conditions, less.
_SHOWN = frozenset(
    {"ref", "state", "decision", "claimed_status", "owner", "due_on", "due_dates", "delay", "detail", "conditions"}
    | {"steps", "conflicts", "unmet", "reason", "errors", "pointer", "items"}
)
_STEP, _CONDITION = {"decision", "owner", "decided_by", "unmet"}, {"name", "met", "refs"}


@dataclass
class Play:
    """Everybody's key, what things are called on the page, and what was written on it so far."""

    address: str
    session: requests.Session
    keys: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell what happens next."""
        self.lines += [text, ""]

    def read(self, who: str, path: str) -> requests.Response:
        """What somebody is shown."""
        return self._send(who, "GET", path, None, {})

    def show(self, who: str, path: str) -> Any:
        """The same, on the page."""
        answer = self.read(who, path)
        self._tell(who, "GET", path, None, answer)
        return answer.json()

    def do(self, who: str, path: str, body: Any, expected: int, *, method: str = "POST", seen: str = "") -> Any:
        """Write, by one who has seen what is there (`seen`, a path), and show what came of it, as expected."""
        headers = {"If-Match": self.read(who, seen).headers["ETag"]} if seen else {}
        answer = self._send(who, method, path, body, headers)
        assert answer.status_code == expected, f"{who} {method} {path}: {answer.status_code} {answer.text}"
        self._tell(who, method, path, body, answer)
        return answer.json()

    def make(self, who: str, path: str, body: Any, name: str) -> str:
        """Add a thing, which has a name of its own on the page; its reference."""
        answer = self._send(who, "POST", path, body, {})
        assert answer.ok, f"{who} POST {path}: {answer.status_code} {answer.text}"
        ref: str = answer.json()["ref"]
        self.names[ref] = name
        self._tell(who, "POST", path, body, answer)
        return ref

    def _send(self, who: str, method: str, path: str, body: Any, headers: dict[str, str]) -> requests.Response:
        """Ask the service."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        usual = {"Authorization": f"Bearer {self.keys[who]}"} if who in self.keys else {}
        return self.session.request(
            method,
            f"{self.address}/api/v1{path}",
            params=None if method == "GET" else {"reason": "A walk through the life of a recommendation"},
            data=None if body is None else json.dumps(body),
            headers=usual | headers | ({} if body is None else {"Content-Type": kind}),
            timeout=TIMEOUT_SECONDS,
        )

    def _tell(self, who: str, method: str, path: str, body: Any, answer: requests.Response) -> None:
        """Write a request and what is worth reading of its answer."""
        sent = "" if body is None else f"\n{json.dumps(body, ensure_ascii=False)}"
        told = _written(_worth_reading(answer.json()))
        shown = self._named(f"# {who}\n{method} /api/v1{path}{sent}\n\n{answer.status_code}\n{told}")
        self.lines += ["```", shown, "```", ""]

    def _named(self, text: str) -> str:
        """A text with the names of the page for what the service called otherwise, and without today's date."""
        for ref, name in self.names.items():
            text = text.replace(ref, name)
        text = re.sub(r"[A-Z]-[a-z2-7]{16}", "A-REFERENCE", text)
        return text.replace(datetime.now(UTC).date().isoformat(), "TODAY")


def _written(row: dict[str, Any]) -> str:
    """An answer as the page has it: a line for each field, and for each part of a list."""
    lines = []
    for name, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            parts = ",\n".join(f"    {json.dumps(part, ensure_ascii=False)}" for part in value)
            lines.append(f"  {json.dumps(name)}: [\n{parts}\n  ]")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}"


def _worth_reading(row: Any) -> Any:
    """The fields of an answer that tell what came of it; of steps and conditions those that matter."""
    if isinstance(row, list):
        return [_worth_reading(part) for part in row]
    if not isinstance(row, dict):
        return row
    fields = _STEP if "decided_by" in row and "impact" in row else _CONDITION if "meaning" in row else _SHOWN
    return {name: _worth_reading(value) for name, value in row.items() if name in fields and value is not None}


@contextmanager
def playing(database: Database, folder: Path) -> Iterator[Play]:
    """A service on the published record, and a key for each of the five."""
    with served(database, folder) as (address, session, log):
        wait(lambda: session.get(f"{address}/api/v1/ready", timeout=TIMEOUT_SECONDS).ok, log)
        keys = {}
        with database.writing(OPERATOR, "Keys for a walk through the service") as writing:
            for name, (role, body) in CAST.items():
                asked = {"name": name.replace(" ", "-"), "role": role, "body": body, "clearance": HANDLINGS[-1]}
                _ref, keys[name] = add_key(writing, WHOLE, asked, OPERATOR, alone=True)
        yield Play(address, session, keys)
