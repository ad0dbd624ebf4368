"""The questions answered once more in plain Python, on a plain graph, to compare the service's answers with."""

import json
from collections import defaultdict, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from models.vocabulary import COLLECTIONS, PARENTS, ROLES, STRENGTHS
from seed.load import MAPPA_2015

Entry = dict[str, Any]


class Edge(NamedTuple):
    """An edge between two references, trace link or structure."""

    source: str
    type: str
    target: str
    basis: str = "stated"
    strength: str | None = None

    @property
    def ref(self) -> str:
        """The reference that the link has."""
        return f"{self.source}-{self.type}-{self.target}"


@dataclass
class Plain:
    """A graph as plain values: each item's kind and parent, and the links in their order."""

    kinds: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    links: list[Edge] = field(default_factory=list)
    bodies: list[Edge] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str) -> list[str]:
        """The references of the items of a kind, in order."""
        return [ref for ref, its in self.kinds.items() if its == kind]

    def edges(self) -> list[Edge]:
        """Every edge, structure too."""
        types = {rule.kind: rule.type for rule in PARENTS}
        structure = [Edge(child, types[self.kinds[child]], parent) for child, parent in self.parents.items()]
        return self.links + structure + self.bodies


def entries_of(kind: str) -> list[Entry]:
    """The entries of one file of the published data set."""
    name = COLLECTIONS.get(kind, "links")
    found: list[Entry] = json.loads((MAPPA_2015 / f"{name}.json").read_text(encoding="utf-8"))
    return found


def published_plain() -> Plain:
    """The published data set, read from its files."""
    plain = Plain()
    types = {(rule.kind, rule.role): rule.type for rule in ROLES}
    for kind in COLLECTIONS:
        if not (MAPPA_2015 / f"{COLLECTIONS[kind]}.json").exists():
            continue
        for entry in entries_of(kind):
            ref = entry["ref"]
            plain.kinds[ref] = kind
            if "parent" in entry:
                plain.parents[ref] = entry["parent"]
            if "owner" in entry:
                plain.bodies.append(Edge(ref, "owned_by", entry["owner"]))
            plain.bodies += [Edge(ref, types[kind, part["role"]], part["body"]) for part in entry.get("bodies", [])]
            if kind == "evidence":
                plain.columns[ref] = entry["evidence_kind"]
    plain.links = [
        Edge(entry["source"], entry["type"], entry["target"], entry["basis"], entry.get("strength"))
        for entry in entries_of("link")
    ]
    return plain


def walked(plain: Plain, start: str, out: Collection[str], back: Collection[str], depth: int = 32) -> dict[str, int]:
    """What is reached from the start along some types of edge and against others, with the distance in hops."""
    near: dict[str, set[str]] = defaultdict(set)
    for edge in plain.edges():
        if edge.type in out:
            near[edge.source].add(edge.target)
        if edge.type in back:
            near[edge.target].add(edge.source)
    distances, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for there in near[here] if distances[here] < depth else ():
            if there not in distances:
                distances[there] = distances[here] + 1
                waiting.append(there)
    return distances


class Behind(NamedTuple):
    """What a cell of the matrix should hold."""

    items: frozenset[str]
    inferred: frozenset[str]
    links: frozenset[str]
    strength: str | None


def cells(plain: Plain, rows: str, types: Collection[str], *, direct: bool = False) -> dict[tuple[str, str], Behind]:
    """For each row and item behind it the one-item cell: every way to it, link by link, followed by hand.

    A way begins with one link to the row (or, for a recommendation, to a clause of it) and goes on along
    derived_from; it is stated if each of its steps is.
    """
    ways: dict[tuple[str, str], set[tuple[Edge, bool]]] = defaultdict(set)
    for row in plain.of(rows):
        for edge in plain.links:
            near, far = (edge.source, edge.target) if rows == "evidence" else (edge.target, edge.source)
            rolled = rows == "recommendation" and not direct and _clause_of(plain, near, row)
            if edge.type in types and (near == row or rolled):
                for item, inferred in _down(plain, far, edge.basis == "inferred", direct=direct):
                    ways[row, item].add((edge, inferred))
    return {key: _behind(key[1], found) for key, found in ways.items()}


def _clause_of(plain: Plain, ref: str, whole: str) -> bool:
    return plain.kinds[ref] == "clause" and plain.parents[ref] == whole


def _down(plain: Plain, item: str, inferred: bool, *, direct: bool) -> set[tuple[str, bool]]:
    """The item and everything it was derived from, with whether some step on a way there was inferred."""
    found, waiting = {(item, inferred)}, [(item, inferred)]
    while waiting and not direct:
        here, so_far = waiting.pop()
        for edge in plain.links:
            if edge.type == "derived_from" and edge.source == here:
                there = (edge.target, so_far or edge.basis == "inferred")
                if there not in found:
                    found.add(there)
                    waiting.append(there)
    return found


def _behind(item: str, ways: set[tuple[Edge, bool]]) -> Behind:
    return Behind(
        frozenset({item}),
        frozenset() if any(not inferred for _, inferred in ways) else frozenset({item}),
        frozenset(edge.ref for edge, _ in ways),
        strongest(edge.strength for edge, _ in ways),
    )


def strongest(strengths: Any) -> str | None:
    """The strongest of some strengths."""
    return min((word for word in strengths if word), key=STRENGTHS.index, default=None)


def together(found: list[Behind]) -> Behind:
    """Some one-item cells as the one cell that they are in."""
    return Behind(
        frozenset().union(*(cell.items for cell in found)),
        frozenset().union(*(cell.inferred for cell in found)),
        frozenset().union(*(cell.links for cell in found)),
        strongest(cell.strength for cell in found),
    )
