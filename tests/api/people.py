"""People of each role, with keys that the operator gives them, on the service that alice calls.

A test module takes them by name, as it takes alice: `alice, people = writing.alice, peopled.people`.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from api.keykeeping import OPERATOR
from models.lens import Lens
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key
from tests.api.writing import Caller, Row

WHOLE = Lens(HANDLINGS[-1], whole=True)
_NUMBERS = count(1)


@dataclass(frozen=True)
class People:
    """Whoever is needed; inspectors are of the inspectorate, everybody else of the force, unless told otherwise."""

    alice: Caller
    inspectorate: str
    force: str

    def having(self, role: str, **granted: Any) -> Caller:
        """Somebody with a new key of this role: its `clearance`, `body`, `scopes` and `name`, where they matter."""
        body = {"inspector": self.inspectorate, "auditor": None, "admin": None}.get(role, self.force)
        asked = {"name": f"{role}-{next(_NUMBERS)}", "role": role, "body": body} | granted
        with self.alice.database.writing(OPERATOR, "Give a key for a test") as session:
            _ref, secret = add_key(session, WHOLE, asked, OPERATOR, alone=True)
        return self.alice.holding(secret)

    def inspector(self, clearance: str = "OFFICIAL", **granted: Any) -> Caller:
        """An inspector."""
        return self.having("inspector", clearance=clearance, **granted)

    def officer(self, clearance: str = "OFFICIAL", **granted: Any) -> Caller:
        """An officer of a responsible authority."""
        return self.having("officer", clearance=clearance, **granted)

    def office(self, clearance: str = "OFFICIAL", **granted: Any) -> Caller:
        """Somebody of the programme office."""
        return self.having("programme_office", clearance=clearance, **granted)


def name_of(caller: Caller) -> str:
    """The name under which the record knows a caller."""
    return str(caller.read("/api/v1/me")["name"])


def problem(answer: Any, status: int, kind: str) -> Row:
    """The problem that an answer tells, checked to be of this kind."""
    told: Row = answer.get_json()
    assert (answer.status_code, told.get("type")) == (status, f"/api/v1/problems/{kind}"), answer.text
    return told


def forbidden(answer: Any) -> str:
    """What somebody is told who may not do what he asks for."""
    return str(problem(answer, 403, "forbidden")["detail"])


@pytest.fixture(scope="module")
def people(alice: Caller) -> People:
    """The people, and the two bodies that they are of."""
    inspectorate, force = (alice.a("body", title=title)["ref"] for title in ("An inspectorate", "A force"))
    return People(alice, inspectorate, force)
