"""The guard of personal data: no text that looks like it is stored, whichever way it comes, unless it is let pass."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.api import people as peopled
from tests.api import writing
from tests.api.closing import Case, a_case
from tests.api.people import People, forbidden, name_of, problem
from tests.api.writing import NEEDED, Caller, Row, address, faults

alice, bob, people = writing.alice, writing.bob, peopled.people
# Nobody's: an address under a domain for examples, and the least number that the rules of each kind allow.
MAIL = "Write to reader@example.org, please."
FOUND = {"type": "email_address", "start": 9, "end": 27}
KINDS = {
    "chi_number": "0201700018",
    "national_insurance_number": "AA000000A",
    "pnc_id": "2000/0000001A",
    "cro_number": "000001/00A",
    "date_of_birth": "date of birth: 1 January 1970",
    "email_address": "reader@example.org",
}
WARNED = {"nhs_number": "943 476 5919", "phone_number": "07700 900000", "postcode": "ZE1 0AA"}
OVERRIDES = "/api/v1/pii-overrides"
# Who takes each step of closure, and how the recommendation comes to stand so that he can.
STEPS: dict[str, tuple[str, Callable[[Case], Any]]] = {
    "propose": ("officer", lambda case: case),
    "return": ("inspector", lambda case: case.taken(case.officer, "propose")),
    "override": ("inspector", lambda case: case.taken(case.officer, "propose")),
    "discharge": ("inspector", lambda case: case.ready()),
    "end": ("inspector", lambda case: case),
    "reopen": ("inspector", lambda case: case.taken(case.second, "end", {"outcome": "no_longer_relevant"})),
}
WHY = "It is the address of an office"


def _free_texts(noun: str, document: Row) -> set[str]:
    """The fields of a new thing that hold whatever text its writer likes, by the document."""
    return _free_texts_at("/api/v1/actions/{ref}/progress" if noun == "progress" else address(noun), document)


def _free_texts_at(path: str, document: Row) -> set[str]:
    """The fields that hold whatever text their writer likes, of what is posted to a path, by the document."""
    (content,) = document["paths"][path]["post"]["requestBody"]["content"].values()
    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return {
        name
        for name, field in schema["properties"].items()
        if "string" in field["type"] and not {"enum", "format"} & field.keys() and "A-Za-z0-9" not in str(field)
    }


def _refused(answer: Any) -> list[Row]:
    """What is told to look like personal data."""
    found: list[Row] = problem(answer, 422, "pii-suspected")["findings"]
    return found


@pytest.mark.parametrize("noun", NEEDED)
def test_refuses_personal_data_in_every_text_of_a_new_thing(people: People, noun: str) -> None:
    names = _free_texts(noun, people.alice.read("/api/v1/openapi.json"))
    texts = dict.fromkeys(names - {"period", "short_name", "due_note", "url"}, MAIL) | {
        "url": f"https://a.org/{MAIL[9:27]}"
    }
    body = people.alice.body_for(noun)
    before = people.alice.count()

    found = {name: _refused(people.alice.adding(noun, **body | {name: texts[name]})) for name in texts}

    assert {"title", "rationale"} & texts.keys()
    assert {name: [one["pointer"] for one in told] for name, told in found.items()} == {
        name: [f"/{name}"] for name in texts
    }
    assert [found[name] for name in texts if name != "url"] == [
        [{"pointer": f"/{name}"} | FOUND] for name in texts if name != "url"
    ]
    assert people.alice.count() == before


@pytest.mark.parametrize("step", STEPS)
def test_refuses_personal_data_in_every_text_of_a_step_of_closure(people: People, step: str) -> None:
    case, (who, stand) = a_case(people), STEPS[step]
    stand(case)
    before = people.alice.count()
    names = _free_texts_at(f"/api/v1/recommendations/{{ref}}/closure/{step}", people.alice.read("/api/v1/openapi.json"))
    ending = {"outcome": "no_longer_relevant"} if step == "end" else {}

    found = {name: _refused(case.step(getattr(case, who), step, ending | {name: MAIL})) for name in names}

    assert names
    assert {name: [one["pointer"] for one in told] for name, told in found.items()} == {
        name: [f"/{name}"] for name in names
    }
    assert people.alice.count() == before


def test_refuses_personal_data_in_every_text_of_a_response(people: People) -> None:
    path = f"{a_case(people).address}/responses"
    names = _free_texts_at("/api/v1/recommendations/{ref}/responses", people.alice.read("/api/v1/openapi.json"))
    texts = dict.fromkeys(names, MAIL) | {"url": f"https://a.org/{MAIL[9:27]}"}
    usual = {"response": "not_ours", "depends_on": "Another programme"}
    officer, before = people.officer(), people.alice.count()

    found = {name: _refused(officer.post(path, usual | {name: text})) for name, text in texts.items()}

    assert {"statement", "depends_on", "url"} <= names
    assert {name: [one["pointer"] for one in told] for name, told in found.items()} == {
        name: [f"/{name}"] for name in texts
    }
    assert people.alice.count() == before


def test_refuses_personal_data_in_the_parts_of_an_action(people: People) -> None:
    action = people.alice.a("action")["self"]
    parts = [{"title": "A part"}, {"title": MAIL}]
    office, before = people.office(), people.alice.count()

    answer = office.post(f"{action}/split", {"parts": parts}, seen=people.alice.etag(action))

    assert [one["pointer"] for one in _refused(answer)] == ["/parts/1/title"]
    assert people.alice.count() == before


@pytest.mark.parametrize("noun", writing.CHANGED)
def test_refuses_personal_data_in_a_change(people: People, noun: str) -> None:
    made = people.alice.a(noun)
    field = "rationale" if noun == "link" else "title"

    answer = people.alice.patch(made["self"], {field: MAIL})

    assert _refused(answer) == [{"pointer": f"/{field}"} | FOUND]
    assert people.alice.read(made["self"]) == made


def test_refuses_personal_data_in_the_other_texts_of_a_thing(people: People) -> None:
    alice = people.alice
    link, action = alice.a("link"), alice.a("action")

    # By the names that the record has for them.
    found = {
        "/review_note": alice.post(f"{link['self']}/review", {"finding": "valid", "note": MAIL}, seen="*"),
        "/due_dates/0/note": alice.patch(action["self"], {"due_on": "2030-01-01", "due_note": MAIL}),
        "/description": alice.post("/api/v1/baselines", {"name": "never", "description": MAIL}),
        "/short_name": alice.adding("recommendation", short_name="a@example.org"),
    }

    assert {pointer: [one["pointer"] for one in _refused(answer)] for pointer, answer in found.items()} == {
        pointer: [pointer] for pointer in found
    }


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("keys", {"name": "AA000000A", "role": "auditor"}, "/name"),
        ("accounts", {"name": "AA000000A", "role": "auditor", "subject_id": "a-sub"}, "/name"),
        ("accounts", {"name": "somebody", "role": "auditor", "subject_id": "reader@example.org"}, "/subject_id"),
    ],
)
def test_refuses_personal_data_in_what_is_granted(people: People, path: str, body: Row, pointer: str) -> None:
    answer = people.having("admin").post(f"/api/v1/{path}", body)

    assert [one["pointer"] for one in _refused(answer)] == [pointer]


def test_refuses_personal_data_in_a_reason(people: People) -> None:
    before = people.alice.count()

    answer = people.alice.post(address("body"), {"title": "A body"}, reason=MAIL)

    assert _refused(answer) == [{"pointer": "reason"} | FOUND]
    assert people.alice.count() == before


def test_refuses_personal_data_in_the_name_of_a_request(people: People) -> None:
    answer = people.alice.post(address("body"), {"title": "A body"}, headers={"X-Request-Id": "reader@example.org"})

    assert _refused(answer) == [{"pointer": "X-Request-Id", "type": "email_address", "start": 0, "end": 18}]
    assert "X-Request-Id" not in answer.headers


def test_refuses_personal_data_in_a_reason_to_withdraw(people: People) -> None:
    made = people.alice.a("body")

    answer = people.alice.delete(made["self"], reason=MAIL)

    assert _refused(answer) == [{"pointer": "reason"} | FOUND]
    assert people.alice.get(made["self"]).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_tells_where_and_what_sort_and_never_the_text(
    people: People, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    text = f"See {KINDS[kind]} there."

    answer = people.alice.adding("evidence", statement=text)

    assert _refused(answer) == [{"pointer": "/statement", "type": kind, "start": 4, "end": 4 + len(KINDS[kind])}]
    assert KINDS[kind] not in answer.text + caplog.text
    assert f"/statement {kind} 4-{4 + len(KINDS[kind])}" in answer.get_json()["detail"]


def test_tells_everything_that_it_finds(people: People) -> None:
    body = NEEDED["evidence"] | {"title": MAIL, "statement": f"{MAIL} AA000000A"}

    answer = people.alice.post(address("evidence"), body, reason=MAIL)

    assert {(one["pointer"], one["type"]) for one in _refused(answer)} == {
        ("reason", "email_address"),
        ("/title", "email_address"),
        ("/statement", "email_address"),
        ("/statement", "national_insurance_number"),
    }


@pytest.mark.parametrize("role", ["inspector", "programme_office"])
def test_lets_a_role_that_may_say_so_store_it_and_lists_that(people: People, role: str) -> None:
    caller = people.having(role)
    body = caller.body_for("evidence", statement=MAIL) | {"title": "07700 900000 and AA000000A"}

    made = caller.post(address("evidence"), body, query={"override": WHY})

    (told,) = [row for row in caller.read(OVERRIDES, limit=200)["items"] if row["of_ref"] == made.get_json()["ref"]]
    assert (made.status_code, made.get_json()["statement"]) == (201, MAIL)
    assert (told["of_kind"], told["why"], told["by"]) == ("evidence", WHY, name_of(caller))
    assert set(told["found"].split("; ")) == {
        "/statement email_address 9-27",
        "/title national_insurance_number 17-26",
    }


def test_records_that_it_was_told_to_let_a_text_pass(people: People) -> None:
    inspector = people.inspector()
    inspector.post(address("evidence"), inspector.body_for("evidence", statement=MAIL), query={"override": WHY})

    change = people.alice.record()[-1]

    assert (change["kind"], change["action"], change["principal"]) == ("override", "created", name_of(inspector))
    assert change["after"]["why"] == WHY
    assert "reader" not in str(change)


@pytest.mark.parametrize("role", ["officer", "admin", "machine"])
def test_lets_nobody_else_override_it(people: People, role: str) -> None:
    caller = people.having(role, **({"scopes": ["write-evidence"]} if role == "machine" else {}))
    path = "/api/v1/keys" if role == "admin" else address("evidence")
    body = {"name": "AA000000A", "role": "auditor"} if role == "admin" else NEEDED["evidence"] | {"statement": MAIL}

    answer = caller.post(path, body, query={"override": WHY})

    assert forbidden(answer) == f"The role '{role}' may not override the guard of personal data."


@pytest.mark.parametrize("why", ["", " ", "x" * 1_001])
def test_needs_a_reason_to_override_it(people: People, why: str) -> None:
    answer = people.inspector().post(address("evidence"), NEEDED["evidence"], query={"override": why})

    assert set(faults(answer)) == {"override"}


def test_refuses_personal_data_in_the_reason_to_override_it(people: People) -> None:
    inspector = people.inspector()

    answer = inspector.post(
        address("evidence"), inspector.body_for("evidence", statement=MAIL), query={"override": MAIL}
    )

    assert [one["type"] for one in _refused(answer)] == ["email_address"]


def test_lists_nothing_where_there_was_nothing_to_override(people: People) -> None:
    inspector = people.inspector()
    before = len(inspector.read(OVERRIDES, limit=200)["items"])

    answer = inspector.post(address("evidence"), inspector.body_for("evidence"), query={"override": WHY})

    assert answer.status_code == 201
    assert len(inspector.read(OVERRIDES, limit=200)["items"]) == before


def test_lists_overrides_on_what_their_reader_sees(people: People) -> None:
    inspector = people.inspector()
    body = inspector.body_for("evidence", statement=MAIL, handling="OFFICIAL")
    ref = inspector.post(address("evidence"), body, query={"override": WHY}).get_json()["ref"]

    told = [caller.get(OVERRIDES, limit=200).text for caller in (inspector, people.inspector("PUBLIC"))]

    assert [ref in text for text in told] == [True, False]


@pytest.mark.parametrize("role", ["public", "officer", "auditor", "admin", "machine"])
def test_lists_overrides_to_nobody_who_may_not_make_them(people: People, role: str) -> None:
    caller: Caller = people.alice.holding(None) if role == "public" else people.having(role)

    assert caller.get(OVERRIDES).status_code == (401 if role == "public" else 403)


@pytest.mark.parametrize("kind", WARNED)
def test_warns_of_what_may_be_an_offices(people: People, kind: str) -> None:
    answer = people.officer().adding("evidence", statement=f"See {WARNED[kind]} there.")

    end = 4 + len(WARNED[kind])
    assert answer.status_code == 201
    assert answer.headers["Personal-Data-Warning"] == f"/statement; type={kind}; start=4; end={end}"


def test_warns_of_nothing_where_there_is_nothing(people: People) -> None:
    answer = people.officer().adding("evidence", statement="More than 500 cases of 2014/15 were examined.")

    assert answer.status_code == 201
    assert "Personal-Data-Warning" not in answer.headers


def test_asks_before_anything_is_sent(people: People) -> None:
    texts = ["Nothing.", MAIL, f"Ring {WARNED['phone_number']}."]

    told = people.officer().post("/api/v1/pii-check", {"texts": texts}, reason=None).get_json()

    assert told["findings"] == [
        {"pointer": "/texts/1", "refused": True} | FOUND,
        {"pointer": "/texts/2", "refused": False, "type": "phone_number", "start": 5, "end": 17},
    ]
