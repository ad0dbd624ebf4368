"""A part of the graph: around a start, along chosen types, into chosen kinds, or all of it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from models.lens import Lens
from models.queries.chain import CHAIN_STEPS, chain
from models.queries.graph import LINK_FIELDS, MOST, Selection, graph_of, steps_of
from models.queries.lookup import id_of
from models.queries.walk import Extent, walk
from models.vocabulary import KINDS, TRACE_TYPES
from tests.factories import an, link
from tests.models.conftest import Scratch
from tests.models.naive import Plain, published_plain, walked
from tests.models.small_graphs import small_graphs, store
from tests.statements import counted

NOW = Lens()
PUBLISHED = published_plain()
TEN = [f"R{number}" for number in range(1, 11)]
CHAIN_OUT = (
    *("derived_from", "depends_on", "supersedes"),
    *("published_by", "led_by", "partnered_by", "given_by", "owned_by"),
)
CHAIN_BACK = (
    *("supports", "contradicts", "qualifies", "contextualises", "addresses", "demonstrates"),
    *("part_of", "reports_on", "assesses", "decides_on"),
)
WAYS = {"out": (True, False), "in": (False, True), "both": (True, True)}


def _walked(plain: Plain, start: str, wanted: Selection) -> dict[str, int]:
    """The naive walk of a selection, which enters only its kinds."""
    out, back = WAYS[wanted.direction]
    allowed = {ref for ref, kind in plain.kinds.items() if kind in wanted.kinds} | {start}
    kept = [edge for edge in plain.edges() if edge.source in allowed and edge.target in allowed]
    types = wanted.types
    alone = Plain(plain.kinds, {}, kept)
    return walked(alone, start, types if out else (), types if back else (), wanted.extent.depth)


def test_the_chains_of_the_published_record_are_those_of_the_naive_walk(published: Session) -> None:
    for ref in TEN:
        found = chain(published, NOW, id_of(published, NOW, ref))

        assert found.distances == walked(PUBLISHED, ref, CHAIN_OUT, CHAIN_BACK)


@settings(deadline=None, derandomize=True, database=None, max_examples=40)
@given(plain=small_graphs(), depth=st.integers(1, 6))
def test_the_chain_in_any_small_graph_is_that_of_the_naive_walk(scratch: Scratch, plain: Plain, depth: int) -> None:
    with scratch() as session:
        made = store(session, plain)
        names = {item.id: ref for ref, item in made.items()}

        for start in plain.of("recommendation"):
            found = walk(session, NOW, [made[start].id], CHAIN_STEPS, Extent(depth))

            distances = {names[item_id]: hops for item_id, hops in found.distances.items()}
            assert distances == walked(plain, start, CHAIN_OUT, CHAIN_BACK, depth)


@settings(deadline=None, derandomize=True, database=None, max_examples=50)
@given(
    plain=small_graphs(),
    types=st.sets(st.sampled_from((*TRACE_TYPES, "part_of", "reports_on")), min_size=3),
    kinds=st.sets(st.sampled_from(KINDS[:7]), min_size=4),
    direction=st.sampled_from(sorted(WAYS)),
)
def test_a_walk_of_any_types_and_kinds_is_the_naive_walk(
    scratch: Scratch, plain: Plain, types: set[str], kinds: set[str], direction: str
) -> None:
    wanted = Selection(tuple(sorted(kinds)), tuple(sorted(types)), direction)
    with scratch() as session:
        made = store(session, plain)
        names = {item.id: ref for ref, item in made.items()}
        start = plain.of("evidence")[0]

        found = walk(session, NOW, [made[start].id], steps_of(wanted.types, wanted.kinds, direction), wanted.extent)

    assert {names[item_id]: hops for item_id, hops in found.distances.items()} == _walked(plain, start, wanted)


@pytest.mark.parametrize("direction", sorted(WAYS))
@pytest.mark.parametrize("start", ["R7", "A1", "F015", "S01", "hmics", "MAPPA-2015", "F033", "R3.1"])
def test_the_graph_around_a_published_item_is_that_of_the_naive_walk(
    published: Session, start: str, direction: str
) -> None:
    wanted = Selection(direction=direction, extent=Extent(2, MOST.limit))

    found = graph_of(published, NOW, [id_of(published, NOW, start)], wanted)

    assert found.distances == _walked(PUBLISHED, start, wanted)
    shown = set(found.distances)
    expected = {edge.ref for edge in PUBLISHED.edges() if {edge.source, edge.target} <= shown}
    assert {row["id"] for row in found.links} == expected


def test_a_graph_around_a_start_enters_only_the_kinds_asked_for(published: Session) -> None:
    wanted = Selection(kinds=("evidence", "source"), types=("supports", "derived_from"))

    found = graph_of(published, NOW, [id_of(published, NOW, "R3")], wanted)

    assert found.distances == _walked(PUBLISHED, "R3", wanted)
    assert {node["kind"] for node in found.nodes} == {"recommendation", "evidence", "source"}


def test_without_a_start_the_whole_published_graph_is_shown(published: Session) -> None:
    found = graph_of(published, NOW, [], Selection())

    assert {node["ref"]: node["kind"] for node in found.nodes} == PUBLISHED.kinds
    assert sorted(row["id"] for row in found.links) == sorted(edge.ref for edge in PUBLISHED.edges())
    assert (found.truncated, found.reason, found.undated) == (False, None, None)


def test_without_a_start_the_kinds_asked_for_are_shown_and_the_links_between_them(published: Session) -> None:
    found = graph_of(published, NOW, [], Selection(kinds=("evidence", "source"), types=("derived_from",)))

    assert {node["kind"] for node in found.nodes} == {"evidence", "source"}
    assert {row["id"] for row in found.links} == {e.ref for e in PUBLISHED.links if e.type == "derived_from"}


def test_a_limit_keeps_the_nearest_and_says_so(published: Session) -> None:
    wanted = Selection(extent=Extent(8, 20))

    found = graph_of(published, NOW, [id_of(published, NOW, "R7")], wanted)

    assert (len(found.nodes), found.truncated, found.reason) == (20, True, "nodes")
    everything = sorted(_walked(PUBLISHED, "R7", Selection()).values())
    assert sorted(found.distances.values()) == everything[:20]


def test_a_limit_of_exactly_what_there_is_cuts_nothing(published: Session) -> None:
    found = graph_of(published, NOW, [], Selection(extent=Extent(8, len(PUBLISHED.kinds))))

    assert (len(found.nodes), found.truncated) == (len(PUBLISHED.kinds), False)


def test_where_the_steps_end_every_distance_that_is_shown_is_whole(published: Session) -> None:
    start = id_of(published, NOW, "R7")
    everything = _walked(PUBLISHED, "R7", Selection())

    for steps in range(1, 400, 7):
        found = graph_of(published, NOW, [start], Selection(extent=Extent(8, MOST.limit, steps)))

        last = max(found.distances.values(), default=-1)
        assert found.distances == {ref: hops for ref, hops in everything.items() if hops <= last}
        assert (found.truncated, found.reason) == (True, "steps")


def test_steps_that_are_enough_cut_nothing(published: Session) -> None:
    start = id_of(published, NOW, "R7")

    found = graph_of(published, NOW, [start], Selection(extent=Extent(2, MOST.limit, 2_000)))

    assert found.distances == _walked(PUBLISHED, "R7", Selection(extent=Extent(2, MOST.limit)))
    assert (found.truncated, found.reason) == (False, None)


def test_the_work_has_an_end_however_densely_things_are_linked(session: Session) -> None:
    items = [an("action", session, ref=f"A{number}") for number in range(60)]
    for one in items:
        for other in items:
            if one is not other:
                link(session, one, "depends_on", other)
    session.flush()

    reached = walk(session, NOW, [items[0].id], steps_of(("depends_on",), KINDS), Extent(32, 5_000, 500))

    assert len(reached.distances) == len(items)
    assert reached.cut == "steps"


def test_several_starts_count_the_hops_from_the_nearest(session: Session, asked: Item, evidence: Item) -> None:
    source = an("source", session, ref="S")
    link(session, evidence, "supports", asked)
    link(session, evidence, "derived_from", source)

    found = graph_of(session, NOW, [asked.id, source.id], Selection(types=TRACE_TYPES))

    assert found.distances == {"R": 0, "S": 0, "E": 1}


def test_a_structural_edge_is_stated_and_held_by_nobody(published: Session) -> None:
    found = graph_of(published, NOW, [], Selection(kinds=("clause", "recommendation"), types=("part_of",)))

    row = next(row for row in found.links if row["source"] == "R1.1")
    assert tuple(row) == LINK_FIELDS
    told = {name: value for name, value in row.items() if value is not None}
    assert told == {
        "id": "R1.1-part_of-R1",
        "type": "part_of",
        "source": "R1.1",
        "target": "R1",
        "basis": "stated",
    }


@pytest.mark.parametrize("start", [True, False])
def test_a_graph_takes_the_same_number_of_statements_at_any_size(database: Database, start: bool) -> None:
    counts = []
    for more in (3, 57):
        with database.writing("test", "test") as session:
            review = an("review", session, published_on=date(2020, 1, 1))
            asked = an("recommendation", session, number=1, parent=review, lead=an("body", session))
            for number in range(1, more + 1):
                link(session, an("evidence", session), "supports", asked)
                link(session, an("action", session), "addresses", asked)
                an("clause", session, number=number, parent=asked)
        with database.reading() as session, counted(*database.engines) as ran:
            graph_of(session, NOW, [asked.id] if start else [], Selection())
            counts.append(len(ran))

    assert counts == [6, 6]


def test_a_graph_on_a_day_counts_the_undated_that_it_left_out(session: Session, review: Item) -> None:
    day = date(2020, 1, 1)
    dated = an("evidence", session, effective_from=day)
    link(session, dated, "supports", an("recommendation", session, number=1, parent=review))
    an("body", session)

    around = graph_of(session, Lens(as_of=day), [dated.id], Selection())
    whole = graph_of(session, Lens(as_of=day), [], Selection())

    assert ([node["kind"] for node in around.nodes], around.undated) == (["evidence"], 2)
    assert ([node["kind"] for node in whole.nodes], whole.undated) == (["evidence", "body"], 2)
