"""A part of the graph: nodes, the links between them, and whether that is all of it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Select, Subquery, select
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.rows import ROLE_FIELDS, Row, complete, limits_of, some
from models.queries.undated import count_undated
from models.queries.walk import Extent, Reached, Steps, walk
from models.several import among, one_of, several
from models.vocabulary import KINDS, PARENTS, ROLES, TRACE_TYPES

DEPTH = 8
MOST = Extent(depth=32, limit=5_000)
USUAL = Extent(DEPTH, MOST.limit)
MOST_LINKS = 50_000

STRUCTURAL_TYPES = tuple(dict.fromkeys([rule.type for rule in PARENTS] + [rule.type for rule in ROLES] + ["owned_by"]))
EDGE_TYPES = TRACE_TYPES + STRUCTURAL_TYPES
LINK_FIELDS = (
    "id",
    "type",
    "source",
    "target",
    "basis",
    "strength",
    "rationale",
    "asserted_by",
    "effective_from",
    "effective_to",
    "url",
    "locator",
    "handling",
    "limited_to",
    "embargo_until",
    "suspect",
    "changed_ends",
    "finding",
    "review_note",
    "reviewed_by",
    "reviewed_at",
    "source_content",
    "target_content",
    "version",
)
_ENDS = ("source", "target")
_PARENT_TYPE = {rule.kind: rule.type for rule in PARENTS}
_ROLE_TYPE = {ROLE_FIELDS[rule.kind, rule.role]: rule.type for rule in ROLES}


@dataclass(frozen=True)
class Graph:
    """Nodes and links as shown; `undated` counts what a date asked for left out, `paths` how each end was reached.

    `ids` are those of the nodes; `withheld` is what stands on them and is hidden, where the reader is to know it.
    """

    nodes: list[Row]
    links: list[Row]
    truncated: bool
    reason: str | None = None
    undated: int | None = None
    distances: dict[str, int] = field(default_factory=dict)
    paths: list[Row] | None = None
    ids: tuple[int, ...] = ()
    withheld: list[Row] | None = None


@dataclass(frozen=True)
class Selection:
    """Which part of the graph is asked for."""

    kinds: tuple[str, ...] = KINDS
    types: tuple[str, ...] = EDGE_TYPES
    direction: str = "both"
    extent: Extent = USUAL


def links_shown(lens: Lens) -> tuple[Select[Any], Subquery]:
    """The statement that reads links with what `link_row` shows of them, and the links in it, to filter by."""
    link = lens.links()
    told = ["ref", *(f"{end}_{name}" for end in _ENDS for name in ("ref", "says", "changed"))]
    told += [name for name in LINK_FIELDS if name in link.c and name not in {"id", "source_content", "target_content"}]
    return select(*(link.c[name] for name in told)), link


def link_row(raw: Any) -> Row:
    """A trace link as shown; its public id is its reference, the contents are what its ends say now."""
    named = {"id": raw["ref"], "source": raw["source_ref"], "target": raw["target_ref"]}
    named["limited_to"] = limits_of(raw)
    named |= {f"{end}_content": raw[f"{end}_says"] for end in _ENDS}
    named["changed_ends"] = [end for end in _ENDS if raw[f"{end}_changed"]]
    return {name: named.get(name, raw.get(name)) for name in LINK_FIELDS}


def structural_row(edge_type: str, source: str, target: str) -> Row:
    """A structural edge as shown: the published structure itself, so stated, and held by no one's judgement."""
    row: Row = dict.fromkeys(LINK_FIELDS)
    return row | {
        "id": f"{source}-{edge_type}-{target}",
        "type": edge_type,
        "source": source,
        "target": target,
        "basis": "stated",
    }


def _structural(raws: Sequence[Any], nodes: Sequence[Row]) -> Iterable[Row]:
    """The structural edges between these nodes: to the parent, to the owner, to each body that has a part."""
    present = {node["ref"] for node in nodes}
    for raw, node in zip(raws, nodes, strict=True):
        if raw["parent_ref"] in present:
            yield structural_row(_PARENT_TYPE[raw["kind"]], node["ref"], raw["parent_ref"])
        if node["owner"] in present:
            yield structural_row("owned_by", node["ref"], node["owner"])
        for name, edge_type in _ROLE_TYPE.items():
            bodies = node.get(name) or []
            for body in [bodies] if isinstance(bodies, str) else bodies:
                if body in present:
                    yield structural_row(edge_type, node["ref"], body)


