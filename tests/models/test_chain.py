"""The evidence chain."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from api.database import Database
from models.lens import Lens
from models.queries.chain import chain
from models.queries.graph import Graph
from models.queries.lookup import id_of
from models.queries.walk import Extent
from tests.factories import an, link
from tests.statements import counted

NOW = Lens()
TEN = [f"R{number}" for number in range(1, 11)]


def _chain_of(session: Session, ref: str, lens: Lens = NOW) -> Graph:
    return chain(session, lens, id_of(session, lens, ref))


def test_a_chain_goes_down_to_the_sources_and_out_to_what_was_done(published: Session) -> None:
    graph = _chain_of(published, "R7")

    kinds = {node["kind"] for node in graph.nodes}
    assert kinds == {"recommendation", "clause", "evidence", "source", "action", "progress", "assessment", "body"}
    assert {"F028", "S06", "A1", "F031", "PR2017-R7", "scottish-government"} <= {node["ref"] for node in graph.nodes}


def test_every_end_of_every_link_of_a_chain_is_a_node_of_it(published: Session) -> None:
    for ref in TEN:
        graph = _chain_of(published, ref)

        refs = [node["ref"] for node in graph.nodes]
        assert len(refs) == len(set(refs))
        assert {end for row in graph.links for end in (row["source"], row["target"])} <= set(refs)


def test_a_chain_takes_the_same_number_of_statements_however_deep_it_is(database: Database) -> None:
    with database.writing("test", "test") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        shallow, deep = (
            an("recommendation", session, ref=ref, parent=review, number=number)
            for number, ref in enumerate(("shallow", "deep"), start=1)
        )
        link(session, an("evidence", session), "supports", shallow)
        evidence = an("evidence", session)
        link(session, evidence, "supports", deep)
        for _ in range(30):
            below = an("evidence", session)
            link(session, evidence, "derived_from", below)
            evidence = below

    counts, sizes = [], []
    for ref in ("shallow", "deep"):
        with database.reading() as session, counted(*database.engines) as ran:
            sizes.append(len(_chain_of(session, ref).nodes))
            counts.append(len(ran))
    assert sizes == [2, 32]
    assert counts[0] == counts[1] == 7


def test_a_circle_of_links_ends(database: Database) -> None:
    with database.writing("test", "test") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        asked = an("recommendation", session, ref="asked", parent=review, number=1)
        ring = [an("evidence", session) for _ in range(3)]
        link(session, ring[0], "supports", asked)
        for position, item in enumerate(ring):
            link(session, item, "derived_from", ring[(position + 1) % 3])

    with database.reading() as session:
        graph = _chain_of(session, "asked")

    assert len(graph.nodes) == 4
    assert graph.truncated is False


def test_a_limit_cuts_a_chain_short_and_says_so(published: Session) -> None:
    lens = Lens()

    graph = chain(published, lens, id_of(published, lens, "R7"), Extent(limit=3))

    assert len(graph.nodes) == 3
    assert (graph.truncated, graph.reason) == (True, "nodes")


@pytest.mark.parametrize(("day", "has_verdict"), [(date(2015, 11, 26), False), (date(2017, 6, 29), True)])
def test_a_date_asked_for_shows_only_what_was_so_then(published: Session, day: date, has_verdict: bool) -> None:
    graph = _chain_of(published, "R3", Lens(as_of=day))

    assert ("F034" in {node["ref"] for node in graph.nodes}) is has_verdict
    assert all(node["effective_from"] <= day for node in graph.nodes if node["kind"] != "body")


def test_undated_items_are_left_out_of_a_date_and_counted(published: Session, app: Flask) -> None:
    everything = _chain_of(published, "R6")
    undated = {node["ref"] for node in everything.nodes if node["effective_from"] is None and node["kind"] != "body"}

    on_a_day = _chain_of(published, "R6", Lens(as_of=date(2030, 1, 1)))

    assert undated
    assert not undated & {node["ref"] for node in on_a_day.nodes}
    assert on_a_day.undated == len(undated)
    assert everything.undated is None
