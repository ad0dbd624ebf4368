"""Gaps: each appears on its condition, and goes when the condition does."""

from collections.abc import Callable
from datetime import date
from itertools import product
from re import findall

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import DueDate
from models.items import Item
from models.lens import Lens
from models.queries.gap_rules import JUDGED
from models.queries.gaps import gaps, gaps_of
from models.queries.judging import Asked
from models.queries.paging import Wanted
from models.queries.status import statuses
from models.recommendations import Clause
from models.vocabulary import GAP_REASONS, kind_of_gap
from tests.factories import an, link
from tests.models.naive import entries_of, published_plain
from tests.statements import counted

TODAY = date(2022, 1, 1)
ASKED = Asked(Lens(), TODAY)
PUBLISHED = published_plain()
# SQLite may take no more than 32,766 values in a statement: too few if each rule named each clause.
MANY = 2_000
ARGUING = {"supports", "contradicts", "qualifies"}


def _gaps(session: Session, **filters: list[str]) -> set[tuple[str, str]]:
    found = gaps(session, ASKED, Wanted(filters=filters, limit=0)).rows
    assert all(gap["kind"] == kind_of_gap(gap["reason"]) for gap in found)
    return {(gap["ref"], gap["reason"]) for gap in found}


def _has(session: Session, ref: str, reason: str) -> bool:
    return (ref, reason) in _gaps(session)


def test_every_reason_of_the_vocabulary_is_judged_in_its_order() -> None:
    assert list(JUDGED) == list(GAP_REASONS)


@pytest.mark.parametrize("tie", list(product(sorted(ARGUING), ("R", "R.1"))), ids=str)
def test_no_evidence_until_some_argues_about_it_or_a_clause_of_it(
    session: Session, asked: Item, clause: Item, evidence: Item, tie: tuple[str, str]
) -> None:
    type_, target = tie
    before = _has(session, "R", "no_evidence")
    link(session, evidence, type_, {"R": asked, "R.1": clause}[target])

    assert (before, _has(session, "R", "no_evidence")) == (True, False)


def test_mere_context_does_not_answer_no_evidence(session: Session, asked: Item, evidence: Item) -> None:
    link(session, evidence, "contextualises", asked)

    assert _has(session, "R", "no_evidence")


def test_only_inferred_evidence_until_a_stated_tie_supports_it(session: Session, asked: Item, clause: Item) -> None:
    without = _has(session, "R", "only_inferred_evidence")
    link(session, an("evidence", session), "supports", asked, basis="inferred")
    inferred = _has(session, "R", "only_inferred_evidence")
    link(session, an("evidence", session), "supports", clause)

    assert (without, inferred, _has(session, "R", "only_inferred_evidence")) == (False, True, False)


def test_a_stated_tie_of_another_sort_does_not_make_the_support_stated(session: Session, asked: Item) -> None:
    link(session, an("evidence", session), "supports", asked, basis="inferred")
    link(session, an("evidence", session), "qualifies", asked)

    assert _has(session, "R", "only_inferred_evidence")


def test_single_source_from_the_first_source_until_the_second(session: Session, asked: Item, evidence: Item) -> None:
    link(session, evidence, "supports", asked)
    none = _has(session, "R", "single_source")
    middle = an("evidence", session)
    link(session, evidence, "derived_from", middle)
    link(session, middle, "derived_from", an("source", session))
    one = _has(session, "R", "single_source")
    link(session, middle, "derived_from", an("source", session))

    assert (none, one, _has(session, "R", "single_source")) == (False, True, False)


def test_two_pieces_of_evidence_from_one_source_are_a_single_source(session: Session, asked: Item) -> None:
    source = an("source", session)
    for _ in range(2):
        evidence = an("evidence", session)
        link(session, evidence, "supports", asked)
        link(session, evidence, "derived_from", source)

    assert _has(session, "R", "single_source")


