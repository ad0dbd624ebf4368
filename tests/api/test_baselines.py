"""Baselines, what differs between two points of the record, and exports that are the same bytes each time."""

import csv
import hashlib
import io
import json
from typing import NamedTuple

import pytest

from api.transfer import write_export
from tests.api import writing
from tests.api.writing import Caller, Row, conflicts, faults

alice, bob = writing.alice, writing.bob
BASELINES = "/api/v1/baselines"


class Between(NamedTuple):
    """Two points of the record with names, and what was done between them."""

    before: int
    evidence: Row
    added: Row
    withdrawn: Row
    recommendation: Row


@pytest.fixture(scope="module")
def between(alice: Caller) -> Between:
    """Something changed, something added, something withdrawn, a status moved and a gap closed."""
    evidence, withdrawn = alice.a("evidence"), alice.a("source")
    recommendation = alice.a("recommendation")
    before = alice.count()
    alice.post(BASELINES, {"name": "before", "known_at": str(before)})
    alice.patch(evidence["self"], {"statement": "Another thing."})
    added = alice.a("link", source=evidence["ref"], target=recommendation["ref"])
    alice.delete(withdrawn["self"])
    alice.a("assessment", subject=recommendation["ref"], verdict="fully_met")
    alice.post(BASELINES, {"name": "after"})
    return Between(before, evidence, added, withdrawn, recommendation)


def test_names_the_present_where_nothing_else_is_asked_for(alice: Caller, bob: Caller) -> None:
    seq = alice.count()

    made = bob.post(BASELINES, {"name": "present", "description": "As it is"}).get_json()

    assert (made["seq"], made["description"], made["created_by"]) == (seq, "As it is", "bob")
    assert made["self"] == f"{BASELINES}/present"


def test_shows_a_baseline_as_it_was_answered(alice: Caller) -> None:
    made = alice.post(BASELINES, {"name": "shown"})

    shown = alice.get(made.headers["Location"])

    assert (made.status_code, made.data, made.headers["ETag"]) == (201, shown.data, shown.headers["ETag"])


@pytest.mark.parametrize("name", ["a", "a-1", "x" * 60])
def test_takes_a_name(alice: Caller, name: str) -> None:
    assert alice.post(BASELINES, {"name": name}).status_code == 201


@pytest.mark.parametrize("name", ["", "now", "1", "1a", "-a", "A", "a b", "a_b", "a/b", "é", "a\n", "x" * 61, None, 1])
def test_refuses_a_name_that_is_none(alice: Caller, name: object) -> None:
    assert set(faults(alice.post(BASELINES, {"name": name}))) == {"/name"}


def test_refuses_a_name_that_is_taken(alice: Caller) -> None:
    alice.post(BASELINES, {"name": "taken"})

    answer = alice.post(BASELINES, {"name": "taken", "known_at": "1"})

    assert conflicts(answer) == [("baseline", "taken")]


@pytest.mark.parametrize("point", ["2147483647", "2999-01-01", "nothing", "2020-02-30", "", "x" * 61])
def test_names_no_point_that_is_none(alice: Caller, point: str) -> None:
    assert set(faults(alice.post(BASELINES, {"name": "pointless", "known_at": point}))) == {"/known_at"}


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT"])
def test_never_changes_a_baseline(alice: Caller, between: Between, method: str) -> None:
    assert alice.send(method, f"{BASELINES}/before", {}).status_code == 405


def _export(alice: Caller, known_at: str) -> list[bytes]:
    """The lines of the operator's export, which is whole."""
    file = io.BytesIO()
    write_export(alice.database, known_at, file)
    return file.getvalue().splitlines(keepends=True)


def test_fixes_what_was_known_by_the_digest_of_its_export(alice: Caller, between: Between) -> None:
    for name in ("before", "after"):
        baseline = alice.read(f"{BASELINES}/{name}")

        *lines, manifest = _export(alice, name)

        digest = hashlib.sha256(b"".join(lines)).hexdigest()
        assert baseline["digest"] == digest == json.loads(manifest)["manifest"]["sha256"]


def test_exports_to_whoever_sees_everything_what_the_operator_exports_but_does_not_call_it_whole(
    alice: Caller, between: Between
) -> None:
    header, *lines, manifest = alice.get("/api/v1/exports", known_at="before").data.splitlines(keepends=True)

    digest = hashlib.sha256(b"".join([header, *lines])).hexdigest()
    assert lines == _export(alice, "before")[1:-1]
    assert json.loads(header)["whole"] is False
    assert json.loads(manifest)["manifest"]["sha256"] == digest


