"""People with tokens of an identity provider: a token says who somebody is, and his account alone what he may do."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from api.keykeeping import OPERATOR
from models.writing.grants import add_account, end_grant
from tests.api.identity_provider import IdentityProvider, provider_running, token
from tests.api.people import WHOLE, forbidden, problem
from tests.api.writing import Caller, address, calling
from tests.conftest import Databases

ME = "/api/v1/me"
_NUMBERS = count(1)


class Place(NamedTuple):
    """A service that trusts an identity provider."""

    service: Caller
    provider: IdentityProvider
    body: str

    def account(self, role: str = "officer", *, alone: bool = True, **granted: Any) -> tuple[str, str]:
        """The subject of a person who has an account, and the reference of it."""
        subject = granted.pop("subject_id", f"subject-{next(_NUMBERS)}")
        body = None if role in {"auditor", "admin"} else self.body
        asked = {"name": f"{role}-{next(_NUMBERS)}", "subject_id": subject, "role": role, "body": body} | granted
        with self.service.database.writing(OPERATOR, "Give an account for a test") as session:
            return subject, add_account(session, WHOLE, asked, OPERATOR, alone=alone)

    def person(self, subject: str, **claims: object) -> Caller:
        """Whoever calls with a good token of this subject."""
        return self.service.holding(token(sub=subject, **claims))


@pytest.fixture(scope="module")
def place(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The service, and its provider."""
    folder = tmp_path_factory.mktemp("tokens")
    with (
        provider_running() as provider,
        calling(databases.copy("empty"), folder, provider=provider.settings()) as service,
    ):
        yield Place(service, provider, service.a("body")["ref"])


