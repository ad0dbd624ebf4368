"""Closure: who takes which step on a recommendation, and what a discharge needs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.closure_rules import CURRENT_RULES
from tests.api import people as peopled
from tests.api import writing
from tests.api.closing import DONE, Case, a_case
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import Row, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
NAMES = [condition.name for condition in CURRENT_RULES.conditions]
ALL_MET = dict.fromkeys(NAMES, True)


def unmet(answer: Any) -> set[str]:
    """The conditions that a refusal says are not met."""
    return {one["name"] for one in problem(answer, 409, "conflict")["conditions"] if one["met"] is False}


def test_an_open_recommendation_says_of_each_condition_whether_it_is_met_and_why(people: People) -> None:
    case = a_case(people)

    shown = case.closure(people.alice.holding(None))

    assert (shown["state"], shown["since"], shown["steps"]) == ("open", None, [])
    assert [one["name"] for one in shown["conditions"]] == NAMES
    assert {one["name"]: one["met"] for one in shown["conditions"]} == {
        "proposed": False,
        "demonstrated": False,
        "not_contradicted": True,
        "no_suspect_link": True,
        "actions_complete": False,
        "another_person": None,
    }
    assert {one["name"]: one["refs"] for one in shown["conditions"]}["demonstrated"] == [case.action]
    assert all(one["why"] for one in shown["conditions"])


def test_the_rules_are_listed_by_version_as_they_are_judged(people: People) -> None:
    (rules,) = people.alice.read("/api/v1/closure-rules")["items"]

    shown = a_case(people).closure()

    judged = [{name: one[name] for name in rules["conditions"][0]} for one in shown["conditions"]]
    assert (shown["rules_version"], judged) == (rules["version"], rules["conditions"])


def test_the_state_known_at_a_point_is_that_of_then(people: People) -> None:
    case = a_case(people)
    case.taken(case.officer, "propose")
    point = case.alice.read("/api/v1")["record"]

    case.taken(case.inspector, "return")

    assert case.closure(known_at=str(point))["state"] == "proposed"


def test_a_recommendation_with_everything_in_place_is_discharged_by_an_inspector(people: People) -> None:
    case = a_case(people).ready()
    before = case.met(case.inspector)

    shown = case.taken(case.inspector, "discharge")

    assert before == ALL_MET
    assert (shown["state"], [step["decision"] for step in shown["steps"]]) == ("discharged", ["proposed", "discharged"])
    last = shown["steps"][-1]
    assert (last["owner"], last["decided_by"]) == (people.inspectorate, name_of(case.inspector))
    assert (last["rules_version"], last["unmet"]) == (CURRENT_RULES.version, None)
    assert case.alice.read(f"/api/v1/decisions/{last['ref']}")["recommendation"] == case.ref


def _without_evidence(case: Case) -> None:
    for link in case.alice.read("/api/v1/links", type="demonstrates", target=case.action)["items"]:
        case.alice.delete(link["self"])


def _with_evidence_that_ended(case: Case) -> None:
    for link in case.alice.read("/api/v1/links", type="demonstrates", target=case.action)["items"]:
        case.alice.patch(f"/api/v1/evidence/{link['source']}", {"effective_to": "2020-06-01"})


def _with_evidence_that_was_superseded(case: Case) -> None:
    for link in case.alice.read("/api/v1/links", type="demonstrates", target=case.action)["items"]:
        newer = case.alice.a("evidence")["ref"]
        case.alice.a("link", type="supersedes", source=newer, target=link["source"])


def _with_an_action_that_nothing_demonstrates(case: Case) -> None:
    action = case.alice.a("action")["ref"]
    case.alice.a("link", type="addresses", source=action, target=case.ref)
    report = {"title": "Done", "statement": "It was done.", "claimed_status": "complete"}
    case.alice.post(f"/api/v1/actions/{action}/progress", report, seen="*")


def _with_a_contradiction(case: Case) -> None:
    case.tie("contradicts", case.ref)


def _with_a_suspect_link(case: Case) -> None:
    link = case.tie("qualifies", case.ref)
    case.alice.patch(f"/api/v1/evidence/{link['source']}", {"statement": "It was otherwise."})


def _with_an_action_that_goes_on(case: Case) -> None:
    case.report(claimed_status="under_way", effective_from="2030-01-01")


def _with_evidence_of_the_inspector(case: Case) -> None:
    case.tie("demonstrates", case.action, by=case.inspector)


SPOILED: list[tuple[Callable[[Case], None], str]] = [
    (_without_evidence, "demonstrated"),
    (_with_evidence_that_ended, "demonstrated"),
    (_with_evidence_that_was_superseded, "demonstrated"),
    (_with_an_action_that_nothing_demonstrates, "demonstrated"),
    (_with_a_contradiction, "not_contradicted"),
    (_with_a_suspect_link, "no_suspect_link"),
    (_with_an_action_that_goes_on, "actions_complete"),
    (_with_evidence_of_the_inspector, "another_person"),
]


@pytest.mark.parametrize(("spoil", "name"), SPOILED, ids=lambda value: getattr(value, "__name__", value))
def test_one_condition_that_is_not_met_is_enough_to_refuse_a_discharge(
    people: People, spoil: Callable[[Case], None], name: str
) -> None:
    case = a_case(people).ready()
    spoil(case)

    answer = case.step(case.inspector, "discharge")

    assert unmet(answer) == {name}
    assert [one["name"] for one in problem(answer, 409, "conflict")["conditions"]] == NAMES
    assert case.closure()["state"] == "proposed"


def test_an_action_that_says_why_it_is_not_done_is_explained(people: People) -> None:
    case = a_case(people).ready()
    case.report(claimed_status="stalled", delay="legislation", effective_from="2030-01-01")

    assert case.taken(case.inspector, "discharge")["state"] == "discharged"


def test_clauses_that_are_each_demonstrated_stand_for_actions(people: People) -> None:
    case = a_case(people)
    clause = case.alice.a("clause", recommendation=case.ref)["ref"]
    case.report(claimed_status="stalled", delay="resources")
    case.taken(case.officer, "propose")
    before = case.met()["demonstrated"]

    case.tie("demonstrates", clause)

    assert (before, case.met()["demonstrated"]) == (False, True)


def test_what_an_analyst_inferred_demonstrates_nothing(people: People) -> None:
    case = a_case(people)

    evidence = case.alice.a("evidence")["ref"]
    case.alice.a("link", type="demonstrates", source=evidence, target=case.action, basis="inferred")

    assert case.met()["demonstrated"] is False


def test_the_parts_of_an_action_are_asked_for_too(people: People) -> None:
    case = a_case(people).ready()
    case.alice.post(f"/api/v1/actions/{case.action}/split", {"parts": [{"title": "A part"}]}, seen="*")

    assert unmet(case.step(case.inspector, "discharge")) == {"demonstrated", "actions_complete"}


def test_a_proposal_names_what_was_done_what_came_of_it_and_its_evidence(people: People) -> None:
    case = a_case(people)
    evidence = case.alice.a("evidence")["ref"]

    shown = case.taken(case.officer, "propose", {"evidence": [evidence, evidence]})

    (step,) = shown["steps"]
    assert {name: step[name] for name in DONE} == DONE
    (link,) = case.alice.read("/api/v1/links", source=evidence)["items"]
    assert (link["type"], link["target"], link["basis"]) == ("demonstrates", step["ref"], "stated")


@pytest.mark.parametrize("missing", ["statement", "impact"])
def test_a_proposal_without_what_was_done_or_its_impact_is_refused(people: People, missing: str) -> None:
    case = a_case(people)

    answer = case.step(case.officer, "propose", {missing: None})

    assert f"/{missing}" in faults(answer)


def test_only_the_body_that_leads_proposes(people: People) -> None:
    case = a_case(people)
    other = people.officer(body=people.alice.a("body", title="Another force")["ref"])

    problem(case.step(other, "propose"), 409, "conflict")

    assert case.closure()["state"] == "open"


def test_where_no_body_leads_one_that_takes_part_proposes(people: People) -> None:
    partner, owner, stranger = (people.alice.a("body", title=name)["ref"] for name in ("Partner", "Owner", "Stranger"))
    case = a_case(people, lead=None, partners=[partner])
    action = people.alice.a("action", owner=owner)["ref"]
    people.alice.a("link", type="addresses", source=action, target=case.ref)

    problem(case.step(people.officer(body=stranger), "propose"), 409, "conflict")
    case.taken(people.officer(body=partner), "propose")
    case.taken(case.inspector, "return")

    assert case.taken(people.officer(body=owner), "propose")["state"] == "proposed"


@pytest.mark.parametrize("word", ["return", "discharge", "override", "end", "reopen"])
def test_a_body_that_is_asked_decides_nothing_of_its_own_closure(people: People, word: str) -> None:
    case = a_case(people).ready()
    body = {"outcome": "no_longer_relevant"} if word == "end" else {}

    for caller in (case.officer, people.office()):
        assert "may not do this" in forbidden(case.step(caller, word, body))


def test_an_inspector_proposes_nothing(people: People) -> None:
    case = a_case(people)

    forbidden(case.step(case.inspector, "propose"))


@pytest.mark.parametrize(
    ("before", "word"),
    [
        ((), "return"),
        ((), "discharge"),
        ((), "override"),
        ((), "reopen"),
        (("propose",), "propose"),
        (("propose",), "reopen"),
        (("propose", "return"), "discharge"),
        (("propose", "discharge"), "propose"),
        (("propose", "discharge"), "return"),
        (("propose", "discharge"), "discharge"),
        (("propose", "discharge"), "end"),
        (("end",), "propose"),
        (("end", "reopen"), "discharge"),
        (("end", "reopen"), "reopen"),
    ],
)
def test_a_step_that_does_not_follow_the_one_before_is_refused(
    people: People, before: tuple[str, ...], word: str
) -> None:
    case = a_case(people)
    case.report()
    case.tie("demonstrates", case.action)
    ending = {"outcome": "no_longer_relevant"}
    for step in before:
        case.taken(case.officer if step == "propose" else case.inspector, step, ending if step == "end" else None)
    state = case.closure()["state"]

    answer = case.step(case.officer if word == "propose" else case.inspector, word, ending if word == "end" else None)

    assert f"It is {state}" in problem(answer, 409, "conflict")["detail"]
    assert case.closure()["state"] == state


def test_a_returned_proposal_is_made_again(people: People) -> None:
    case = a_case(people).ready()

    returned = case.taken(case.inspector, "return", {"statement": "Show what came of it."})
    case.taken(case.officer, "propose")

    assert returned["steps"][-1]["statement"] == "Show what came of it."
    assert case.taken(case.inspector, "discharge")["state"] == "discharged"


def test_two_inspectors_set_a_condition_aside_and_it_is_said_for_ever(people: People) -> None:
    case = a_case(people)
    case.taken(case.officer, "propose")

    asked = case.taken(case.inspector, "override", {"statement": "The service was closed."})
    alone = unmet(case.step(case.inspector, "discharge"))
    case.taken(case.second, "discharge")
    case.taken(case.inspector, "reopen")

    steps = {step["decision"]: step for step in case.closure(case.alice.holding(None))["steps"]}
    assert asked["state"] == "override_asked"
    assert alone == {"demonstrated", "actions_complete"}
    assert steps["override_asked"]["statement"] == "The service was closed."
    assert steps["discharged"]["unmet"] == ["demonstrated", "actions_complete"]


def test_a_condition_that_fails_after_an_override_was_asked_for_is_not_set_aside(people: People) -> None:
    case = a_case(people)
    case.taken(case.officer, "propose")
    case.taken(case.inspector, "override")

    case.tie("contradicts", case.ref)

    assert "not_contradicted" in unmet(case.step(case.second, "discharge"))


def test_an_override_is_not_asked_for_where_every_condition_is_met(people: People) -> None:
    case = a_case(people).ready()

    assert "nothing to set aside" in problem(case.step(case.inspector, "override"), 409, "conflict")["detail"]


def test_nobody_sets_aside_that_another_person_discharges(people: People) -> None:
    case = a_case(people)
    case.taken(case.officer, "propose")
    case.tie("demonstrates", case.action, by=case.inspector)

    assert "another_person" in unmet(case.step(case.inspector, "override"))


def test_a_recommendation_that_is_superseded_keeps_its_lineage(people: People) -> None:
    case = a_case(people)
    successor = people.alice.a("recommendation")["ref"]

    for _again in range(2):
        case.taken(case.inspector, "end", {"outcome": "superseded", "superseded_by": successor})
        case.taken(case.inspector, "reopen")

    (link,) = people.alice.read("/api/v1/links", type="supersedes", target=case.ref)["items"]
    assert link["source"] == successor


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"outcome": "superseded"}, "/superseded_by"),
        ({"outcome": "no_longer_relevant", "superseded_by": "R"}, "/superseded_by"),
        ({"outcome": "superseded", "superseded_by": "not-there"}, "/superseded_by"),
        ({"outcome": "discharged"}, "/outcome"),
        ({"outcome": "no_longer_relevant", "statement": " "}, "/statement"),
    ],
)
def test_an_end_that_is_told_badly_is_refused(people: People, body: Row, fault: str) -> None:
    case = a_case(people)

    assert fault in faults(case.step(case.inspector, "end", body))
    assert case.closure()["state"] == "open"


def test_whoever_has_not_seen_the_last_step_takes_none(people: People) -> None:
    case = a_case(people).ready()
    seen = case.inspector.etag(f"{case.address}/closure")
    case.tie("contradicts", case.ref)

    problem(case.step(case.inspector, "discharge", seen=seen), 412, "precondition-failed")
    unseen = case.inspector.post(f"{case.address}/closure/discharge", {})

    problem(unseen, 428, "precondition-required")


def test_the_state_is_that_of_the_day_that_is_asked_for(people: People) -> None:
    case = a_case(people, effective_from="2015-01-01")
    case.taken(case.officer, "propose", {"effective_from": "2019-05-01"})
    case.taken(case.inspector, "return", {"effective_from": "2019-06-01"})

    states = {day: case.closure(as_of=day)["state"] for day in ("2019-04-30", "2019-05-01", "2019-06-01")}

    assert states == {"2019-04-30": "open", "2019-05-01": "proposed", "2019-06-01": "returned"}


def test_a_step_is_taken_neither_in_the_future_nor_before_the_last(people: People) -> None:
    case = a_case(people)
    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    case.taken(case.officer, "propose", {"effective_from": "2019-05-01"})

    for day in (tomorrow, "2019-04-30"):
        assert "/effective_from" in faults(case.step(case.inspector, "return", {"effective_from": day}))


def test_the_closure_of_what_is_hidden_is_hidden_and_its_steps_are_marked_as_it_is(people: People) -> None:
    case = a_case(people, handling="OFFICIAL")
    case.taken(case.officer, "propose")

    (step,) = case.closure()["steps"]

    assert case.alice.read(f"/api/v1/decisions/{step['ref']}")["handling"] == "OFFICIAL"
    for address in (f"{case.address}/closure", f"/api/v1/decisions/{step['ref']}"):
        problem(case.alice.holding(None).get(address), 404, "not-found")


def test_what_is_hidden_from_an_inspector_keeps_him_from_no_discharge(people: People) -> None:
    case = a_case(people).ready()
    against = case.alice.a("evidence", handling="OFFICIAL-SENSITIVE")["ref"]
    case.alice.a("link", type="contradicts", source=against, target=case.ref, handling="OFFICIAL-SENSITIVE")

    assert case.met(case.inspector) == ALL_MET
    assert case.met()["not_contradicted"] is False
    assert case.taken(case.inspector, "discharge")["state"] == "discharged"


def test_whoever_acts_for_no_body_says_for_which(people: People) -> None:
    case = a_case(people)

    refused = faults(case.step(case.alice, "propose"))

    assert "/owner" in refused
    assert case.taken(case.alice, "propose", {"owner": people.force})["steps"][0]["owner"] == people.force


def test_nobody_takes_a_step_for_another_body(people: People) -> None:
    case = a_case(people)

    forbidden(case.step(case.officer, "propose", {"owner": people.inspectorate}))


def test_a_step_is_neither_altered_nor_withdrawn(people: People) -> None:
    case = a_case(people)
    (step,) = case.taken(case.officer, "propose")["steps"]

    for method in ("PATCH", "DELETE"):
        answer = case.alice.send(method, f"/api/v1/decisions/{step['ref']}", headers={"If-Match": "*"})
        assert answer.status_code == 405
    problem(case.alice.delete(case.address), 409, "conflict")


def test_a_repeated_step_is_taken_once(people: People) -> None:
    case = a_case(people)
    headers, seen = {"Idempotency-Key": "a-proposal"}, case.officer.etag(f"{case.address}/closure")

    first, again = (case.step(case.officer, "propose", seen=seen, headers=headers) for _ in range(2))

    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (200, 200, "true")
    assert len(case.closure()["steps"]) == 1


def test_the_reasons_of_a_step_are_guarded_as_every_text_is(people: People) -> None:
    case = a_case(people)

    answer = case.step(case.officer, "propose", {"impact": "Ask a.person@example.org"})

    problem(answer, 422, "pii-suspected")
