"""Reach: what rests on a piece of evidence, and by which path."""

from collections import defaultdict, deque
from dataclasses import replace
from typing import NamedTuple

from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.graph import MOST, Graph, survey
from models.queries.rows import Row
from models.queries.walk import Steps, walk
from models.vocabulary import ARGUING_TYPES

# From evidence: to what was derived from it, and to what any of it bears on or demonstrates, up to the whole.
REACH_STEPS = Steps(
    forward=(*ARGUING_TYPES, "contextualises", "demonstrates", "addresses"),
    backward=("derived_from",),
    parents=("clause", "progress", "decision", "recommendation"),
)
_AGAINST = {"derived_from"}
_UPWARD = {"part_of", "reports_on", "decides_on"}


class Hop(NamedTuple):
    """One step of a path: the link taken, and the item it leads to."""

    link: str
    to: str


def _shortest(start: str, links: list[Row]) -> dict[str, list[Hop]]:
    """One shortest path from the start to each item, over the edges that a reach may take."""
    onward: dict[str, list[Hop]] = defaultdict(list)
    for link in links:
        if link["type"] in _AGAINST:
            onward[link["target"]].append(Hop(link["id"], link["source"]))
        elif link["type"] in REACH_STEPS.forward or link["type"] in _UPWARD:
            onward[link["source"]].append(Hop(link["id"], link["target"]))
    paths: dict[str, list[Hop]] = {start: []}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        for hop in onward[here]:
            if hop.to not in paths:
                paths[hop.to] = [*paths[here], hop]
                waiting.append(hop.to)
    return paths


def reach(session: Session, lens: Lens, item_id: int, ref: str) -> Graph:
    """What rests on one piece of evidence, each node once.

    With one shortest path to each recommendation, action, decision and review. One statement for the walk and five
    for what it reached.
    """
    graph = survey(session, lens, lambda seen: walk(session, seen, [item_id], REACH_STEPS, MOST))
    paths = _shortest(ref, graph.links)
    ends = [node for node in graph.nodes if node["kind"] in {"review", "recommendation", "action", "decision"}]
    shown = [
        {"to": end["ref"], "kind": end["kind"], "hops": [hop._asdict() for hop in paths[end["ref"]]]}
        for end in ends
        if end["ref"] in paths
    ]
    return replace(graph, paths=shown)