def test_single_source_whatever_a_clause_rests_on_whose_recommendation_was_not_there_yet(session: Session) -> None:
    early, late = date(2020, 1, 1), date(2021, 1, 1)
    review = an("review", session, effective_from=early, published_on=early)

    def supported(target: Item, sources: int) -> None:
        for _ in range(sources):
            evidence = an("evidence", session, effective_from=early)
            link(session, evidence, "supports", target)
            link(session, evidence, "derived_from", an("source", session, effective_from=early))

    supported(an("recommendation", session, ref="R", parent=review, number=1, effective_from=early), 1)
    later = an("recommendation", session, parent=review, number=2, effective_from=late)
    supported(an("clause", session, parent=later, number=1, effective_from=early), 2)

    found = gaps(session, Asked(Lens(as_of=early), TODAY), Wanted(filters={"reason": ["single_source"]}, limit=0)).rows

    assert [gap["ref"] for gap in found] == ["R"]


def test_no_action_until_one_is_stated_to_address_it(session: Session, asked: Item, clause: Item) -> None:
    before = _has(session, "R", "no_action")
    link(session, an("action", session), "addresses", asked, basis="inferred")
    related = _has(session, "R", "no_action")
    link(session, an("action", session), "addresses", clause)

    assert (before, related, _has(session, "R", "no_action")) == (True, True, False)


def test_no_owner_where_no_body_owns_the_action(session: Session, action: Item) -> None:
    an("action", session, ref="owned", owner=an("body", session))

    assert (_has(session, "A", "no_owner"), _has(session, "owned", "no_owner")) == (True, False)


def _due(*days: date) -> list[DueDate]:
    return [DueDate(number=number, due_on=day, note="moved") for number, day in enumerate(days, start=1)]


def test_no_due_date_where_the_action_has_none(session: Session, action: Item) -> None:
    an("action", session, ref="due", due_dates=_due(date(2030, 1, 1)))

    assert (_has(session, "A", "no_due_date"), _has(session, "due", "no_due_date")) == (True, False)


@pytest.mark.parametrize(
    ("days", "overdue"),
    [
        ([date(2021, 12, 31)], True),
        ([date(2022, 1, 1)], False),
        ([date(2021, 1, 1), date(2022, 6, 1)], False),
        ([date(2022, 6, 1), date(2021, 1, 1)], True),
        ([], False),
    ],
)
def test_overdue_from_the_day_after_the_latest_due_date(session: Session, days: list[date], overdue: bool) -> None:
    an("action", session, ref="A", due_dates=_due(*days))

    assert _has(session, "A", "overdue") is overdue


@pytest.mark.parametrize(("claimed", "overdue"), [("complete", False), ("under_way", True), (None, True)])
def test_what_is_claimed_complete_is_not_overdue(session: Session, claimed: str | None, overdue: bool) -> None:
    action = an("action", session, ref="A", due_dates=_due(date(2021, 1, 1)))
    an("progress", session, parent=action, number=1, claimed_status=claimed)

    assert _has(session, "A", "overdue") is overdue


def test_an_overdue_action_is_so_since_its_latest_due_date(session: Session) -> None:
    an("action", session, ref="A", due_dates=_due(date(2020, 1, 1), date(2021, 1, 1)))

    (gap,) = gaps(session, ASKED, Wanted(filters={"reason": ["overdue"]})).rows

    assert gap["since"] == date(2021, 1, 1)


@pytest.mark.parametrize("shown", ["action", "progress"])
def test_claimed_complete_without_evidence_until_some_demonstrates_it(
    session: Session, action: Item, evidence: Item, shown: str
) -> None:
    reason = "claimed_complete_without_evidence"
    unclaimed = _has(session, "A", reason)
    progress = an("progress", session, parent=action, number=1, claimed_status="complete")
    claimed = _has(session, "A", reason)
    link(session, evidence, "demonstrates", action if shown == "action" else progress)

    assert (unclaimed, claimed, _has(session, "A", reason)) == (False, True, False)


