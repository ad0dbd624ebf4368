"""A timeline: what is dated in a recommendation's chain, in order, and what could not be placed in time."""

from models.queries.graph import Graph
from models.queries.listing import Page, Wanted
from models.queries.rows import Row
from models.vocabulary import TRACE_TYPES

EVENT_FIELDS = ("date", "undated", "kind", "ref", "title", "basis", "period", "period_note")


def _ties(graph: Graph) -> dict[str, str]:
    """For each item that a trace link ties into the chain, whether any page states the tie or all are inferred."""
    tied: dict[str, str] = {}
    for link in graph.links:
        if link["type"] in TRACE_TYPES and link["type"] != "derived_from" and tied.get(link["source"]) != "stated":
            tied[link["source"]] = link["basis"]
    return tied


def timeline(graph: Graph, wanted: Wanted) -> Page:
    """One page of the events, continued after the position in the whole timeline that the key holds."""
    events = _events(graph)
    start = wanted.after[1] if wanted.after else 0
    end = start + wanted.limit
    after = (end, end) if end < len(events) else None
    return Page(events[start:end], after, len(events) if wanted.count else None, graph.undated)


def _events(graph: Graph) -> list[Row]:
    """The chain's items by the day from which they were so; the undated at the end, their date shown as unknown.

    `basis` says whether the item is tied to the recommendation by a published page or by an analyst; what stands
    under an action is tied as the action is. Structure (clauses, verdicts) has no tie to judge.
    """
    tied = _ties(graph)
    events = [
        {
            "date": node["effective_from"],
            "undated": node["effective_from"] is None,
            "kind": node["kind"],
            "ref": node["ref"],
            "title": node["title"],
            "basis": tied.get(node.get("action") or node["ref"]),
            "period": node["period"],
            "period_note": node["period_note"],
        }
        for node in graph.nodes
        if node["kind"] not in {"body", "clause"}
    ]
    return sorted(events, key=lambda event: (event["undated"], str(event["date"]), event["ref"]))
