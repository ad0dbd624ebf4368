"""Sixteen writers at once: nothing is lost, nothing is there twice, and every refusal was right."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Barrier
from typing import NamedTuple

import pytest
from werkzeug.test import TestResponse

from api.database import Database
from models.verifier import START, hash_of, verify
from tests.api.writing import KEYS, Caller, Row, calling
from tests.conftest import Databases

WRITERS, TIMES = 16, 25
SHARED = 3


class Done(NamedTuple):
    """What one writer did: what it was, to what, what had been seen of it, and what came of it."""

    what: str
    path: str
    seen: str | None
    body: Row
    answer: TestResponse


class Shared(NamedTuple):
    """What all write to."""

    evidence: list[str]
    recommendation: Row
    action: str
    review: str


def _shared(caller: Caller) -> Shared:
    evidence = [caller.a("evidence")["self"] for _ in range(SHARED)]
    recommendation = caller.a("recommendation")
    return Shared(evidence, recommendation, caller.a("action")["self"], recommendation["review"])


def _patch(caller: Caller, shared: Shared, drawn: Random, number: int) -> Done:
    path = drawn.choice(shared.evidence)
    seen, body = caller.etag(path), {"statement": f"By {number}."}
    return Done("patch", path, seen, body, caller.patch(path, body, seen=seen))


def _link(caller: Caller, shared: Shared, drawn: Random, number: int) -> Done:
    source = drawn.choice(shared.evidence).rpartition("/")[2]
    body = {"source": source, "target": shared.recommendation["ref"], "basis": "stated", "rationale": f"By {number}."}
    body["type"] = drawn.choice(("supports", "contradicts", "qualifies", "contextualises"))
    return Done("link", "/api/v1/links", None, body, caller.post("/api/v1/links", body))


def _report(caller: Caller, shared: Shared, drawn: Random, number: int) -> Done:
    path, seen = f"{shared.action}/progress", caller.etag(shared.action)
    body = {"title": "Progress", "statement": f"By {number}.", "claimed_status": drawn.choice(("under_way", "stalled"))}
    body["effective_from"] = "2020-01-01"
    return Done("report", path, seen, body, caller.post(path, body, seen=seen))


def _number(caller: Caller, shared: Shared, drawn: Random, number: int) -> Done:
    wanted = {"number": drawn.randrange(1, 40)} if drawn.random() < 0.3 else {}
    body = caller.body_for("recommendation", review=shared.review, title=f"By {number}", **wanted)
    return Done("number", "/api/v1/recommendations", None, body, caller.post("/api/v1/recommendations", body))


def _same_key(caller: Caller, shared: Shared, drawn: Random, number: int) -> Done:
    body = {"title": f"Body {number % 50}"}
    key = {"Idempotency-Key": f"same-{number % 50}"}
    return Done("same_key", "/api/v1/bodies", None, body, caller.post("/api/v1/bodies", body, headers=key))


_WAYS: tuple[Callable[[Caller, Shared, Random, int], Done], ...] = (_patch, _patch, _link, _report, _number, _same_key)


class Race(NamedTuple):
    """What was done by all, and the record of it."""

    caller: Caller
    shared: Shared
    done: list[Done]
    record: list[Row]

    def accepted(self, what: str) -> list[Done]:
        """What of one sort was done."""
        return [one for one in self.done if one.what == what and one.answer.status_code < 300]


@contextmanager
def racing(database: Database, folder: Path, times: int, seed: int = 0) -> Iterator[Race]:
    """Sixteen writers who have done what they could, each so many things."""
    with calling(database, folder, dict.fromkeys(KEYS, "alice")) as caller:
        shared, together = _shared(caller), Barrier(WRITERS)

        def write(writer: int) -> list[Done]:
            drawn = Random(seed * WRITERS + writer)  # noqa: S311 - each writer does the same each time
            together.wait(30)
            # Numbered so that two writers use each key of `_same_key`.
            return [drawn.choice(_WAYS)(caller, shared, drawn, turn * 8 + writer % 8) for turn in range(times)]

        with ThreadPoolExecutor(WRITERS) as pool:
            done = [one for found in pool.map(write, range(WRITERS)) for one in found]
        yield Race(caller, shared, done, caller.record())


@pytest.fixture(scope="module")
def race(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Race]:
    """A race on each engine."""
    times = TIMES if databases.engine == "sqlite" else TIMES // 2
    with racing(databases.copy("empty"), tmp_path_factory.mktemp("race"), times) as found:
        yield found


def test_refuses_nothing_but_what_contradicts_what_is_there(race: Race) -> None:
    refused = [one.answer for one in race.done if one.answer.status_code >= 300]

    assert {answer.status_code for answer in refused} <= {409, 412, 503}, Counter(a.text for a in refused)
    assert all("Retry-After" in answer.headers for answer in refused if answer.status_code == 503)


def test_keeps_few_waiting_in_vain(race: Race) -> None:
    waited = [one for one in race.done if one.answer.status_code == 503]

    assert len(waited) <= len(race.done) // 20


def test_does_every_sort_of_write(race: Race) -> None:
    assert {one.what for one in race.done if one.answer.status_code < 300} == {
        way.__name__.removeprefix("_") for way in _WAYS
    }


def test_loses_no_update(race: Race) -> None:
    for path in race.shared.evidence:
        ref = path.rpartition("/")[2]
        recorded = [change for change in race.record if change["ref"] == ref and change["action"] == "updated"]
        accepted = {one.answer.get_json()["version"]: one for one in race.accepted("patch") if one.path == path}

        told = [change["after"]["statement"] for change in recorded]
        befores = [change["before"]["statement"] for change in recorded]
        assert befores[1:] == told[:-1]
        # Whoever says what another has said already changes nothing, and is accepted at the same version.
        assert set(accepted) <= set(range(1, len(recorded) + 2))
        assert all(one.body["statement"] == told[version - 2] for version, one in accepted.items() if version > 1)
        assert len(recorded) <= sum(one.path == path for one in race.accepted("patch"))
        assert race.caller.read(path)["statement"] == told[-1]


def test_accepts_one_of_all_who_saw_the_same(race: Race) -> None:
    changed = [one for one in race.accepted("patch") if one.answer.headers["ETag"] != one.seen]

    assert len({(one.path, one.seen) for one in changed}) == len(changed)
    assert len({(one.path, one.answer.get_json()["version"]) for one in changed}) == len(changed)


def test_refuses_as_stale_only_what_had_changed(race: Race) -> None:
    stale = [one for one in race.done if one.answer.status_code == 412]

    assert stale
    assert not [one for one in stale if one.seen == one.answer.headers["ETag"]]


def test_adds_no_link_twice_and_names_the_first(race: Race) -> None:
    links = race.caller.read("/api/v1/links", limit=200)["items"]
    ends = {(link["source"], link["type"], link["target"]): link["id"] for link in links}
    refused = [one for one in race.done if one.what == "link" and one.answer.status_code == 409]

    assert len(ends) == len(links) == len(race.accepted("link"))
    assert refused
    for one in refused:
        (named,) = one.answer.get_json()["conflicts"]
        assert named["ref"] == ends[one.body["source"], one.body["type"], one.body["target"]]


def test_gives_no_number_twice(race: Race) -> None:
    rows = race.caller.read("/api/v1/recommendations", review=race.shared.review, limit=200)["items"]
    numbers = {row["number"]: row["ref"] for row in rows}
    refused = [one for one in race.done if one.what == "number" and one.answer.status_code == 409]

    assert len(numbers) == len(rows) == len(race.accepted("number")) + 1
    assert all(one.answer.get_json()["conflicts"][0]["ref"] == numbers[one.body["number"]] for one in refused)


def test_numbers_progress_without_gap(race: Race) -> None:
    rows = race.caller.read(f"{race.shared.action}/progress", limit=200)["items"]

    assert sorted(row["number"] for row in rows) == list(range(1, len(race.accepted("report")) + 1))


def test_acts_once_for_each_key(race: Race) -> None:
    told: dict[str, set[str]] = {}
    for one in race.accepted("same_key"):
        told.setdefault(one.body["title"], set()).add(one.answer.text)

    made = [change for change in race.record if change["kind"] == "body"]

    assert {len(answers) for answers in told.values()} == {1}
    assert len(made) == len(told)


def test_keeps_the_record_whole(race: Race) -> None:
    previous = START
    for seq, change in enumerate(race.record, start=1):
        assert (change["seq"], change["hash"]) == (seq, hash_of(change, previous))
        previous = change["hash"]


def test_keeps_tables_and_record_together(race: Race) -> None:
    with race.caller.database.reading() as session:
        connection = session.connection().connection.dbapi_connection
        assert connection is not None

        def execute(query: str) -> tuple[list[str], list[tuple[object, ...]]]:
            cursor = connection.cursor()
            cursor.execute(query)
            return [column[0] for column in cursor.description], cursor.fetchall()

        found = verify(execute)

    assert found == []
