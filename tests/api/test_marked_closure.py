"""The closure of what is marked: its steps are marked as it is, and go with it when it is marked otherwise."""

import pytest

from models.changes import today
from models.lens import Lens
from models.queries.closure import closure
from models.queries.judging import Asked
from models.queries.paging import Wanted
from models.queries.record import history
from models.sight import Sight
from tests.api import people as peopled
from tests.api import writing
from tests.api.closing import Case, a_case
from tests.api.people import People, name_of
from tests.api.writing import Caller

alice, people = writing.alice, peopled.people


def _release(kind: str, ref: str, one: Caller, other: Caller) -> None:
    """Show something to everybody, as two persons do whose body owns it, or two inspectors if nobody does."""
    asked = {"action": "release", "kind": kind, "ref": ref, "handling": "PUBLIC"}
    approval = one.post("/api/v1/approvals", asked).get_json()["self"]
    answer = other.post(f"{approval}/confirmation", seen="*")
    assert answer.status_code == 200, answer.text


@pytest.fixture
def released(people: People) -> Case:
    """A recommendation that was proposed to be closed while not everybody saw it, and that everybody sees now."""
    case = a_case(people, handling="OFFICIAL")
    case.taken(case.officer, "propose")
    _release("recommendation", case.ref, case.inspector, case.second)
    return case


def test_goes_on_after_its_marking_was_raised(people: People) -> None:
    case = a_case(people)
    case.taken(case.officer, "propose")

    raised = case.inspector.post(f"{case.address}/handling", {"handling": "OFFICIAL"}, seen="*")

    assert raised.status_code == 200, raised.text
    assert case.taken(case.inspector, "return")["state"] == "returned"


def test_begins_anew_for_everybody_where_the_steps_are_still_hidden_from_some(released: Case) -> None:
    shown = [released.closure(caller) for caller in (released.inspector, released.alice.holding(None))]

    assert [(row["state"], row["steps"]) for row in shown] == [("open", []), ("open", [])]
    assert released.step(released.inspector, "return").status_code == 409
    assert released.taken(released.officer, "propose")["state"] == "proposed"


def test_stands_where_it_stood_once_its_steps_are_released_too(released: Case, people: People) -> None:
    (step,) = released.inspector.read("/api/v1/decisions", recommendation=released.ref)["items"]

    _release("decision", step["ref"], people.office(), people.office())

    assert released.closure(released.alice.holding(None))["state"] == "proposed"
    assert released.taken(released.inspector, "return")["state"] == "returned"


@pytest.mark.parametrize("sight", [None, Sight()], ids=["plain", "confined"])
def test_judges_whoever_submitted_evidence_by_a_change_that_was_hidden_then(
    people: People, sight: Sight | None
) -> None:
    case = a_case(people)
    submitter = people.inspector()
    evidence = case.tie("demonstrates", case.action, submitter, handling="OFFICIAL")["source"]
    _release("evidence", evidence, case.inspector, case.second)
    names, lens = [name_of(submitter), name_of(case.inspector)], Lens()

    with case.alice.database.reading(sight) as session:
        told = [closure(session, Asked(lens, today()), case.ref, name)["conditions"][-1] for name in names]
        changes = history(session, lens, ("evidence", evidence), Wanted(limit=9)).rows

    assert [change["action"] for change in changes] == ["updated"]
    assert [(one["name"], one["met"]) for one in told] == [("another_person", False), ("another_person", True)]
