"""Approvals: a marking is lowered by two persons of the body that owns the thing; one asks, another confirms."""

from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import Caller, Row, conflicts, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
APPROVALS = "/api/v1/approvals"


def _marked(caller: Caller, kind: str = "evidence", **values: Any) -> Row:
    """A thing that is marked, of the body of whoever adds it."""
    return caller.a(kind, **({"handling": "OFFICIAL"} | values))


def _asking(caller: Caller, thing: Row, **values: Any) -> Any:
    """The answer to asking for a lower marking of a thing."""
    asked = {"action": "release", "kind": thing["kind"], "ref": thing["ref"], "handling": "PUBLIC"}
    return caller.post(APPROVALS, asked | values)


def _asked(caller: Caller, thing: Row, **values: Any) -> Row:
    """An approval that waits for a second person."""
    answer = _asking(caller, thing, **values)
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


def _decided(caller: Caller, approval: Row, how: str = "confirmation") -> Any:
    """The answer to a decision."""
    return caller.post(f"{approval['self']}/{how}", seen="*")


def test_changes_nothing_by_asking(people: People) -> None:
    inspector = people.inspector()
    thing = _marked(inspector)

    approval = _asked(inspector, thing)

    assert (approval["state"], approval["asked_by"], approval["decided_by"]) == ("open", name_of(inspector), None)
    assert (approval["of_kind"], approval["of_ref"], approval["handling"]) == ("evidence", thing["ref"], "PUBLIC")
    assert inspector.read(thing["self"]) == thing


def test_lowers_a_marking_when_a_second_person_confirms_it(people: People) -> None:
    first, second, public = people.inspector(), people.inspector(), people.alice.holding(None)
    thing = _marked(first)
    approval = _asked(first, thing)
    before = public.get(thing["self"]).status_code

    answer = _decided(second, approval)

    assert (answer.get_json()["state"], answer.get_json()["decided_by"]) == ("confirmed", name_of(second))
    assert before == 404
    assert public.read(thing["self"]) == thing | {"handling": "PUBLIC", "version": 2}


def test_is_confirmed_by_the_programme_office_of_the_body_that_owns_the_thing(people: People) -> None:
    first, second = people.office(), people.office()
    thing = _marked(people.officer())

    answer = _decided(second, _asked(first, thing))

    assert answer.status_code == 200
    assert second.read(thing["self"])["handling"] == "PUBLIC"


def test_is_not_confirmed_by_whoever_asked_for_it(people: People) -> None:
    inspector = people.inspector()
    approval = _asked(inspector, _marked(inspector))

    answer = _decided(inspector, approval)

    assert conflicts(answer) == [("approval", approval["ref"])]
    assert inspector.read(approval["self"])["state"] == "open"


def test_is_no_business_of_another_body(people: People) -> None:
    inspector, office = people.inspector(), people.office()
    thing = _marked(inspector)
    approval = _asked(inspector, thing)

    answers = [_asking(office, thing), _decided(office, approval), _decided(office, approval, "refusal")]

    assert {forbidden(answer) for answer in answers} == {"Only the body that owns this evidence may do this."}


@pytest.mark.parametrize("role", ["officer", "auditor", "admin", "machine"])
def test_is_no_business_of_other_roles(people: People, role: str) -> None:
    caller = people.having(role)
    thing = caller.holding(writing.ALICE).a("evidence")

    answers = [caller.get(APPROVALS), _asking(caller, thing)]

    assert [forbidden(answer) for answer in answers] == [f"The role '{role}' may not do this."] * 2


def test_is_hidden_from_whoever_does_not_see_the_thing(people: People) -> None:
    inspector, blind = people.inspector(), people.inspector("PUBLIC")
    thing = _marked(inspector)
    approval = _asked(inspector, thing)

    answers = [blind.get(approval["self"]), _decided(blind, approval), _decided(blind, approval, "refusal")]

    assert [problem(answer, 404, "not-found")["title"] for answer in answers] == ["There is no such thing here"] * 3
    assert approval["ref"] not in {found["ref"] for found in blind.read(APPROVALS, limit=200)["items"]}


def test_is_asked_for_of_what_is_not_seen_as_of_what_is_not_there(people: People) -> None:
    thing, blind = _marked(people.inspector()), people.inspector("PUBLIC")

    hidden, missing = _asking(blind, thing), _asking(blind, thing | {"ref": "no-such-thing"})

    told = [problem(answer, 404, "not-found")["detail"] for answer in (hidden, missing)]
    assert told[0].replace(thing["ref"], "no-such-thing") == told[1]


@pytest.mark.parametrize("by_oneself", [True, False])
def test_is_declined_by_another_or_taken_back(people: People, by_oneself: bool) -> None:
    first, second = people.inspector(), people.inspector()
    thing = _marked(first)
    approval = _asked(first, thing)

    answer = _decided(first if by_oneself else second, approval, "refusal")

    assert answer.get_json()["state"] == "declined"
    assert first.read(thing["self"]) == thing
    assert _asking(first, thing).status_code == 201


@pytest.mark.parametrize("second", ["confirmation", "refusal"])
@pytest.mark.parametrize("first", ["confirmation", "refusal"])
def test_is_decided_once(people: People, first: str, second: str) -> None:
    inspector = people.inspector()
    approval = _asked(inspector, _marked(inspector))
    _decided(people.inspector(), approval, first)

    answer = _decided(people.inspector(), approval, second)

    assert conflicts(answer) == [("approval", approval["ref"])]


