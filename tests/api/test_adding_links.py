"""Adding links: only between what they may join, once, and never in a circle."""

from itertools import pairwise

import pytest

from models.vocabulary import KINDS, LINK_TYPES
from tests.api import writing
from tests.api.writing import Caller, Row, conflicts, faults

alice, bob = writing.alice, writing.bob
ALLOWED = [(one.type, pair) for one in LINK_TYPES for pair in one.pairs]
CIRCLES = [("derived_from", "evidence"), ("depends_on", "action"), ("contributes_to", "action")]
CIRCLES += [("supersedes", "recommendation")]


@pytest.fixture(scope="module")
def things(alice: Caller) -> dict[str, list[Row]]:
    """Two things of each kind that can be added."""
    return {kind: [_a(alice, kind) for _ in range(2)] for kind in KINDS}


def _a(alice: Caller, kind: str) -> Row:
    """A thing of a kind; of decisions, what a body answers to a recommendation."""
    if kind != "decision":
        return alice.a(kind)
    answered = {"response": "noted", "owner": alice.a("body")["ref"]}
    answer = alice.post(f"{alice.a('recommendation')['self']}/responses", answered)
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


@pytest.mark.parametrize(("type_", "kinds"), ALLOWED)
def test_joins_what_a_type_may_join(
    alice: Caller, things: dict[str, list[Row]], type_: str, kinds: tuple[str, str]
) -> None:
    source, target = things[kinds[0]][0], things[kinds[1]][1]

    made = alice.a("link", type=type_, source=source["ref"], target=target["ref"])

    assert (made["type"], made["source"], made["target"]) == (type_, source["ref"], target["ref"])


@pytest.mark.parametrize("type_", [one.type for one in LINK_TYPES])
def test_joins_nothing_else(alice: Caller, things: dict[str, list[Row]], type_: str) -> None:
    pairs = {pair for _, pair in ALLOWED} | {pair[::-1] for _, pair in ALLOWED}
    others = pairs - {pair for name, pair in ALLOWED if name == type_}
    ends = [(things[one][0]["ref"], things[other][1]["ref"]) for one, other in sorted(others)]

    found = [alice.adding("link", type=type_, source=source, target=target) for source, target in ends]

    assert {frozenset(faults(answer)) for answer in found} == {frozenset({"/type"})}


@pytest.mark.parametrize(("type_", "kind"), CIRCLES)
def test_joins_nothing_to_itself(alice: Caller, type_: str, kind: str) -> None:
    ref = alice.a(kind)["ref"]

    answer = alice.adding("link", type=type_, source=ref, target=ref)

    assert set(faults(answer)) == {"/target"}


@pytest.mark.parametrize("end", ["source", "target"])
def test_points_to_the_end_that_is_not_there(alice: Caller, end: str) -> None:
    answer = alice.adding("link", **{end: "nothing"})

    assert set(faults(answer)) == {f"/{end}"}


def test_says_who_wrote_it_where_nobody_else_asserts_it(bob: Caller) -> None:
    made = bob.a("link")

    assert made["asserted_by"] == "bob"


@pytest.mark.parametrize("said", ["A page", None])
def test_keeps_who_asserts_it(alice: Caller, said: str | None) -> None:
    answer = alice.adding("link", asserted_by=said)

    assert (answer.status_code, answer.get_json().get("asserted_by")) == (201, said or "alice")


def test_keeps_everything_that_a_link_may_have(alice: Caller) -> None:
    given = {
        "strength": "weak",
        "effective_from": "2020-01-01",
        "effective_to": "2020-02-01",
        "url": "https://example.org/a",
        "locator": "page 3",
    }

    made = alice.a("link", **given)

    assert {name: made[name] for name in given} == given


def test_refuses_a_link_that_ends_before_it_begins(alice: Caller) -> None:
    answer = alice.adding("link", effective_from="2020-01-02", effective_to="2020-01-01")

    assert set(faults(answer)) == {"/effective_to"}


def test_refuses_a_second_link_of_a_type_and_names_the_first(alice: Caller) -> None:
    first = alice.a("link")

    answer = alice.adding("link", source=first["source"], target=first["target"], basis="inferred")

    assert conflicts(answer) == [("link", first["id"])]


def test_takes_a_link_of_another_type_between_the_same_ends(alice: Caller) -> None:
    first = alice.a("link")

    answer = alice.adding("link", type="contradicts", source=first["source"], target=first["target"])

    assert answer.status_code == 201


def test_takes_it_again_once_the_first_is_withdrawn(alice: Caller) -> None:
    first = alice.a("link")
    alice.delete(first["self"])

    again = alice.a("link", source=first["source"], target=first["target"])

    assert again["id"] != first["id"]


@pytest.mark.parametrize("length", [2, 4])
@pytest.mark.parametrize(("type_", "kind"), CIRCLES)
def test_refuses_to_close_a_circle(alice: Caller, type_: str, kind: str, length: int) -> None:
    refs = [alice.a(kind)["ref"] for _ in range(length)]
    for source, target in pairwise(refs):
        alice.a("link", type=type_, source=source, target=target)

    answer = alice.adding("link", type=type_, source=refs[-1], target=refs[0])

    assert answer.status_code == 409


@pytest.mark.parametrize(("type_", "kind"), CIRCLES)
def test_takes_the_way_back_once_the_way_there_is_withdrawn(alice: Caller, type_: str, kind: str) -> None:
    one, other = (alice.a(kind)["ref"] for _ in range(2))
    alice.delete(alice.a("link", type=type_, source=one, target=other)["self"])

    answer = alice.adding("link", type=type_, source=other, target=one)

    assert answer.status_code == 201


def test_takes_two_ways_to_the_same_thing(alice: Caller) -> None:
    top, left, right, bottom = (alice.a("evidence")["ref"] for _ in range(4))
    for source, target in ((top, left), (top, right), (left, bottom)):
        alice.a("link", type="derived_from", source=source, target=target)

    answer = alice.adding("link", type="derived_from", source=right, target=bottom)

    assert answer.status_code == 201
