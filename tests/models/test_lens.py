"""The lens: what a reader may see, and what was so on a day, in every question alike."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models.changes import last_seq
from models.errors import NotFound
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.queries.chain import chain
from models.queries.disagreements import disagreements
from models.queries.gaps import gaps
from models.queries.graph import Selection, graph_of
from models.queries.judging import Asked
from models.queries.listing import list_items, list_links
from models.queries.lookup import find, find_link, id_of, ids_of
from models.queries.matrix import matrix
from models.queries.overview import overview
from models.queries.paging import Wanted
from models.queries.parts import bodies_of
from models.queries.reach import reach
from models.queries.record import list_changes
from models.queries.standing import Question
from models.queries.status import statuses
from models.queries.timeline import timeline
from tests.factories import an, link
from tests.models.releasing import release

PUBLIC, OFFICIAL = Lens(), Lens("OFFICIAL")
TODAY = date(2022, 1, 1)
DAY = date(2020, 6, 1)


@pytest.fixture
def guarded(session: Session, review: Item) -> Item:
    """A recommendation whose only evidence is OFFICIAL, as are the claim, the verdict and the proof of its action."""
    body = an("body", session, ref="body", handling="OFFICIAL")
    asked = an("recommendation", session, ref="R", number=1, parent=review, lead=body)
    between = an("evidence", session, ref="between", handling="OFFICIAL")
    source, action = an("source", session, ref="source"), an("action", session, ref="action", owner=body)
    progress = an("progress", session, ref="P", parent=action, number=1, claimed_status="complete", handling="OFFICIAL")
    an("assessment", session, ref="verdict", parent=asked, verdict="fully_met", handling="OFFICIAL")
    an("clause", session, ref="R.1", number=1, parent=asked, handling="OFFICIAL")
    link(session, between, "supports", asked)
    link(session, between, "derived_from", source)
    link(session, action, "addresses", asked)
    link(session, between, "demonstrates", progress)
    return asked


HIDDEN = {"between", "body", "P", "verdict", "R.1"}


def _refs(rows: Any) -> set[str]:
    return {row["ref"] for row in rows}


def _reasons(session: Session, lens: Lens) -> set[tuple[str, str]]:
    return {(gap["ref"], gap["reason"]) for gap in gaps(session, Asked(lens, TODAY), Wanted(limit=0)).rows}


def _lists(session: Session, lens: Lens) -> set[str]:
    kinds = ("evidence", "body", "progress", "assessment", "clause", "source", "action", "recommendation")
    return set().union(*(_refs(list_items(session, lens, kind, Wanted(count=True)).rows) for kind in kinds))


def _totals(session: Session, lens: Lens) -> set[str]:
    """The kinds of which the list counts one."""
    kinds = {"between": "evidence", "body": "body", "P": "progress", "verdict": "assessment", "R.1": "clause"}
    return {ref for ref, kind in kinds.items() if list_items(session, lens, kind, Wanted(count=True)).total == 1}


def _withdraw(session: Session, *refs: str) -> None:
    """Withdraw some items, one after the other in the record."""
    for item in session.query(Item).filter(Item.ref.in_(refs)):
        item.withdraw()
    session.flush()


def _chain(session: Session, lens: Lens) -> set[str]:
    return _refs(chain(session, lens, id_of(session, lens, "R")).nodes)


def _graph(session: Session, lens: Lens) -> set[str]:
    return _refs(graph_of(session, lens, [], Selection()).nodes)


def _graph_around(session: Session, lens: Lens) -> set[str]:
    return _refs(graph_of(session, lens, ids_of(session, lens, ["R", "action"]), Selection()).nodes)


SHOWS: list[Callable[[Session, Lens], set[str]]] = [_lists, _totals, _chain, _graph, _graph_around]


@pytest.mark.parametrize("shows", SHOWS)
def test_what_is_handled_above_the_clearance_is_nowhere(
    session: Session, guarded: Item, shows: Callable[[Session, Lens], set[str]]
) -> None:
    assert not shows(session, PUBLIC) & HIDDEN


@pytest.mark.parametrize("shows", SHOWS)
def test_with_the_clearance_it_is_there(
    session: Session, guarded: Item, shows: Callable[[Session, Lens], set[str]]
) -> None:
    assert shows(session, OFFICIAL) >= HIDDEN


@pytest.mark.parametrize(
    ("handling", "clearance", "seen"),
    [
        ("PUBLIC", "PUBLIC", True),
        ("OFFICIAL", "PUBLIC", False),
        ("OFFICIAL", "OFFICIAL", True),
        ("OFFICIAL-SENSITIVE", "OFFICIAL", False),
        ("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE", True),
    ],
)
def test_a_clearance_covers_its_own_handling_and_those_below(
    session: Session, handling: str, clearance: str, seen: bool
) -> None:
    an("evidence", session, ref="E", handling=handling)

    rows = list_items(session, Lens(clearance), "evidence", Wanted()).rows

    assert bool(rows) is seen


@pytest.mark.parametrize(
    "question", [find, lambda s, lens, kind, ref: id_of(s, lens, ref, (kind,))], ids=["find", "id_of"]
)
def test_to_look_up_what_is_hidden_answers_as_if_it_were_not(
    session: Session, guarded: Item, question: Callable[..., Any]
) -> None:
    with pytest.raises(NotFound) as hidden:
        question(session, PUBLIC, "evidence", "between")
    with pytest.raises(NotFound) as missing:
        question(session, PUBLIC, "evidence", "betwixt")

    assert str(hidden.value).replace("between", "betwixt") == str(missing.value)
    assert question(session, OFFICIAL, "evidence", "between")


def test_an_item_does_not_name_what_is_hidden(session: Session, guarded: Item) -> None:
    shown = {
        lens: (find(session, lens, "recommendation", "R"), find(session, lens, "action", "action"))
        for lens in (PUBLIC, OFFICIAL)
    }

    assert [row["lead" if row["kind"] == "recommendation" else "owner"] for row in shown[PUBLIC]] == [None, None]
    assert shown[PUBLIC][1]["claimed_status"] is None
    assert [row["lead" if row["kind"] == "recommendation" else "owner"] for row in shown[OFFICIAL]] == ["body", "body"]
    assert shown[OFFICIAL][1]["claimed_status"] == "complete"


def test_a_link_with_a_hidden_end_is_hidden(session: Session, guarded: Item) -> None:
    seen = {lens: {row["id"] for row in list_links(session, lens, Wanted()).rows} for lens in (PUBLIC, OFFICIAL)}

    assert seen[PUBLIC] == {"action-addresses-R"}
    assert seen[OFFICIAL] > seen[PUBLIC]
    assert find_link(session, OFFICIAL, "between-supports-R")["target"] == "R"
    with pytest.raises(NotFound):
        find_link(session, PUBLIC, "between-supports-R")


def test_a_link_that_is_itself_hidden_ties_nothing(session: Session, asked: Item, evidence: Item) -> None:
    link(session, evidence, "supports", asked, handling="OFFICIAL")

    assert list_links(session, PUBLIC, Wanted()).rows == []
    assert _chain(session, PUBLIC) == {"R"}
    assert _chain(session, OFFICIAL) == {"R", "E"}
    assert ("R", "no_evidence") in _reasons(session, PUBLIC)
    assert ("R", "no_evidence") not in _reasons(session, OFFICIAL)
    assert find(session, PUBLIC, "evidence", "E")["ties"] == []


def test_what_is_behind_something_hidden_is_not_reached_through_it(session: Session, guarded: Item) -> None:
    assert "source" not in _chain(session, PUBLIC)
    assert "source" in _chain(session, OFFICIAL)


def test_reach_does_not_go_through_something_hidden(session: Session, guarded: Item) -> None:
    reached = {
        lens: _refs(reach(session, lens, id_of(session, lens, "source"), "source").nodes) for lens in (PUBLIC, OFFICIAL)
    }

    assert reached[PUBLIC] == {"source"}
    assert reached[OFFICIAL] >= {"source", "between", "R"}


def test_the_matrix_does_not_count_what_is_hidden(session: Session, guarded: Item) -> None:
    found = {lens: matrix(session, Asked(lens, TODAY), Question(columns="source")) for lens in (PUBLIC, OFFICIAL)}

    assert list(found[PUBLIC].hits) == []
    assert [(hit.row, hit.item) for hit in found[OFFICIAL].hits] == [("R", "source")]


def test_the_bodies_of_a_matrix_are_those_that_the_reader_sees(session: Session, guarded: Item) -> None:
    found = {lens: matrix(session, Asked(lens, TODAY), Question(columns="body")) for lens in (PUBLIC, OFFICIAL)}

    assert (found[PUBLIC].columns, list(found[PUBLIC].hits)) == ([], [])
    assert {hit.column for hit in found[OFFICIAL].hits} == {"body"}


def test_gaps_are_judged_on_what_the_reader_sees(session: Session, guarded: Item) -> None:
    public, official = _reasons(session, PUBLIC), _reasons(session, OFFICIAL)

    assert {("R", "no_evidence"), ("R", "no_assessment")} <= public
    assert not {("R", "no_evidence"), ("R", "no_assessment")} & official
    assert not {ref for ref, _ in public} & HIDDEN
    assert ("R.1", "clause_not_covered") in official


def test_the_status_is_that_of_what_the_reader_sees(session: Session, guarded: Item) -> None:
    seen = {lens: statuses(session, lens, ["R"])["R"] for lens in (PUBLIC, OFFICIAL)}

    assert [seen[PUBLIC][part]["status"] for part in ("claimed", "verified", "derived")] == [
        None,
        None,
        "not_demonstrated",
    ]
    assert [seen[OFFICIAL][part]["status"] for part in ("claimed", "verified", "derived")] == [
        "complete",
        "fully_met",
        "demonstrated",
    ]


def test_disagreements_are_judged_on_what_the_reader_sees(session: Session, guarded: Item) -> None:
    hidden = an("evidence", session, ref="against", handling="OFFICIAL", effective_from=TODAY)
    an("decision", session, ref="discharge", parent=guarded, decision="discharged")
    link(session, hidden, "contradicts", guarded)

    found = {
        lens: {(row["ref"], row["reason"]) for row in disagreements(session, Asked(lens, TODAY), Wanted(limit=0)).rows}
        for lens in (PUBLIC, OFFICIAL)
    }

    assert found[PUBLIC] == set()
    assert ("R", "discharged_since_contradicted") in found[OFFICIAL]
    assert ("R.1", "verified_met_clause_uncovered") in found[OFFICIAL]


def test_the_bodies_of_a_recommendation_are_those_that_the_reader_sees(session: Session, guarded: Item) -> None:
    rows = {lens: bodies_of(session, lens, "R", Wanted()).rows for lens in (PUBLIC, OFFICIAL)}

    assert [(row["body"], row["claimed_status"]) for row in rows[PUBLIC]] == [(None, None)]
    assert [(row["body"], row["claimed_status"]) for row in rows[OFFICIAL]] == [("body", "complete")]


def test_the_overview_and_the_timeline_hold_nothing_hidden(session: Session, guarded: Item) -> None:
    whole = overview(session, Asked(PUBLIC, TODAY), "R")
    events = timeline(chain(session, PUBLIC, id_of(session, PUBLIC, "R")), Wanted()).rows

    assert whole["clauses"] == []
    assert sum(counted["count"] for counted in whole["evidence_counts"]) == 0
    assert _refs(events) == {"R", "action"}


@pytest.mark.parametrize("shows", SHOWS)
def test_what_was_withdrawn_is_gone_for_everybody(
    session: Session, guarded: Item, shows: Callable[[Session, Lens], set[str]]
) -> None:
    _withdraw(session, *HIDDEN)

    assert not shows(session, OFFICIAL) & HIDDEN


def test_a_link_that_was_withdrawn_is_gone(session: Session, asked: Item, evidence: Item) -> None:
    link(session, evidence, "supports", asked)
    session.query(Link).one().withdraw()
    session.flush()

    assert list_links(session, OFFICIAL, Wanted()).rows == []
    assert _chain(session, OFFICIAL) == {"R"}
    assert ("E", "orphan_evidence") in _reasons(session, OFFICIAL)


@pytest.mark.parametrize(
    ("day", "seen"),
    [(date(2020, 5, 31), False), (DAY, True), (date(2020, 6, 30), True), (date(2020, 7, 1), False)],
)
def test_an_item_is_seen_from_its_first_day_until_the_day_before_its_end(
    session: Session, day: date, seen: bool
) -> None:
    an("evidence", session, ref="E", effective_from=DAY, effective_to=date(2020, 7, 1))

    page = list_items(session, Lens(as_of=day), "evidence", Wanted(count=True))

    assert (bool(page.rows), page.total, page.undated) == (seen, int(seen), 0)


def test_an_undated_item_is_in_no_answer_for_a_day_and_is_counted(session: Session) -> None:
    an("evidence", session, ref="E")

    page = list_items(session, Lens(as_of=DAY), "evidence", Wanted(count=True))

    assert (page.rows, page.total, page.undated) == ([], 0, 1)


def test_a_body_has_no_date_and_is_seen_on_any_day(session: Session, review: Item) -> None:
    body = an("body", session, ref="body")
    an("recommendation", session, ref="R", number=1, parent=review, lead=body, effective_from=DAY)

    page = list_items(session, Lens(as_of=DAY), "body", Wanted())

    assert _refs(page.rows) == {"body"}
    assert page.undated == 0
    assert find(session, Lens(as_of=DAY), "recommendation", "R")["lead"] == "body"


@pytest.mark.parametrize(
    ("dates", "day", "seen"),
    [
        ({}, DAY, True),
        ({"effective_from": DAY}, date(2020, 5, 31), False),
        ({"effective_from": DAY}, DAY, True),
        ({"effective_to": DAY}, date(2020, 5, 31), True),
        ({"effective_to": DAY}, DAY, False),
    ],
)
def test_a_link_holds_on_its_own_dates_and_without_them_as_long_as_its_ends(
    session: Session, review: Item, dates: dict[str, date], day: date, seen: bool
) -> None:
    always = date(2000, 1, 1)
    asked = an("recommendation", session, number=1, parent=review, effective_from=always)
    link(session, an("evidence", session, effective_from=always), "supports", asked, **dates)

    rows = list_links(session, Lens(as_of=day), Wanted()).rows

    assert bool(rows) is seen


def test_a_link_does_not_hold_before_both_of_its_ends_do(session: Session, review: Item) -> None:
    asked = an("recommendation", session, number=1, parent=review, effective_from=date(2020, 1, 1))
    link(session, an("evidence", session, effective_from=DAY), "supports", asked)

    seen = [bool(list_links(session, Lens(as_of=day), Wanted()).rows) for day in (date(2020, 5, 31), DAY)]

    assert seen == [False, True]


@pytest.mark.parametrize("shows", SHOWS)
def test_what_is_handled_above_the_clearance_is_nowhere_at_a_point_of_the_record_either(
    session: Session, guarded: Item, shows: Callable[[Session, Lens], set[str]]
) -> None:
    here = last_seq(session)

    assert not shows(session, replace(PUBLIC, known_at=here)) & HIDDEN
    assert shows(session, replace(OFFICIAL, known_at=here)) >= HIDDEN


@pytest.mark.parametrize("shows", SHOWS)
def test_what_was_withdrawn_is_seen_at_the_points_before_its_withdrawal(
    session: Session, guarded: Item, shows: Callable[[Session, Lens], set[str]]
) -> None:
    before = last_seq(session)
    _withdraw(session, *HIDDEN)

    assert shows(session, replace(OFFICIAL, known_at=before)) >= HIDDEN
    assert not shows(session, replace(OFFICIAL, known_at=last_seq(session))) & HIDDEN


def test_each_withdrawal_is_seen_from_its_own_change_on(session: Session) -> None:
    evidence = [an("evidence", session, ref=ref) for ref in ("first", "second")]
    before = last_seq(session)
    for item in evidence:
        item.withdraw()
        session.flush()

    seen = [_refs(list_items(session, Lens(known_at=before + later), "evidence", Wanted()).rows) for later in range(3)]

    assert seen == [{"first", "second"}, {"second"}, set()]


def test_a_link_that_was_withdrawn_ties_at_the_points_before(session: Session, asked: Item, evidence: Item) -> None:
    made = link(session, evidence, "supports", asked)
    before = last_seq(session)
    made.withdraw()
    session.flush()

    seen = {seq: _chain(session, Lens(known_at=seq)) for seq in (before - 1, before, before + 1)}

    assert seen == {before - 1: {"R"}, before: {"R", "E"}, before + 1: {"R"}}


def test_what_was_released_later_is_not_seen_at_the_points_before_its_release(session: Session) -> None:
    item = an("evidence", session, ref="E", handling="OFFICIAL")
    hidden = last_seq(session)
    release(session, item)
    released = last_seq(session)

    seen = {
        seq: bool(list_items(session, Lens(known_at=seq), "evidence", Wanted()).rows) for seq in range(released + 1)
    }

    assert seen == {seq: seq == released for seq in range(released + 1)}
    assert hidden < released
    assert list_items(session, Lens(), "evidence", Wanted()).rows


@pytest.mark.parametrize("clearance", ["PUBLIC", "OFFICIAL"])
def test_an_item_is_found_at_a_point_from_its_creation_until_its_withdrawal(session: Session, clearance: str) -> None:
    item = an("evidence", session, ref="E")
    created = last_seq(session)
    item.withdraw()
    session.flush()

    found = find(session, Lens(clearance, known_at=created), "evidence", "E")

    assert found["version"] == 1
    for seq in (created - 1, created + 1, None):
        with pytest.raises(NotFound):
            find(session, Lens(clearance, known_at=seq), "evidence", "E")


def test_a_link_is_suspect_from_the_change_on_that_made_it_so(session: Session, asked: Item, evidence: Any) -> None:
    link(session, evidence, "supports", asked)
    sound = last_seq(session)
    evidence.statement = "Another thing was observed."
    session.flush()

    seen = {seq: find_link(session, Lens(known_at=seq), "E-supports-R") for seq in (sound, sound + 1, None)}

    assert {seq: (row["suspect"], row["changed_ends"]) for seq, row in seen.items()} == {
        sound: (False, []),
        sound + 1: (True, ["source"]),
        None: (True, ["source"]),
    }


def test_a_change_of_what_the_reader_may_not_see_is_not_in_the_record_that_he_sees(session: Session) -> None:
    an("evidence", session, ref="E", handling="OFFICIAL")
    an("evidence", session, ref="F")

    seen = {lens: _refs(list_changes(session, lens, Wanted()).rows) for lens in (PUBLIC, OFFICIAL)}

    assert seen == {PUBLIC: {"F"}, OFFICIAL: {"E", "F"}}


def test_the_record_of_a_point_ends_there_and_keeps_what_was_withdrawn(session: Session) -> None:
    item = an("evidence", session, ref="E")
    created = last_seq(session)
    item.withdraw()
    session.flush()

    told = {
        seq: [change["action"] for change in list_changes(session, Lens(known_at=seq), Wanted()).rows]
        for seq in (created, created + 1)
    }

    assert told == {created: ["created"], created + 1: ["created", "withdrawn"]}
