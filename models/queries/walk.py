"""Walking the graph: which items are reached from some others, along which edges, in how many hops."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    func,
    lateral,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from models.base import first
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.several import among, one_of, several
from models.vocabulary import KINDS


@dataclass(frozen=True)
class Steps:
    """Which edges a walk may take: link types with or against their direction, and structural edges.

    `children` and `parents` are kinds of the child end of a structural edge; `roles` leads to bodies that have such a
    part, `involved` from them. Only items of `kinds` are entered.
    """

    forward: tuple[str, ...] = ()
    backward: tuple[str, ...] = ()
    children: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    owners: bool = False
    owned: bool = False
    involved: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS


@dataclass(frozen=True)
class Extent:
    """How far a walk goes: at most so many hops, so many items, and so many steps to find them.

    A step is an item met at a distance; one that is met again farther off counts again. So the work has an end, however
    densely things are linked, and where it ends is the same at each asking and on either engine.
    """

    depth: int = 32
    limit: int = 5_000
    steps: int = 50_000


@dataclass(frozen=True)
class Reached:
    """The ids that a walk reached, each with its distance in hops from the start, and what cut it short, if any."""

    distances: dict[int, int]
    cut: str | None = None


def _is_one_of(item: FromClause, kinds: Sequence[str]) -> ColumnElement[bool]:
    """The condition that an item is of one of these kinds, of an expression, which has no index.

    Else SQLite would begin with everything of a kind, and not with what was reached.
    """
    return one_of(item.c.kind + literal_column("''"), kinds)


def _edges(lens: Lens, steps: Steps, here: Any) -> list[Select[Any]]:
    """One select of neighbour ids for each sort of edge that the walk may take from `here`."""
    found: list[Select[Any]] = []
    for types, near, far in ((steps.forward, "source_id", "target_id"), (steps.backward, "target_id", "source_id")):
        if types:
            link = lens.links(f"walk_{near}")
            found.append(select(link.c[far].label("id")).where(link.c[near] == here, one_of(link.c.type, types)))
    if steps.children:
        child = lens.items("child")
        found.append(select(child.c.id).where(child.c.parent_id == here, _is_one_of(child, steps.children)))
    if steps.parents:
        below, above = lens.items("below"), lens.items("above")
        found.append(
            select(above.c.id)
            .join_from(below, above, above.c.id == below.c.parent_id)
            .where(below.c.id == here, _is_one_of(below, steps.parents))
        )
    return found + _body_edges(lens, steps, here)


def _body_edges(lens: Lens, steps: Steps, here: Any) -> list[Select[Any]]:
    """The edges between items and bodies: owner and parts, in both directions."""
    found: list[Select[Any]] = []
    if steps.owners:
        thing, body = lens.items("thing"), lens.items("owning")
        found.append(select(body.c.id).join_from(thing, body, body.c.id == thing.c.owner_id).where(thing.c.id == here))
    if steps.owned:
        thing = lens.items("owned")
        found.append(select(thing.c.id).where(thing.c.owner_id == here))
    if steps.roles:
        part = lens.involvements("role_part")
        found.append(select(part.c.body_id.label("id")).where(part.c.item_id == here, one_of(part.c.role, steps.roles)))
    if steps.involved:
        part, thing = lens.involvements("involved_part"), lens.items("involved")
        found.append(
            select(thing.c.id)
            .join_from(part, thing, thing.c.id == part.c.item_id)
            .where(part.c.body_id == here, one_of(part.c.role, steps.involved))
        )
    return found


def _entering(lens: Lens, edge: Select[Any], kinds: Sequence[str], name: str) -> Select[Any]:
    """The same edges, but only into items of these kinds."""
    far = edge.selected_columns[0]
    entered = lens.items(name)
    return edge.where(select(entered.c.id).where(entered.c.id == far, one_of(entered.c.kind, kinds)).exists())


def _recursion(lens: Lens, steps: Steps, depth: int, *, lateral_step: bool) -> CTE:
    """The recursive part; UNION keeps each item once per distance, so a circle ends at the depth.

    SQLite takes one recursive term for each sort of edge. PostgreSQL allows one in all: the sorts stand in a
    LATERAL with a fence (OFFSET 0), so that the planner never joins the whole link table with what was reached.
    """
    first = lens.items("first")
    begun = select(first.c.id, literal(0).label("depth")).where(among(first.c.id, several("start")))
    reached = begun.cte("reached", recursive=True)
    edges = _edges(lens, steps, reached.c.id)
    if steps.kinds != KINDS:
        edges = [_entering(lens, edge, steps.kinds, f"entered{number}") for number, edge in enumerate(edges)]
    if not edges:
        return reached
    if lateral_step:
        step = lateral(union_all(*(edge.correlate(reached) for edge in edges)).offset(literal_column("0")), "step")
        onward = select(step.c.id, reached.c.depth + 1).select_from(reached.join(step, true()))
        return reached.union(onward.where(reached.c.depth < depth))
    terms = [edge.add_columns(reached.c.depth + 1).where(reached.c.depth < depth) for edge in edges]
    return reached.union(*terms)


@kept(STATEMENTS)
def _statement(lens: Lens, steps: Steps, extent: Extent, *, lateral_step: bool) -> Select[Any]:
    """The whole statement: what is reached and in how many hops, nearest first, one more than the limit.

    Both engines go on with a recursion only for as long as rows of it are taken, and give nearer rows first.
    """
    reached = _recursion(lens, steps, extent.depth, lateral_step=lateral_step)
    met = select(reached.c.id, reached.c.depth).limit(first(extent.steps + 1)).subquery("met")
    nearest = func.min(met.c.depth)
    return (
        select(
            met.c.id,
            nearest.label("hops"),
            func.sum(func.count()).over().label("steps"),
            func.max(func.max(met.c.depth)).over().label("deepest"),
        )
        .group_by(met.c.id)
        .order_by(nearest, met.c.id)
        .limit(first(extent.limit + 1))
    )


def walk(session: Session, lens: Lens, start: Sequence[int], steps: Steps, extent: Extent) -> Reached:
    """What is reached from the start (item ids) within the extent, nearest first.

    Where the steps end, what was met at the last distance is left out: how much of it was met is chance. One statement,
    whatever the depth.
    """
    lateral_step = session.get_bind().dialect.name == "postgresql"
    statement = _statement(lens, steps, extent, lateral_step=lateral_step)
    rows = lens.read(session, statement, start=list(start)).all()
    tired = bool(rows) and rows[0].steps > extent.steps
    whole = [row for row in rows if not tired or row.hops < row.deepest]
    cut = "nodes" if len(whole) > extent.limit else "steps" if tired else None
    return Reached({row.id: row.hops for row in whole[: extent.limit]}, cut)
