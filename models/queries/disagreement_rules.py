"""The rule of each disagreement: of which recommendations and clauses two statements do not agree, as one select each.

A rule says which facts there are: of a recommendation or clause (`subject_id`), one thing that says so (`by_ref`, which
may be empty, of the day `by_day`) and another that says otherwise (`other_ref`, of the day `other_day`).
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)

from models.base import InOrder
from models.everything import everything
from models.queries.claims import COMPLETE, claimed
from models.queries.closures import contradicted, suspect, withdrawn
from models.queries.demonstrations import demonstrations
from models.queries.gap_rules import covered
from models.queries.judging import Asked
from models.queries.latest import latest_verdicts
from models.queries.ties import joined_to
from models.several import one_of
from models.vocabulary import ARGUING_TYPES, DISAGREEMENTS

# Verdicts that say that something was not done, or not all of it; one that is not published says nothing.
_SHORT = ("partially_met", "not_met")
_FULL = "fully_met"
Facts = Select[Any] | CompoundSelect[Any]


def _later(day: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
    """The later of two days; NULL where one of them is not known."""
    return case((day >= other, day), (other > day, other))


def _disagreement(reason: str, asked: Asked, facts: Facts) -> Select[Any]:
    """One row for each item of which there are such facts: since the later of what disagrees, on the grounds of all."""
    fact = facts.subquery(f"fact_{reason}")
    item, whole = asked.lens.items("judged"), asked.lens.items("judged_whole")
    others = func.aggregate_strings(fact.c.other_ref, " ")
    told = (
        select(
            fact.c.subject_id,
            _later(fact.c.by_day, func.min(fact.c.other_day)).label("since"),
            (fact.c.by_ref + literal(" ") + others).label("grounds"),
        )
        .group_by(fact.c.subject_id, fact.c.by_ref, fact.c.by_day)
        .subquery(f"told_{reason}")
    )
    return (
        select(
            literal(list(DISAGREEMENTS).index(reason)).label("place"),
            item.c.id.label("id"),
            item.c.kind.label("kind"),
            item.c.ref.label("ref"),
            item.c.title.label("title"),
            item.c.effective_from.label("dated_from"),
            case((item.c.kind == "clause", whole.c.ref), else_=item.c.ref).label("recommendation"),
            told.c.since.label("since"),
            told.c.grounds.label("grounds"),
        )
        .select_from(InOrder(told, item, item.c.id == told.c.subject_id))
        .outerjoin(whole, whole.c.id == item.c.parent_id)
    )


def _fact(subject: Any, by: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[ColumnElement[Any], ...]:
    """The columns of a fact: of what, what says so on which day, and what says otherwise on which day."""
    return (
        subject.label("subject_id"),
        by[0].label("by_ref"),
        by[1].label("by_day"),
        other[0].label("other_ref"),
        other[1].label("other_day"),
    )


def _claimed_complete_not_demonstrated(asked: Asked) -> Facts:
    """It is claimed complete, as the claims are rolled up, and no evidence demonstrates it.

    None demonstrates an action stated to address it or a clause of it, progress on one, or a clause. The grounds are
    the progress that claims it.
    """
    claim, shown = claimed(asked), demonstrations(asked)
    by = literal(""), claim.c.day
    return select(*_fact(claim.c.subject_id, by, (claim.c.refs, claim.c.day))).where(
        claim.c.rank == COMPLETE, claim.c.subject_id.not_in(select(shown.c.subject_id))
    )


def _verified_met_clause_uncovered(asked: Asked) -> Facts:
    """The latest verdict on its recommendation is fully met, and nothing is tied to the clause itself.

    By the rule of the gap `clause_not_covered`. The ground is the verdict.
    """
    verdict, item = latest_verdicts(asked.lens), asked.lens.items("clause_judged")
    clause = everything("clause_verified", item, where=[one_of(item.c.kind, ("clause",)), *asked.among(item.c.id)])
    by = literal(""), verdict.c.effective_from
    return (
        select(*_fact(clause.c.id, by, (verdict.c.ref, verdict.c.effective_from)))
        .join_from(clause, verdict, verdict.c.parent_id == clause.c.parent_id)
        .where(verdict.c.verdict == _FULL, not_(covered(asked.lens, clause)))
    )


def _verdict_against_clauses(asked: Asked) -> Facts:
    """The latest verdict on it is fully met and the latest on a clause of it is published and is not fully met.

    Or the one on it is not met and those on all of its clauses, of which it has some, are fully met. Partly met may
    follow from clauses that differ, and disagrees with none. The grounds are the verdicts.
    """
    lens = asked.lens
    verdict, clause = latest_verdicts(lens), lens.items("clause_of")
    own, rest = latest_verdicts(lens).alias("verdict_of_clause"), lens.items("clause_rest")
    met = latest_verdicts(lens).alias("verdict_of_rest")
    is_met = select(met.c.ref).where(met.c.parent_id == rest.c.id, met.c.verdict == _FULL).exists()
    short = select(rest.c.id).where(rest.c.parent_id == verdict.c.parent_id, rest.c.kind == "clause", not_(is_met))
    # It is so since the first clause fell short, but not before the last one was met.
    last = func.max(own.c.effective_from).over(partition_by=verdict.c.parent_id)
    day = case((verdict.c.verdict == _FULL, own.c.effective_from), else_=last)
    return (
        select(*_fact(verdict.c.parent_id, (verdict.c.ref, verdict.c.effective_from), (own.c.ref, day)))
        .join_from(verdict, clause, clause.c.parent_id == verdict.c.parent_id)
        .join(own, own.c.parent_id == clause.c.id)
        .where(clause.c.kind == "clause", *asked.among(verdict.c.parent_id))
        .where(
            or_(
                and_(verdict.c.verdict == _FULL, one_of(own.c.verdict, _SHORT)),
                and_(verdict.c.verdict == "not_met", not_(short.exists())),
            )
        )
    )


def _evidence_newer_than_verdict(asked: Asked) -> Facts:
    """Evidence is dated after the latest verdict on it, published or not; what has no date is neither older nor newer.

    Evidence that supports, contradicts or qualifies it or a clause of it, or that demonstrates an action stated to
    address it, progress on one, or a clause. The grounds are the verdict and that evidence.
    """
    lens = asked.lens
    verdict, link, shown = latest_verdicts(lens), lens.links("bearing", from_target=True), demonstrations(asked)
    argues = and_(one_of(link.c.type, ARGUING_TYPES), *asked.among(link.c.target_id))
    day = link.c.source_item_effective_from
    by_shown = InOrder(shown, verdict, verdict.c.parent_id == shown.c.subject_id)
    ways = (
        *((joined, link.c.source_ref, day, argues) for joined in joined_to(verdict, verdict.c.parent_id, link)),
        (by_shown, shown.c.ref, shown.c.day, true()),
    )
    by = verdict.c.ref, verdict.c.effective_from
    return union_all(
        *(
            select(*_fact(verdict.c.parent_id, by, (ref, day)))
            .select_from(joined)
            .where(verdict.c.parent_kind == "recommendation", condition, *asked.among(verdict.c.parent_id))
            .where(day > verdict.c.effective_from)
            for joined, ref, day, condition in ways
        )
    )


def _claimed_against_verified(asked: Asked) -> Facts:
    """It is claimed complete, as the claims are rolled up, and a later verdict on it is published and not fully met.

    Or it is claimed, and not complete, and the latest verdict on it is fully met, of whatever days they are; a claim or
    verdict without a date is not later than another. The grounds are the verdict and the progress that claims it.
    """
    claim, verdict = claimed(asked), latest_verdicts(asked.lens)
    by, other = (verdict.c.ref, verdict.c.effective_from), (claim.c.refs, claim.c.day)
    late = and_(one_of(verdict.c.verdict, _SHORT), verdict.c.effective_from > claim.c.day)
    return (
        select(*_fact(claim.c.subject_id, by, other))
        .select_from(InOrder(claim, verdict, verdict.c.parent_id == claim.c.subject_id))
        .where(claim.c.kind == "recommendation")
        .where(or_(and_(claim.c.rank == COMPLETE, late), and_(claim.c.rank < COMPLETE, verdict.c.verdict == _FULL)))
    )


_FACTS: dict[str, Callable[[Asked], Facts]] = {
    "claimed_complete_not_demonstrated": _claimed_complete_not_demonstrated,
    "verified_met_clause_uncovered": _verified_met_clause_uncovered,
    "verdict_against_clauses": _verdict_against_clauses,
    "discharged_since_contradicted": contradicted,
    "discharged_since_withdrawn": withdrawn,
    "discharged_since_suspect": suspect,
    "evidence_newer_than_verdict": _evidence_newer_than_verdict,
    "claimed_against_verified": _claimed_against_verified,
}


def _rule(reason: str, facts: Callable[[Asked], Facts]) -> Callable[[Asked], Select[Any]]:
    """The rule of a reason: a row for each item of which there are such facts."""
    return lambda asked: _disagreement(reason, asked, facts(asked))


JUDGED: dict[str, Callable[[Asked], Select[Any]]] = {reason: _rule(reason, facts) for reason, facts in _FACTS.items()}
