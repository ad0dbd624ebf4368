"""Erasing a text over HTTP: one of the programme office asks, another confirms, and nobody is told it any more."""

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.access import SCOPES
from api.database import Database
from models.lens import Lens
from models.writing.grants import add_key
from tests.api.writing import Caller, address, calling, conflicts, faults
from tests.conftest import Databases
from tests.models.redacting import faults_of, holding

Row = dict[str, Any]
DEVELOPER = "key-of-a-developer-0123456789"
# What is to be erased: a word in every text of each, and in the reasons for which it was written.
WORDS = {"evidence": "marmalade", "recommendation": "tangerine", "link": "grapefruit"}
APPROVALS = "/api/v1/approvals"
STATEMENT = f"The {WORDS['evidence']} was seen."
TEXT = f"The body should keep its {WORDS['recommendation']} safe, and say so."
# Who may do it: two of one programme office; and all who may not.
OFFICE, SECOND = "office", "second"
OTHERS = ("another_office", "inspector", "officer", "machine", "auditor", "admin")


def _key(session: Session, name: str, role: str, body: str | None) -> str:
    """A key for somebody of a role."""
    clearance = "PUBLIC" if body is None else "OFFICIAL"
    scopes = [scope.value for scope in SCOPES] if role == "machine" else None
    asked = {"name": name, "role": role, "body": body, "clearance": clearance, "scopes": scopes}
    _ref, secret = add_key(session, Lens(whole=True), asked, "an operator", alone=True)
    return secret


class Office:
    """A service with things of a body, of which one word is to be erased, and everybody who calls it."""

    def __init__(self, developer: Caller) -> None:
        """Write what there is to be erased, and give everybody a key."""
        self.developer = developer
        body, other = (developer.a("body")["ref"] for _ in range(2))
        self.body = body
        self.evidence = self._written("evidence", statement=STATEMENT, url=f"https://example.org/{WORDS['evidence']}")
        self.recommendation = self._written("recommendation", text=TEXT)
        self.clause = developer.a("clause", recommendation=self.recommendation, span_end=len(TEXT))["ref"]
        ends = {"source": self.evidence, "target": self.recommendation}
        self.link = developer.a("link", rationale=f"Because of the {WORDS['link']}.", **ends)["id"]
        with developer.database.writing("an operator", "Give keys") as session:
            people = [(OFFICE, "programme_office", body), (SECOND, "programme_office", body)]
            people += [("another_office", "programme_office", other), ("inspector", "inspector", body)]
            people += [("officer", "officer", body), ("machine", "machine", body)]
            people += [("auditor", "auditor", None), ("admin", "admin", None)]
            self.keys = {name: _key(session, name, role, of) for name, role, of in people}

    def _written(self, kind: str, **values: Any) -> str:
        """A thing of the body with the word in it, which was changed since; its reference."""
        word = WORDS[kind]
        given = self.developer.body_for(kind, title=f"A title with {word}", owner=self.body, **values)
        added = self.developer.post(address(kind), given, reason=f"Told of {word}", headers={"Idempotency-Key": kind})
        assert added.status_code == 201, added.text
        ref = str(added.get_json()["ref"])
        changed = self.developer.patch(f"{address(kind)}/{ref}", {"locator": f"p. {word}"}, reason=f"Found {word}")
        assert changed.status_code == 200, changed.text
        return ref

    def before(self, developer: Caller) -> "Office":
        """The same before another service, on a copy of the record."""
        there = copy(self)
        there.developer = developer
        return there

    def by(self, name: str) -> Caller:
        """Somebody who calls."""
        return self.developer.holding(self.keys[name])

    def asks(self, name: str, kind: str, ref: str, **more: Any) -> TestResponse:
        """What somebody is answered who asks for a thing to be erased."""
        return self.by(name).post(APPROVALS, {"action": "redact", "kind": kind, "ref": ref, **more})

    def confirms(self, name: str, approval: str) -> TestResponse:
        """What somebody is answered who confirms it."""
        return self.by(name).post(f"{APPROVALS}/{approval}/confirmation", seen="*", reason="It told of a person")

    def asked(self, kind: str, ref: str) -> str:
        """The approval of a thing that one has asked to be erased."""
        answer = self.asks(OFFICE, kind, ref)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["ref"])

    def erase(self, kind: str, ref: str) -> Row:
        """Erase a thing, by two persons; what the second is shown."""
        answer = self.confirms(SECOND, self.asked(kind, ref))
        assert answer.status_code == 200, answer.text
        row: Row = answer.get_json()
        return row


