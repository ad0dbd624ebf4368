"""At least two of every kind of item, with a link, a due date and parts of bodies between them."""

from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.accounts import Account
from models.actions import DueDate
from models.approvals import Approval
from models.items import Involvement, Item
from models.keys import Key, KeyUse
from models.overrides import Override
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
    decision = named("decision", parent=recommendation, decision="disputed")
    source, evidence = named("source"), named("evidence")
    items = (review, recommendation, clause, action, progress, assessment, decision, source, evidence)
    return {item.ref: item for item in items}


def hidden_ones(session: Session, made: dict[str, Item]) -> None:
    """What is not for everybody: a part and a link, and things that are limited and under an embargo."""
    asked = made["recommendation"]
    an("clause", session, ref="hidden-clause", parent=asked, number=1, handling="OFFICIAL")
    an("evidence", session, ref="hidden", handling="OFFICIAL-SENSITIVE")
    an("evidence", session, ref="limited", limited_to="body")
    marked = {"handling": "OFFICIAL", "limited_to": "body"}
    whole = an("recommendation", session, ref="hidden-whole", parent=made["review"], number=7, **marked)
    an("clause", session, ref="hidden-part", parent=whole, number=1, **marked)
    until = date(2999, 1, 1)
    an("evidence", session, ref="embargoed", owner=made["body"], embargo_until=until, embargo_bodies="body")
    link(session, made["evidence"], "qualifies", asked, ref="hidden-tie", handling="OFFICIAL")
    link(session, made["evidence"], "contradicts", asked, ref="limited-tie", limited_to="body second")
    gone = an("evidence", session, ref="hidden-gone", handling="OFFICIAL")
    gone.withdraw()
    session.flush()


def administration(session: Session) -> dict[str, Any]:
    """Keys, accounts, approvals and an override: some in force, some that wait, one of each sort taken away."""
    made: dict[str, Any] = {}
    for table, of in (("key", Key), ("account", Account)):
        for state in ("", "waiting-", "gone-"):
            grant = of(ref=f"{state}{table}", name=f"{state}{table}", role="officer", body="body", clearance="PUBLIC")
            grant.asked_by, grant.second_needed = "an administrator", True
            grant.confirmed_by = "another administrator" if state == "" else None
            made[grant.ref] = grant
            if isinstance(grant, Key):
                grant.secret_digest, grant.expires_at = f"digest of {grant.ref}", "2999-01-01T00:00:00.000000Z"
            else:
                grant.subject_id = f"subject of {grant.ref}"
    for ref in ("open", "declined", "gone-approval"):
        asked = {"action": "release", "kind": "evidence", "of_ref": "limited", "handling": "PUBLIC"}
        made[ref] = Approval(ref=ref, state="open", asked_by="an inspector", **asked)
    passed = {"kind": "evidence", "of_ref": "loose", "found": "/statement chi_number 3-13"}
    made["passed"] = Override(ref="passed", why="An example of none.", by="an inspector", **passed)
    session.add_all(made.values())
    session.flush()
    session.execute(insert(KeyUse), {"key_id": made["key"].id, "used_at": "2026-01-01T00:00:00.000000Z"})
    session.refresh(made["declined"])  # what it was has to be known
    made["declined"].decide("declined", "another inspector")
    for ref in ("gone-key", "gone-account", "gone-approval"):
        made[ref].withdraw()
    session.flush()
    return made
