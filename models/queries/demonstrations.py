"""Demonstrations: the evidence that shows what was done for recommendations and clauses, of all in a statement."""

from sqlalchemy import Subquery, select, union_all

from models.keeping import PARTS, kept
from models.queries.claims import acting
from models.queries.judging import Asked


@kept(PARTS)
def doing(asked: Asked) -> Subquery:
    """Each recommendation and clause (`subject_id`) with what is done for it: actions and progress on them (`id`)."""
    act, progress = acting(asked), asked.lens.items("reported")
    return union_all(
        select(act.c.subject_id, act.c.action_id.label("id")),
        select(act.c.subject_id, progress.c.id)
        .join_from(act, progress, progress.c.parent_id == act.c.action_id)
        .where(progress.c.kind == "progress"),
    ).subquery("doing")


@kept(PARTS)
def demonstrations(asked: Asked) -> Subquery:
    """Each recommendation and clause (`subject_id`) with the evidence (`evidence_id`) that demonstrates what is done.

    What demonstrates a clause itself is there for the clause and for its recommendation.
    """
    done, link = doing(asked), asked.lens.links("showing")
    own, clause = asked.lens.links("showing_clause"), asked.lens.items("shown_clause")
    itself = (clause.c.kind == "clause", own.c.type == "demonstrates", *asked.among(clause.c.id))
    return union_all(
        select(done.c.subject_id, link.c.source_id.label("evidence_id"))
        .join_from(done, link, link.c.target_id == done.c.id)
        .where(link.c.type == "demonstrates"),
        *(
            select(subject.label("subject_id"), own.c.source_id)
            .join_from(own, clause, clause.c.id == own.c.target_id)
            .where(*itself)
            for subject in (clause.c.id, clause.c.parent_id)
        ),
    ).subquery("demonstrations")
