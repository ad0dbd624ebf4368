"""What a request carries: its type, its size, its fields and their limits; and nothing in it makes the service fail."""

import json
from typing import Any

import pytest

from tests.api import writing
from tests.api.writing import CHANGED, JSON, MERGE_PATCH, NOUNS, Caller, Row, address, faults

alice = writing.alice
BODIES = "/api/v1/bodies"
MIB = 1024 * 1024
WRONG_TYPES = [
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/json5",
    "",
]
# The most characters of each text, and where it can be given.
LIMITS = [
    *(("evidence", field, 500) for field in ("title", "effective_note", "period_note", "locator", "publisher")),
    ("evidence", "external_id", 500),
    ("evidence", "statement", 10_000),
    ("source", "population", 500),
    ("source", "sample", 500),
    ("source", "statement", 10_000),
    ("recommendation", "short_name", 16),
    ("recommendation", "text", 10_000),
    ("assessment", "statement", 10_000),
    ("progress", "statement", 10_000),
    ("link", "rationale", 2_000),
    ("link", "asserted_by", 500),
]
# Values that belong nowhere, and bodies that are none.
HOSTILE: list[Any] = [[[]], {"a": {}}, 2**62, 1.5, True, "x" * 20_000, "'; DROP TABLE item"]
RAW = [b"", b" ", b"null", b"[]", b'"x"', b"{", b"{}{}", b"\xff", b'{"title": "\\u0000"}', b'{"title": "\\ud800"}']
RAW += [b'{"title": NaN}', b'{"title": 1, "title": 2}', b"[" * 5_000, b'{"a":' * 40 + b"1" + b"}" * 40, b'{"":""}']


@pytest.mark.parametrize("type_", [*WRONG_TYPES, MERGE_PATCH])
def test_adds_nothing_of_another_type(alice: Caller, type_: str) -> None:
    answer = alice.post(BODIES, {"title": "A body"}, content_type=type_)

    assert (answer.status_code, JSON in answer.get_json()["detail"]) == (415, True)


@pytest.mark.parametrize("type_", [*WRONG_TYPES, JSON, "application/json-patch+json"])
def test_changes_nothing_by_another_type(alice: Caller, type_: str) -> None:
    answer = alice.patch(alice.a("body")["self"], {"title": "Other"}, content_type=type_)

    assert (answer.status_code, MERGE_PATCH in answer.get_json()["detail"]) == (415, True)


@pytest.mark.parametrize("suffix", ["; charset=utf-8", ";charset=UTF-8", "; q=1"])
def test_takes_a_type_with_its_parameters(alice: Caller, suffix: str) -> None:
    added = alice.post(BODIES, {"title": "A body"}, content_type=JSON + suffix)
    changed = alice.patch(added.headers["Location"], {"title": "Other"}, content_type=MERGE_PATCH.upper() + suffix)

    assert (added.status_code, changed.status_code) == (201, 200)


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity", "x"])
def test_reads_nothing_that_is_encoded(alice: Caller, encoding: str) -> None:
    answer = alice.post(BODIES, {"title": "A body"}, headers={"Content-Encoding": encoding})

    assert answer.status_code == 415


@pytest.mark.parametrize("raw", [b"{}", b" ", b"null"])
def test_takes_no_body_where_something_is_withdrawn(alice: Caller, raw: bytes) -> None:
    path = alice.a("body")["self"]

    answer = alice.delete(path, raw=raw, content_type=JSON)

    assert answer.status_code == 415
    assert alice.get(path).status_code == 200


@pytest.mark.parametrize("value", [[], [{"title": "A body"}], "title", 1, None, True])
def test_takes_nothing_but_an_object(alice: Caller, value: Any) -> None:
    answer = alice.post(BODIES, raw=json.dumps(value).encode())

    assert set(faults(answer)) == {""}


@pytest.mark.parametrize("noun", NOUNS)
def test_tells_every_field_that_it_does_not_know(alice: Caller, noun: str) -> None:
    answer = alice.adding(noun, **{"no/such~field": 1, "another": None})

    assert set(faults(answer)) == {"/no~1such~0field", "/another"}


@pytest.mark.parametrize(("noun", "field", "most"), LIMITS)
def test_takes_a_text_as_long_as_it_may_be_and_no_longer(alice: Caller, noun: str, field: str, most: int) -> None:
    body = alice.body_for(noun) | ({"due_on": "2020-05-01"} if field == "due_note" else {})

    longest = alice.adding(noun, **body | {field: "\U0001f600" * most})
    longer = alice.adding(noun, **body | {field: "x" * (most + 1)})

    assert longest.status_code == 201, longest.text
    assert set(faults(longer)) == {f"/{field}"}


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u2003"])
def test_takes_no_blank_text(alice: Caller, blank: str) -> None:
    answer = alice.adding("evidence", title=blank, statement=blank, locator=blank)

    assert set(faults(answer)) == {"/title", "/statement", "/locator"}


