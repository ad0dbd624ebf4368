"""Ties: trace links seen from the recommendation that they bear on, whether directly or by one of its clauses."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    String,
    and_,
    case,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from models.base import InOrder
from models.everything import Everything, everything
from models.keeping import PARTS, STATEMENTS, kept
from models.lens import Lens
from models.queries.unchanged import while_reading
from models.several import among, one_of, several

# What bears on some recommendations has its target here: the ids that `targets_of` finds.
TARGETS = several("targets")


@kept(STATEMENTS)
def _targets(lens: Lens) -> CompoundSelect[Any]:
    """The statement that finds the ids and kinds of some items (`refs`), and the ids of the clauses of recommendations.

    By their references alone: asked for their kind too, SQLite would go through all of that kind.
    """
    own, whole, part = lens.items("own"), lens.items("whole"), lens.items("part")
    refs = several("refs", String)
    return union_all(
        select(own.c.id, own.c.kind).where(among(own.c.ref, refs)),
        select(part.c.id, whole.c.kind)
        .select_from(InOrder(whole, part, and_(part.c.parent_id == whole.c.id, part.c.kind == "clause")))
        .where(among(whole.c.ref, refs)),
    )


def targets_of(
    session: Session, lens: Lens, refs: Sequence[str], kinds: tuple[str, ...] | None = ("recommendation",)
) -> tuple[int, ...]:
    """The ids of some items of these kinds that this reader sees, and of the clauses of recommendations. One statement.

    Of any kind with `kinds` None. No statement where they were found before in the transaction. Found first, so that
    PostgreSQL knows how few they are, and looks for the links to them by their index.
    """

    def find() -> tuple[int, ...]:
        found = lens.read(session, _targets(lens), refs=list(refs))
        return tuple(dict.fromkeys(target for target, kind in found if kinds is None or kind in kinds))

    return while_reading(session, lens, ("targets", tuple(refs), kinds), find)


def _ways_to(
    link: FromClause, item_id: ColumnElement[Any], parts: Sequence[str]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """That a link leads to an item itself, and that it leads to a part of it of one of these kinds."""
    of_part = and_(link.c.target_item_parent_id == item_id, one_of(link.c.target_item_kind, parts))
    return link.c.target_item_id == item_id, of_part


def leads_to(link: FromClause, item_id: ColumnElement[Any], parts: Sequence[str] = ("clause",)) -> ColumnElement[bool]:
    """Whether a link leads to an item, or to a part of it of one of these kinds.

    Said of the target's own columns, of which both databases look at two indexes at once.
    """
    return or_(*_ways_to(link, item_id, parts))


def joined_to(
    thing: FromClause, item_id: ColumnElement[Any], link: FromClause, parts: Sequence[str] = ("clause",)
) -> Iterator[FromClause]:
    """Something joined to each link that leads to an item of it, and then to each that leads to a part of that item.

    The link is to be looked for from its target. Two joins, where `leads_to` is one condition: by that, PostgreSQL
    would begin with all links.
    """
    return (InOrder(thing, link, way) for way in _ways_to(link, item_id, parts))


def recommendation_of(link: FromClause) -> ColumnElement[Any]:
    """The id of the recommendation that a link's target is or is part of, seen or not; NULL for another target."""
    own, part = (one_of(link.c.target_kind, (kind,)) for kind in ("recommendation", "clause"))
    return case((own, link.c.target_id), (part, link.c.target_item_parent_id))


@kept(PARTS)
def ties(lens: Lens, name: str = "tie") -> Everything:
    """Every link that the reader sees, with the recommendation (id and reference) that its target is or is part of.

    Both are NULL where the link leads to something else.
    """
    link, whole = lens.links(f"{name}_link"), lens.items(f"{name}_whole")
    own, part = (one_of(link.c.target_kind, (kind,)) for kind in ("recommendation", "clause"))
    return everything(
        name,
        link,
        func.coalesce(whole.c.id, case((own, link.c.target_id))).label("recommendation_id"),
        func.coalesce(whole.c.ref, case((own, link.c.target_ref))).label("recommendation"),
        joined=link.outerjoin(whole, and_(whole.c.id == link.c.target_item_parent_id, part)),
    )
