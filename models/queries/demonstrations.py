"""Demonstrations: the evidence that shows what was done for recommendations and clauses, of all in a statement."""

from sqlalchemy import CTE, literal, select, union_all

from models.base import InOrder
from models.keeping import PARTS, kept
from models.queries.claims import acting
from models.queries.judging import Asked, once


@kept(PARTS)
def doing(asked: Asked) -> CTE:
    """Each recommendation and clause (`subject_id`, `kind`) with what is done for it: actions and progress (`id`)."""
    act, progress = acting(asked), asked.lens.items("reported")
    return once(
        union_all(
            select(act.c.subject_id, act.c.kind, act.c.id),
            select(act.c.subject_id, act.c.kind, progress.c.id)
            .select_from(InOrder(act, progress, progress.c.parent_id == act.c.id))
            .where(progress.c.kind == "progress"),
        )
    )


@kept(PARTS)
def demonstrations(asked: Asked) -> CTE:
    """Each recommendation and clause (`subject_id`, `kind`) with the evidence (`evidence_id`) of what is done.

    What demonstrates a clause itself is there for the clause and for its recommendation.
    """
    done, link = doing(asked), asked.lens.links("showing")
    own, clause = asked.lens.links("showing_clause"), asked.lens.items("shown_clause")
    itself = (clause.c.kind == "clause", own.c.type == "demonstrates", *asked.among(clause.c.id))
    return once(
        union_all(
            select(done.c.subject_id, done.c.kind, link.c.source_id.label("evidence_id"))
            .select_from(InOrder(done, link, link.c.target_id == done.c.id))
            .where(link.c.type == "demonstrates"),
            *(
                select(subject.label("subject_id"), literal(kind).label("kind"), own.c.source_id)
                .join_from(own, clause, clause.c.id == own.c.target_id)
                .where(*itself)
                for subject, kind in ((clause.c.id, "clause"), (clause.c.parent_id, "recommendation"))
            ),
        )
    )