def test_tells_the_digest_to_nobody_who_may_not_see_everything(alice: Caller, between: Between) -> None:
    public, told = alice.holding(None), alice.read(f"{BASELINES}/before")

    assert public.read(f"{BASELINES}/before") == told | {"digest": None}
    assert told["digest"] not in public.get(f"{BASELINES}/before/history").text
    assert told["digest"].encode() not in public.get("/api/v1/exports").data


def test_exports_the_same_bytes_whatever_is_written_later(alice: Caller, between: Between) -> None:
    first = alice.get("/api/v1/exports", known_at=between.before).data

    alice.post(f"{between.added['self']}/review", {"finding": "invalid", "note": "Read."}, seen="*")
    alice.patch(between.evidence["self"], {"title": "Renamed", "statement": "A fourth thing."})
    alice.a("progress")
    alice.post(BASELINES, {"name": "later", "known_at": "1"})

    assert alice.get("/api/v1/exports", known_at=between.before).data == first
    assert alice.get("/api/v1/exports", known_at="before").data == first


def test_exports_the_present_as_the_point_that_it_is(alice: Caller, between: Between) -> None:
    present = alice.get("/api/v1/exports")

    assert present.data == alice.get("/api/v1/exports").data
    assert present.data == alice.get("/api/v1/exports", known_at=alice.count()).data
    assert json.loads(present.data.splitlines()[-1])["manifest"]["counts"]["changes"] == alice.count()


def _told(alice: Caller, start: str, end: str) -> list[tuple[str, str, str, str | None]]:
    """What differs: what happened, to what sort of thing, to which, in which field."""
    found = alice.read(f"{BASELINES}/{start}/diff/{end}")
    rows = [(row["change"], row["what"], row["ref"], row["field"]) for row in found["differences"]]
    assert sum(found["summary"].values()) == len(rows)
    assert found["truncated"] is False
    return rows


def test_tells_what_differs_between_two_baselines(alice: Caller, between: Between) -> None:
    told = _told(alice, "before", "after")

    ref = between.recommendation["ref"]
    expected = {
        ("changed", "item", between.evidence["ref"], "statement"),
        ("added", "link", between.added["id"], None),
        ("withdrawn", "item", between.withdrawn["ref"], None),
        ("appeared", "verdict", ref, "verified"),
        ("went", "gap", ref, "no_evidence"),
        ("went", "gap", ref, "no_assessment"),
    }
    assert expected <= set(told)
    assert not [row for row in told if row[1] == "item" and row[2] == ref]


@pytest.mark.parametrize("end", ["now", "after"])
def test_finds_no_difference_between_a_point_and_itself(alice: Caller, between: Between, end: str) -> None:
    assert _told(alice, end, end) == []


def test_takes_whatever_names_a_point(alice: Caller, between: Between) -> None:
    at = alice.read(f"/api/v1/changes/{between.before}")["at"]

    found = [_told(alice, name, "after") for name in ("before", str(between.before), at)]

    assert found == [found[0]] * 3


def test_tells_backwards_what_it_tells_forwards(alice: Caller, between: Between) -> None:
    back = {"added": "withdrawn", "withdrawn": "added", "appeared": "went", "went": "appeared"}

    forwards, backwards = _told(alice, "before", "after"), _told(alice, "after", "before")

    assert sorted(map(str, backwards)) == sorted(str((back.get(row[0], row[0]), *row[1:])) for row in forwards)


@pytest.mark.parametrize(("start", "end"), [("nothing", "now"), ("now", "nothing"), ("before", "2999-01-01")])
def test_compares_nothing_with_a_point_that_is_none(alice: Caller, between: Between, start: str, end: str) -> None:
    assert alice.get(f"{BASELINES}/{start}/diff/{end}").status_code in {404, 422}


def test_tells_differences_as_a_table(alice: Caller, between: Between) -> None:
    answer = alice.get(f"{BASELINES}/before/diff/after", format="csv")

    rows = [tuple(row.values())[:5] for row in csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))]
    assert answer.mimetype == "text/csv"
    assert [(row[0], row[1], row[3], row[4] or None) for row in rows] == _told(alice, "before", "after")


def test_tells_differences_as_a_text(alice: Caller, between: Between) -> None:
    answer = alice.get(f"{BASELINES}/before/diff/after", headers={"Accept": "text/markdown"})

    assert answer.mimetype == "text/markdown"
    assert f"From: before (change {between.before})" in answer.text
    assert f"| changed | item | evidence | {between.evidence['ref']} | statement |" in answer.text