def test_knows_a_person_by_his_token_and_tells_him_what_his_account_says(place: Place) -> None:
    subject, _ref = place.account("inspector", name="an-inspector", clearance="OFFICIAL")

    me = place.person(subject).read(ME)

    assert (me["name"], me["role"], me["body"], me["clearance"]) == (
        "an-inspector",
        "inspector",
        place.body,
        "OFFICIAL",
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"role": "admin", "roles": ["admin"], "groups": ["inspectors"]},
        {"body": "another", "organisation": "another"},
        {"clearance": "OFFICIAL-SENSITIVE", "handling": "OFFICIAL-SENSITIVE"},
        {"scope": "assess manage-accounts", "scopes": ["assess"], "permissions": ["assess"]},
        {"name": "somebody else", "preferred_username": "admin"},
    ],
)
def test_takes_no_claim_of_a_token_for_a_right(place: Place, claims: dict[str, object]) -> None:
    subject, _ref = place.account("officer")

    answers = [place.person(subject, **more).get(ME) for more in ({}, claims)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data


def test_lets_a_person_do_what_his_role_may_and_nothing_else(place: Place) -> None:
    subject, _ref = place.account("officer", name="who-writes")
    officer = place.person(subject, role="inspector")

    made = officer.a("evidence")
    refused = officer.adding("review")

    (change,) = officer.read(f"{made['self']}/history")["items"]
    assert (made["owner"], change["principal"]) == (place.body, "who-writes")
    assert forbidden(refused) == "The role 'officer' may not do this."


def test_does_not_put_the_subject_of_a_person_on_record_but_with_his_account(place: Place) -> None:
    subject, _ref = place.account("officer")
    place.person(subject).a("evidence")

    changes = [change for change in place.service.record() if subject in str(change)]

    assert [change["kind"] for change in changes] == ["account"]


@pytest.mark.parametrize("path", [ME, "/api/v1/evidence"])
def test_does_not_know_a_subject_without_an_account(place: Place, path: str) -> None:
    answer = place.person("nobody-in-particular").get(path)

    problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_tells_a_subject_by_each_of_its_characters(place: Place) -> None:
    subject, _ref = place.account("officer", subject_id="Subject-With-Capitals")

    statuses = [place.person(name).get(ME).status_code for name in (subject, subject.lower(), f"{subject} ")]

    assert statuses == [200, 401, 401]


def test_does_not_know_an_account_that_waits_for_a_second_person(place: Place) -> None:
    subject, _ref = place.account("inspector", alone=False)

    answer = place.person(subject).get(ME)

    problem(answer, 401, "unauthorized")


def test_does_not_know_an_ended_account_from_the_next_request_on(place: Place) -> None:
    subject, ref = place.account("officer")
    person = place.person(subject)
    before = person.get(ME).status_code
    with place.service.database.writing(OPERATOR, "End it") as session:
        end_grant(session, "account", ref)

    after = [person.get(ME), person.adding("evidence")]

    assert before == 200
    assert [answer.status_code for answer in after] == [401, 401]


def test_reads_the_rights_of_a_person_anew_at_each_request(place: Place) -> None:
    subject, ref = place.account("officer")
    person = place.person(subject)
    before = person.read(ME)["role"]
    with place.service.database.writing(OPERATOR, "Another role") as session:
        end_grant(session, "account", ref)
    place.account("auditor", subject_id=subject)

    after = person.read(ME)

    assert (before, after["role"], after["body"]) == ("officer", "auditor", None)


@pytest.mark.parametrize(
    "bad",
    [
        lambda subject: token(sub=subject, exp=1),
        lambda subject: token(sub=subject, aud="another-service"),
        lambda subject: token(sub=subject, iss="https://another.example"),
        lambda subject: token("rsa of others", header={"kid": "rsa"}, sub=subject),
        lambda subject: token(sub=subject)[:-4],
        lambda subject: subject,
    ],
    ids=["expired", "audience", "issuer", "signature", "cut", "subject"],
)
def test_does_not_take_a_token_that_does_not_hold(place: Place, bad: Any, caplog: pytest.LogCaptureFixture) -> None:
    subject, _ref = place.account("officer")
    sent = bad(subject)

    answer = place.service.holding(sent).get(ME)

    problem(answer, 401, "unauthorized")
    assert sent not in answer.text + caplog.text


def test_knows_keys_beside_tokens(place: Place) -> None:
    officer = place.person(place.account("officer")[0])
    made = officer.post("/api/v1/keys", {"name": "beside", "role": "machine"}).get_json()

    me = place.service.holding(made["secret"]).read(ME)

    assert (me["name"], me["role"], me["body"]) == ("beside", "machine", place.body)


def test_knows_no_token_where_there_is_no_provider(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path) as service:
        answer = service.holding(token()).get(ME)

    problem(answer, 401, "unauthorized")


def test_cannot_say_whose_a_token_is_while_the_provider_is_down(databases: Databases, tmp_path: Path) -> None:
    with (
        provider_running() as provider,
        calling(databases.copy("empty"), tmp_path, provider=provider.settings(), failures_a_minute=1) as service,
    ):
        provider.down()
        refused = [service.holding(token()).get(ME) for _ in range(3)]
        others = [service.get(ME), service.holding(None).get("/api/v1/evidence")]

    assert {(answer.status_code, answer.get_json()["type"]) for answer in refused} == {
        (503, "/api/v1/problems/unavailable")
    }
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert [answer.status_code for answer in others] == [200, 200]


def test_goes_on_knowing_people_when_the_provider_goes_down(databases: Databases, tmp_path: Path) -> None:
    with (
        provider_running() as provider,
        calling(databases.copy("empty"), tmp_path, provider=provider.settings()) as service,
    ):
        place = Place(service, provider, service.a("body")["ref"])
        person = place.person(place.account("officer")[0])
        before = person.get(ME).status_code
        provider.down()
        after = person.get(ME).status_code

    assert (before, after, provider.asked) == (200, 200, 1)


def test_keeps_whoever_tries_many_tokens_waiting(databases: Databases, tmp_path: Path) -> None:
    with (
        provider_running() as provider,
        calling(databases.copy("empty"), tmp_path, provider=provider.settings(), failures_a_minute=2) as service,
    ):
        answers = [service.holding(token(sub=f"guess-{number}")).get(ME) for number in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]


def test_reads_to_a_person_what_he_is_cleared_for(place: Place) -> None:
    hidden = place.service.a("evidence", handling="OFFICIAL")
    people = [place.person(place.account("officer", clearance=word)[0]) for word in ("OFFICIAL", "PUBLIC")]

    statuses = [person.get(f"{address('evidence')}/{hidden['ref']}").status_code for person in people]

    assert statuses == [200, 404]
