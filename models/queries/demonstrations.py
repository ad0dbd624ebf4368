"""Demonstrations: the evidence that shows what was done for recommendations and clauses, of all in a statement."""

from typing import Any

from sqlalchemy import CTE, ColumnElement, Subquery, literal, select, union_all

from models.keeping import PARTS, kept
from models.queries.claims import acting
from models.queries.judging import Asked, once
from models.queries.ties import joined_to


@kept(PARTS)
def demonstrations(asked: Asked) -> CTE:
    """Each recommendation and clause (`subject_id`, `kind`) with the evidence (`ref`, `day`) of what is done.

    What demonstrates an action or progress on it, and what demonstrates a clause itself: that is there for the clause
    and for its recommendation.
    """
    act, link, own = acting(asked), asked.lens.links("showing", from_target=True), asked.lens.links("showing_clause")
    itself = once(
        select(own.c.target_id, own.c.target_item_parent_id, *_evidence(own)).where(
            own.c.target_item_kind == "clause", own.c.type == "demonstrates", *asked.among(own.c.target_id)
        )
    )
    return once(
        union_all(
            *(
                select(act.c.subject_id, act.c.kind, *_evidence(link))
                .select_from(joined)
                .where(link.c.type == "demonstrates")
                for joined in joined_to(act, act.c.id, link, ("progress",))
            ),
            *(
                select(subject, literal(kind), itself.c.ref, itself.c.day)
                for subject, kind in (
                    (itself.c.target_id, "clause"),
                    (itself.c.target_item_parent_id, "recommendation"),
                )
            ),
        )
    )


def _evidence(link: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The evidence that a link comes from."""
    return (
        link.c.source_ref.label("ref"),
        link.c.source_item_effective_from.label("day"),
    )
