"""Reach: what rests on a piece of evidence, and by which path."""

from datetime import date

import pytest
from hypothesis import given, settings
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from models.lens import Lens
from models.queries.graph import Graph
from models.queries.lookup import id_of
from models.queries.reach import reach
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.naive import Plain, published_plain, walked
from tests.models.small_graphs import small_graphs, store
from tests.statements import counted

NOW = Lens()
PUBLISHED = published_plain()
# What rests on evidence: along these, and against derived_from.
ALONG = [
    "supports",
    "contradicts",
    "qualifies",
    "contextualises",
    "demonstrates",
    "addresses",
    "part_of",
    "reports_on",
    "decides_on",
]
AGAINST = ["derived_from"]
ENDS = {"review", "recommendation", "action", "decision"}


def _reach(session: Session, ref: str) -> Graph:
    return reach(session, NOW, id_of(session, NOW, ref), ref)


def _check(found: Graph, plain: Plain, ref: str) -> None:
    """The nodes and distances are those of the naive walk, and each path is a shortest one that exists."""
    distances = walked(plain, ref, ALONG, AGAINST)
    assert found.distances == distances
    assert [node["ref"] for node in found.nodes] == list(found.distances)
    paths = {path["to"]: path["hops"] for path in found.paths or ()}
    assert set(paths) == {name for name in distances if plain.kinds[name] in ENDS}
    links = {row["id"]: row for row in found.links}
    for end, hops in paths.items():
        assert len(hops) == distances[end]
        here = ref
        for hop in hops:
            taken = links[hop["link"]]
            assert {here, hop["to"]} == {taken["source"], taken["target"]}
            assert (taken["target"] == here) is (taken["type"] in AGAINST)
            here = hop["to"]
        assert here == end


@pytest.mark.parametrize("kind", ["evidence", "source"])
def test_the_reach_of_everything_published_is_that_of_the_naive_walk(published: Session, kind: str) -> None:
    for ref in PUBLISHED.of(kind):
        _check(_reach(published, ref), PUBLISHED, ref)


@settings(deadline=None, derandomize=True, database=None, max_examples=40)
@given(plain=small_graphs())
def test_the_reach_in_any_small_graph_is_that_of_the_naive_walk(scratch: Scratch, plain: Plain) -> None:
    with scratch() as session:
        store(session, plain)

        for ref in (*plain.of("source"), *plain.of("evidence")[:2]):
            _check(_reach(session, ref), plain, ref)


def test_reach_goes_by_what_was_derived_up_to_the_review(
    session: Session, asked: Item, clause: Item, evidence: Item
) -> None:
    source = an("source", session, ref="S")
    link(session, evidence, "derived_from", source)
    link(session, evidence, "supports", clause)

    found = _reach(session, "S")

    assert found.distances == {"S": 0, "E": 1, "R.1": 2, "R": 3, "V": 4}
    assert {path["to"]: [hop["to"] for hop in path["hops"]] for path in found.paths or ()} == {
        "V": ["E", "R.1", "R", "V"],
        "R": ["E", "R.1", "R"],
    }


def test_reach_shows_one_of_the_shortest_paths(session: Session, asked: Item, clause: Item, evidence: Item) -> None:
    link(session, evidence, "supports", clause)
    link(session, evidence, "supports", asked)

    found = _reach(session, "E")

    assert [path["hops"] for path in found.paths or () if path["to"] == "R"] == [[{"link": "E-supports-R", "to": "R"}]]


def test_reach_goes_through_progress_to_the_action_and_what_it_addresses(
    session: Session, asked: Item, evidence: Item, action: Item
) -> None:
    progress = an("progress", session, ref="P", parent=action, number=1)
    link(session, evidence, "demonstrates", progress)
    link(session, action, "addresses", asked)

    assert _reach(session, "E").distances == {"E": 0, "P": 1, "A": 2, "R": 3, "V": 4}


def test_reach_takes_the_same_number_of_statements_at_any_size(database: Database) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=date(2020, 1, 1))
            evidence = an("evidence", session)
            for number in range(1, more + 1):
                link(session, evidence, "supports", an("recommendation", session, number=number, parent=review))
        with database.reading() as session, counted(*database.engines) as ran:
            found = reach(session, NOW, evidence.id, evidence.ref)
            counts.append((len(found.nodes), len(ran)))

    assert counts == [(5, 6), (59, 6)]


def test_undated_items_are_left_out_of_the_reach_on_a_day_and_counted(session: Session, review: Item) -> None:
    day = date(2020, 1, 1)
    dated = an("evidence", session, ref="E", effective_from=day)
    link(session, dated, "supports", an("recommendation", session, number=1, parent=review))
    lens = Lens(as_of=day)

    found = reach(session, lens, dated.id, "E")

    assert [node["ref"] for node in found.nodes] == ["E"]
    assert found.undated == 2
