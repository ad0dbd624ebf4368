"""The timeline of a recommendation."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from models.actions import DueDate
from models.items import Item
from models.lens import Lens
from models.queries.chain import chain
from models.queries.graph import Graph
from models.queries.lookup import id_of
from models.queries.paging import Wanted
from models.queries.rows import Row
from models.queries.timeline import EVENT_FIELDS, timeline
from tests.factories import an, link
from tests.models.naive import entries_of, published_plain

NOW = Lens()
PUBLISHED = published_plain()
TEN = [f"R{number}" for number in range(1, 11)]


def _events(session: Session, ref: str = "R", lens: Lens = NOW) -> list[Row]:
    return timeline(chain(session, lens, id_of(session, lens, ref)), Wanted(limit=10_000)).rows


def _bases(session: Session) -> dict[str, str | None]:
    return {event["ref"]: event["basis"] for event in _events(session)}


@pytest.mark.parametrize("ref", TEN)
def test_a_timeline_holds_every_event_of_the_chain_once(published: Session, ref: str) -> None:
    nodes = chain(published, NOW, id_of(published, NOW, ref)).nodes

    events = _events(published, ref)

    assert sorted(event["ref"] for event in events if event["kind"] != "due_date") == sorted(
        node["ref"] for node in nodes if node["kind"] not in {"body", "clause"}
    )
    assert all(tuple(event) == EVENT_FIELDS for event in events)


@pytest.mark.parametrize("ref", TEN)
def test_a_timeline_is_in_the_order_of_days_with_the_undated_at_its_end(published: Session, ref: str) -> None:
    events = _events(published, ref)

    days = [event["date"] for event in events if not event["undated"]]
    assert days == sorted(days)
    assert [event["undated"] for event in events] == sorted(event["undated"] for event in events)
    assert all(event["undated"] is (event["date"] is None) for event in events)


def _expected_basis(ref: str, name: str) -> str | None:
    """The basis of an event, from the files: its own tie, its action's, or the best of the evidence drawn from it."""
    tied = {edge.source: edge.basis for edge in PUBLISHED.links if edge.target == ref}
    actions = {entry["ref"]: entry["parent"] for entry in entries_of("progress")}
    if name in {entry["ref"] for kind in ("assessment", "recommendation") for entry in entries_of(kind)}:
        return None
    if actions.get(name, name) in tied:
        return tied[actions.get(name, name)]
    drawn = [edge for edge in PUBLISHED.links if edge.type == "derived_from" and edge.target == name]
    stated = any(edge.basis == "stated" and tied.get(edge.source) == "stated" for edge in drawn)
    return "stated" if stated else "inferred"


@pytest.mark.parametrize("ref", TEN)
def test_the_bases_of_a_published_timeline_are_those_of_the_ties_in_its_files(published: Session, ref: str) -> None:
    events = {event["ref"]: event["basis"] for event in _events(published, ref)}

    assert events == {name: _expected_basis(ref, name) for name in events}


def test_what_stands_behind_inferred_evidence_is_inferred(session: Session, asked: Item, evidence: Item) -> None:
    link(session, evidence, "supports", asked, basis="inferred")
    link(session, evidence, "derived_from", an("source", session, ref="S"), basis="stated")

    assert _bases(session)["S"] == "inferred"


def test_progress_is_tied_as_its_action_is(session: Session, asked: Item, action: Item) -> None:
    an("progress", session, ref="P", parent=action, number=1)
    link(session, action, "addresses", asked, basis="inferred")

    assert _bases(session) == {"R": None, "A": "inferred", "P": "inferred"}


@pytest.mark.parametrize("order", [("inferred", "stated"), ("stated", "inferred")])
def test_a_stated_tie_outweighs_an_inferred_one(
    session: Session, asked: Item, clause: Item, evidence: Item, order: tuple[str, str]
) -> None:
    link(session, evidence, "supports", asked, basis=order[0])
    link(session, evidence, "supports", clause, basis=order[1])

    assert _bases(session)["E"] == "stated"


