"""The status of recommendations and clauses seen three ways: what is claimed, verified, and shown by the evidence."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, or_, select
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.claims import NOTHING, latest_day, rolled_up
from models.queries.latest import claims_of, latest_verdicts
from models.queries.rows import Row
from models.queries.ties import TARGETS, targets_of, ties
from models.several import among, one_of, several

# What is told of what is claimed of an action, and the columns of the progress that claims it.
_CLAIMED = {"claimed_status": "claimed_status", "progress": "ref", "date": "effective_from"}
# What can have a status seen three ways.
SUBJECTS = ("recommendation", "clause")


class Evidence(NamedTuple):
    """A piece of evidence that demonstrates something."""

    day: date | None
    ref: str


class Demonstrated(NamedTuple):
    """What evidence demonstrates: actions (by id) or progress on them, clauses, recommendations in a clause of them."""

    actions: dict[int, list[Evidence]]
    clauses: dict[str, list[Evidence]]
    in_part: dict[str, list[Evidence]]


def statuses(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, Row]:
    """For each recommendation or clause (by reference) its claimed, verified and derived status, with date and basis.

    Five statements, however many.
    - claimed: from the latest progress of each action that is *stated* to address it, or, a recommendation, a clause of
      it; an action with an inferred tie is a related development and claims nothing for it. One word for several
      actions: all alike, that word; otherwise `stalled` when none is under way or complete, else `under_way`. A
      recommendation can have another rule (`rolled_up`).
    - verified: the latest verdict on it; `not_published` where the verdict exists but is not on the pages read.
    - derived: whether evidence demonstrates what those actions claim, or demonstrates a clause itself.
    """
    targets = targets_of(session, lens, refs, SUBJECTS)
    verdicts = _verdicts(session, lens, targets)
    plans = addressing(session, lens, targets)
    actions = {action["id"] for plan in plans.values() for action in plan}
    shown = demonstrations(session, lens, actions, targets)
    return {
        ref: {
            "claimed": rolled_up(plans[ref]),
            "verified": verdicts.get(ref, NOTHING),
            "derived": _derived(ref, plans[ref], shown),
        }
        for ref in refs
    }


def with_status(session: Session, lens: Lens, rows: Sequence[Row]) -> None:
    """Put onto each recommendation or clause its status seen three ways. Five statements."""
    found = statuses(session, lens, [row["ref"] for row in rows])
    for row in rows:
        row["status"] = found[row["ref"]]


@kept(STATEMENTS)
def _latest_verdicts(lens: Lens) -> Select[Any]:
    """The statement that finds the latest verdict on each of some recommendations and clauses (`targets`)."""
    verdict, subject = latest_verdicts(lens), lens.items("subject")
    return (
        select(subject.c.ref.label("subject"), verdict.c.ref, verdict.c.effective_from, verdict.c.verdict)
        .join_from(verdict, subject, subject.c.id == verdict.c.parent_id)
        .where(one_of(subject.c.kind, SUBJECTS), among(subject.c.id, TARGETS))
    )


def _verdicts(session: Session, lens: Lens, targets: Sequence[int]) -> dict[str, Row]:
    """The latest verdict on each recommendation and clause."""
    found = lens.read(session, _latest_verdicts(lens), targets=targets)
    return {row.subject: {"status": row.verdict, "date": row.effective_from, "rests_on": [row.ref]} for row in found}


@kept(STATEMENTS)
def _addressing(lens: Lens) -> Select[Any]:
    """The statement that finds the actions stated to address some recommendations and clauses (`targets`).

    Each with who owns it, who leads the recommendation, and how that rolls up what is claimed of it.
    """
    tie, rule = ties(lens), lens.details("recommendation", "rolled")
    owner, lead = lens.items("acting_owner"), lens.involvements("leading")
    leads = select(lead.c.body_ref).where(lead.c.item_id == tie.c.recommendation_id, lead.c.role == "lead")
    return (
        select(
            tie.c.recommendation,
            tie.c.target_ref,
            tie.c.target_kind,
            tie.c.source_id.label("id"),
            tie.c.source_ref.label("ref"),
            owner.c.ref.label("owner"),
            leads.scalar_subquery().label("lead"),
            rule.c.roll_up,
        )
        .outerjoin_from(tie, owner, owner.c.id == tie.c.source_item_owner_id)
        .outerjoin(rule, rule.c.id == tie.c.recommendation_id)
        .where(tie.c.type == "addresses", tie.c.basis == "stated", among(tie.c.target_id, TARGETS))
        .order_by(tie.c.id)
    )


def addressing(session: Session, lens: Lens, targets: Sequence[int]) -> dict[str, list[Row]]:
    """For each recommendation and clause (by reference) the actions stated to address it, with their claims.

    An action for a clause is one for its recommendation, too; what is claimed of a clause has the usual rule alone. Two
    statements.
    """
    plans: dict[str, dict[int, Row]] = defaultdict(dict)
    raws = lens.read(session, _addressing(lens), targets=targets).mappings().all()
    claims = claims_of(session, lens, {raw["id"] for raw in raws})
    for raw in raws:
        claim = claims.get(raw["id"])
        action = {**raw, **{name: claim and claim[column] for name, column in _CLAIMED.items()}}
        plans[raw["recommendation"]].setdefault(raw["id"], action)
        if raw["target_kind"] == "clause":
            plans[raw["target_ref"]].setdefault(raw["id"], action | {"roll_up": None})
    return defaultdict(list, {ref: list(plan.values()) for ref, plan in plans.items()})


@kept(STATEMENTS)
def _demonstrating(lens: Lens) -> Select[Any]:
    """The statement that finds the evidence that demonstrates some actions (`actions`), or progress on them.

    And that which demonstrates clauses themselves (of `targets`), each with its clause and its recommendation.
    """
    tie, actions = ties(lens), several("actions")
    target, kind, whole = tie.c.target_item_id, tie.c.target_item_kind, tie.c.target_item_parent_id
    shown = (
        among(target, actions),
        and_(kind == "progress", among(whole, actions)),
        and_(kind == "clause", among(target, TARGETS)),
    )
    return (
        select(
            case((kind == "action", target), (kind == "progress", whole)).label("action_id"),
            tie.c.target_ref.label("clause"),
            tie.c.recommendation.label("whole"),
            tie.c.source_ref.label("ref"),
            tie.c.source_item_effective_from.label("effective_from"),
        )
        .where(tie.c.type == "demonstrates", or_(*shown))
        .order_by(tie.c.source_id, tie.c.id)
    )


def demonstrations(session: Session, lens: Lens, action_ids: Iterable[int], targets: Sequence[int]) -> Demonstrated:
    """The evidence that demonstrates some actions or progress on them, and clauses among the targets. One statement."""
    found = Demonstrated(defaultdict(list), defaultdict(list), defaultdict(list))
    for row in lens.read(session, _demonstrating(lens), actions=list(action_ids), targets=targets):
        evidence = Evidence(row.effective_from, row.ref)
        if row.action_id is not None:
            found.actions[row.action_id].append(evidence)
        else:
            found.clauses[row.clause].append(evidence)
            found.in_part[row.whole].append(evidence)
    return found


def _derived(ref: str, actions: list[Row], demonstrated: Demonstrated) -> Row:
    """What the evidence shows of the actions, or of the clause itself."""
    shown = [found for action in actions for found in demonstrated.actions[action["id"]]]
    itself, in_part = demonstrated.clauses[ref], demonstrated.in_part[ref]
    if itself:
        status = "demonstrated"
    elif not shown and not in_part:
        status = "not_demonstrated" if actions else "no_action"
    else:
        ends = (demonstrated.actions[action["id"]] and action["claimed_status"] == "complete" for action in actions)
        status = "demonstrated" if actions and all(ends) else "partly_demonstrated"
    evidence = [*shown, *itself, *in_part]
    days = [found.day for found in evidence] + [action["date"] for action in actions]
    rests_on = list(dict.fromkeys([action["ref"] for action in actions] + [found.ref for found in evidence]))
    return {"status": status, "date": latest_day(days), "rests_on": rests_on}
