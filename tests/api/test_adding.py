"""Adding things: what is added is what is shown, what it names must be there, and no rule is got around."""

import pytest

from tests.api import writing
from tests.api.writing import NOUNS, Caller, address, conflicts, faults

alice = writing.alice
ITEMS = tuple(noun for noun in NOUNS if noun != "link")
OWNED = tuple(noun for noun in ITEMS if noun != "body")
# A field that names a parent, and a kind of thing that is no such parent.
PARENTS = [
    ("recommendation", "review", "body"),
    ("clause", "recommendation", "review"),
    ("assessment", "subject", "action"),
]


@pytest.mark.parametrize("noun", NOUNS)
def test_shows_what_was_added_where_location_says(alice: Caller, noun: str) -> None:
    answer = alice.adding(noun)

    shown = alice.get(answer.headers["Location"])
    assert answer.status_code == 201
    assert (answer.data, answer.headers["ETag"]) == (shown.data, shown.headers["ETag"])
    assert answer.get_json()["self"] == answer.headers["Location"]


@pytest.mark.parametrize("noun", NOUNS)
def test_keeps_what_was_given(alice: Caller, noun: str) -> None:
    body = alice.body_for(noun)

    made = alice.a(noun, **body)

    assert {name: made[name] for name in body} == body


@pytest.mark.parametrize("noun", NOUNS)
def test_gives_every_thing_a_reference_of_its_own(alice: Caller, noun: str) -> None:
    made = [alice.a(noun) for _ in range(2)]

    refs = {row.get("ref") or row["id"] for row in made}
    assert len(refs) == 2
    assert all(len(ref) == 18 and ref.startswith(f"{noun[0].upper()}-") for ref in refs)


@pytest.mark.parametrize("noun", NOUNS)
def test_begins_at_the_first_version_and_records_one_change(alice: Caller, noun: str) -> None:
    body, before = alice.body_for(noun), alice.count()

    made = alice.a(noun, **body)

    assert made["version"] == 1
    assert alice.count() == before + 1


@pytest.mark.parametrize("field", ["ref", "id", "kind", "version", "handling", "self", "created_seq"])
def test_lets_nobody_choose_what_the_service_gives(alice: Caller, field: str) -> None:
    answer = alice.adding("evidence", **{field: "X1"})

    assert set(faults(answer)) == {f"/{field}"}


@pytest.mark.parametrize("noun", ITEMS)
def test_takes_everything_that_an_item_may_have(alice: Caller, noun: str) -> None:
    given = {
        "owner": alice.a("body")["ref"],
        "effective_from": "2020-02-01",
        "effective_to": "2021-02-01",
        "effective_note": "From the first day.",
        "period": "2020-01",
        "period_note": "As it says.",
        "url": "https://example.org/a?b=c",
        "locator": "page 3",
        "publisher": "A publisher",
        "publication_type": "primary",
        "confidence": "high",
    }

    made = alice.a(noun, **given)

    assert {name: made[name] for name in given} == given


def test_knows_a_thing_by_its_reference_where_no_other_id_is_given(alice: Caller) -> None:
    made = alice.a("evidence")

    assert made["external_id"] == made["ref"]


def test_refuses_an_external_id_that_its_owner_has_given_already(alice: Caller) -> None:
    owner = alice.a("body")["ref"]
    first = alice.a("evidence", external_id="X-1", owner=owner)

    answer = alice.adding("evidence", external_id="X-1", owner=owner)

    assert conflicts(answer) == [("evidence", first["ref"])]


def test_takes_an_external_id_that_another_owner_has_given(alice: Caller) -> None:
    first, second = (alice.a("body")["ref"] for _ in range(2))
    alice.a("evidence", external_id="X-2", owner=first)

    answer = alice.adding("evidence", external_id="X-2", owner=second)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("noun", "field"),
    [("review", "publishers"), ("recommendation", "partners"), ("action", "partners"), ("assessment", "assessors")],
)
def test_keeps_bodies_in_the_order_given(alice: Caller, noun: str, field: str) -> None:
    bodies = [alice.a("body")["ref"] for _ in range(3)][::-1]

    made = alice.a(noun, **{field: bodies})

    assert made[field] == bodies


def test_keeps_lead_and_partners_apart(alice: Caller) -> None:
    first, second = (alice.a("body")["ref"] for _ in range(2))

    made = alice.a("recommendation", lead=first, partners=[second, first])

    assert (made["lead"], made["partners"]) == (first, [second, first])


@pytest.mark.parametrize("noun", OWNED)
def test_refuses_an_owner_who_is_not_there(alice: Caller, noun: str) -> None:
    answer = alice.adding(noun, owner="nobody")

    assert set(faults(answer)) == {"/owner"}


def test_refuses_an_owner_that_is_no_body(alice: Caller) -> None:
    answer = alice.adding("evidence", owner=alice.a("action")["ref"])

    assert set(faults(answer)) == {"/owner"}


@pytest.mark.parametrize(
    ("noun", "field", "pointer"),
    [
        ("review", "publishers", "/publishers/1"),
        ("recommendation", "partners", "/partners/1"),
        ("action", "partners", "/partners/1"),
        ("assessment", "assessors", "/assessors/1"),
    ],
)
def test_points_to_the_body_that_is_not_there(alice: Caller, noun: str, field: str, pointer: str) -> None:
    answer = alice.adding(noun, **{field: [alice.a("body")["ref"], "nobody"]})

    assert set(faults(answer)) == {pointer}


def test_refuses_a_body_named_twice(alice: Caller) -> None:
    body = alice.a("body")["ref"]

    answer = alice.adding("action", partners=[body, body])

    assert set(faults(answer)) == {"/partners"}


def test_refuses_a_lead_who_is_not_there(alice: Caller) -> None:
    answer = alice.adding("recommendation", lead="nobody")

    assert set(faults(answer)) == {"/lead"}


@pytest.mark.parametrize(("noun", "field", "_wrong"), PARENTS)
def test_refuses_a_parent_that_is_not_there(alice: Caller, noun: str, field: str, _wrong: str) -> None:
    answer = alice.adding(noun, **{field: "nothing"})

    assert set(faults(answer)) == {f"/{field}"}


@pytest.mark.parametrize(("noun", "field", "wrong"), PARENTS)
def test_refuses_a_parent_of_another_kind(alice: Caller, noun: str, field: str, wrong: str) -> None:
    answer = alice.adding(noun, **{field: alice.a(wrong)["ref"]})

    assert set(faults(answer)) == {f"/{field}"}


@pytest.mark.parametrize("noun", ITEMS)
def test_lists_what_was_added_last(alice: Caller, noun: str) -> None:
    made = alice.a(noun)

    page = alice.read(address(noun), sort="-recorded", limit=1)

    assert page["items"][0]["ref"] == made["ref"]
