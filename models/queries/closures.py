"""Closures: which recommendations are discharged, and what has come, gone or become doubtful since.

What a discharge and something else say of a recommendation is a fact: `subject_id`, the discharge (`by_ref` and its day
`by_day`) and the other thing (`other_ref`, with blanks between where there are two, and its day `other_day`).
"""

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    FromClause,
    Select,
    and_,
    case,
    cast,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)

from models.base import InOrder
from models.keeping import PARTS, kept
from models.lens import Lens
from models.queries.claims import acting
from models.queries.judging import Asked, once
from models.queries.ties import joined_to
from models.several import one_of
from models.vocabulary import CLOSURE_STEPS

_NO_DAY = cast(null(), Date)


@kept(PARTS)
def discharges(asked: Asked) -> CTE:
    """The recommendations (`subject_id`) whose last step of closure on record is a discharge, with that decision."""
    lens = asked.lens
    step, word = lens.items("step"), lens.details("decision", "step_word")
    later, other = lens.items("later_step"), lens.details("decision", "later_word")
    outdone = (
        select(later.c.id)
        .join_from(later, other, other.c.id == later.c.id)
        .where(later.c.parent_id == step.c.parent_id, later.c.kind == "decision", later.c.id > step.c.id)
        .where(one_of(other.c.decision, CLOSURE_STEPS))
    )
    return once(
        select(
            step.c.parent_id.label("subject_id"),
            step.c.id.label("decision_id"),
            step.c.ref.label("by_ref"),
            step.c.effective_from.label("by_day"),
            step.c.created_seq.label("seq"),
        )
        .join_from(step, word, word.c.id == step.c.id)
        .where(step.c.kind == "decision", word.c.decision == "discharged", not_(outdone.exists()))
        .where(*asked.among(step.c.parent_id))
    )


def _fact(discharge: FromClause, other: Any, day: ColumnElement[Any]) -> Select[Any]:
    """A fact about a discharge, to be read from what is joined to it."""
    by = discharge.c.subject_id, discharge.c.by_ref, discharge.c.by_day
    return select(*by, other.label("other_ref"), day.label("other_day"))


def _parts(discharge: FromClause, part: FromClause, *kinds: str) -> InOrder:
    """Each discharge joined to the parts of these kinds that its recommendation has."""
    return InOrder(discharge, part, and_(part.c.parent_id == discharge.c.subject_id, one_of(part.c.kind, kinds)))


def contradicted(asked: Asked) -> CompoundSelect[Any]:
    """Evidence that contradicts what is discharged, or a clause of it, by a link that came on record after that."""
    discharge, link = discharges(asked), asked.lens.links("against", from_target=True)
    return union_all(
        *(
            _fact(discharge, link.c.source_ref, link.c.source_item_effective_from)
            .select_from(joined)
            .where(link.c.type == "contradicts", link.c.created_seq > discharge.c.seq)
            for joined in joined_to(discharge, discharge.c.subject_id, link)
        )
    )


def suspect(asked: Asked) -> CompoundSelect[Any]:
    """Suspect links to what is discharged, to its clauses, its actions, the progress on them, and its decisions."""
    discharge, act, link = discharges(asked), acting(asked), asked.lens.links("doubtful", from_target=True)
    addressed = InOrder(discharge, act, act.c.subject_id == discharge.c.subject_id)
    joins = (
        *joined_to(discharge, discharge.c.subject_id, link, ("clause", "decision")),
        *joined_to(addressed, act.c.id, link, ("progress",)),
    )
    facts = (_fact(discharge, link.c.ref, _NO_DAY).select_from(joined) for joined in joins)
    return union_all(*(fact.where(link.c.suspect) for fact in facts))


def _ever(lens: Lens, name: str) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """Items that were so on the day, those withdrawn from the record too, and the condition that they were."""
    item = lens.every_item(name)
    return item, lens.holds(item)


def _stood(discharge: FromClause, thing: FromClause) -> ColumnElement[bool]:
    """Whether something was on record when a recommendation was discharged."""
    stayed = or_(thing.c.withdrawn_seq.is_(None), thing.c.withdrawn_seq > discharge.c.seq)
    return and_(thing.c.created_seq < discharge.c.seq, stayed)


def _acting_then(asked: Asked) -> CTE:
    """Discharges, each with the actions (`id`) that were stated on record then to address it or a clause of it."""
    lens, discharge = asked.lens, discharges(asked)
    clause, clause_so = _ever(lens, "clause_then")
    action, action_so = _ever(lens, "action_then")
    link = lens.every_link("addressed_then")
    joins: tuple[tuple[FromClause, list[ColumnElement[bool]]], ...] = (
        (InOrder(discharge, link, link.c.target_id == discharge.c.subject_id), []),
        (InOrder(_parts(discharge, clause, "clause"), link, link.c.target_id == clause.c.id), clause_so),
    )
    return once(
        union_all(
            *(
                select(*discharge.c, action.c.id)
                .select_from(joined.join(action, action.c.id == link.c.source_id))
                .where(link.c.type == "addresses", link.c.basis == "stated", _stood(discharge, link), *so)
                .where(*action_so, *lens.link_holds(link))
                for joined, so in joins
            )
        )
    )


def _done_then(asked: Asked) -> CTE:
    """Discharges, each with what evidence could demonstrate of it (`id`), as the record stood then.

    The actions stated to address it or a clause, the progress on them, its clauses and its decisions.
    """
    discharge, act = discharges(asked), _acting_then(asked)
    progress, progress_so = _ever(asked.lens, "progress_then")
    part, part_so = _ever(asked.lens, "part_then")
    columns = [act.c[column.name] for column in discharge.c]
    return once(
        union_all(
            select(*columns, act.c.id),
            select(*columns, progress.c.id)
            .select_from(InOrder(act, progress, progress.c.parent_id == act.c.id))
            .where(progress.c.kind == "progress", *progress_so),
            select(*discharge.c, part.c.id).select_from(_parts(discharge, part, "clause", "decision")).where(*part_so),
        )
    )


def withdrawn(asked: Asked) -> Select[Any]:
    """Links by which evidence demonstrated what was done, withdrawn since the discharge, or whose evidence was.

    The link was on record when it was discharged, or says what the discharge rests on. Named are the link and, where it
    was withdrawn too, the evidence.
    """
    lens, done = asked.lens, _done_then(asked)
    link, (evidence, so) = lens.every_link("shown_then"), _ever(lens, "evidence_then")
    gone = evidence.c.withdrawn_seq > done.c.seq
    named = case((gone, link.c.ref + literal(" ") + evidence.c.ref), else_=link.c.ref)
    return (
        _fact(done, named, _NO_DAY)
        .select_from(
            InOrder(done, link, link.c.target_id == done.c.id).join(evidence, evidence.c.id == link.c.source_id)
        )
        .where(link.c.type == "demonstrates", *so, *lens.link_holds(link))
        .where(or_(_stood(done, link), link.c.target_id == done.c.decision_id))
        .where(or_(link.c.withdrawn_seq > done.c.seq, gone))
    )
