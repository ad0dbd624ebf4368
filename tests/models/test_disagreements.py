"""Disagreements: each appears on its condition, and goes when the condition does."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from models.lens import Lens
from models.queries.disagreement_rules import JUDGED
from models.queries.disagreements import disagreements
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.paging import Page, Wanted
from models.vocabulary import DISAGREEMENTS, GAP_REASONS, kinds_of_disagreement
from tests.factories import an, link
from tests.models import planted
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

EARLY, LATE, LAST = date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)
ASKED = Asked(Lens(), LAST)
PUBLISHED = published_plain()


def _rows(session: Session, asked: Asked = ASKED, **filters: list[str]) -> list[Any]:
    found = disagreements(session, asked, Wanted(filters=filters, limit=0)).rows
    assert all(row["kind"] in kinds_of_disagreement(row["reason"]) for row in found)
    return found


def _found(session: Session, asked: Asked = ASKED, **filters: list[str]) -> set[tuple[str, str]]:
    return {(row["ref"], row["reason"]) for row in _rows(session, asked, **filters)}


def _has(session: Session, reason: str, ref: str = "R") -> bool:
    return (ref, reason) in _found(session)


def _grounds(session: Session, reason: str) -> Any:
    (row,) = _rows(session, reason=[reason])
    return row["grounds"]


def _acting(session: Session, target: Item, claim: str | None, day: date | None = EARLY, **values: Any) -> Item:
    """The progress of an action that addresses something, which claims something of it."""
    action = an("action", session)
    link(session, action, "addresses", target, **values)
    return an("progress", session, parent=action, number=1, claimed_status=claim, effective_from=day)


def _judge(session: Session, subject: Item, verdict: str, day: date | None = EARLY, **values: Any) -> Item:
    return an("assessment", session, parent=subject, verdict=verdict, effective_from=day, **values)


def test_every_reason_of_the_vocabulary_is_judged_in_its_order() -> None:
    assert list(JUDGED) == list(DISAGREEMENTS)


def test_finds_what_was_planted_and_nothing_else(session: Session) -> None:
    planted.plant(session)

    found = _found(session)

    assert {reason for _, reason in planted.DISAGREEMENTS} == set(DISAGREEMENTS)
    assert found == planted.DISAGREEMENTS
    assert len(_rows(session)) == len(planted.DISAGREEMENTS)


def test_gaps_are_what_was_planted_and_nothing_else(session: Session) -> None:
    planted.plant(session)

    found = gaps(session, ASKED, Wanted(limit=0)).rows

    assert {reason for _, reason in planted.GAPS} == set(GAP_REASONS)
    assert {(gap["ref"], gap["reason"]) for gap in found} == planted.GAPS
    assert len(found) == len(planted.GAPS)


@pytest.mark.parametrize("judging", [gaps, disagreements])
def test_what_is_asked_of_some_things_is_what_is_found_of_them_among_all(
    session: Session, judging: Callable[[Session, Asked, Wanted], Page]
) -> None:
    planted.plant(session)
    whole = judging(session, ASKED, Wanted(limit=0)).rows
    refs = sorted({row["ref"] for row in whole})

    for some in (*([ref] for ref in refs), refs, refs[::2], ["nothing", refs[0]], ["nothing"]):
        found = judging(session, ASKED, Wanted(filters={"ref": some}, limit=0, count=True))

        assert found.rows == [row for row in whole if row["ref"] in some]
        assert found.total == len(found.rows)


@pytest.mark.parametrize("shown", ["action", "progress"])
@pytest.mark.parametrize("ref", ["R", "R.1"])
def test_claimed_complete_until_evidence_demonstrates_it(
    session: Session, asked: Item, clause: Item, evidence: Item, shown: str, ref: str
) -> None:
    reason = "claimed_complete_not_demonstrated"
    unclaimed = _has(session, reason, ref)
    progress = _acting(session, clause, "complete")
    claimed, grounds = _has(session, reason, ref), [row["grounds"] for row in _rows(session, reason=[reason])]
    link(session, evidence, "demonstrates", progress if shown == "progress" else progress.parent)

    assert (unclaimed, claimed, _has(session, reason, ref)) == (False, True, False)
    assert grounds == [[progress.ref]] * 2


@pytest.mark.parametrize("claim", ["under_way", "stalled", "not_started", None])
def test_what_is_not_claimed_complete_need_not_be_demonstrated(session: Session, asked: Item, claim: str) -> None:
    _acting(session, asked, "complete")
    alone = _has(session, "claimed_complete_not_demonstrated")
    _acting(session, asked, claim)

    assert (alone, _has(session, "claimed_complete_not_demonstrated")) == (True, False)


def test_a_related_development_claims_nothing(session: Session, asked: Item) -> None:
    _acting(session, asked, "complete", basis="inferred")
    _judge(session, asked, "not_met", LATE)

    assert _found(session) == set()


def test_an_action_for_the_recommendation_claims_nothing_of_its_clause(
    session: Session, asked: Item, clause: Item
) -> None:
    _acting(session, asked, "complete")

    assert _found(session) == {("R", "claimed_complete_not_demonstrated")}


def test_evidence_that_demonstrates_the_clause_itself_is_of_its_recommendation_too(
    session: Session, asked: Item, clause: Item, evidence: Item
) -> None:
    _acting(session, clause, "complete")
    before = _found(session)
    link(session, evidence, "demonstrates", clause)

    assert {ref for ref, _ in before} == {"R", "R.1"}
    assert _found(session) == set()


@pytest.mark.parametrize("type_", ["supports", "contradicts", "qualifies", "addresses"])
def test_a_met_recommendation_has_an_uncovered_clause_until_something_is_tied_to_it(
    session: Session, asked: Item, clause: Item, type_: str
) -> None:
    reason = "verified_met_clause_uncovered"
    unjudged = _has(session, reason, "R.1")
    verdict = _judge(session, asked, "fully_met")
    met, grounds = _has(session, reason, "R.1"), _grounds(session, reason)
    link(session, an("action" if type_ == "addresses" else "evidence", session), type_, clause)

    assert (unjudged, met, _has(session, reason, "R.1")) == (False, True, False)
    assert grounds == [verdict.ref]


@pytest.mark.parametrize("verdict", ["not_met", "partially_met", "not_published"])
def test_a_clause_may_be_uncovered_under_any_other_verdict(
    session: Session, asked: Item, clause: Item, verdict: str
) -> None:
    _judge(session, asked, "fully_met", EARLY)
    _judge(session, asked, verdict, LATE)

    assert not _has(session, "verified_met_clause_uncovered", "R.1")


@pytest.mark.parametrize(
    ("verdict", "clauses", "disagrees"),
    [
        ("fully_met", ["fully_met", "not_met"], True),
        ("fully_met", ["partially_met", None], True),
        ("fully_met", ["fully_met", "fully_met"], False),
        ("fully_met", ["not_published", None], False),
        ("fully_met", [None, None], False),
        ("not_met", ["fully_met", "fully_met"], True),
        ("not_met", ["fully_met", None], False),
        ("not_met", ["fully_met", "not_published"], False),
        ("not_met", ["fully_met", "partially_met"], False),
        ("partially_met", ["fully_met", "fully_met"], False),
        ("partially_met", ["fully_met", "not_met"], False),
        ("not_published", ["not_met", "not_met"], False),
    ],
)
def test_a_verdict_disagrees_with_those_on_its_clauses(
    session: Session, asked: Item, verdict: str, clauses: list[str | None], disagrees: bool
) -> None:
    _judge(session, asked, verdict, ref="whole")
    for number, word in enumerate(clauses, start=1):
        part = an("clause", session, parent=asked, number=number)
        if word is not None:
            _judge(session, part, word, ref=f"part-{number}")

    assert _has(session, "verdict_against_clauses") is disagrees


def test_a_verdict_on_a_recommendation_without_clauses_disagrees_with_none(session: Session, asked: Item) -> None:
    _judge(session, asked, "not_met")

    assert _found(session) == set()


def test_verdicts_disagree_until_the_latest_on_the_clause_is_otherwise(
    session: Session, asked: Item, clause: Item
) -> None:
    whole, part = _judge(session, asked, "fully_met"), _judge(session, clause, "not_met", EARLY)
    before, grounds = _has(session, "verdict_against_clauses"), _grounds(session, "verdict_against_clauses")
    _judge(session, clause, "fully_met", LATE)

    assert (before, _has(session, "verdict_against_clauses")) == (True, False)
    assert grounds == sorted([whole.ref, part.ref])


@pytest.mark.parametrize(
    ("verdict", "clauses", "since"),
    [
        ("fully_met", [("not_met", EARLY), ("partially_met", LATE)], EARLY),
        ("fully_met", [("not_met", LAST), ("partially_met", LATE)], LATE),
        ("not_met", [("fully_met", LAST), ("fully_met", EARLY)], LAST),
        ("not_met", [("fully_met", None), ("fully_met", LATE)], LATE),
    ],
)
def test_verdicts_disagree_since_the_first_falls_short_or_the_last_is_met(
    session: Session, asked: Item, verdict: str, clauses: list[tuple[str, date | None]], since: date
) -> None:
    _judge(session, asked, verdict, EARLY)
    for number, (word, day) in enumerate(clauses, start=1):
        _judge(session, an("clause", session, parent=asked, number=number), word, day)

    (row,) = _rows(session, reason=["verdict_against_clauses"])

    assert row["since"] == since


@pytest.mark.parametrize("type_", ["supports", "contradicts", "qualifies"])
def test_evidence_is_newer_than_the_verdict_until_the_next_verdict(
    session: Session, asked: Item, clause: Item, type_: str
) -> None:
    verdict, evidence = _judge(session, asked, "not_published", EARLY), an("evidence", session, effective_from=LATE)
    without = _has(session, "evidence_newer_than_verdict")
    link(session, evidence, type_, clause)
    newer, rows = _has(session, "evidence_newer_than_verdict"), _rows(session, reason=["evidence_newer_than_verdict"])
    _judge(session, asked, "not_met", LATE)

    assert (without, newer, _has(session, "evidence_newer_than_verdict")) == (False, True, False)
    assert [(row["since"], row["grounds"]) for row in rows] == [(LATE, sorted([verdict.ref, evidence.ref]))]


def test_evidence_can_be_newer_than_a_verdict_on_a_recommendation_alone(
    session: Session, asked: Item, clause: Item
) -> None:
    _judge(session, clause, "not_met", EARLY)
    link(session, an("evidence", session, effective_from=LATE), "supports", clause)
    link(session, an("evidence", session, effective_from=LATE), "demonstrates", _acting(session, clause, "stalled"))

    assert _found(session) == set()


@pytest.mark.parametrize("shown", ["action", "progress"])
def test_evidence_of_what_was_done_can_be_newer_than_the_verdict(session: Session, asked: Item, shown: str) -> None:
    progress = _acting(session, asked, "under_way")
    _judge(session, asked, "not_met", EARLY)
    evidence = an("evidence", session, effective_from=LATE)
    link(session, evidence, "demonstrates", progress if shown == "progress" else progress.parent)

    assert _found(session) == {("R", "evidence_newer_than_verdict")}


@pytest.mark.parametrize(
    ("type_", "of_evidence", "of_verdict"),
    [
        ("contextualises", LATE, EARLY),
        ("supports", EARLY, EARLY),
        ("supports", EARLY, LATE),
        ("supports", None, EARLY),
        ("supports", LATE, None),
    ],
)
def test_evidence_is_not_newer_than_a_verdict(
    session: Session, asked: Item, type_: str, of_evidence: date | None, of_verdict: date | None
) -> None:
    _judge(session, asked, "not_met", of_verdict)
    link(session, an("evidence", session, effective_from=of_evidence), type_, asked)

    assert _found(session) == set()


@pytest.mark.parametrize(
    ("claim", "verdict", "disagrees"),
    [
        (("complete", EARLY), ("not_met", LATE), True),
        (("complete", EARLY), ("partially_met", LATE), True),
        (("complete", EARLY), ("fully_met", LATE), False),
        (("complete", EARLY), ("not_published", LATE), False),
        (("complete", EARLY), ("not_met", EARLY), False),
        (("complete", LATE), ("not_met", EARLY), False),
        (("complete", None), ("not_met", LATE), False),
        (("complete", EARLY), ("not_met", None), False),
        (("under_way", EARLY), ("fully_met", LATE), True),
        (("stalled", LATE), ("fully_met", EARLY), True),
        (("not_started", None), ("fully_met", None), True),
        (("under_way", EARLY), ("not_met", LATE), False),
        ((None, EARLY), ("fully_met", LATE), False),
    ],
)
def test_a_claim_disagrees_with_the_verdict(
    session: Session,
    asked: Item,
    claim: tuple[str | None, date | None],
    verdict: tuple[str, date | None],
    disagrees: bool,
) -> None:
    progress, judged = _acting(session, asked, *claim), _judge(session, asked, *verdict)

    rows = _rows(session, reason=["claimed_against_verified"])

    later = max(claim[1], verdict[1]) if claim[1] and verdict[1] else None
    told = [(later, sorted([progress.ref, judged.ref]))] if disagrees else []
    assert [(row["since"], row["grounds"]) for row in rows] == told


def test_a_disagreement_names_its_recommendation(session: Session) -> None:
    planted.plant(session)

    told = {row["ref"]: row["recommendation"] for row in _rows(session)}

    assert told["uncovered.1"] == "uncovered"
    assert all(told[ref] == ref for ref in told if ref != "uncovered.1")


def test_the_disagreements_about_a_recommendation_are_its_own_and_its_clauses(session: Session) -> None:
    planted.plant(session)

    for ref in ("uncovered", "undone", "given-up", "doubtful", "contradicted", "sound"):
        found = _found(session, recommendation=[ref])

        assert found == {told for told in planted.DISAGREEMENTS if told[0].removesuffix(".1") == ref}
    assert _found(session, recommendation=["uncovered.1", "nothing"]) == set()


@pytest.mark.parametrize("kind", ["recommendation", "clause"])
@pytest.mark.parametrize("reasons", [[], ["claimed_complete_not_demonstrated"]])
def test_a_filter_by_kind_gives_what_is_of_that_kind_alone(
    session: Session, asked: Item, clause: Item, kind: str, reasons: list[str]
) -> None:
    _acting(session, clause, "complete")
    _judge(session, asked, "not_met", LATE)
    filters = {"kind": [kind]} | ({"reason": reasons} if reasons else {})

    found = disagreements(session, ASKED, Wanted(filters=filters, limit=0, count=True))

    everything = disagreements(session, ASKED, Wanted(filters={"reason": reasons} if reasons else {}, limit=0)).rows
    assert found.rows == [row for row in everything if row["kind"] == kind]
    assert found.total == len(found.rows) > 0


@pytest.mark.parametrize("size", [1, 3])
def test_the_pages_hold_each_disagreement_once_in_order(session: Session, size: int) -> None:
    planted.plant(session)
    whole = disagreements(session, ASKED, Wanted(limit=0, count=True))
    paged, after = [], None
    while True:
        page = disagreements(session, ASKED, Wanted(limit=size, after=after))
        paged += page.rows
        after = page.after
        if after is None:
            break

    assert paged == whole.rows
    assert [row["reason"] for row in paged] == list(DISAGREEMENTS)
    assert whole.total == len(paged)


def test_on_a_day_the_undated_are_left_out_and_counted(session: Session, review: Item) -> None:
    for number, day in enumerate((EARLY, LAST, None), start=1):
        asked = an("recommendation", session, ref=f"Q{number}", number=number, parent=review, effective_from=day)
        action = an("action", session, effective_from=EARLY)
        link(session, action, "addresses", asked)
        an("progress", session, parent=action, number=1, claimed_status="complete", effective_from=EARLY)
    asked = Asked(Lens(as_of=LATE), LATE)

    page = disagreements(session, asked, Wanted())

    assert [row["ref"] for row in page.rows] == ["Q1"]
    assert page.undated == 1
    assert {row["ref"] for row in _rows(session)} == {"Q1", "Q2", "Q3"}


def test_disagreements_take_three_statements_with_their_count_at_any_size(database: Database) -> None:
    counts = []
    for more in (2, 9):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=EARLY)
            for number in range(1, more + 1):
                asked = an("recommendation", session, number=number, parent=review)
                for part in (1, 2):
                    _acting(session, an("clause", session, number=part, parent=asked), "complete")
                _decide_and_contradict(session, asked)
        with database.reading() as session, counted(*database.engines) as ran:
            page = disagreements(session, ASKED, Wanted(limit=5, count=True))
            counts.append((page.total, len(ran)))

    assert counts == [(2 * 4, 3), (11 * 4, 3)]


def _decide_and_contradict(session: Session, asked: Item) -> None:
    an("decision", session, parent=asked, decision="discharged")
    for _ in range(3):
        link(session, an("evidence", session), "contradicts", asked)


def _claimed_by_files() -> dict[str, set[str | None]]:
    """What the actions stated to address each recommendation claim, by the files of the published record."""
    latest: dict[str, tuple[str, str]] = {}
    for entry in entries_of("progress"):
        if "claimed_status" in entry:
            claim = (entry.get("effective_from", ""), entry["claimed_status"])
            latest[entry["parent"]] = max(latest.get(entry["parent"], claim), claim)
    claims: dict[str, set[str | None]] = {}
    for tie in PUBLISHED.links:
        if (tie.type, tie.basis) == ("addresses", "stated"):
            claims.setdefault(tie.target, set()).add(latest.get(tie.source, ("", None))[1])
    return claims


def test_the_published_record_has_no_disagreement_and_its_files_say_why(published: Session) -> None:
    # The national action plan (A1) is stated to address all ten, and was under way when it was last told of: so none is
    # claimed complete, though A12 (R6) and A21 (R2) are. None is claimed at all of a clause: no action is tied to one.
    claims = _claimed_by_files()
    assert set(claims) == set(PUBLISHED.of("recommendation"))
    assert all("under_way" in words for words in claims.values())
    # One verdict is published, that R3 is not met; none says fully met, and none is on a clause.
    verdicts = {entry["parent"]: entry.get("verdict") for entry in entries_of("assessment")}
    assert {ref: word for ref, word in verdicts.items() if word not in {"not_published", None}} == {"R3": "not_met"}
    assert not set(verdicts) & set(PUBLISHED.of("clause"))
    # Nothing was decided, so nothing discharged.
    assert PUBLISHED.of("decision") == []
    # The evidence for, against and about the recommendations is what the review found, and older than the verdicts.
    arguing = {tie.source for tie in PUBLISHED.links if tie.type in {"supports", "contradicts", "qualifies"}}
    days = {entry["effective_from"] for entry in entries_of("evidence") if entry["ref"] in arguing}
    assert days == {"2015-11-26"}
    assert {entry["effective_from"] for entry in entries_of("assessment")} == {"2017-06-29"}
    assert not any(tie.type == "demonstrates" for tie in PUBLISHED.links)

    found = [
        _found(published, Asked(lens, LAST)) for lens in (Lens(), Lens(as_of=date(2017, 6, 29)), Lens(known_at=188))
    ]

    assert found == [set(), set(), set()]
