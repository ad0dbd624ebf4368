"""The latest word under each parent: what an action's progress claims, what verdict a recommendation has."""

from sqlalchemy import Subquery, and_, not_, or_, select

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
    (item, own), (later, other) = (
        (lens.items(f"{kind}_{name}"), lens.details(kind, f"{kind}_{name}_word")) for name in ("item", "later")
    )
    day, other_day = item.c.effective_from, later.c.effective_from
    same_day = or_(other_day == day, and_(other_day.is_(None), day.is_(None)))
    follows = or_(other_day > day, and_(day.is_(None), other_day.is_not(None)), and_(same_day, later.c.id > item.c.id))
    outdone = (
        select(later.c.id)
        .join_from(later, other, other.c.id == later.c.id)
        .where(later.c.parent_id == item.c.parent_id, later.c.kind == kind, other.c[word].is_not(None), follows)
    )
    return (
        select(item.c.parent_id, item.c.parent_kind, item.c.ref, item.c.effective_from, own.c[word])
        .join_from(item, own, own.c.id == item.c.id)
        .where(item.c.kind == kind, own.c[word].is_not(None), not_(outdone.exists()))
        .subquery(f"latest_{kind}")
    )
