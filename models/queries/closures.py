"""Closures: which recommendations are discharged, and what has come, gone or become doubtful since.

What a discharge and something else say of a recommendation is a fact: `subject_id`, the discharge (`by_ref` and its day
`by_day`) and the other thing (`other_ref`, with blanks between where there are two, and its day `other_day`).
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Select,
    Subquery,
    and_,
    case,
    cast,
    literal,
    not_,
    null,
    or_,
    select,
    union,
)

from models.keeping import PARTS, kept
from models.lens import Lens
from models.queries.demonstrations import doing
from models.queries.judging import Asked
from models.queries.ties import ties

# The decisions that are a step towards closure or away from it; the last one on record says where a recommendation is.
STEPS = ("proposed", "returned", "override_asked", "discharged", "no_longer_relevant", "superseded", "reopened")
_NO_DAY = cast(null(), Date).label("other_day")


@kept(PARTS)
def discharges(asked: Asked) -> Subquery:
    """The recommendations (`subject_id`) whose last step of closure on record is a discharge, with that decision."""
    lens = asked.lens
    step, word = lens.items("step"), lens.details("decision", "step_word")
    later, other = lens.items("later_step"), lens.details("decision", "later_word")
    outdone = (
        select(later.c.id)
        .join_from(later, other, other.c.id == later.c.id)
        .where(later.c.parent_id == step.c.parent_id, later.c.kind == "decision", later.c.id > step.c.id)
        .where(other.c.decision.in_(STEPS))
    )
    return (
        select(
            step.c.parent_id.label("subject_id"),
            step.c.id,
            step.c.ref.label("by_ref"),
            step.c.effective_from.label("by_day"),
            step.c.created_seq.label("seq"),
        )
        .join_from(step, word, word.c.id == step.c.id)
        .where(step.c.kind == "decision", word.c.decision == "discharged", not_(outdone.exists()))
        .where(*asked.among(step.c.parent_id))
        .subquery("discharge")
    )


def _facts(discharge: Subquery, other: ColumnElement[Any], day: ColumnElement[Any]) -> tuple[ColumnElement[Any], ...]:
    """The columns of a fact about a discharge."""
    return discharge.c.subject_id, discharge.c.by_ref, discharge.c.by_day, other.label("other_ref"), day


def contradicted(asked: Asked) -> Select[Any]:
    """Evidence that contradicts what is discharged, or a clause of it, by a link that came on record after that."""
    discharge, tie, evidence = discharges(asked), ties(asked.lens, "against"), asked.lens.items("against_evidence")
    return (
        select(*_facts(discharge, evidence.c.ref, evidence.c.effective_from.label("other_day")))
        .join_from(discharge, tie, tie.c.recommendation_id == discharge.c.subject_id)
        .join(evidence, evidence.c.id == tie.c.source_id)
        .where(tie.c.type == "contradicts", tie.c.created_seq > discharge.c.seq)
    )


def suspect(asked: Asked) -> CompoundSelect[Any]:
    """Suspect links to what is discharged, to its clauses, its actions, the progress on them, and its decisions."""
    lens, discharge = asked.lens, discharges(asked)
    tie, done, link = ties(lens, "doubtful"), doing(asked), lens.links("doubtful_done")
    decision, own = lens.items("doubtful_decision"), lens.links("doubtful_own")
    return union(
        select(*_facts(discharge, tie.c.ref, _NO_DAY))
        .join_from(discharge, tie, tie.c.recommendation_id == discharge.c.subject_id)
        .where(tie.c.suspect),
        select(*_facts(discharge, link.c.ref, _NO_DAY))
        .join_from(discharge, done, done.c.subject_id == discharge.c.subject_id)
        .join(link, link.c.target_id == done.c.id)
        .where(link.c.suspect),
        select(*_facts(discharge, own.c.ref, _NO_DAY))
        .join_from(discharge, decision, decision.c.parent_id == discharge.c.subject_id)
        .join(own, own.c.target_id == decision.c.id)
        .where(decision.c.kind == "decision", own.c.suspect),
    )


def _ever(lens: Lens, name: str) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """Items that were so on the day, those withdrawn from the record too, and the condition that they were."""
    item = lens.every_item(name)
    return item, lens.holds(item)


def _stood(discharge: Subquery, thing: FromClause) -> ColumnElement[bool]:
    """Whether something was on record when a recommendation was discharged."""
    stayed = or_(thing.c.withdrawn_seq.is_(None), thing.c.withdrawn_seq > discharge.c.seq)
    return and_(thing.c.created_seq < discharge.c.seq, stayed)


def _done_then(asked: Asked, discharge: Subquery) -> Subquery:
    """What evidence could demonstrate of a discharged recommendation (`subject_id`, `id`), as the record stood then.

    Its clauses and decisions, the actions stated to address it or a clause, and the progress on them; each, and the
    link by which an action addressed it, was on record when it was discharged, or is the discharge itself.
    """
    lens = asked.lens
    part, part_so = _ever(lens, "part_then")
    action, action_so = _ever(lens, "action_then")
    progress, progress_so = _ever(lens, "progress_then")
    tie = lens.every_link("addressed_then")
    parts = (
        select(discharge.c.subject_id, part.c.id, part.c.kind)
        .join_from(discharge, part, part.c.parent_id == discharge.c.subject_id)
        .where(part.c.kind.in_(("clause", "decision")), *part_so)
        .where(or_(_stood(discharge, part), part.c.id == discharge.c.id))
    ).subquery("parts_then")
    addressed = union(
        select(discharge.c.subject_id, discharge.c.subject_id.label("id")),
        select(parts.c.subject_id, parts.c.id).where(parts.c.kind == "clause"),
    ).subquery("addressed")
    actions = (
        select(addressed.c.subject_id, action.c.id)
        .join_from(addressed, discharge, discharge.c.subject_id == addressed.c.subject_id)
        .join(tie, tie.c.target_id == addressed.c.id)
        .join(action, action.c.id == tie.c.source_id)
        .where(tie.c.type == "addresses", tie.c.basis == "stated", _stood(discharge, tie))
        .where(*action_so, *lens.link_holds(tie))
    ).subquery("actions_then")
    return union(
        select(parts.c.subject_id, parts.c.id),
        select(actions.c.subject_id, actions.c.id),
        select(actions.c.subject_id, progress.c.id)
        .join_from(actions, progress, progress.c.parent_id == actions.c.id)
        .where(progress.c.kind == "progress", *progress_so),
    ).subquery("done_then")


def withdrawn(asked: Asked) -> Select[Any]:
    """Links by which evidence demonstrated what was done, withdrawn since the discharge, or whose evidence was.

    The link was on record when it was discharged, or says what the discharge rests on. Named are the link and, where it
    was withdrawn too, the evidence.
    """
    discharge, lens = discharges(asked), asked.lens
    done, link = _done_then(asked, discharge), lens.every_link("shown_then")
    evidence, so = _ever(lens, "evidence_then")
    gone = evidence.c.withdrawn_seq > discharge.c.seq
    named = case((gone, link.c.ref + literal(" ") + evidence.c.ref), else_=link.c.ref)
    return (
        select(*_facts(discharge, named, _NO_DAY))
        .join_from(discharge, done, done.c.subject_id == discharge.c.subject_id)
        .join(link, link.c.target_id == done.c.id)
        .join(evidence, evidence.c.id == link.c.source_id)
        .where(link.c.type == "demonstrates", *so, *lens.link_holds(link))
        .where(or_(_stood(discharge, link), link.c.target_id == discharge.c.id))
        .where(or_(link.c.withdrawn_seq > discharge.c.seq, gone))
    )
