"""The status of a recommendation seen three ways: claimed, verified, derived."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from models.lens import Lens
from models.queries.judging import Asked
from models.queries.overview import overview
from models.queries.status import statuses
from tests.factories import an, link
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

NOW = Lens()
NOTHING = {"status": None, "date": None, "rests_on": []}
EARLY, LATE = date(2020, 1, 1), date(2021, 1, 1)
PUBLISHED = published_plain()
TEN = [f"R{number}" for number in range(1, 11)]


def _status(session: Session, part: str) -> Any:
    return statuses(session, NOW, ["R"])["R"][part]


def _action(session: Session, asked: Item, *claims: tuple[str | None, date | None], basis: str = "stated") -> Item:
    """An action that addresses the recommendation, with the claims of its progress in order."""
    action = an("action", session)
    link(session, action, "addresses", asked, basis=basis)
    for number, (claimed, day) in enumerate(claims, start=1):
        ref = f"{action.ref}-{number}"
        an("progress", session, ref=ref, parent=action, number=number, claimed_status=claimed, effective_from=day)
    return action


def test_without_anything_nothing_is_claimed_verified_or_derived(session: Session, asked: Item) -> None:
    found = statuses(session, NOW, ["R"])["R"]

    assert (found["claimed"], found["verified"]) == (NOTHING, NOTHING)
    assert found["derived"] == {"status": "no_action", "date": None, "rests_on": []}


def test_an_inferred_tie_claims_nothing(session: Session, asked: Item) -> None:
    _action(session, asked, ("complete", LATE), basis="inferred")

    found = statuses(session, NOW, ["R"])["R"]

    assert (found["claimed"], found["derived"]["status"]) == (NOTHING, "no_action")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (["complete"], "complete"),
        (["complete", "complete"], "complete"),
        (["complete", "under_way"], "under_way"),
        (["complete", "not_started"], "under_way"),
        (["under_way", "stalled"], "under_way"),
        (["stalled", "stalled"], "stalled"),
        (["stalled", "not_started"], "stalled"),
        (["not_started", "not_started"], "not_started"),
        (["complete", None], "under_way"),
        (["stalled", None], "stalled"),
        (["not_started", None], "not_started"),
        ([None, None], None),
    ],
)
def test_several_actions_claim_one_word_together(
    session: Session, asked: Item, claims: list[str | None], expected: str | None
) -> None:
    for claimed in claims:
        _action(session, asked, (claimed, EARLY))

    assert _status(session, "claimed")["status"] == expected


@pytest.mark.parametrize(
    ("claims", "expected", "rests_on"),
    [
        ([("under_way", EARLY), ("complete", LATE)], "complete", 2),
        ([("complete", LATE), ("under_way", EARLY)], "complete", 1),
        ([("under_way", EARLY), ("complete", None)], "under_way", 1),
        ([("under_way", None), ("complete", None)], "complete", 2),
        ([("under_way", EARLY), ("complete", EARLY)], "complete", 2),
        ([("complete", EARLY), (None, LATE)], "complete", 1),
    ],
)
def test_the_latest_dated_claim_of_an_action_counts(
    session: Session, asked: Item, claims: list[tuple[str | None, date | None]], expected: str, rests_on: int
) -> None:
    action = _action(session, asked, *claims)

    found = _status(session, "claimed")

    assert (found["status"], found["rests_on"]) == (expected, [f"{action.ref}-{rests_on}"])
    assert found["date"] == claims[rests_on - 1][1]


def test_an_action_on_a_clause_claims_for_the_recommendation_once(session: Session, asked: Item, clause: Item) -> None:
    action = _action(session, asked, ("complete", EARLY))
    link(session, action, "addresses", clause)

    assert _status(session, "claimed") == {"status": "complete", "date": EARLY, "rests_on": [f"{action.ref}-1"]}


@pytest.mark.parametrize(
    ("verdicts", "latest"),
    [
        ([("not_met", EARLY), ("fully_met", LATE)], 1),
        ([("fully_met", LATE), ("not_met", EARLY)], 0),
        ([("not_met", EARLY), ("fully_met", None)], 0),
        ([("not_met", EARLY), ("partially_met", EARLY)], 1),
        ([("not_published", LATE), ("not_met", EARLY)], 0),
    ],
)
def test_the_latest_verdict_verifies(
    session: Session, asked: Item, verdicts: list[tuple[str, date | None]], latest: int
) -> None:
    for number, (verdict, day) in enumerate(verdicts):
        an("assessment", session, ref=f"verdict{number}", parent=asked, verdict=verdict, effective_from=day)

    word, day = verdicts[latest]
    assert _status(session, "verified") == {"status": word, "date": day, "rests_on": [f"verdict{latest}"]}


def test_a_verdict_on_a_clause_does_not_verify_the_recommendation(session: Session, asked: Item, clause: Item) -> None:
    an("assessment", session, parent=clause, verdict="fully_met")

    assert _status(session, "verified") == NOTHING


@pytest.mark.parametrize(
    ("claims", "shown", "expected"),
    [
        (["complete"], [], "not_demonstrated"),
        (["complete"], [0], "demonstrated"),
        (["under_way"], [0], "partly_demonstrated"),
        (["complete", "complete"], [0], "partly_demonstrated"),
        (["complete", "complete"], [0, 1], "demonstrated"),
        ([], [], "no_action"),
    ],
)
def test_the_derived_status_is_what_the_evidence_demonstrates(
    session: Session, asked: Item, claims: list[str], shown: list[int], expected: str
) -> None:
    evidence = an("evidence", session)
    actions = [_action(session, asked, (claimed, EARLY)) for claimed in claims]
    for position in shown:
        link(session, evidence, "demonstrates", actions[position])

    assert _status(session, "derived")["status"] == expected


def test_evidence_of_the_progress_demonstrates_its_action(session: Session, asked: Item) -> None:
    action = _action(session, asked, ("complete", EARLY))
    progress = session.get(Item, action.id + 1)
    assert progress is not None
    link(session, an("evidence", session, ref="E", effective_from=LATE), "demonstrates", progress)

    assert _status(session, "derived") == {"status": "demonstrated", "date": LATE, "rests_on": [action.ref, "E"]}


def _of_clause(session: Session, part: str) -> Any:
    return statuses(session, NOW, ["R.1"])["R.1"][part]


def test_a_clause_without_anything_has_no_status(session: Session, asked: Item, clause: Item) -> None:
    _action(session, asked, ("complete", EARLY))
    an("assessment", session, parent=asked, verdict="fully_met")

    found = statuses(session, NOW, ["R.1"])["R.1"]

    assert (found["claimed"], found["verified"]) == (NOTHING, NOTHING)
    assert found["derived"] == {"status": "no_action", "date": None, "rests_on": []}


def test_a_clause_is_claimed_by_the_actions_for_that_very_clause(session: Session, asked: Item, clause: Item) -> None:
    other = an("clause", session, ref="R.2", number=2, parent=asked)
    first, second = _action(session, clause, ("complete", EARLY)), _action(session, clause, ("under_way", LATE))
    _action(session, other, ("stalled", LATE))
    _action(session, clause, ("stalled", LATE), basis="inferred")

    found = statuses(session, NOW, ["R", "R.1", "R.2"])

    assert found["R.1"]["claimed"] == {
        "status": "under_way",
        "date": LATE,
        "rests_on": [f"{first.ref}-1", f"{second.ref}-1"],
    }
    assert found["R.2"]["claimed"]["status"] == "stalled"
    assert len(found["R"]["claimed"]["rests_on"]) == 3


def test_the_latest_verdict_on_the_clause_verifies_it(session: Session, asked: Item, clause: Item) -> None:
    an("assessment", session, parent=clause, verdict="not_met", effective_from=EARLY)
    an("assessment", session, ref="J", parent=clause, verdict="fully_met", effective_from=LATE)
    an("assessment", session, parent=asked, verdict="not_met", effective_from=LATE)

    assert _of_clause(session, "verified") == {"status": "fully_met", "date": LATE, "rests_on": ["J"]}


def test_evidence_of_the_actions_for_a_clause_demonstrates_it(session: Session, asked: Item, clause: Item) -> None:
    of_whole, of_clause = _action(session, asked, ("complete", EARLY)), _action(session, clause, ("complete", EARLY))
    link(session, an("evidence", session, ref="E", effective_from=LATE), "demonstrates", of_whole)
    elsewhere = _of_clause(session, "derived")["status"]
    link(session, an("evidence", session, ref="F", effective_from=LATE), "demonstrates", of_clause)

    assert elsewhere == "not_demonstrated"
    assert _of_clause(session, "derived") == {"status": "demonstrated", "date": LATE, "rests_on": [of_clause.ref, "F"]}


def test_evidence_can_demonstrate_a_clause_itself_and_its_recommendation_in_part(
    session: Session, asked: Item, clause: Item
) -> None:
    link(session, an("evidence", session, ref="E", effective_from=LATE), "demonstrates", clause)

    found = statuses(session, NOW, ["R", "R.1"])

    assert found["R.1"]["derived"] == {"status": "demonstrated", "date": LATE, "rests_on": ["E"]}
    assert found["R"]["derived"] == {"status": "partly_demonstrated", "date": LATE, "rests_on": ["E"]}


def test_the_overview_has_the_status_of_each_clause(session: Session, asked: Item, clause: Item) -> None:
    _action(session, clause, ("complete", EARLY))

    whole = overview(session, Asked(NOW, LATE), "R")

    assert [part["status"] for part in whole["clauses"]] == [statuses(session, NOW, ["R.1"])["R.1"]]
    assert whole["clauses"][0]["status"]["claimed"]["status"] == "complete"


def test_the_statuses_of_the_published_record_are_what_its_files_say(published: Session) -> None:
    stated = {(e.target, e.source) for e in PUBLISHED.links if (e.type, e.basis) == ("addresses", "stated")}
    claims: dict[str, tuple[str, str, str]] = {}
    for entry in entries_of("progress"):
        if "claimed_status" in entry:
            claim = (entry.get("effective_from", ""), entry["claimed_status"], entry["ref"])
            claims[entry["parent"]] = max(claims.get(entry["parent"], claim), claim)
    verdicts = {entry["parent"]: entry.get("verdict") for entry in entries_of("assessment")}

    found = statuses(published, NOW, TEN)

    for ref in TEN:
        actions = [action for target, action in stated if target == ref]
        words = {claims[action][1] if action in claims else "unknown" for action in actions}
        assert found[ref]["claimed"]["status"] == (words.pop() if len(words) == 1 else "under_way")
        assert set(found[ref]["claimed"]["rests_on"]) == {claims[action][2] for action in actions if action in claims}
        assert found[ref]["verified"]["status"] == verdicts[ref]
        assert found[ref]["derived"]["status"] == "not_demonstrated"


def test_no_clause_of_the_published_record_has_a_status(published: Session) -> None:
    clauses = PUBLISHED.of("clause")
    assert not {tie.target for tie in PUBLISHED.links} & set(clauses)

    found = statuses(published, NOW, clauses)

    assert {(each["claimed"]["status"], each["verified"]["status"]) for each in found.values()} == {(None, None)}
    assert {each["derived"]["status"] for each in found.values()} == {"no_action"}
    assert len(found) == 25


def test_statuses_and_the_overview_take_the_same_number_of_statements_at_any_size(database: Database) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=EARLY)
            asked = an("recommendation", session, ref=f"asked{more}", number=1, parent=review)
            refs = [asked.ref]
            for number in range(1, more + 1):
                _action(session, asked, ("complete", EARLY))
                link(session, an("evidence", session), "supports", asked)
                refs.append(an("clause", session, parent=asked, number=number).ref)
                an("assessment", session, parent=asked)
        with database.reading() as session, counted(*database.engines) as ran:
            statuses(session, NOW, refs)
            five = len(ran)
            whole = overview(session, Asked(NOW, LATE), asked.ref)
            counts.append((five, len(ran) - five, len(whole["clauses"])))

    assert [count[0] for count in counts] == [5, 5]
    assert counts[0][1] == counts[1][1]
    assert [count[2] for count in counts] == [3, 57]
