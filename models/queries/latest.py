"""The latest word under each parent: what an action's progress claims, what verdict a recommendation has."""

from sqlalchemy import Subquery, func, select

from models.keeping import PARTS, kept
from models.lens import Lens


def latest_claims(lens: Lens) -> Subquery:
    """For each action (`parent_id`), the latest progress that claims a status."""
    return _latest(lens, "progress", "claimed_status")


def latest_verdicts(lens: Lens) -> Subquery:
    """For each recommendation, clause or review (`parent_id`), the latest assessment that has a verdict."""
    return _latest(lens, "assessment", "verdict")


@kept(PARTS)
def _latest(lens: Lens, kind: str, word: str) -> Subquery:
    """For each parent, the latest item of a kind that has the word; one without a date yields to any that has one."""
    item, own = lens.items(f"{kind}_item"), lens.details(kind, f"{kind}_word")
    rank = func.row_number().over(
        partition_by=item.c.parent_id,
        order_by=[item.c.effective_from.is_(None), item.c.effective_from.desc(), item.c.id.desc()],
    )
    ranked = (
        select(item.c.parent_id, item.c.ref, item.c.effective_from, own.c[word], rank.label("rank"))
        .join_from(item, own, own.c.id == item.c.id)
        .where(own.c[word].is_not(None))
        .subquery(f"ranked_{kind}")
    )
    columns = [ranked.c[name] for name in ("parent_id", "ref", "effective_from", word)]
    return select(*columns).where(ranked.c.rank == 1).subquery(f"latest_{kind}")
