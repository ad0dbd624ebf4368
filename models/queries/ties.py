"""Ties: trace links seen from the recommendation that they bear on, whether directly or by one of its clauses."""

from sqlalchemy import Subquery, and_, case, func, select

from models.keeping import PARTS, kept
from models.lens import Lens


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
