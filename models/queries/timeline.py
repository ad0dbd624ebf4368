"""A timeline: what is dated in a recommendation's chain, in order, and what could not be placed in time."""

from collections import defaultdict, deque

from models.queries.chain import CHAIN_STEPS
from models.queries.graph import Graph
from models.queries.listing import Page, Wanted
from models.queries.rows import Row

# Edges from a part to its whole; a chain goes from the whole to the part.
_STRUCTURE = ("part_of", "reports_on", "assesses", "decides_on")
_PARTS = ("review", "recommendation", "assessment", "decision")
EVENT_FIELDS = ("date", "undated", "kind", "ref", "title", "basis", "period", "period_note")


def _stated(graph: Graph) -> set[str]:
    """What is tied to the start of the chain by links that pages state, all the way."""
    onward: dict[str, list[str]] = defaultdict(list)
    for link in graph.links:
        if link["basis"] == "stated" and link["type"] in (*CHAIN_STEPS.backward, *_STRUCTURE):
            onward[link["target"]].append(link["source"])
        elif link["basis"] == "stated" and link["type"] in CHAIN_STEPS.forward:
            onward[link["source"]].append(link["target"])
    reached = {ref for ref, hops in graph.distances.items() if hops == 0}
    waiting = deque(reached)
    while waiting:
        for ref in onward[waiting.popleft()]:
            if ref not in reached:
                reached.add(ref)
                waiting.append(ref)
    return reached


def timeline(graph: Graph, wanted: Wanted) -> Page:
    """One page of the events, continued after the position in the whole timeline that the key holds."""
    events = _events(graph)
    start = wanted.after[1] if wanted.after else 0
    end = start + wanted.limit
    after = (end, end) if end < len(events) else None
    return Page(events[start:end], after, len(events) if wanted.count else None, graph.undated)


def _events(graph: Graph) -> list[Row]:
    """The chain's items by the day from which they were so; the undated at the end, their date shown as unknown.

    `basis` says how the item is tied to the recommendation: `stated` where pages state every link on some way to it,
    `inferred` where each way has a link that an analyst made. Its own parts (verdicts, decisions) have no tie to judge.
    """
    stated = _stated(graph)
    events = [
        {
            "date": node["effective_from"],
            "undated": node["effective_from"] is None,
            "kind": node["kind"],
            "ref": node["ref"],
            "title": node["title"],
            "basis": None if node["kind"] in _PARTS else "stated" if node["ref"] in stated else "inferred",
            "period": node["period"],
            "period_note": node["period_note"],
        }
        for node in graph.nodes
        if node["kind"] not in {"body", "clause"}
    ]
    return sorted(events, key=lambda event: (event["undated"], str(event["date"]), event["ref"]))
