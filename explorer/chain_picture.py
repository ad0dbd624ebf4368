"""The picture of a chain in five columns, from where evidence came from to what shows that it was acted on.

What is missing is drawn, too. With more evidence than can be looked at, it is drawn by kind.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.formats.saying import is_inferred, plain
from explorer.drawing import WIDTH, Box, Drawing, Tie, draw, lines_of, width_of

Row = dict[str, Any]
COLUMNS = ("Where it came from", "Evidence", "Recommendation", "Actions", "Reported or shown")
SOURCE, EVIDENCE, ASKED, ACTION, DONE = range(len(COLUMNS))
MOST_EVIDENCE = 25
# How much room a line has in a box, beside its edge; how many lines there are.
_ROOM, _MOST_LINES = WIDTH - 18, 3
_BEARING = ("supports", "contradicts", "qualifies", "contextualises")


def picture_of(nodes: Sequence[Row], links: Sequence[Row], ref: str, most: int = MOST_EVIDENCE) -> Drawing:
    """The picture of the chain of one recommendation; with more than `most` pieces of evidence, by kind."""
    chain = _Chain({node["ref"]: node for node in nodes}, links, ref, most)
    chain.add(ref, ASKED)
    chain.add_evidence()
    chain.add_actions()
    return draw(chain.boxes, chain.ties, len(COLUMNS), ASKED)


@dataclass
class _Chain:
    """What is drawn of a chain, as it is gathered."""

    nodes: dict[str, Row]
    links: Sequence[Row]
    ref: str
    most: int
    boxes: dict[str, Box] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)

    def add(self, name: str, column: int) -> None:
        """Draw a thing, once."""
        node = self.nodes[name]
        lines = lines_of(plain(node["title"]), _ROOM, _MOST_LINES)
        kind = f" {(node.get('evidence_kind') or node['kind']).replace('_', ' ')}"
        head = "".join(lines_of(plain(name), _ROOM - width_of(kind), 1)) + kind
        self.boxes.setdefault(name, Box(name, column, head, lines, node["kind"]))

    def add_missing(self, name: str, column: int, says: str, *, before: bool = False) -> None:
        """Draw what is not there, after what it is missing for, or before."""
        missing = f"missing {column} {name}"
        self.boxes[missing] = Box(missing, column, "Missing", lines_of(says, _ROOM), "missing")
        self.ties.append(Tie(*((missing, name) if before else (name, missing)), "missing", says))

    def add_evidence(self) -> None:
        """Draw the evidence that bears on the recommendation or a clause of it, and what it was drawn from."""
        found = [link for link in self._to_it(_BEARING) if self.nodes[link["source"]]["kind"] == "evidence"]
        drawn = self._drawn(_unique(link["source"] for link in found))
        if not drawn:
            self.add_missing(self.ref, EVIDENCE, "No evidence is tied to it", before=True)
        self.ties += [Tie(drawn[link["source"]], self.ref, *_told(link)) for link in found]
        for link in self.links:
            from_source = link["type"] == "derived_from" and self.nodes[link["target"]]["kind"] == "source"
            if from_source and link["source"] in drawn:
                self.add(link["target"], SOURCE)
                self.ties.append(Tie(link["target"], drawn[link["source"]], *_told(link)))

    def _drawn(self, evidence: Sequence[str]) -> dict[str, str]:
        """The box in which each piece of evidence is drawn: its own, or that of its kind where there are many."""
        if len(evidence) <= self.most:
            for name in evidence:
                self.add(name, EVIDENCE)
            return {name: name for name in evidence}
        kinds = {name: str(self.nodes[name]["evidence_kind"]) for name in evidence}
        for kind, count in Counter(kinds.values()).items():
            href = f"/evidence?evidence_kind={kind}&recommendation={self.ref}"
            head = kind.replace("_", " ").capitalize()
            self.boxes[kind] = Box(kind, EVIDENCE, head, [f"{count:,} pieces of evidence"], "evidence", href)
        return kinds

    def add_actions(self) -> None:
        """Draw the actions for it, the latest progress on each, and the evidence that shows the one or the other."""
        acting = self._to_it(("addresses",))
        if not acting:
            self.add_missing(self.ref, ACTION, "No action addresses it")
        for link in acting:
            self.add(link["source"], ACTION)
            self.ties.append(Tie(self.ref, link["source"], *_told(link)))
        for action in _unique(link["source"] for link in acting):
            self._add_what_was_done(action)

    def _add_what_was_done(self, action: str) -> None:
        """Draw what was done of an action, or that nothing on record says."""
        latest = self.nodes[action].get("claimed_by")
        if latest in self.nodes:
            self.add(latest, DONE)
            self.ties.append(Tie(action, latest, "said", f"{latest} reports on {action}"))
        shown = [link for link in self.links if link["type"] == "demonstrates" and link["target"] in {action, latest}]
        for link in shown:
            self.add(link["source"], DONE)
            self.ties.append(Tie(action, link["source"], *_told(link)))
        if not shown and latest not in self.nodes:
            self.add_missing(action, DONE, f"No progress on record for {action}")

    def _to_it(self, types: Sequence[str]) -> list[Row]:
        """The links of some types to the recommendation or a clause of it."""
        clauses = {name for name, node in self.nodes.items() if node.get("recommendation") == self.ref}
        whole = {self.ref} | {name for name in clauses if self.nodes[name]["kind"] == "clause"}
        return [link for link in self.links if link["type"] in types and link["target"] in whole]


def _told(link: Row) -> tuple[str, str]:
    """How a link looks, by its type and whether it is inferred or suspect, and what it says."""
    doubts = {"inferred": is_inferred(link), "suspect": link["suspect"]}
    looks = " ".join([link["type"], *(word for word, so in doubts.items() if so)])
    return looks, f"{link['source']} {link['type'].replace('_', ' ')} {link['target']} ({link['basis']})"


def _unique(names: Iterable[str]) -> list[str]:
    """Each name once, in order."""
    return list(dict.fromkeys(names))