def test_measures_and_shows_text_in_its_composed_form(alice: Caller) -> None:
    made = alice.a("body", title="e\u0301" * 500)

    assert made["title"] == "\u00e9" * 500


@pytest.mark.parametrize("url", ["ftp://example.org", "example.org", "https://", "https://a b", "javascript:alert(1)"])
def test_takes_no_address_that_is_none(alice: Caller, url: str) -> None:
    assert set(faults(alice.adding("evidence", url=url))) == {"/url"}


@pytest.mark.parametrize("end", ["\n", " ", "\r\n", "\t"])
def test_takes_no_address_with_more_behind_it(alice: Caller, end: str) -> None:
    assert set(faults(alice.adding("evidence", url=f"https://example.org/a{end}"))) == {"/url"}


@pytest.mark.parametrize("flag", [1, 0, "true", "yes", None, []])
def test_takes_no_flag_but_true_and_false(alice: Caller, flag: Any) -> None:
    assert set(faults(alice.adding("body", is_group=flag))) == {"/is_group"}


@pytest.mark.parametrize("reason", [None, "", "   ", "\u2003", "x" * 1_001])
def test_writes_nothing_without_a_reason(alice: Caller, reason: str | None) -> None:
    path, before = alice.a("body")["self"], alice.count()

    answers = [
        alice.post(BODIES, {"title": "A body"}, reason=reason),
        alice.patch(path, {"title": "Other"}, reason=reason),
        alice.delete(path, reason=reason),
    ]

    assert [set(faults(answer)) for answer in answers] == [{"reason"}] * 3
    assert alice.count() == before


def test_takes_the_longest_reason(alice: Caller) -> None:
    answer = alice.post(BODIES, {"title": "A body"}, reason="\u00e9" * 1_000)

    assert answer.status_code == 201


def test_keeps_a_reason_in_its_composed_form(alice: Caller) -> None:
    made = alice.post(BODIES, {"title": "A body"}, reason="e\u0301").headers["Location"]

    assert alice.read(f"{made}/history")["items"][0]["reason"] == "\u00e9"


@pytest.mark.parametrize(("size", "status"), [(MIB, 201), (MIB + 1, 413)])
def test_reads_a_mebibyte_and_no_more(alice: Caller, size: int, status: int) -> None:
    raw = b'{"title": "A body"}'

    answer = alice.post(BODIES, raw=raw + b" " * (size - len(raw)))

    assert answer.status_code == status


@pytest.fixture(scope="module")
def writes(alice: Caller) -> list[tuple[str, str, Row]]:
    """Every write with a body: its method, address, and a body that it would take."""
    added = [("POST", address(noun), alice.body_for(noun)) for noun in NOUNS if noun != "progress"]
    changed = [("PATCH", alice.a(noun)["self"], alice.body_for(noun)) for noun in CHANGED]
    progress = {"title": "Some progress", "statement": "Done.", "claimed_status": None}
    return [
        *added,
        *changed,
        ("POST", f"{alice.a('action')['self']}/progress", progress),
        ("POST", f"{alice.a('link')['self']}/review", {"finding": "valid", "note": "Read."}),
        ("POST", "/api/v1/baselines", {"name": "hostile", "description": "x", "known_at": "now"}),
    ]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
def test_fails_at_no_value_of_any_field(alice: Caller, writes: list[tuple[str, str, Row]], value: Any) -> None:
    extra = dict.fromkeys(("owner", "effective_from", "url", "partners", "external_id", "due_on", "confidence"))

    found = [
        (method, path, field, alice.send(method, path, body | {field: value}, headers={"If-Match": "*"}))
        for method, path, body in writes
        for field in {**body, **extra}
    ]

    assert not [(*where, answer.text) for *where, answer in found if answer.status_code >= 500]


@pytest.mark.parametrize("raw", RAW, ids=lambda raw: raw[:20].decode("latin-1"))
def test_refuses_every_body_that_is_none(alice: Caller, writes: list[tuple[str, str, Row]], raw: bytes) -> None:
    before = alice.count()

    answers = [alice.send(method, path, raw=raw, headers={"If-Match": "*"}) for method, path, _ in writes]

    assert {answer.status_code for answer in answers} <= {400, 422}
    assert alice.count() == before
