"""The latest word under each parent: what an action's progress claims, what verdict a recommendation has."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, Subquery, and_, not_, or_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.keeping import PARTS, STATEMENTS, kept
from models.lens import Lens
from models.several import among, several


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


@kept(STATEMENTS)
def _claims(lens: Lens) -> Select[Any]:
    """The statement that finds what the latest progress of some actions (`actions`) claims."""
    claim = latest_claims(lens)
    return select(claim).where(among(claim.c.parent_id, several("actions")))


def claims_of(session: Session, lens: Lens, actions: Collection[int]) -> dict[int, RowMapping]:
    """What the latest progress of some actions (ids) claims, of those that have any. One statement.

    Found by itself: joined to other things it would be found of every action there is.
    """
    found = lens.read(session, _claims(lens), actions=list(actions)).mappings()
    return {claim["parent_id"]: claim for claim in found}