def test_waits_once_for_a_thing(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    thing = _marked(first)
    approval = _asked(first, thing)

    answer = _asking(second, thing)

    assert conflicts(answer) == [("approval", approval["ref"])]


@pytest.mark.parametrize(
    "values", [{}, {"handling": "OFFICIAL"}, {"handling": "OFFICIAL-SENSITIVE"}, {"embargo_until": "2999-01-01"}]
)
def test_is_not_asked_for_what_shows_a_thing_to_nobody_more(people: People, values: Row) -> None:
    inspector = people.inspector("OFFICIAL-SENSITIVE")
    thing = _marked(inspector)

    answer = inspector.post(APPROVALS, {"action": "release", "kind": "evidence", "ref": thing["ref"]} | values)

    assert set(faults(answer)) == {"/handling"}


def test_shows_no_part_to_whom_the_whole_is_hidden(people: People) -> None:
    inspector = people.inspector()
    whole = _marked(inspector, "recommendation", owner=people.inspectorate)
    part = inspector.a("clause", recommendation=whole["ref"], owner=people.inspectorate)

    answer = _asking(inspector, part)

    assert part["handling"] == "OFFICIAL"
    assert set(faults(answer)) == {"/handling"}


def test_takes_a_limit_and_an_embargo_away(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    limits = {"limited_to": [people.inspectorate], "embargo_until": "2999-01-01"}
    thing = _marked(first, **limits)
    approval = _asked(first, thing, limited_to=None, embargo_until=None)

    _decided(second, approval)

    shown = people.alice.holding(None).read(thing["self"])
    assert (shown["handling"], shown["limited_to"], shown["embargo_until"]) == ("PUBLIC", None, None)


def test_lowers_the_marking_of_a_link(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    link = _marked(first, "link")
    approval = _asked(first, {"kind": "link", "ref": link["id"]})

    _decided(second, approval)

    assert people.alice.holding(None).read(link["self"])["handling"] == "PUBLIC"


def test_does_not_lower_what_was_withdrawn_in_the_meantime(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    thing = _marked(first)
    approval = _asked(first, thing)
    first.delete(thing["self"])

    answer = _decided(second, approval)

    problem(answer, 404, "not-found")


def test_does_not_lower_what_was_raised_in_the_meantime(people: People) -> None:
    first, second = people.inspector("OFFICIAL-SENSITIVE"), people.inspector("OFFICIAL-SENSITIVE")
    thing = _marked(first)
    approval = _asked(first, thing)
    first.post(f"{thing['self']}/handling", {"handling": "OFFICIAL-SENSITIVE"}, seen="*")

    answer = _decided(second, approval)

    assert answer.status_code == 409
    assert second.read(thing["self"])["handling"] == "OFFICIAL-SENSITIVE"


def test_does_not_lower_into_what_is_taken(people: People) -> None:
    first, second, blind = people.inspector(), people.inspector(), people.inspector("PUBLIC")
    thing = _marked(first, external_id="twice")
    approval = _asked(first, thing)
    other = blind.a("evidence", external_id="twice")

    answer = _decided(second, approval)

    assert conflicts(answer) == [("evidence", other["ref"])]


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"action": "forget"}, "/action"),
        ({"action": None}, "/action"),
        ({"kind": "baseline"}, "/kind"),
        ({"kind": "nothing"}, "/kind"),
        ({"ref": ""}, "/ref"),
        ({"ref": None}, "/ref"),
        ({"handling": "SECRET"}, "/handling"),
        ({"limited_to": [], "handling": "PUBLIC"}, "/limited_to"),
        ({"limited_to": ["nothing"]}, "/limited_to/0"),
        ({"embargo_until": "tomorrow"}, "/embargo_until"),
        ({"why": "x"}, "/why"),
    ],
)
def test_refuses_what_cannot_be_asked_for(people: People, values: Row, pointer: str) -> None:
    inspector = people.inspector()

    answer = _asking(inspector, _marked(inspector), **values)

    assert set(faults(answer)) == {pointer}


def test_lists_what_waits_and_what_became_of_the_rest(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    made = [_asked(first, _marked(first)) for _ in range(3)]
    _decided(second, made[0])
    _decided(second, made[1], "refusal")

    found = {
        state: [row["ref"] for row in first.read(APPROVALS, state=state, limit=200)["items"]]
        for state in ("confirmed", "declined", "open")
    }

    assert [refs[-1] for refs in found.values()] == [approval["ref"] for approval in made]
    assert set(faults(first.get(APPROVALS, state="lost"))) == {"state"}


def test_lists_page_by_page(people: People) -> None:
    inspector = people.inspector()
    made = [_asked(inspector, _marked(inspector))["ref"] for _ in range(3)]
    total = inspector.read(APPROVALS, limit=1, count="true")["total"]

    first = inspector.read(APPROVALS, limit=total - 2)
    last = inspector.read(first["next"])

    assert [row["ref"] for row in (*first["items"], *last["items"])][-3:] == made
    assert last["next"] is None


def test_records_who_asked_and_who_confirmed(people: People) -> None:
    first, second = people.inspector(), people.inspector()
    thing = _marked(first)
    approval = _asked(first, thing)
    second.post(f"{approval['self']}/confirmation", seen="*", reason="Published today")

    told = people.alice.read("/api/v1/changes", ref=[thing["ref"], approval["ref"]])["items"]

    assert [(change["kind"], change["action"], change["principal"]) for change in told] == [
        ("evidence", "created", name_of(first)),
        ("approval", "created", name_of(first)),
        ("approval", "updated", name_of(second)),
        ("evidence", "updated", name_of(second)),
    ]
    assert told[-1]["after"] == {"handling": "PUBLIC"}
    assert {change["reason"] for change in told[2:]} == {"Published today"}
