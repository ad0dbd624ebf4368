"""What the roles may do with things of their own body, of others, and of nobody; every cell is in tests/policy."""

from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, problem
from tests.api.writing import Caller, Row, address

alice, bob, people = writing.alice, writing.bob, peopled.people
SEEN = "*"


def _role_may_not(role: str) -> str:
    """What a role is told that may not do something at all."""
    return f"The role '{role}' may not do this."


def _theirs(kind: str) -> str:
    """What somebody is told of a thing of another body."""
    return f"Only the body that owns this {kind} may do this."


@pytest.mark.parametrize("noun", ["evidence", "link"])
def test_makes_what_somebody_adds_his_own_bodys(people: People, noun: str) -> None:
    officer, inspector = people.officer(), people.inspector()
    body = people.alice.body_for(noun)

    made = officer.post(address(noun), body).get_json()

    change = {"evidence": {"title": "Another"}, "link": {"rationale": "Another."}}[noun]
    assert officer.patch(made["self"], change).status_code == 200
    assert forbidden(inspector.patch(made["self"], change)) == _theirs(noun)


def test_adds_nothing_for_another_body(people: People) -> None:
    answer = people.officer().adding("evidence", owner=people.inspectorate)

    assert forbidden(answer) == "You may add this for your own body alone."


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_touches_no_evidence_of_another_body(people: People, method: str) -> None:
    made = people.inspector().a("evidence")

    answer = people.officer().send(method, made["self"], _said(method, {"title": "Ours"}), headers={"If-Match": SEEN})

    assert forbidden(answer) == _theirs("evidence")
    assert people.alice.read(made["self"]) == made


def _said(method: str, body: Row) -> Row | None:
    """The body of a request of this method."""
    return body if method != "DELETE" else None


def test_gives_nothing_away_to_another_body_by_a_change_that_is_not_ones_own(people: People) -> None:
    made = people.inspector().a("evidence")

    answer = people.officer().patch(made["self"], {"owner": people.force})

    assert forbidden(answer) == _theirs("evidence")


@pytest.mark.parametrize("to", ["other", "nobody"])
def test_gives_nothing_of_ones_own_away(people: People, to: str) -> None:
    officer = people.officer()
    made = officer.a("evidence")

    answer = officer.patch(made["self"], {"owner": people.inspectorate if to == "other" else None})

    assert forbidden(answer) == "You may give this to your own body alone."
    assert officer.read(made["self"]) == made


def test_lets_an_inspector_take_for_his_body_what_nobody_owns(people: People) -> None:
    made = people.alice.a("evidence")

    answer = people.inspector().patch(made["self"], {"owner": people.inspectorate})

    assert (answer.status_code, answer.get_json()["owner"]) == (200, people.inspectorate)


@pytest.mark.parametrize("noun", ["evidence", "link"])
def test_lets_inspectors_keep_up_what_nobody_owns(people: People, noun: str) -> None:
    made = people.alice.a(noun)
    change = {"evidence": {"title": "Another"}, "link": {"rationale": "Another."}}[noun]

    officer = people.officer().patch(made["self"], change)
    inspector = people.inspector().patch(made["self"], change)

    assert forbidden(officer) == _theirs(noun)
    assert inspector.status_code == 200


@pytest.mark.parametrize("fields", [{"due_on": "2030-01-01"}, {"due_on": "2030-01-01", "due_note": "Revised"}])
def test_lets_an_officer_revise_the_due_date_of_an_action_of_his_body(people: People, fields: Row) -> None:
    action = people.alice.a("action", owner=people.force)

    answer = people.officer().patch(action["self"], fields)

    assert (answer.status_code, answer.get_json()["due_on"]) == (200, "2030-01-01")


def test_lets_an_officer_say_what_sort_of_reason_a_revision_has(people: People) -> None:
    action = people.alice.a("action", owner=people.force, due_on="2020-01-01")
    revised = {"due_on": "2030-01-01", "due_note": "Revised", "due_delay": "resources"}

    answer = people.officer().patch(action["self"], revised)

    assert (answer.status_code, answer.get_json()["due_dates"][-1]["delay"]) == (200, "resources")


@pytest.mark.parametrize(
    "fields", [{"title": "Another"}, {"due_on": "2030-01-01", "title": "Another"}, {"owner": None}]
)
def test_lets_an_officer_change_nothing_else_of_an_action(people: People, fields: Row) -> None:
    action = people.alice.a("action", owner=people.force)

    answer = people.officer().patch(action["self"], fields)

    assert forbidden(answer) == "You may revise the due date of the action, and nothing else of it."
    assert people.alice.read(action["self"]) == action


@pytest.mark.parametrize("owned", ["other", "nobody"])
def test_lets_an_officer_revise_no_due_date_of_others(people: People, owned: str) -> None:
    action = people.alice.a("action", owner=people.inspectorate if owned == "other" else None)

    answer = people.officer().patch(action["self"], {"due_on": "2030-01-01"})

    assert forbidden(answer) == _theirs("action")


def test_lets_the_programme_office_plan_actions_of_every_body(people: People) -> None:
    office = people.office()

    action = office.a("action", owner=people.inspectorate)
    changed = office.patch(action["self"], {"title": "Another", "due_on": "2030-01-01"})
    withdrawn = office.delete(action["self"])

    assert (changed.status_code, withdrawn.status_code) == (200, 204)


