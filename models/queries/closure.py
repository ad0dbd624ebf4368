"""Closure: where a recommendation stands on the way to its discharge, and which conditions of it are met."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, select, union
from sqlalchemy.orm import Session

from models.closure_rules import CURRENT_RULES, OPEN
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.chain import chain
from models.queries.graph import Graph
from models.queries.judging import Asked
from models.queries.lookup import id_of
from models.queries.rows import Row
from models.record_lens import submitters
from models.several import among, several
from models.vocabulary import CLOSURE_STEPS

STEP_FIELDS = (
    "ref",
    "kind",
    "decision",
    "effective_from",
    "owner",
    "decided_by",
    "statement",
    "impact",
    "rules_version",
    "unmet",
)
# By what of its marking a row shows it, it is told whether whoever sees the one sees the other.
_MARKING = ("handling", "limited_to", "embargo_until")
_IDS = several("ids")


@dataclass(frozen=True)
class _Chain:
    """What the conditions are judged by: the parts of a recommendation's chain, and who has submitted its evidence.

    `submitters` are asked for only where somebody (`by`) is to be judged.
    """

    ref: str
    graph: Graph
    superseded: frozenset[str]
    today: Any
    by: str | None
    submitters: frozenset[str]
    nodes: dict[str, Row] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Row]:
        """Its parts of a kind that stand under it."""
        return [node for node in self.graph.nodes if node["kind"] == kind and node["recommendation"] == self.ref]

    def linked(self, type_: str, targets: Iterable[str]) -> list[Row]:
        """The links of a type to some of its parts."""
        wanted = set(targets)
        return [link for link in self.graph.links if link["type"] == type_ and link["target"] in wanted]

    @property
    def steps(self) -> list[Row]:
        """The steps of closure that were taken, the first first: those marked as it is, which all who see it see."""
        steps = [node for node in self.of_kind("decision") if node["decision"] in CLOSURE_STEPS]
        whole = self.nodes[self.ref]
        return [step for step in steps if all(step[name] == whole[name] for name in _MARKING)]

    @property
    def whole(self) -> list[str]:
        """The recommendation and its clauses."""
        return [self.ref, *(clause["ref"] for clause in self.of_kind("clause"))]

    @property
    def actions(self) -> list[str]:
        """The actions stated to address it or a clause of it, and the parts of each."""
        stated = [link["source"] for link in self.linked("addresses", self.whole) if link["basis"] == "stated"]
        found = list(dict.fromkeys(stated))
        for ref in found:
            parts = (link["source"] for link in self.linked("contributes_to", [ref]))
            found += [part for part in parts if part not in found]
        return found

    def progress_of(self, action: str) -> list[str]:
        """The progress on an action."""
        return [node["ref"] for node in self.graph.nodes if node["kind"] == "progress" and node["action"] == action]

    def is_current(self, ref: str) -> bool:
        """Whether a piece of evidence still holds, and nothing has taken its place."""
        until = self.nodes[ref]["effective_to"]
        return ref not in self.superseded and (until is None or until > self.today)

    def showing(self, targets: Iterable[str]) -> list[str]:
        """The current evidence stated to demonstrate some of its parts."""
        links = [link for link in self.linked("demonstrates", targets) if link["basis"] == "stated"]
        return list(dict.fromkeys(link["source"] for link in links if self.is_current(link["source"])))


class _Found(NamedTuple):
    """What a condition came to: met or not (None: nobody is judged), why, and the references that it rests on."""

    met: bool | None
    why: str
    refs: Sequence[str] = ()


def _proposed(asked: _Chain) -> _Found:
    last = asked.steps[-1] if asked.steps else None
    if last is not None and last["decision"] in {"proposed", "override_asked"}:
        return _Found(met=True, why="Closure is proposed.", refs=[last["ref"]])
    return _Found(met=False, why="No proposal of closure is open.")


def _demonstrated(asked: _Chain) -> _Found:
    actions = {ref: asked.showing([ref, *asked.progress_of(ref)]) for ref in asked.actions}
    clauses = {ref: asked.showing([ref]) for ref in asked.whole[1:]}
    for called, parts in (("action", actions), ("clause", clauses)):
        if parts and all(parts.values()):
            refs = dict.fromkeys(ref for found in parts.values() for ref in found)
            return _Found(met=True, why=f"Evidence demonstrates each {called}.", refs=list(refs))
    lacking = [ref for parts in (actions, clauses) for ref, found in parts.items() if not found]
    if not lacking:
        return _Found(met=False, why="There is no action and no clause that evidence could demonstrate.")
    return _Found(met=False, why="No current evidence demonstrates what refs names.", refs=lacking)


def _not_contradicted(asked: _Chain) -> _Found:
    against = [link["source"] for link in asked.linked("contradicts", asked.whole)]
    current = [ref for ref in dict.fromkeys(against) if asked.is_current(ref)]
    if current:
        return _Found(met=False, why="Current evidence contradicts it.", refs=current)
    return _Found(met=True, why="Nothing contradicts it.")


def _no_suspect_link(asked: _Chain) -> _Found:
    if asked.graph.truncated:
        return _Found(met=False, why="The chain is too large to be seen whole.")
    suspect = [link["id"] for link in asked.graph.links if link["suspect"]]
    if suspect:
        return _Found(met=False, why="An end of these links has changed since they were reviewed.", refs=suspect)
    return _Found(met=True, why="No link is suspect.")


def _actions_complete(asked: _Chain) -> _Found:
    open_ones = []
    for ref in asked.actions:
        action = asked.nodes[ref]
        latest = asked.nodes.get(action["claimed_by"] or "", {})
        if action["claimed_status"] != "complete" and latest.get("delay") is None:
            open_ones.append(ref)
    if open_ones:
        return _Found(met=False, why="These are neither complete nor explained.", refs=open_ones)
    return _Found(met=True, why="Each action is complete, or explained.", refs=asked.actions)


def _another_person(asked: _Chain) -> _Found:
    if asked.by is None:
        return _Found(met=None, why="It is judged of whoever discharges.")
    proposers = [step for step in asked.steps if step["decision"] == "proposed"]
    if proposers and proposers[-1]["decided_by"] == asked.by:
        return _Found(met=False, why="You have proposed it.", refs=[proposers[-1]["ref"]])
    if asked.by in asked.submitters:
        return _Found(met=False, why="You have submitted evidence that demonstrates it.")
    return _Found(met=True, why="You have neither proposed it nor submitted its evidence.")


_JUDGED: dict[str, Callable[[_Chain], _Found]] = {
    "proposed": _proposed,
    "demonstrated": _demonstrated,
    "not_contradicted": _not_contradicted,
    "no_suspect_link": _no_suspect_link,
    "actions_complete": _actions_complete,
    "another_person": _another_person,
}


@kept(STATEMENTS)
def _superseded(lens: Lens) -> Select[Any]:
    """The statement that finds which of some items (`ids`) others have taken the place of."""
    link = lens.links()
    return select(link.c.target_ref).where(link.c.type == "supersedes", among(link.c.target_id, _IDS))


@kept(STATEMENTS)
def _submitting(lens: Lens) -> CompoundSelect[Any]:
    """The statement that finds who has brought some pieces of evidence (`ids`) in, and their demonstrating links."""
    item, link = lens.items(), lens.links()
    given = submitters(item).where(among(item.c.id, _IDS), item.c.kind == "evidence")
    tied = submitters(link).where(among(link.c.source_id, _IDS), link.c.type == "demonstrates")
    return union(given, tied)


def closure(session: Session, asked: Asked, ref: str, by: str | None = None) -> Row:
    """Where one recommendation stands: its state, each condition with met or not and why, and the steps taken.

    `by` is who is judged as the one who discharges; without him, that condition is neither met nor not. The statements
    of a chain and two more, and one more for `by`.
    """
    lens = asked.lens
    graph = chain(session, lens, id_of(session, lens, ref, ("recommendation",)))
    superseded = frozenset(lens.read(session, _superseded(lens), ids=list(graph.ids)).scalars())
    found = _Chain(ref, graph, superseded, asked.today, by, frozenset(), {node["ref"]: node for node in graph.nodes})
    if by is not None:
        shown = set(found.showing([node["ref"] for node in graph.nodes]))
        ids = [item_id for item_id, node in zip(_ids_in_order(graph), graph.nodes, strict=True) if node["ref"] in shown]
        submitters = frozenset(lens.read(session, _submitting(lens), ids=ids).scalars())
        found = _Chain(ref, graph, superseded, asked.today, by, submitters, found.nodes)
    return _row(found)


def _ids_in_order(graph: Graph) -> list[int]:
    """The ids of the nodes of a graph, in their order."""
    return sorted(graph.ids)


def _row(asked: _Chain) -> Row:
    """A closure as shown."""
    steps, conditions = asked.steps, []
    for condition in CURRENT_RULES.conditions:
        found = _JUDGED[condition.name](asked)
        conditions.append({**condition._asdict(), **found._asdict(), "refs": list(found.refs)})
    return {
        "recommendation": asked.ref,
        "state": steps[-1]["decision"] if steps else OPEN,
        "since": steps[-1]["effective_from"] if steps else None,
        "rules_version": CURRENT_RULES.version,
        "conditions": conditions,
        "steps": [{name: step[name] for name in STEP_FIELDS} for step in steps],
    }
