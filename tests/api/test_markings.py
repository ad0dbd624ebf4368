"""Markings: set when a thing is written, raised by the body that owns it, and hiding it at earlier points too."""

from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People, forbidden, problem
from tests.api.writing import NEEDED, Caller, Row, address, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
MARKED = tuple(noun for noun in NEEDED if noun != "body")
FAR = "2999-01-01"


def _raised(caller: Caller, thing: Row, **values: Any) -> Any:
    """The answer to raising the marking of a thing."""
    return caller.post(f"{thing['self']}/handling", values, seen="*")


@pytest.mark.parametrize("noun", MARKED)
def test_marks_a_new_thing_as_is_asked_for(people: People, noun: str) -> None:
    public = people.alice.holding(None)

    made = people.alice.a(noun, handling="OFFICIAL")

    assert (made["handling"], made["limited_to"], made["embargo_until"]) == ("OFFICIAL", None, None)
    assert public.get(made["self"]).status_code == 404
    assert public.get(f"{made['self']}/history").status_code == 404


@pytest.mark.parametrize(("clearance", "status"), [("PUBLIC", 404), ("OFFICIAL", 200), ("OFFICIAL-SENSITIVE", 200)])
def test_shows_a_thing_to_whoever_is_cleared_for_it(people: People, clearance: str, status: int) -> None:
    made = people.alice.a("evidence", handling="OFFICIAL")

    assert people.officer(clearance).get(made["self"]).status_code == status


def test_marks_nothing_above_what_its_writer_is_cleared_for(people: People) -> None:
    answer = people.inspector("OFFICIAL").adding("evidence", handling="OFFICIAL-SENSITIVE")

    assert faults(answer) == {"/handling": "is above what you are cleared for, OFFICIAL"}


@pytest.mark.parametrize("handling", ["SECRET", "TOP SECRET", "official", "", None, 1])
def test_knows_no_other_handling(people: People, handling: Any) -> None:
    answer = people.inspector().adding("evidence", handling=handling)

    assert set(faults(answer)) == {"/handling"}


def test_marks_a_part_at_least_as_its_whole(people: People) -> None:
    whole = people.alice.a("recommendation", handling="OFFICIAL")

    part = people.alice.a("clause", recommendation=whole["ref"])
    lower = people.alice.adding("clause", recommendation=whole["ref"], handling="PUBLIC")

    assert part["handling"] == "OFFICIAL"
    assert set(faults(lower)) == {"/handling"}


def test_marks_what_is_new_under_a_review_as_the_review_says(people: People) -> None:
    review = people.alice.a("review", new_handling="OFFICIAL")

    usual = people.alice.a("recommendation", review=review["ref"])
    other = people.alice.a("recommendation", review=review["ref"], handling="PUBLIC")

    assert (usual["handling"], other["handling"]) == ("OFFICIAL", "PUBLIC")
    people.alice.patch(review["self"], {"new_handling": None})


def test_shows_what_is_limited_to_readers_of_those_bodies_alone(people: People) -> None:
    made = people.inspector().a("evidence", limited_to=[people.inspectorate])

    statuses = [
        caller.get(made["self"]).status_code
        for caller in (people.inspector("PUBLIC"), people.officer("OFFICIAL-SENSITIVE"), people.alice.holding(None))
    ]

    assert made["limited_to"] == [people.inspectorate]
    assert statuses == [200, 404, 404]


def test_hides_nothing_from_the_body_of_its_writer(people: People) -> None:
    answer = people.inspector().adding("evidence", limited_to=[people.force])

    assert faults(answer) == {"/limited_to": "would hide it from your own body"}


def test_shows_what_is_under_an_embargo_to_the_body_that_owns_it(people: People) -> None:
    made = people.inspector().a("evidence", embargo_until=FAR)
    over = people.inspector().a("evidence", embargo_until="2020-01-01")

    statuses = [
        [caller.get(thing["self"]).status_code for thing in (made, over)]
        for caller in (people.inspector("PUBLIC"), people.officer("OFFICIAL-SENSITIVE"), people.alice.holding(None))
    ]

    assert (made["embargo_until"], over["embargo_until"]) == (FAR, "2020-01-01")
    assert statuses == [[200, 200], [404, 200], [404, 200]]


@pytest.mark.parametrize("noun", MARKED)
def test_raises_a_marking_and_shows_the_thing_as_a_get_does(people: People, noun: str) -> None:
    made = people.alice.a(noun)

    answer = _raised(people.alice, made, handling="OFFICIAL")

    shown = people.alice.get(made["self"])
    assert (answer.status_code, answer.get_json()["handling"]) == (200, "OFFICIAL")
    assert (answer.data, answer.headers["ETag"]) == (shown.data, shown.headers["ETag"])
    assert people.alice.holding(None).get(made["self"]).status_code == 404


def test_raises_the_marking_of_what_stands_under_a_thing(people: People) -> None:
    whole = people.alice.a("recommendation")
    parts = [people.alice.a("clause", recommendation=whole["ref"]), people.alice.a("assessment", subject=whole["ref"])]

    _raised(people.alice, whole, handling="OFFICIAL")

    assert [people.alice.read(part["self"])["handling"] for part in parts] == ["OFFICIAL"] * 2