@kept(STATEMENTS)
def _links(lens: Lens, types: tuple[str, ...]) -> Select[Any]:
    """The links of these types between some items (`ids`); one more than are shown."""
    statement, link = links_shown(lens)
    within = (among(link.c[end], several("ids")) for end in ("source_id", "target_id"))
    return statement.where(*within, one_of(link.c.type, types)).order_by(link.c.id).limit(first(MOST_LINKS + 1))


def assemble(session: Session, lens: Lens, reached: Reached, types: Sequence[str] = EDGE_TYPES) -> Graph:
    """The nodes that were reached and every link of these types between them. At most five statements."""
    ids = list(reached.distances)
    raws = lens.read(session, some(lens), ids=ids).mappings().all()
    nodes = complete(session, lens, raws)
    links = [link_row(raw) for raw in lens.read(session, _links(lens, tuple(types)), ids=ids).mappings()]
    cut_links = len(links) > MOST_LINKS
    links = links[:MOST_LINKS] + [row for row in _structural(raws, nodes) if row["type"] in types]
    reason = reached.cut or ("links" if cut_links else None)
    distances = {raw["ref"]: reached.distances[raw["id"]] for raw in raws}
    return Graph(nodes, links, reason is not None, reason, distances=distances, ids=tuple(reached.distances))


def steps_of(types: Sequence[str], kinds: Sequence[str], direction: str = "both") -> Steps:
    """The steps that a walk may take for these types of edge; a structural edge goes from child to parent, to body."""
    out, back = direction in {"out", "both"}, direction in {"in", "both"}
    traces = tuple(name for name in types if name in TRACE_TYPES)
    children = tuple(sorted({rule.kind for rule in PARENTS if rule.type in types and rule.kind in kinds}))
    upward = tuple(sorted({rule.kind for rule in PARENTS if rule.type in types}))
    roles = tuple(rule.role for rule in ROLES if rule.type in types)
    return Steps(
        forward=traces if out else (),
        backward=traces if back else (),
        children=children if back else (),
        parents=upward if out else (),
        roles=roles if out else (),
        owners=out and "owned_by" in types,
        owned=back and "owned_by" in types,
        involved=roles if back else (),
        kinds=tuple(kinds),
    )


def survey(
    session: Session, lens: Lens, reached_by: Callable[[Lens], Reached], types: Sequence[str] = EDGE_TYPES
) -> Graph:
    """The graph of what a walk reaches; for a day, with how many undated items the walk reaches at any time.

    `reached_by` is the walk, given a lens. Its statement and five more; for a day, two more.
    """
    graph = assemble(session, lens, reached_by(lens), types)
    if lens.as_of is None:
        return graph
    always = lens.at_any_time()
    item = always.items()
    undated = count_undated(session, always, item, item.c.id.in_(reached_by(always).distances))
    return replace(graph, undated=undated)


def graph_of(session: Session, lens: Lens, start: Sequence[int], wanted: Selection) -> Graph:
    """The part of the graph that is asked for: around the start (item ids), or without a start all of these kinds."""
    return survey(session, lens, lambda seen: reach_of(session, seen, start, wanted), wanted.types)


def reach_of(session: Session, lens: Lens, start: Sequence[int], wanted: Selection) -> Reached:
    """Which items belong to the part asked for. One statement."""
    if start:
        steps = steps_of(wanted.types, wanted.kinds, wanted.direction)
        return walk(session, lens, start, steps, wanted.extent)
    item = lens.items()
    ids = list(
        lens.read(
            session,
            select(item.c.id)
            .where(one_of(item.c.kind, wanted.kinds))
            .order_by(item.c.id)
            .limit(wanted.extent.limit + 1),
        ).scalars()
    )
    return Reached(dict.fromkeys(ids[: wanted.extent.limit], 0), "nodes" if len(ids) > wanted.extent.limit else None)
