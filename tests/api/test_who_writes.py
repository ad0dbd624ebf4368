"""Who writes: nobody without a key, and whoever has one stands in the record; keys never leave the service."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.database import Database
from api.settings import BadSetting, settings_from
from tests.api import writing
from tests.api.writing import ALICE, BOB, Caller, calling

alice, bob = writing.alice, writing.bob
NOWHERE = "nothing"
# What whoever is refused is told: that he has said nothing of himself, or that what he said is not known.
UNSAID, UNKNOWN = 'Bearer realm="mappa-trace"', 'Bearer error="invalid_token"'
# Every write there is; none of them does anything where nothing is there.
WRITES = [
    *(("POST", collection) for collection in ("keys", "accounts", "approvals")),
    *(("POST", f"{collection}/{NOWHERE}/confirmation") for collection in ("keys", "accounts", "approvals")),
    *(("DELETE", f"{collection}/{NOWHERE}") for collection in ("keys", "accounts")),
    ("POST", f"approvals/{NOWHERE}/refusal"),
    *(("POST", f"{collection}/{NOWHERE}/handling") for collection in ("reviews", "recommendations", "clauses")),
    *(("POST", f"{collection}/{NOWHERE}/handling") for collection in ("sources", "evidence", "actions", "links")),
    *(("POST", f"{collection}/{NOWHERE}/handling") for collection in ("progress", "assessments")),
    *(("POST", collection) for collection in ("reviews", "recommendations", "clauses", "sources", "evidence")),
    *(("POST", collection) for collection in ("actions", "assessments", "bodies", "links", "baselines")),
    *(("PATCH", f"{collection}/{NOWHERE}") for collection in ("reviews", "recommendations", "clauses", "sources")),
    *(("PATCH", f"{collection}/{NOWHERE}") for collection in ("evidence", "actions", "bodies", "links")),
    *(("DELETE", f"{collection}/{NOWHERE}") for collection in ("reviews", "recommendations", "clauses", "sources")),
    *(("DELETE", f"{collection}/{NOWHERE}") for collection in ("evidence", "actions", "bodies", "links")),
    *(("DELETE", f"{collection}/{NOWHERE}") for collection in ("progress", "assessments")),
    ("POST", f"actions/{NOWHERE}/progress"),
    ("POST", f"links/{NOWHERE}/review"),
]


@pytest.fixture
def nobody(database: Database, tmp_path: Path) -> Iterator[Caller]:
    """Somebody who calls a service that knows no keys."""
    with calling(database, tmp_path, {}) as caller:
        yield caller.holding(None)


def test_takes_no_write_where_nobody_has_a_key(nobody: Caller) -> None:
    answers = [nobody.send(method, f"/api/v1/{path}", {}) for method, path in WRITES]

    assert {(answer.status_code, answer.get_json()["type"]) for answer in answers} == {
        (401, "/api/v1/problems/unauthorized")
    }


def test_goes_on_reading_where_nobody_has_a_key(nobody: Caller) -> None:
    answers = [nobody.get(f"/api/v1/{path}") for path in ("evidence", "changes", "live", "ready", "exports", "matrix")]

    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize(("given", "told"), [(None, UNSAID), ("wrong-key-0123456789", UNKNOWN)])
def test_takes_no_write_of_somebody_unknown(alice: Caller, given: str | None, told: str) -> None:
    before = alice.count()

    answers = [alice.holding(given).send(method, f"/api/v1/{path}", {}) for method, path in WRITES]

    assert {(answer.status_code, answer.headers["WWW-Authenticate"]) for answer in answers} == {(401, told)}
    assert {answer.get_json()["type"] for answer in answers} == {"/api/v1/problems/unauthorized"}
    assert alice.count() == before


@pytest.mark.parametrize(
    "given",
    [
        "Bearer wrong-key-0123456789",
        f"Bearer {ALICE[:-1]}",
        f"Bearer {ALICE}x",
        f"Bearer {ALICE},{BOB}",
        f"Basic {base64.b64encode(f'alice:{ALICE}'.encode()).decode()}",
        ALICE,
        "Bearer",
        "Bearer \u00e9",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/evidence", "/api/v1/changes"])
def test_reads_nothing_to_one_with_a_wrong_key(alice: Caller, path: str, given: str) -> None:
    answer = alice.holding(None).get(path, headers={"Authorization": given})

    assert (answer.status_code, answer.headers.get("WWW-Authenticate")) == (401, UNKNOWN if given else UNSAID)


@pytest.mark.parametrize("given", [f"bearer {ALICE}", f"BEARER  {ALICE} ", f"Bearer {BOB}"])
def test_knows_a_key_however_the_scheme_is_written(alice: Caller, given: str) -> None:
    answer = alice.holding(None).post("/api/v1/bodies", {"title": "A body"}, headers={"Authorization": given})

    assert answer.status_code == 201


def test_reads_the_same_to_everybody(alice: Caller, bob: Caller) -> None:
    path = alice.a("evidence")["self"]

    answers = [caller.get(path) for caller in (alice, bob, alice.holding(None))]

    assert len({answer.data for answer in answers}) == 1


def test_puts_on_record_who_did_it_and_why_and_by_which_request(bob: Caller) -> None:
    answer = bob.post("/api/v1/bodies", {"title": "A body"}, reason="Because ✓", headers={"X-Request-Id": "req-7.a"})

    (change,) = bob.read(f"{answer.headers['Location']}/history")["items"]
    assert (change["principal"], change["reason"], change["request_id"]) == ("bob", "Because ✓", "req-7.a")
    assert answer.headers["X-Request-Id"] == "req-7.a"


@pytest.mark.parametrize("given", ["", "with space", "x" * 256, "caf\u00e9"])
def test_names_a_request_that_has_no_name_that_can_be_kept(alice: Caller, given: str) -> None:
    answer = alice.post("/api/v1/bodies", {"title": "A body"}, headers={"X-Request-Id": given})

    (change,) = alice.read(f"{answer.headers['Location']}/history")["items"]
    assert answer.headers["X-Request-Id"] == change["request_id"] != given
    assert len(change["request_id"]) == 32


def test_keeps_the_name_of_the_request_that_did_it_when_another_asks_again(alice: Caller) -> None:
    named = [{"Idempotency-Key": "named", "X-Request-Id": name} for name in ("first", "second")]

    answers = [alice.post("/api/v1/bodies", {"title": "A body"}, headers=headers) for headers in named]

    (change,) = alice.read(f"{answers[0].headers['Location']}/history")["items"]
    assert change["request_id"] == "first"
    assert [answer.headers["X-Request-Id"] for answer in answers] == ["first", "second"]


def test_tells_no_key_in_an_answer_or_in_the_record(alice: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    made = alice.a("link")
    alice.patch(made["self"], {"rationale": "Another."}, headers={"Idempotency-Key": "told"})

    answers = [
        alice.post("/api/v1/bodies", {"title": 5}),
        alice.patch(made["self"], {}, seen=None),
        alice.patch(made["self"], {}, content_type="text/plain"),
        alice.holding(f"{ALICE}x").get("/api/v1/bodies"),
        alice.get("/api/v1/exports"),
        alice.get("/api/v1/openapi.json"),
        alice.get(f"{made['self']}/history"),
    ]

    told = "".join(f"{answer.text}{answer.headers}" for answer in answers) + "".join(capfd.readouterr())
    assert ALICE not in told
    assert BOB not in told


def test_reads_the_names_and_keys_of_several_callers() -> None:
    text = f"alice:{ALICE}, b.o-b_2:{BOB},"

    found = settings_from({"DEVELOPMENT_KEY": text, "SECRET_KEY": "s"})

    assert found.development_keys == {ALICE: "alice", BOB: "b.o-b_2"}


@pytest.mark.parametrize("text", ["", " ", ","])
def test_lets_nobody_write_without_a_key(text: str) -> None:
    assert settings_from({"DEVELOPMENT_KEY": text, "SECRET_KEY": "s"}).development_keys == {}


@pytest.mark.parametrize(
    "text",
    [
        ALICE,
        "alice:too-short-of-15",
        f":{ALICE}",
        f"alice{'x' * 60}:{ALICE}",
        f"a b:{ALICE}",
        f"-alice:{ALICE}",
        "alice:" + "x" * 201,
        f"alice:{ALICE} x",
        f"alice:{ALICE}:x",
        f"alice:{ALICE}é",
        f"alice:{ALICE};bob:{BOB}",
        f"alice:{ALICE},bob",
        f"alice:{ALICE},bob:{ALICE}",
    ],
)
def test_refuses_a_setting_of_which_it_is_not_clear_who_may_write(text: str) -> None:
    with pytest.raises(BadSetting) as refused:
        settings_from({"DEVELOPMENT_KEY": text, "SECRET_KEY": "s"})

    assert ALICE not in str(refused.value)