def test_no_assessment_until_a_verdict_is_given_on_the_recommendation_itself(
    session: Session, asked: Item, clause: Item, review: Item
) -> None:
    before = _has(session, "R", "no_assessment")
    an("assessment", session, parent=clause)
    an("assessment", session, parent=review, verdict=None, tally_fully_met=1, tally_partially_met=0, tally_not_met=0)
    elsewhere = _has(session, "R", "no_assessment")
    an("assessment", session, parent=asked)

    assert (before, elsewhere, _has(session, "R", "no_assessment")) == (True, True, False)


@pytest.mark.parametrize(
    ("verdicts", "unknown"),
    [
        ([("not_published", date(2020, 1, 1))], True),
        ([("not_published", date(2020, 1, 1)), ("not_met", date(2021, 1, 1))], False),
        ([("not_published", date(2021, 1, 1)), ("not_met", date(2020, 1, 1))], True),
        ([("not_met", date(2020, 1, 1)), ("not_published", None)], False),
        ([], False),
    ],
)
def test_an_unpublished_verdict_is_a_gap_where_it_is_the_latest(
    session: Session, asked: Item, verdicts: list[tuple[str, date | None]], unknown: bool
) -> None:
    for verdict, day in verdicts:
        an("assessment", session, parent=asked, verdict=verdict, effective_from=day)

    assert _has(session, "R", "assessment_not_published") is unknown


def test_contested_where_evidence_speaks_for_and_against(session: Session, asked: Item, clause: Item) -> None:
    link(session, an("evidence", session), "supports", asked)
    one_sided = _has(session, "R", "contested")
    link(session, an("evidence", session), "contradicts", clause)

    assert (one_sided, _has(session, "R", "contested")) == (False, True)


@pytest.mark.parametrize(("decision", "contested"), [("disputed", True), ("noted", False)])
def test_contested_where_a_decision_is_disputed(session: Session, asked: Item, decision: str, contested: bool) -> None:
    an("decision", session, parent=asked, decision=decision)

    assert _has(session, "R", "contested") is contested


@pytest.mark.parametrize(
    "ends", ["supports R", "contextualises V", "demonstrates A", "derived_from E2", "supersedes E2"]
)
def test_orphan_evidence_until_it_bears_on_something(
    session: Session, asked: Item, action: Item, evidence: Item, ends: str
) -> None:
    type_, target = ends.split()
    targets = {"R": asked, "V": asked.parent, "A": action, "E2": an("evidence", session, ref="E2")}
    before = _has(session, "E", "orphan_evidence")
    link(session, evidence, type_, targets[target])

    assert before is True
    assert _has(session, "E", "orphan_evidence") is (target == "E2")
    assert _has(session, "E2", "orphan_evidence") is (type_ != "derived_from")


@pytest.mark.parametrize("type_", [*sorted(ARGUING), "demonstrates", "addresses"])
def test_a_clause_is_not_covered_until_something_is_tied_to_the_clause_itself(
    session: Session, asked: Item, clause: Item, type_: str
) -> None:
    source = an("action" if type_ == "addresses" else "evidence", session)
    link(session, source, type_, an("action", session) if type_ == "demonstrates" else asked)
    before = _has(session, "R.1", "clause_not_covered")
    link(session, source, type_, clause)

    assert (before, _has(session, "R.1", "clause_not_covered")) == (True, False)


def test_a_gap_names_the_one_recommendation_that_it_concerns(session: Session, review: Item, asked: Item) -> None:
    other = an("recommendation", session, ref="Q", number=2, parent=review)
    for ref, targets in (("one", [asked]), ("two", [asked, other]), ("none", [])):
        action = an("action", session, ref=ref)
        for target in targets:
            link(session, action, "addresses", target)

    found = gaps(session, ASKED, Wanted(filters={"reason": ["no_owner"]})).rows

    assert {gap["ref"]: gap["recommendation"] for gap in found} == {"one": "R", "two": None, "none": None}


