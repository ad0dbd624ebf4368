"""Ties: trace links seen from the recommendation that they bear on, whether directly or by one of its clauses."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    String,
    Subquery,
    and_,
    case,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from models.base import InOrder
from models.everything import everything
from models.keeping import PARTS, STATEMENTS, kept
from models.lens import Lens
from models.queries.unchanged import while_reading
from models.several import among, several

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
    session: Session, lens: Lens, refs: Sequence[str], kinds: tuple[str, ...] = ("recommendation",)
) -> tuple[int, ...]:
    """The ids of some items of these kinds that this reader sees, and of the clauses of recommendations. One statement.

    None where they were found before in the transaction. Found first, so that PostgreSQL knows how few they are, and
    looks for the links to them by their index.
    """

    def find() -> tuple[int, ...]:
        found = lens.read(session, _targets(lens), refs=list(refs))
        return tuple(dict.fromkeys(target for target, kind in found if kind in kinds))

    return while_reading(session, lens, ("targets", tuple(refs), kinds), find)


@kept(PARTS)
def ties(lens: Lens, name: str = "tie") -> Subquery:
    """Every link that the reader sees, with the recommendation (id and reference) that its target is or is part of.

    Both are NULL where the link leads to something else.
    """
    link, whole = lens.links(f"{name}_link"), lens.items(f"{name}_whole")
    own = link.c.target_kind == "recommendation"
    of_clause = and_(whole.c.id == link.c.target_parent_id, link.c.target_kind == "clause")
    return everything(
        name,
        link,
        func.coalesce(whole.c.id, case((own, link.c.target_id))).label("recommendation_id"),
        func.coalesce(whole.c.ref, case((own, link.c.target_ref))).label("recommendation"),
        joined=link.outerjoin(whole, of_clause),
    )
