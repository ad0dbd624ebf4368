"""At least two of every kind of item, with a link, a due date and parts of bodies between them."""

from datetime import date

from sqlalchemy.orm import Session

from models.actions import DueDate
from models.items import Involvement, Item
from tests.factories import an, link


def one_of_each(session: Session) -> dict[str, Item]:
    """A whole small graph: each kind under its own name, and a second of it under `other-` and the name."""
    made = {name: an("body", session, ref=name) for name in ("body", "second", "other-body")}
    for prefix in ("", "other-"):
        made |= _a_plan(session, prefix, made)
    made["loose"] = an("evidence", session, ref="loose")
    made["tally"] = an(
        "assessment",
        session,
        ref="tally",
        parent=made["review"],
        verdict=None,
        tally_fully_met=1,
        tally_partially_met=0,
        tally_not_met=0,
    )
    link(session, made["evidence"], "supports", made["recommendation"], ref="tie")
    return made


def _a_plan(session: Session, prefix: str, made: dict[str, Item]) -> dict[str, Item]:
    """A review with a recommendation and what belongs to it."""
    body = made["body"]

    def named(kind: str, **values: object) -> Item:
        return an(kind, session, ref=f"{prefix}{kind}", **values)

    publisher = Involvement(role="publisher", body=body, position=1)
    review = named("review", published_on=date(2020, 1, 1), bodies=[publisher])
    recommendation = named("recommendation", parent=review, number=1, lead=body)
    clause = named("clause", parent=recommendation, number=1)
    due = DueDate(number=1, due_on=date(2021, 1, 1), note=None)
    action = named("action", owner=body, due_dates=[due])
    progress = named("progress", parent=action, number=1, claimed_status="under_way")
    assessment = named("assessment", parent=recommendation)
    decision = named("decision", parent=recommendation)
    source, evidence = named("source"), named("evidence")
    items = (review, recommendation, clause, action, progress, assessment, decision, source, evidence)
    return {item.ref: item for item in items}
