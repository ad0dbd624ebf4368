"""The leaks that the two-run test found, each on the smallest graph that shows it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Databases
from tests.leaks.answers import Stage, first_difference
from tests.leaks.ground import Ground
from tests.leaks.planting import get
from tests.leaks.probes import ANY, Probe
from tests.leaks.readers import INSPECTOR_A, INSPECTOR_B, OFFICER, PUBLIC, A, B, Reader
from tests.leaks.sameness import sameness
from tests.leaks.sight import AHEAD, Mark, without_hidden
from tests.leaks.specimen import SECRET, Writing
from tests.leaks.wording import TEXT

OF_A, OF_B = Mark(0, frozenset({A})), Mark(0, frozenset({B}))
ASKED = {
    "title": "A",
    "category": "recommendation",
    "short_name": "A",
    "text": TEXT,
    "review": "V",
    "handling": "PUBLIC",
}
SAID = {"title": "A", "evidence_kind": "observation", "statement": "A thing was observed.", "handling": "PUBLIC"}
TwoRuns = Callable[..., tuple[str, str, str] | None]


@pytest.fixture(scope="module")
def ground(databases: Databases) -> Iterator[Ground]:
    """A place to play on."""
    with sameness() as same:
        yield Ground(databases, same)


@pytest.fixture(scope="module")
def two_runs(ground: Ground) -> TwoRuns:
    """Where the answers to a reader part, with what is hidden from him and without; None where they do not."""
    stage = Stage(ground.database)

    def asked(writing: Writing, reader: Reader, *probes: Probe) -> tuple[str, str, str] | None:
        runs = []
        for script in (writing.script, without_hidden(writing.script, reader)):
            ground.lay(script)
            ground.same.begin("found")
            runs.append([stage.ask(probe.path, method=probe.method, **probe.sent(reader)) for probe in probes])
        return first_difference(*runs)

    return asked


def _post(place: str, body: dict[str, Any]) -> Probe:
    return Probe("POST", f"/api/v1/{place}?reason=Found", body, ANY if place.endswith("handling") else {})


def _review(**values: Any) -> Writing:
    writing = Writing()
    writing.add("review", "V", **values)
    return writing


def test_judges_a_baseline_by_the_day_of_the_last_change_that_is_seen(two_runs: TwoRuns) -> None:
    writing = Writing()
    writing.add("action", "A1", due_on="2020-02-01")
    for number in range(25):
        writing.add("evidence", f"H{number}", SECRET)
    writing.write("baseline", "baseline", "point", description="After what is hidden")

    told = two_runs(writing, PUBLIC, get("/gaps?reason=overdue&known_at=point"), get("/baselines/point/diff/now"))

    assert told is None


def test_takes_no_link_for_an_action_of_the_same_id(two_runs: TwoRuns) -> None:
    writing = Writing()
    writing.add("action", "A1")  # the items' ids count from 4, the first three bodies', the links' from 1
    writing.add("review", "V")
    writing.add("recommendation", "R1", number=1)
    for ref in ("E1", "E2", "E3", "E4"):
        writing.add("evidence", ref)
    writing.link("H", "E1", "supports", "R1", SECRET)
    writing.link("L1", "A1", "addresses", "R1")
    writing.link("L2", "E1", "supports", "R1")
    writing.link("L3", "E4", "derived_from", "E3")
    writing.write("amend", "evidence", "E4", statement="Another thing was observed.")

    told = two_runs(writing, PUBLIC, get("/gaps?recommendation=R1&reason=suspect_link"))

    assert told is None


def test_marks_no_answer_by_a_link_of_which_an_end_is_hidden(two_runs: TwoRuns) -> None:
    writing = _review()
    writing.add("recommendation", "R1", number=1)
    writing.add("evidence", "H", SECRET)
    writing.link("HL", "H", "supports", "R1", Mark(1))

    told = two_runs(writing, OFFICER, get("/exports"))

    assert told is None


def test_gives_a_number_beside_what_others_withhold_until_the_same_day(two_runs: TwoRuns) -> None:
    writing = _review()
    writing.add("recommendation", "H", Mark(0, None, AHEAD, frozenset({B})), number=1)

    told = two_runs(writing, INSPECTOR_A, _post("recommendations", ASKED | {"embargo_until": AHEAD}))

    assert told is None


def test_links_beside_a_link_that_others_withhold_until_the_same_day(two_runs: TwoRuns) -> None:
    writing = _review()
    writing.add("recommendation", "R1", number=1)
    writing.add("evidence", "E1")
    writing.link("H", "E1", "supports", "R1", Mark(0, None, AHEAD, frozenset({B})))
    ends = {"source": "E1", "target": "R1", "type": "supports", "basis": "stated", "rationale": "Read."}

    told = two_runs(writing, INSPECTOR_A, _post("links", ends | {"embargo_until": AHEAD, "handling": "PUBLIC"}))

    assert told is None


def test_marks_a_whole_of_which_a_hidden_part_is_then_limited_to_nobody(two_runs: TwoRuns) -> None:
    writing = _review(owner=B)
    writing.add("recommendation", "H", OF_A, number=1)
    writing.add("recommendation", "R1", number=1)

    told = two_runs(writing, INSPECTOR_B, _post("reviews/V/handling", {"limited_to": [B]}))

    assert told is None


def test_marks_a_whole_of_which_two_hidden_parts_have_one_number(two_runs: TwoRuns) -> None:
    writing = _review(owner=A)
    writing.add("recommendation", "H1", Mark(1, frozenset({B})), number=1)
    writing.add("recommendation", "H2", OF_B, number=1)

    told = two_runs(writing, INSPECTOR_A, _post("reviews/V/handling", {"handling": "OFFICIAL"}))

    assert told is None


def test_marks_a_thing_as_something_hidden_with_its_external_id_is_marked(two_runs: TwoRuns) -> None:
    writing = Writing()
    writing.add("evidence", "E1", owner=A, external_id="X")
    writing.add("evidence", "H", Mark(1, frozenset({B})), owner=A, external_id="X")

    told = two_runs(writing, INSPECTOR_A, _post("evidence/E1/handling", {"handling": "OFFICIAL"}))

    assert told is None


def test_gives_the_external_id_of_what_is_limited_to_nobody(two_runs: TwoRuns) -> None:
    writing = Writing()
    writing.add("action", "A1", owner=B)
    writing.add("progress", "H", OF_A, number=1, external_id="X", owner=B)
    writing.write("mark", "action", "A1", mark=OF_B)

    told = two_runs(writing, INSPECTOR_B, _post("evidence", SAID | {"external_id": "X"}))

    assert told is None


def test_asks_for_a_release_to_where_something_hidden_has_the_same_external_id(two_runs: TwoRuns) -> None:
    writing = Writing()
    writing.add("evidence", "E1", Mark(1), owner=A, external_id="X")
    writing.add("evidence", "H", OF_B, owner=A, external_id="X")
    asked = {"action": "release", "kind": "evidence", "ref": "E1", "handling": "PUBLIC", "limited_to": [B]}

    told = two_runs(writing, INSPECTOR_A, _post("approvals", asked))

    assert told is None
