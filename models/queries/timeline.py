"""A timeline: what is dated in a recommendation's chain, in order, and what could not be placed in time."""

from collections import defaultdict, deque
from collections.abc import Iterator
from datetime import date

from models.queries.chain import CHAIN_STEPS
from models.queries.graph import Graph
from models.queries.paging import Page, Wanted
from models.queries.rows import Row

# Edges from a part to its whole; a chain goes from the whole to the part.
_STRUCTURE = ("part_of", "reports_on", "assesses", "decides_on")
_PARTS = ("review", "recommendation", "assessment", "decision")
_NO_PERIOD: Row = {"period": None, "period_note": None}
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


def timeline(graph: Graph, wanted: Wanted, as_of: date | None = None) -> Page:
    """One page of the events, continued after the position in the whole timeline that the key holds.

    On a day (`as_of`) the due dates that were set later are not there yet, and those of which nobody says when they
    were set are counted with the undated.
    """
    events, unplaced = _events(graph), 0
    if as_of is not None:
        unplaced = sum(event["undated"] for event in events)
        events = [event for event in events if not event["undated"] and event["date"] <= as_of]
    start = wanted.after[1] if wanted.after else 0
    end = start + wanted.limit
    undated = None if graph.undated is None else graph.undated + unplaced
    after = (end, end) if end < len(events) else None
    return Page(events[start:end], after, len(events) if wanted.count else None, undated)


def _events(graph: Graph) -> list[Row]:
    """The chain's items by the day from which they were so; the undated at the end, their date shown as unknown.

    A due date of an action is an event of the day on which it was set, under the action's reference. `basis` says how
    the item is tied to the recommendation: `stated` where pages state every link on some way to it, `inferred` where
    each way has a link that an analyst made. Its own parts (verdicts, decisions) have no tie to judge.
    """
    stated = _stated(graph)
    events = []
    for node in graph.nodes:
        if node["kind"] in {"body", "clause"}:
            continue
        basis = None if node["kind"] in _PARTS else "stated" if node["ref"] in stated else "inferred"
        told = {name: node[name] for name in ("kind", "ref", "title", "period", "period_note")}
        found = [told | {"date": node["effective_from"]}]
        if node["kind"] == "action":
            found += _revisions(node)
        told_of = ({**event, "undated": event["date"] is None, "basis": basis} for event in found)
        events += [{name: event[name] for name in EVENT_FIELDS} for event in told_of]
    return sorted(events, key=lambda event: (event["undated"], str(event["date"]), event["ref"]))


def _revisions(action: Row) -> Iterator[Row]:
    """The due dates of an action, the first and each revision, as they were set; most often nobody says when."""
    earlier = None
    for due in action["due_dates"]:
        title = f"Due on {due['due_on']}" if earlier is None else f"Due on {due['due_on']}, no longer on {earlier}"
        told = f"{title}: {due['note']}" if due["note"] else title
        yield {"kind": "due_date", "ref": action["ref"], "title": told, "date": due.get("set_on")} | _NO_PERIOD
        earlier = due["due_on"]
