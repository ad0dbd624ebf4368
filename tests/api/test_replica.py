"""A replica: reads go there while it is not far behind, whoever has written reads what he wrote, and it takes over."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from models.lens import Lens
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key, end_grant
from tests.api.people import problem
from tests.api.replicated import Pair, replicated
from tests.api.writing import ALICE, KEYS, Caller

TOKEN = "Consistency-Token"
BODIES = "/api/v1/bodies?count=true"
FAR = 3_600


def _service(pair: Pair, tmp_path: Path, *, seconds: int = FAR, url: str | None = None) -> Caller:
    """A developer's client of a service on both."""
    files = {name: tmp_path / name for name in ("checkpoint_file", "signing_key_file")}
    replica = {"replica_url": pair.url(pair.replica), "replica_seconds": seconds}
    app = create_app(Settings(url or pair.url(pair.primary), "test", KEYS, **files, **replica))
    return Caller(app, ALICE, {})


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A primary and a replica that follows it, for the tests that leave them as they were."""
    with replicated() as made:
        yield made


@pytest.fixture
def service(pair: Pair, tmp_path: Path) -> Iterator[Caller]:
    """A service on both, whose replica may be an hour behind."""
    pair.wait()
    caller = _service(pair, tmp_path)
    yield caller
    pair.resume()
    caller.database.close()


def _total(caller: Caller, token: str | None = None) -> Any:
    """How many bodies there are, for one who holds a token."""
    headers = {} if token is None else {TOKEN: token}
    return caller.send("GET", BODIES, reason=None, headers=headers).get_json()["total"]


def test_a_read_goes_to_the_replica_and_whoever_has_written_reads_what_he_wrote(pair: Pair, service: Caller) -> None:
    before = _total(service)
    pair.pause()

    token = service.adding("body").headers[TOKEN]

    assert [_total(service), _total(service, token)] == [before, before + 1]


def test_a_replica_that_has_caught_up_answers_whoever_has_written(pair: Pair, service: Caller) -> None:
    before = _total(service)
    token = service.adding("body").headers[TOKEN]
    pair.wait()
    pair.pause()
    service.adding("body")

    assert [_total(service), _total(service, token)] == [before + 1, before + 1]


@pytest.mark.parametrize("token", ["", "nothing", "Ü", "x" * 5_000])
def test_a_token_that_cannot_be_read_is_answered_by_the_primary(pair: Pair, service: Caller, token: str) -> None:
    before = _total(service)
    pair.pause()
    service.adding("body")

    assert _total(service, token) == before + 1


def test_a_token_tells_nothing_of_how_much_was_written(service: Caller) -> None:
    tokens = [service.adding("body").headers[TOKEN] for _ in range(2)]

    assert len(set(map(len, tokens))) == 1
    assert tokens[0][20:] != tokens[1][20:]


def test_a_replica_that_is_too_far_behind_is_not_asked(pair: Pair, tmp_path: Path) -> None:
    pair.wait()
    caller = _service(pair, tmp_path, seconds=1)
    before = _total(caller)
    pair.pause()
    caller.adding("body")
    time.sleep(2.5)

    found = _total(caller)

    pair.resume()
    caller.database.close()
    assert found == before + 1


def test_what_is_taken_away_is_gone_with_the_next_request_though_the_replica_has_it(
    pair: Pair, service: Caller
) -> None:
    everything = Lens(HANDLINGS[-1], whole=True)
    with service.database.writing("operator", "a test") as session:
        ref, secret = add_key(session, everything, {"name": "short", "role": "auditor"}, "operator", alone=True)
    holder = service.holding(secret)
    pair.wait()
    before = holder.get("/api/v1/me").status_code
    pair.pause()

    with service.database.writing("operator", "a test") as session:
        end_grant(session, "key", ref)

    assert (before, holder.get("/api/v1/me").status_code) == (200, 401)


def test_it_says_how_the_replica_does(service: Caller) -> None:
    assert service.read("/api/v1/ready")["replica"] == {"status": "following", "behind": 0.0}


def test_reads_go_on_without_the_replica(pair: Pair, service: Caller) -> None:
    before = _total(service)
    pair.control(pair.replica, "stop", "-m", "immediate")
    try:
        found = [_total(service), service.adding("body").status_code, service.read("/api/v1/ready")["replica"]]
    finally:
        pair.control(pair.replica, "start")

    assert found == [before, 201, {"status": "away", "behind": None}]


def test_reads_go_on_while_the_primary_is_gone_and_writes_when_the_replica_has_taken_its_place(tmp_path: Path) -> None:
    with replicated() as pair:
        both = pair.url(pair.primary, pair.replica, target_session_attrs="read-write")
        caller = _service(pair, tmp_path, url=both)
        made = caller.adding("body")
        pair.wait()
        pair.control(pair.primary, "stop", "-m", "immediate")
        public = caller.holding(None)

        gone = [public.get(made.headers["Location"]).status_code, caller.get("/api/v1/me").status_code]
        token = public.send("GET", BODIES, reason=None, headers={TOKEN: made.headers[TOKEN]}).status_code
        refused = caller.adding("body")
        status = public.read("/api/v1/ready")["status"]
        pair.control(pair.replica, "promote")
        caller.database.engine.dispose()
        promoted = caller.adding("body")
        total = _total(caller, promoted.headers[TOKEN])
        ready = public.read("/api/v1/ready")["status"]
        caller.database.close()

    assert (gone, token, status) == ([200, 200], 200, "reads_only")
    problem(refused, 503, "unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert (promoted.status_code, total, ready) == (201, 2, "ready")