def test_what_an_action_depends_on_does_not_make_its_own_tie_stated(
    session: Session, asked: Item, action: Item
) -> None:
    link(session, action, "addresses", asked, basis="inferred")
    link(session, action, "depends_on", an("action", session, ref="needed"))

    assert _bases(session)["A"] == "inferred"


def test_what_evidence_supersedes_does_not_make_its_own_tie_stated(
    session: Session, asked: Item, evidence: Item
) -> None:
    link(session, evidence, "supports", asked, basis="inferred")
    link(session, evidence, "supersedes", an("evidence", session, ref="older"))

    assert _bases(session)["E"] == "inferred"


def test_proof_of_an_action_with_an_inferred_tie_is_not_tied_to_the_recommendation_by_a_page(
    session: Session, asked: Item, action: Item, evidence: Item
) -> None:
    link(session, action, "addresses", asked, basis="inferred")
    link(session, evidence, "demonstrates", action)

    assert _bases(session)["E"] != "stated"


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_the_pages_of_a_timeline_are_the_timeline(published: Session, size: int) -> None:
    graph = chain(published, NOW, id_of(published, NOW, "R7"))
    paged, after = [], None
    while True:
        page = timeline(graph, Wanted(limit=size, after=after, count=True))
        paged += page.rows
        after = page.after
        if after is None:
            break

    assert paged == _events(published, "R7")
    assert page.total == len(paged)


def test_a_timeline_on_a_day_counts_the_undated_that_it_left_out(published: Session) -> None:
    lens = Lens(as_of=date(2030, 1, 1))
    undated = sum(event["undated"] for event in _events(published, "R6"))

    page = timeline(chain(published, lens, id_of(published, lens, "R6")), Wanted(limit=1000))

    assert page.undated == undated > 0
    assert not any(event["undated"] for event in page.rows)


def test_each_due_date_of_an_action_is_an_event_of_a_day_that_nobody_tells(
    session: Session, asked: Item, review: Item
) -> None:
    dues = [
        DueDate(number=1, due_on=date(2021, 1, 1), note=None),
        DueDate(number=2, due_on=date(2022, 1, 1), note="because of the test"),
    ]
    link(session, an("action", session, ref="A", due_dates=dues, effective_from=date(2020, 6, 1)), "addresses", asked)

    events = [event for event in _events(session) if event["kind"] == "due_date"]

    assert [(event["ref"], event["title"], event["date"], event["undated"], event["basis"]) for event in events] == [
        ("A", "Due on 2021-01-01", None, True, "stated"),
        ("A", "Due on 2022-01-01, no longer on 2021-01-01: because of the test", None, True, "stated"),
    ]


def test_a_timeline_on_a_day_counts_the_due_dates_of_which_nobody_says_when_they_were_set(published: Session) -> None:
    lens = Lens(as_of=date(2030, 1, 1))
    graph = chain(published, lens, id_of(published, lens, "R5"))

    page = timeline(graph, Wanted(limit=1000), lens.as_of)

    assert not [event for event in page.rows if event["kind"] == "due_date"]
    assert page.undated == (graph.undated or 0) + 1


@pytest.mark.parametrize(("set_on", "shown"), [(date(2020, 1, 1), True), (date(2021, 6, 1), False)])
def test_a_due_date_is_in_the_timeline_of_a_day_once_it_was_set(set_on: date, shown: bool) -> None:
    due = {"number": 1, "due_on": date(2022, 1, 1), "note": None, "set_on": set_on}
    action = dict.fromkeys(("title", "effective_from", "period", "period_note")) | {"kind": "action", "ref": "A"}
    graph = Graph([action | {"due_dates": [due]}], [], truncated=False, undated=1, distances={"A": 0})

    events = timeline(graph, Wanted(limit=10), date(2021, 1, 1)).rows

    assert [event["date"] for event in events] == ([set_on] if shown else [])
