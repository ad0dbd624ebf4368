"""known_at: every read as the record had it at a point, however the point is named."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from tests.api import writing
from tests.api.writing import Caller, Row, faults

alice = writing.alice
NEVER = [
    "x y",
    "2020-13-01",
    "2020-02-30",
    "2020-01-01T00:00:00",
    "2020-01-01T25:00:00Z",
    "no-such-baseline",
    "-1",
    "1.5",
]
NEVER += ["2999-01-01", "2999-01-01T00:00:00Z", "9999999999", "99999999999999999999", "0001-01-01T00:00:00+23:00"]


class Past(NamedTuple):
    """A point of the record, and what was there."""

    seq: int
    at: str
    review: Row
    recommendation: Row
    action: Row
    link: Row


@pytest.fixture(scope="module")
def past(alice: Caller) -> Past:
    """A small graph at a point with a name, after which all of it was changed, or withdrawn, or added to."""
    body = alice.a("body")
    review = alice.a("review", published_on="2019-12-01", effective_from="2019-12-01")
    dated = {"effective_from": "2020-01-01"}
    recommendation = alice.a("recommendation", review=review["ref"], partners=[body["ref"]], **dated)
    action = alice.a("action", owner=body["ref"], due_on="2020-06-01", **dated)
    alice.a("link", type="addresses", source=action["ref"], target=recommendation["ref"])
    evidence = alice.a("evidence", **dated)["ref"]
    link = alice.a("link", source=evidence, target=recommendation["ref"])
    seq = alice.count()
    alice.post("/api/v1/baselines", {"name": "then", "known_at": str(seq)})
    alice.patch(f"/api/v1/evidence/{evidence}", {"statement": "Another thing."})
    alice.patch(recommendation["self"], {"title": "Another title", "partners": []})
    alice.patch(action["self"], {"due_on": "2020-07-01", "due_note": "It took longer"})
    alice.a("progress", action=action["ref"], claimed_status="complete", **dated)
    alice.delete(link["self"])
    alice.a("assessment", subject=recommendation["ref"], verdict="fully_met", **dated)
    return Past(seq, alice.read(f"/api/v1/changes/{seq}")["at"], review, recommendation, action, link)


def _places(past: Past) -> list[str]:
    """Every sort of read there is."""
    ref, review = past.recommendation["ref"], past.review["ref"]
    return [
        f"/api/v1/recommendations/{ref}",
        f"/api/v1/recommendations?review={review}",
        f"/api/v1/recommendations/{ref}/chain",
        f"/api/v1/recommendations/{ref}/timeline",
        f"/api/v1/recommendations/{ref}/evidence",
        f"/api/v1/recommendations/{ref}/actions",
        f"/api/v1/recommendations/{ref}/assessments",
        f"/api/v1/actions/{past.action['ref']}",
        f"/api/v1/actions/{past.action['ref']}/progress",
        f"/api/v1/evidence/{past.link['source']}",
        f"/api/v1/evidence/{past.link['source']}/reach",
        f"/api/v1/links?target={ref}",
        f"/api/v1/graph?start={ref}&depth=2",
        f"/api/v1/matrix?review={review}&cell=refs",
        f"/api/v1/gaps?recommendation={ref}",
    ]


def _read(alice: Caller, path: str, **asked: object) -> Row:
    """What a GET shows, without the address of its next page."""
    path, _, query = path.partition("?")
    given = dict(part.split("=") for part in query.split("&")) if query else {}
    shown: Row = alice.read(path, **given | asked)
    shown.pop("next", None)
    return shown


def test_shows_everything_as_it_was(alice: Caller, past: Past) -> None:
    shown = alice.read(past.recommendation["self"], known_at=past.seq)

    assert (shown["title"], shown["partners"]) == (past.recommendation["title"], past.recommendation["partners"])
    assert shown["status"]["verified"]["status"] is None
    assert alice.read(past.action["self"], known_at=past.seq)["due_on"] == "2020-06-01"
    assert alice.read(past.link["self"], known_at=past.seq) == past.link
    assert alice.get(past.link["self"]).status_code == 404


def test_shows_another_past_than_present_everywhere(alice: Caller, past: Past) -> None:
    same = [path for path in _places(past) if _read(alice, path, known_at=past.seq) == _read(alice, path)]

    assert same == []


def test_means_the_same_point_by_each_of_its_names(alice: Caller, past: Past) -> None:
    moment = datetime.fromisoformat(past.at)
    offset = (moment + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S.%f+05:30")

    for path in _places(past):
        expected = _read(alice, path, known_at=past.seq)
        assert [_read(alice, path, known_at=name) for name in ("then", past.at, offset)] == [expected] * 3


def test_means_by_a_moment_what_was_recorded_up_to_it(alice: Caller, past: Past) -> None:
    moment = (datetime.fromisoformat(past.at) - timedelta(microseconds=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    answer = alice.get(past.link["self"], known_at=moment)

    assert answer.status_code == 404


def test_knew_nothing_before_the_first_change(alice: Caller, past: Past) -> None:
    pages = [alice.read("/api/v1/reviews", known_at=name)["items"] for name in ("0", "2001-01-01", "2001-01-01T00:00Z")]

    assert pages == [[]] * 3


@pytest.mark.parametrize("name", NEVER)
def test_refuses_a_point_that_is_none_or_lies_ahead(alice: Caller, past: Past, name: str) -> None:
    paths = [path.partition("?")[0] for path in _places(past)] + ["/api/v1/changes", "/api/v1/exports"]

    found = {path: set(faults(alice.get(path, known_at=name))) for path in paths}

    assert set(map(frozenset, found.values())) == {frozenset({"known_at"})}


def test_refuses_a_day_that_is_not_over(alice: Caller, past: Past) -> None:
    today = datetime.now(UTC).date()

    for day in (today, today + timedelta(days=1)):
        assert set(faults(alice.get("/api/v1/reviews", known_at=str(day)))) == {"known_at"}


def test_refuses_the_number_after_the_newest(alice: Caller, past: Past) -> None:
    newest = alice.count()

    statuses = [alice.get("/api/v1/reviews", known_at=seq).status_code for seq in (newest, newest + 1)]

    assert statuses == [200, 422]


@pytest.mark.parametrize("day", ["2019-12-15", "2020-03-01"])
def test_asks_of_a_past_record_what_was_so_on_a_day(alice: Caller, past: Past, day: str) -> None:
    chain = f"{past.recommendation['self']}/chain"

    found = alice.get(chain, known_at=past.seq, as_of=day)

    if day < "2020":
        assert found.status_code == 404 or found.get_json()["links"] == []
    else:
        kinds = {node["kind"] for node in found.get_json()["nodes"]}
        assert {"evidence", "action"} <= kinds
        assert not kinds & {"assessment", "progress"}


def test_turns_the_pages_of_a_past_list_in_the_past(alice: Caller, past: Past) -> None:
    path = "/api/v1/links"
    whole = [row["id"] for row in alice.read(path, known_at="then", limit=200)["items"]]
    first = alice.read(path, known_at="then", limit=1)
    alice.a("link", target=past.recommendation["ref"])

    found, page = [row["id"] for row in first["items"]], first
    while page["next"]:
        page = alice.read(page["next"])
        found += [row["id"] for row in page["items"]]

    assert "known_at=then" in first["next"]
    assert found == whole


def test_takes_no_cursor_of_the_past_for_the_present(alice: Caller, past: Past) -> None:
    cursor = alice.read("/api/v1/links", known_at="then", limit=1)["next"].rpartition("after=")[2]

    answer = alice.get("/api/v1/links", limit=1, after=cursor)

    assert set(faults(answer)) == {"after"}