@pytest.fixture(scope="module")
def written(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> tuple[Database, Office]:
    """A record with everything written, which each test has a copy of."""
    database = databases.copy("empty")
    with calling(database, tmp_path_factory.mktemp("office"), {DEVELOPER: "a developer"}) as caller:
        return database, Office(caller.holding(DEVELOPER))


@pytest.fixture
def office(written: tuple[Database, Office], databases: Databases, tmp_path: Path) -> Iterator[Office]:
    """The service, for one test alone."""
    database, made = written
    with calling(databases.copy_of(database), tmp_path, {DEVELOPER: "a developer"}) as caller:
        yield made.before(caller.holding(DEVELOPER))


def test_one_asks_and_another_confirms_and_it_is_done_at_once(office: Office) -> None:
    before = office.developer.read(f"/api/v1/evidence/{office.evidence}")

    approval = office.erase("evidence", office.evidence)

    after = office.developer.read(f"/api/v1/evidence/{office.evidence}")
    erased = dict.fromkeys(("title", "statement", "url", "locator"), "[redacted]")
    assert (approval["action"], approval["state"]) == ("redact", "confirmed")
    assert (approval["asked_by"], approval["decided_by"], approval["handling"]) == (OFFICE, SECOND, None)
    assert after == before | erased | {"version": before["version"] + 1, "ties": after["ties"]}
    assert faults_of(office.developer.database) == []


def test_what_nobody_owns_is_erased_by_any_programme_office_and_nobody_else(office: Office) -> None:
    refused = [office.asks(name, "link", office.link).status_code for name in OTHERS if name != "another_office"]

    asked = office.asks("another_office", "link", office.link)
    confirmed = office.confirms(OFFICE, asked.get_json()["ref"])

    assert set(refused) == {403}
    assert confirmed.status_code == 200
    assert office.developer.read(f"/api/v1/links/{office.link}")["rationale"] == "[redacted]"


def test_until_it_is_confirmed_it_waits_and_is_as_it_was(office: Office) -> None:
    approval = office.asked("evidence", office.evidence)

    waiting = office.by(SECOND).read(APPROVALS, state="open")["items"]
    shown = office.developer.read(f"/api/v1/evidence/{office.evidence}")

    assert [(row["ref"], row["action"], row["of_ref"]) for row in waiting] == [(approval, "redact", office.evidence)]
    assert shown["statement"] == STATEMENT


def test_whoever_asked_cannot_confirm(office: Office) -> None:
    approval = office.asked("evidence", office.evidence)

    answer = office.confirms(OFFICE, approval)

    assert conflicts(answer) == [("approval", approval)]
    assert office.developer.read(f"/api/v1/evidence/{office.evidence}")["statement"] == STATEMENT


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_may_ask(office: Office, name: str) -> None:
    answer = office.asks(name, "evidence", office.evidence)

    assert answer.status_code == 403
    assert office.developer.read(APPROVALS)["items"] == []


@pytest.mark.parametrize("name", OTHERS)
def test_nobody_else_may_confirm(office: Office, name: str) -> None:
    approval = office.asked("evidence", office.evidence)

    answer = office.confirms(name, approval)

    assert answer.status_code == 403
    assert office.developer.read(f"/api/v1/evidence/{office.evidence}")["statement"] == STATEMENT


def test_somebody_without_a_key_may_not(office: Office) -> None:
    asked = {"action": "redact", "kind": "evidence", "ref": office.evidence}

    answer = office.developer.holding(None).post(APPROVALS, asked)

    assert answer.status_code == 401


@pytest.mark.parametrize("kind", WORDS)
def test_no_answer_tells_it_any_more(office: Office, kind: str) -> None:
    ref = getattr(office, kind)
    word, of_it, seq = WORDS[kind].encode(), f"{address(kind)}/{ref}", office.developer.count()
    earlier = f"?known_at={seq}"
    about = [of_it, f"{of_it}/history", address(kind), "/api/v1/changes", "/api/v1/exports"]
    about += [f"{url}{earlier}" for url in about]
    if kind != "link":
        about.append("/api/v1/baselines/1/diff/now")
    if kind == "recommendation":
        about += [f"{of_it}/chain", f"{of_it}/chain{earlier}", f"/api/v1/clauses/{office.clause}"]

    told = [office.developer.get(url) for url in about]
    office.erase(kind, ref)
    telling = [office.developer.get(url) for url in about]

    assert [answer.request.url for answer in (*told, *telling) if answer.status_code != 200] == []
    assert [url for url, answer in zip(about, told, strict=True) if word not in answer.data] == []
    assert [url for url, answer in zip(about, telling, strict=True) if word in answer.data] == []


def test_the_text_of_a_clause_goes_with_that_of_its_recommendation(office: Office) -> None:
    office.erase("recommendation", office.recommendation)

    shown = office.developer.read(f"/api/v1/clauses/{office.clause}")

    assert shown["text"] == "[redacted]"


def test_nothing_of_it_is_stored_any_more(office: Office) -> None:
    for kind in WORDS:
        office.erase(kind, getattr(office, kind))

    assert {word: holding(office.developer.database, word) for word in WORDS.values()} == (
        {word: set() for word in WORDS.values()}
    )
    assert faults_of(office.developer.database) == []


def test_its_history_says_who_erased_it_and_why(office: Office) -> None:
    office.erase("evidence", office.evidence)

    *earlier, last = office.by(OFFICE).read(f"/api/v1/evidence/{office.evidence}/history")["items"]

    assert {row["reason"] for row in earlier} == {"[redacted]"}
    assert (last["principal"], last["reason"]) == (SECOND, "It told of a person")
    assert last["before"] == last["after"] == dict.fromkeys(last["after"], "[redacted]")
    assert not any("erased" in row for row in (*earlier, last))


def test_the_links_at_it_wait_for_a_review(office: Office) -> None:
    office.erase("evidence", office.evidence)

    shown = office.developer.read(f"/api/v1/links/{office.link}")
    reviewed = {"finding": "valid", "note": "Nothing is left to see."}
    office.developer.post(f"/api/v1/links/{office.link}/review", reviewed, seen="*")

    assert shown["suspect"] is True
    assert office.developer.read(f"/api/v1/links/{office.link}")["suspect"] is False


def test_the_whole_record_shows_what_was_erased_and_a_part_of_it_does_not(office: Office) -> None:
    office.erase("evidence", office.evidence)

    whole = office.developer.get("/api/v1/exports").data
    part = office.developer.holding(None).get("/api/v1/exports").data

    assert whole.count(b'"erased_by":') >= 2
    assert b"erased_by" not in part


def test_what_was_withdrawn_can_be_erased(office: Office) -> None:
    office.developer.delete(f"/api/v1/links/{office.link}", reason="Drop it")
    office.developer.delete(f"/api/v1/evidence/{office.evidence}", reason="Drop it")

    office.erase("link", office.link)
    office.erase("evidence", office.evidence)

    told = office.developer.read("/api/v1/changes", ref=office.evidence)["items"]
    assert WORDS["evidence"] not in orjson.dumps(told).decode()
    assert faults_of(office.developer.database) == []


def test_what_is_asked_for_twice_is_told_once(office: Office) -> None:
    approval = office.asked("evidence", office.evidence)

    answer = office.asks(SECOND, "evidence", office.evidence)

    assert conflicts(answer) == [("approval", approval)]


def test_what_is_not_there_is_not_found(office: Office) -> None:
    answers = [office.asks(OFFICE, "evidence", "nothing"), office.asks(OFFICE, "source", office.evidence)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_marking_goes_with_a_release_alone(office: Office) -> None:
    answer = office.asks(OFFICE, "evidence", office.evidence, handling="PUBLIC")

    assert faults(answer) == {"/handling": "goes with a release, not with a redaction"}


def test_a_body_is_not_released(office: Office) -> None:
    asked = {"action": "release", "kind": "body", "ref": office.body, "handling": "PUBLIC"}

    answer = office.developer.post(APPROVALS, asked)

    assert faults(answer) == {"/kind": "is always PUBLIC: it cannot be released"}