def test_the_gaps_of_a_recommendation_are_its_own_its_clauses_and_its_actions(
    session: Session, review: Item, asked: Item, clause: Item, action: Item
) -> None:
    an("recommendation", session, ref="Q", number=2, parent=review)
    an("action", session, ref="other")
    link(session, action, "addresses", clause, basis="inferred")

    found = {(gap["ref"], gap["reason"]) for gap in gaps_of(session, ASKED, "R")}

    assert {ref for ref, _ in found} == {"R", "A"}
    assert found == {(ref, reason) for ref, reason in _gaps(session) if ref in {"R", "R.1", "A"}}


@pytest.mark.parametrize("size", [4, 11])
def test_the_pages_of_gaps_hold_each_gap_once_in_order(published: Session, size: int) -> None:
    whole = gaps(published, ASKED, Wanted(limit=0, count=True))
    paged, after = [], None
    while True:
        page = gaps(published, ASKED, Wanted(limit=size, after=after))
        paged += page.rows
        after = page.after
        if after is None:
            break

    assert paged == whole.rows
    assert whole.total == len(whole.rows)
    places = [list(GAP_REASONS).index(row["reason"]) for row in paged]
    assert places == sorted(places)


def _expected() -> set[tuple[str, str]]:
    """The gaps of the published record by its files; nothing in it demonstrates, disputes or contradicts."""
    plain = PUBLISHED
    tied: Callable[..., set[str]] = lambda types, **basis: {  # noqa: E731
        edge.target for edge in plain.links if edge.type in types and (not basis or edge.basis == basis["basis"])
    }
    verdicts = {entry["parent"]: entry.get("verdict") for entry in entries_of("assessment")}
    actions = {entry["ref"]: entry for entry in entries_of("action")}
    latest: dict[str, tuple[str, str]] = {}
    for entry in entries_of("progress"):
        claim = (entry.get("effective_from", ""), entry.get("claimed_status", ""))
        if claim[1]:
            latest[entry["parent"]] = max(latest.get(entry["parent"], ("", "")), claim)
    complete = {ref for ref, (_, claimed) in latest.items() if claimed == "complete"}
    due = {ref: entry["due_dates"][-1]["due_on"] for ref, entry in actions.items() if "due_dates" in entry}
    sources = {
        ref: {
            down.target
            for up in plain.links
            for down in plain.links
            if (up.type, up.target, down.type, down.source) == ("supports", ref, "derived_from", up.source)
        }
        for ref in plain.of("recommendation")
    }
    bearing = {edge.source for edge in plain.links if edge.type != "derived_from"}
    recommendations, support = set(plain.of("recommendation")), tied({"supports"})
    by_reason = {
        "no_evidence": recommendations - tied(ARGUING),
        "only_inferred_evidence": support - tied({"supports"}, basis="stated"),
        "single_source": {ref for ref, found in sources.items() if len(found) == 1},
        "no_action": recommendations - tied({"addresses"}, basis="stated"),
        "no_owner": {ref for ref, entry in actions.items() if "owner" not in entry},
        "no_due_date": set(actions) - set(due),
        "overdue": {ref for ref, day in due.items() if day < TODAY.isoformat() and ref not in complete},
        "claimed_complete_without_evidence": complete,
        "no_assessment": recommendations - set(verdicts),
        "assessment_not_published": {ref for ref, verdict in verdicts.items() if verdict == "not_published"},
        "contested": support & tied({"contradicts"}),
        "orphan_evidence": set(plain.of("evidence")) - bearing,
        "clause_not_covered": set(plain.of("clause")) - tied(ARGUING | {"demonstrates", "addresses"}),
    }
    return {(ref, reason) for reason, refs in by_reason.items() for ref in refs}


def test_the_gaps_of_the_published_record_are_what_its_files_say(published: Session) -> None:
    assert _gaps(published) == _expected()


@pytest.mark.parametrize("reason", GAP_REASONS)
def test_a_filter_by_reason_gives_that_reason_alone(published: Session, reason: str) -> None:
    found = _gaps(published, reason=[reason])

    assert found == {gap for gap in _expected() if gap[1] == reason}


