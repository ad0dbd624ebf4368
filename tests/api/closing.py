"""Closing as the tests do it: a recommendation that a body leads on, with an action that is done and shown to be."""

from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from tests.api.people import People
from tests.api.writing import Caller, Row

DONE = {"statement": "The thing was done.", "impact": "There is less of it."}
WHY = {"statement": "Because of the test."}


@dataclass(frozen=True)
class Case:
    """A recommendation on its way to its discharge, an action for it, and those who take the steps."""

    people: People
    ref: str
    action: str
    officer: Caller
    inspector: Caller
    second: Caller

    @property
    def alice(self) -> Caller:
        """Whoever may do everything."""
        return self.people.alice

    @property
    def address(self) -> str:
        """Where the recommendation is."""
        return f"/api/v1/recommendations/{self.ref}"

    def closure(self, caller: Caller | None = None, **query: Any) -> Row:
        """Where it stands, as somebody sees it."""
        row: Row = (caller or self.alice).read(f"{self.address}/closure", **query)
        return row

    def step(self, caller: Caller, word: str, body: Row | None = None, **options: Any) -> TestResponse:
        """The answer to a step that is taken by one who has seen where it stands."""
        told = DONE if word == "propose" else {} if word == "discharge" else WHY
        seen = options.pop("seen", None) or caller.etag(f"{self.address}/closure")
        return caller.post(f"{self.address}/closure/{word}", told | (body or {}), seen=seen, **options)

    def taken(self, caller: Caller, word: str, body: Row | None = None) -> Row:
        """Where it stands after a step."""
        answer = self.step(caller, word, body)
        assert answer.status_code == 200, answer.text
        row: Row = answer.get_json()
        return row

    def met(self, caller: Caller | None = None) -> dict[str, bool | None]:
        """Each condition of its discharge, met or not."""
        return {one["name"]: one["met"] for one in self.closure(caller)["conditions"]}

    def report(self, **values: Any) -> Row:
        """Progress on the action, complete unless told otherwise."""
        told = {"title": "Progress", "statement": "It was done.", "claimed_status": "complete"} | values
        answer = self.alice.post(f"/api/v1/actions/{self.action}/progress", told, seen="*")
        assert answer.status_code == 201, answer.text
        row: Row = answer.get_json()
        return row

    def tie(self, type_: str, target: str, by: Caller | None = None, **values: Any) -> Row:
        """A link from evidence of its own to something."""
        caller = by or self.alice
        evidence = caller.a("evidence", effective_from="2020-01-01", **values)["ref"]
        return caller.a("link", type=type_, source=evidence, target=target)

    def ready(self) -> "Case":
        """The same, with everything that a discharge needs."""
        self.report()
        self.tie("demonstrates", self.action)
        self.taken(self.officer, "propose")
        return self


def a_case(people: People, **values: Any) -> Case:
    """A recommendation that the force leads on, with one action that is stated to address it."""
    ref = people.alice.a("recommendation", **{"lead": people.force} | values)["ref"]
    action = people.alice.a("action", owner=people.force)["ref"]
    people.alice.a("link", type="addresses", source=action, target=ref)
    return Case(people, ref, action, people.officer(), people.inspector(), people.inspector())
