"""Rates: whoever asks too often is told to wait, by his name, or by his address where he says none."""

from pathlib import Path

import pytest

from api.rates import NAMES, Rate
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import problem
from tests.api.writing import calling
from tests.conftest import Databases

alice, people = writing.alice, peopled.people
ME = "/api/v1/me"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock, which stands until a test moves it."""
    moment = [1_000.0]
    monkeypatch.setattr("api.rates.monotonic", lambda: moment[0])
    return moment


@pytest.mark.parametrize("most", [1, 3, 7, 60, 1_000, 999_999])
def test_takes_as_many_as_it_says_at_once_and_no_more(now: list[float], most: int) -> None:
    rate = Rate(most)

    waits = [rate.take("one") for _ in range(min(most, 5_000))]

    assert set(waits) == {0}
    if most <= 5_000:
        assert rate.take("one") == max(1, -(-60 // most))


def test_takes_one_more_when_the_wait_is_over(now: list[float]) -> None:
    rate = Rate(3)
    for _ in range(3):
        rate.take("one")
    wait = rate.take("one")

    now[0] += wait

    assert [rate.take("one") for _ in range(2)] == [0, wait]


def test_counts_nothing_that_it_refused(now: list[float]) -> None:
    rate = Rate(1)
    rate.take("one")
    for _ in range(100):
        rate.take("one")

    now[0] += 60

    assert rate.take("one") == 0


def test_counts_each_name_apart(now: list[float]) -> None:
    rate = Rate(1)

    assert [rate.take(name) for name in ("one", "two", "one")] == [0, 0, 60]


def test_forgets_whoever_has_done_nothing_for_longest(now: list[float]) -> None:
    rate = Rate(1)
    for number in range(NAMES + 1):
        rate.take(f"name {number}")

    assert [rate.take("name 1"), rate.take(f"name {NAMES}"), rate.take("name 0")] == [60, 60, 0]


def test_lets_everything_pass_without_a_number() -> None:
    rate = Rate(None)

    assert {rate.take("one") for _ in range(10_000)} == {0}


def test_keeps_a_known_caller_waiting_and_nobody_else(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path, requests_a_minute=3) as service:
        answers = [service.get(ME) for _ in range(4)]
        public = service.holding(None).get(ME)

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert problem(answers[-1], 429, "too-many-requests")["detail"].startswith("Too many requests")
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert public.status_code == 200


def test_keeps_an_address_without_a_key_waiting_and_nobody_else(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path, public_requests_a_minute=2) as service:
        public = service.holding(None)
        answers = [public.get(ME) for _ in range(3)]
        elsewhere = public.send("GET", ME, reason=None, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        known = service.get(ME)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [elsewhere.status_code, known.status_code] == [200, 200]


def test_tells_always_whether_it_is_there(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path, public_requests_a_minute=1) as service:
        public = service.holding(None)
        answers = [public.get(f"/api/v1/{name}") for _ in range(3) for name in ("live", "ready")]

    assert {answer.status_code for answer in answers} == {200}


def test_does_nothing_that_is_asked_too_often(databases: Databases, tmp_path: Path) -> None:
    with calling(databases.copy("empty"), tmp_path, requests_a_minute=1) as service:
        answers = [service.adding("body", title=f"A body {number}") for number in range(2)]
        there = service.holding(None).get("/api/v1/bodies?count=true").get_json()["total"]

    assert [answer.status_code for answer in answers] == [201, 429]
    assert there == 1