def test_hides_a_thing_at_earlier_points_of_the_record_too(people: People) -> None:
    public, officer = people.alice.holding(None), people.officer()
    made = people.alice.a("evidence", statement="A word like hellebore.")
    before = public.count()
    seen = public.get(made["self"], known_at=before).status_code

    _raised(people.alice, made, handling="OFFICIAL")

    told = [public.get(path).text for path in ("/api/v1/evidence?limit=200", "/api/v1/changes?limit=200&kind=evidence")]
    assert seen == 200
    assert public.get(made["self"], known_at=before - 1).status_code == 404
    assert officer.get(made["self"], known_at=officer.read("/api/v1")["record"] - 1).status_code == 200
    assert not [text for text in told if "hellebore" in text]
    assert b"hellebore" not in public.get("/api/v1/exports").data


def test_raises_nothing_of_another_body(people: People) -> None:
    made = people.inspector().a("evidence")

    answer = _raised(people.officer(), made, handling="OFFICIAL")

    assert forbidden(answer) == "Only the body that owns this evidence may do this."


def test_raises_nothing_that_it_does_not_see(people: People) -> None:
    made = people.inspector().a("evidence", handling="OFFICIAL")

    answer = _raised(people.inspector("PUBLIC"), made, handling="OFFICIAL-SENSITIVE")

    problem(answer, 404, "not-found")


@pytest.mark.parametrize("values", [{"handling": "PUBLIC"}, {"limited_to": None}, {"embargo_until": None}])
def test_lowers_no_marking_alone(people: People, values: Row) -> None:
    inspector = people.inspector()
    made = inspector.a("evidence", handling="OFFICIAL", limited_to=[people.inspectorate], embargo_until=FAR)

    answer = _raised(inspector, made, **values)

    assert "a second person" in faults(answer)["/handling"]
    assert inspector.read(made["self"]) == made


@pytest.mark.parametrize("values", [{}, {"handling": "OFFICIAL"}])
def test_raises_nothing_that_is_marked_so_already(people: People, values: Row) -> None:
    made = people.inspector().a("evidence", handling="OFFICIAL")

    answer = _raised(people.inspector(), made, **values)

    assert faults(answer) == {"/handling": "is marked so already"}


def test_raises_nothing_above_what_its_caller_is_cleared_for(people: People) -> None:
    inspector = people.inspector("OFFICIAL")
    made = inspector.a("evidence")

    answer = _raised(inspector, made, handling="OFFICIAL-SENSITIVE")

    assert set(faults(answer)) == {"/handling"}


def test_limits_a_thing_and_puts_it_under_an_embargo_later(people: People) -> None:
    inspector = people.inspector()
    made = inspector.a("evidence")

    answer = _raised(inspector, made, limited_to=[people.inspectorate], embargo_until=FAR)

    shown = answer.get_json()
    assert (shown["handling"], shown["limited_to"], shown["embargo_until"]) == ("PUBLIC", [people.inspectorate], FAR)
    assert people.officer("OFFICIAL-SENSITIVE").get(made["self"]).status_code == 404


def test_marks_nothing_by_a_patch(people: People) -> None:
    made = people.alice.a("evidence")

    answer = people.alice.patch(made["self"], {"handling": "OFFICIAL"})

    assert faults(answer) == {"/handling": "Unknown field."}


def test_marks_no_body(people: People) -> None:
    made = people.alice.a("body")

    assert _raised(people.alice, made, handling="OFFICIAL").status_code == 404


def test_hides_a_thing_although_something_hidden_has_its_external_id(people: People) -> None:
    hidden = people.inspector().a("evidence", handling="OFFICIAL", external_id="taken-unseen")
    made = people.inspector("PUBLIC").a("evidence", external_id="taken-unseen")

    answer = _raised(people.inspector("OFFICIAL"), made, handling="OFFICIAL")

    assert hidden["external_id"] == made["external_id"]
    assert (answer.status_code, answer.get_json()["handling"]) == (200, "OFFICIAL")
    assert people.alice.holding(None).get(made["self"]).status_code == 404


@pytest.mark.parametrize("noun", MARKED)
def test_hides_what_was_withdrawn_with_its_history(people: People, noun: str) -> None:
    public = people.alice.holding(None)
    made = people.alice.a(noun)
    people.alice.delete(made["self"], seen="*")
    seen = public.get(f"{made['self']}/history").status_code

    answer = _raised(people.alice, made, handling="OFFICIAL")

    assert (seen, public.get(f"{made['self']}/history").status_code) == (200, 404)
    assert (answer.status_code, answer.get_json()) == (200, made | {"handling": "OFFICIAL"})
    assert people.alice.get(made["self"]).status_code == 404
    assert people.alice.read(f"{made['self']}/history")["items"][-1]["after"] == {"handling": "OFFICIAL"}


def test_hides_nothing_withdrawn_of_another_body(people: People) -> None:
    made = people.inspector().a("evidence")
    people.inspector().delete(made["self"], seen="*")

    answer = _raised(people.officer(), made, handling="OFFICIAL")

    assert forbidden(answer) == "Only the body that owns this evidence may do this."


@pytest.mark.parametrize("noun", [noun for noun in MARKED if noun != "link"])
def test_lists_what_is_marked_to_whoever_sees_it_and_nobody_else(people: People, noun: str) -> None:
    made = people.alice.a(noun, handling="OFFICIAL")
    asked = f"{address(noun)}?external_id={made['external_id']}&count=true"

    told = [caller.read(asked)["total"] for caller in (people.officer(), people.officer("PUBLIC"))]

    assert told == [1, 0]