@pytest.mark.parametrize("kind", ["recommendation", "clause", "action", "evidence", "link", "review"])
def test_a_filter_by_kind_gives_what_is_of_that_kind_alone(published: Session, kind: str) -> None:
    found = gaps(published, ASKED, Wanted(filters={"kind": [kind]}, limit=0, count=True))
    everything = gaps(published, ASKED, Wanted(limit=0)).rows

    assert found.rows == [gap for gap in everything if gap["kind"] == kind]
    assert found.total == len(found.rows)


def test_gaps_take_one_statement_at_any_size_and_one_to_tell_it(database: Database) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=date(2020, 1, 1))
            for number in range(1, more + 1):
                asked = an("recommendation", session, number=number, parent=review)
                link(session, an("action", session), "addresses", asked)
        with database.reading() as session, counted(*database.engines) as ran:
            found = gaps(session, ASKED, Wanted(filters={"reason": ["no_owner"]}, limit=0))
            counts.append((len(found.rows), len(ran)))

    assert counts == [(3, 2), (60, 2)]


def test_the_day_of_a_gap_is_one_in_whatever_order_reasons_are_asked_for(session: Session, asked: Item) -> None:
    an("action", session, ref="A", due_dates=_due(date(2021, 1, 1)))
    link(session, an("evidence", session), "supports", asked, finding="invalid")

    found = gaps(session, ASKED, Wanted(filters={"reason": ["suspect_link", "overdue"]})).rows

    assert {gap["reason"]: gap["since"] for gap in found} == {"overdue": date(2021, 1, 1), "suspect_link": None}


def test_the_gaps_of_a_day_count_the_undated_items_that_they_left_out(published: Session) -> None:
    now, then = Asked(Lens(), date(2030, 1, 1)), Asked(Lens(as_of=date(2030, 1, 1)), date(2030, 1, 1))
    wanted = Wanted(filters={"recommendation": ["R6"]}, limit=0)
    undated = {entry["ref"] for entry in entries_of("action") if "effective_from" not in entry}

    everything, on_the_day = gaps(published, now, wanted), gaps(published, then, wanted)

    left_out = {row["ref"] for row in everything.rows} & undated
    assert left_out == {"A12", "A13"}
    assert on_the_day.undated == len(left_out)
    assert everything.undated is None


@pytest.mark.parametrize("lens", [Lens(known_at=300), Lens(as_of=date(2017, 1, 1))], ids=["at a point", "on a day"])
def test_what_is_asked_of_one_thing_then_is_what_is_found_of_it_among_all(published: Session, lens: Lens) -> None:
    asked = Asked(lens, TODAY)
    whole = gaps(published, asked, Wanted(limit=0)).rows
    refs = sorted({row["ref"] for row in whole})

    found = {ref: gaps(published, asked, Wanted(filters={"ref": [ref]}, limit=0)).rows for ref in refs}

    assert found == {ref: [row for row in whole if row["ref"] == ref] for ref in refs}
    assert {row["kind"] for row in whole} >= {"recommendation", "clause", "action"}


def test_what_bears_on_very_many_clauses_takes_few_values_in_a_statement(database: Database) -> None:
    with database.writing("test", "test") as session:
        asked = an("recommendation", session, ref="R", number=1, parent=an("review", session, published_on=TODAY))
        told = {"title": "A part", "handling": "PUBLIC", "parent": asked, "span_start": 0, "span_end": 1}
        names = [f"R.{number}" for number in range(1, MANY + 1)]
        session.add_all(
            Clause(ref=name, external_id=name, number=place, **told) for place, name in enumerate(names, start=1)
        )

    with database.reading() as session, counted(*database.engines) as ran:
        found = {gap["ref"] for gap in gaps_of(session, ASKED, "R") if gap["reason"] == "clause_not_covered"}
        statuses(session, Lens(), ["R"])

    assert found == set(names)
    assert max(len(findall(r"[^:]:\w|%\(", statement)) for statement in ran) < MANY