@pytest.mark.parametrize("role", ["inspector", "officer", "machine"])
def test_lets_nobody_else_plan_actions(people: People, role: str) -> None:
    caller = people.having(role)
    action = people.alice.a("action", owner=people.force)

    answers = [caller.adding("action"), caller.delete(action["self"])]

    assert [forbidden(answer) for answer in answers] == [_role_may_not(role)] * 2


def test_lets_an_officer_report_progress_on_actions_of_his_body_alone(people: People) -> None:
    officer = people.officer()
    own, other = (people.alice.a("action", owner=owner)["ref"] for owner in (people.force, people.inspectorate))

    answers = [officer.adding("progress", action=ref) for ref in (own, other)]

    assert (answers[0].status_code, answers[0].get_json()["owner"]) == (201, people.force)
    assert forbidden(answers[1]) == _theirs("action")


def test_lets_inspectors_alone_give_verdicts(people: People) -> None:
    subject = people.alice.a("recommendation")["ref"]

    answers = [caller.adding("assessment", subject=subject) for caller in (people.inspector(), people.office())]

    assert answers[0].status_code == 201
    assert forbidden(answers[1]) == _role_may_not("programme_office")


@pytest.mark.parametrize("noun", ["review", "recommendation", "clause", "source"])
def test_lets_inspectors_write_what_is_reviewed_and_officers_not(people: People, noun: str) -> None:
    body = people.alice.body_for(noun)

    answers = [caller.post(address(noun), body) for caller in (people.officer(), people.inspector())]

    assert forbidden(answers[0]) == _role_may_not("officer")
    assert answers[1].status_code == 201


def test_withdraws_nothing_of_what_nobody_owns_but_as_an_inspector(people: People) -> None:
    made = people.alice.a("body")

    answers = [caller.delete(made["self"]) for caller in (people.officer(), people.office())]

    assert forbidden(answers[0]) == _role_may_not("officer")
    assert answers[1].status_code == 204


@pytest.mark.parametrize("scopes", [[], ["write-reviews"], ["report-progress"]])
def test_lets_a_machine_do_what_its_key_names_and_nothing_else(people: People, scopes: list[str]) -> None:
    answer = people.having("machine", scopes=scopes).adding("evidence", owner=people.force)

    assert forbidden(answer) == _role_may_not("machine")


def test_lets_a_machine_write_evidence_of_its_body_with_the_scope_for_it(people: People) -> None:
    machine = people.having("machine", scopes=["write-evidence"])

    own, other = (machine.adding("evidence", owner=owner) for owner in (people.force, people.inspectorate))

    assert own.status_code == 201
    assert forbidden(other) == "You may add this for your own body alone."
    assert forbidden(machine.delete(own.headers["Location"])) == _role_may_not("machine")


@pytest.mark.parametrize("role", ["auditor", "admin"])
def test_shows_the_auditor_and_the_administrator_no_content_that_is_not_public(people: People, role: str) -> None:
    made = people.alice.a("evidence", handling="OFFICIAL", statement="A word like monkshood.")
    caller = people.having(role)

    answers = [caller.get(path) for path in (made["self"], "/api/v1/changes?limit=200", "/api/v1/exports")]

    assert answers[0].status_code == 404
    assert not [answer for answer in answers if b"monkshood" in answer.data]


def test_shows_the_auditor_the_whole_record_with_its_values_hashed(people: People) -> None:
    people.alice.a("evidence", handling="OFFICIAL")
    auditor = people.having("auditor")

    told, whole = auditor.record(), people.alice.record()

    assert [change["hash"] for change in told] == [change["hash"] for change in whole]
    assert [change["ref"] for change in told] == [change["ref"] for change in whole]
    created = next(change for change in told if change["action"] == "created")
    assert {len(value) for value in created["after"].values()} == {64}


@pytest.mark.parametrize(
    ("method", "part", "body"),
    [
        ("PATCH", "", {"title": "Another"}),
        ("DELETE", "", None),
        ("POST", "/handling", {"handling": "OFFICIAL-SENSITIVE"}),
    ],
)
def test_tells_whoever_may_not_write_of_a_hidden_thing_what_it_tells_of_one_that_is_not_there(
    people: People, method: str, part: str, body: Any
) -> None:
    hidden = people.inspector().a("evidence", handling="OFFICIAL")
    callers: list[Caller] = [people.officer("PUBLIC"), people.having("auditor"), people.inspector("PUBLIC")]

    for caller in callers:
        answers = [
            caller.send(method, path + part, body, headers={"If-Match": SEEN})
            for path in (hidden["self"], f"{address('evidence')}/nothing")
        ]
        told = [problem(answer, 404, "not-found")["detail"] for answer in answers]
        assert told[0].replace(hidden["ref"], "nothing") == told[1]


def test_names_nothing_that_its_writer_does_not_see(people: People) -> None:
    hidden = people.inspector().a("source", handling="OFFICIAL")
    officer = people.officer("PUBLIC")
    link = {"type": "derived_from", "source": officer.a("evidence")["ref"], "basis": "stated", "rationale": "R."}

    answers = [officer.post(address("link"), link | {"target": ref}) for ref in (hidden["ref"], "nothing")]

    told = [answer.get_json()["errors"] for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert [fault["detail"].replace(hidden["ref"], "nothing") for fault in told[0]] == [
        fault["detail"] for fault in told[1]
    ]
