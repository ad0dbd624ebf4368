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

from models.keeping import PARTS, STATEMENTS, kept
from models.lens import Lens
from models.several import among, one_of, several

# What bears on some recommendations has its target here: the ids that `targets_of` finds.
TARGETS = several("targets")


@kept(STATEMENTS)
def _targets(lens: Lens, kinds: tuple[str, ...]) -> CompoundSelect[Any]:
    """The statement that finds the ids of some items of these kinds (`refs`), and of the clauses of recommendations."""
    own, whole, part = lens.items("own"), lens.items("whole"), lens.items("part")
    refs = several("refs", String)
    return union_all(
        select(own.c.id).where(one_of(own.c.kind, kinds), among(own.c.ref, refs)),
        select(part.c.id)
        .join_from(whole, part, part.c.parent_id == whole.c.id)
        .where(whole.c.kind == "recommendation", part.c.kind == "clause", among(whole.c.ref, refs)),
    )


def targets_of(
    session: Session, lens: Lens, refs: Sequence[str], kinds: tuple[str, ...] = ("recommendation",)
) -> tuple[int, ...]:
    """The ids of some recommendations that this reader sees, and of their clauses; or of some clauses. One statement.

    Found first, so that PostgreSQL knows how few they are, and looks for the links to them by their index.
    """
    return tuple(dict.fromkeys(lens.read(session, _targets(lens, kinds), refs=list(refs)).scalars()))


@kept(PARTS)
def ties(lens: Lens, name: str = "tie") -> Subquery:
    """Every link that the reader sees, with the recommendation (id and reference) that its target is or is part of.

    Both are NULL where the link leads to something else.
    """
    link, far, whole = lens.links(f"{name}_link"), lens.items(f"{name}_far"), lens.items(f"{name}_whole")
    own = far.c.kind == "recommendation"
    return (
        select(
            *link.c,
            func.coalesce(whole.c.id, case((own, far.c.id))).label("recommendation_id"),
            func.coalesce(whole.c.ref, case((own, far.c.ref))).label("recommendation"),
        )
        .join_from(link, far, far.c.id == link.c.target_id)
        .outerjoin(whole, and_(whole.c.id == far.c.parent_id, far.c.kind == "clause"))
        .subquery(name)
    )
