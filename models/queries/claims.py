"""Claims: what several actions claim together in one word, said of actions that were read, and of all in a statement.

One word for several actions: all alike, that word; otherwise `under_way` where any is under way or complete, else
`stalled` where any is, else `not_started`. An action that claims nothing is unlike those that do.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Subquery, and_, case, func, literal, or_, select, union

from models.keeping import PARTS, kept
from models.queries.judging import Asked
from models.queries.latest import latest_claims
from models.queries.rows import Row
from models.queries.ties import ties

NOTHING: Row = {"status": None, "date": None, "rests_on": []}
# From what has come least far to what has come furthest; the place of the word is its rank, from 1.
FURTHER = ("not_started", "stalled", "under_way", "complete")
COMPLETE = len(FURTHER)
# Nobody owns the action, as far as the record says: such actions are one party of their own.
_NOBODY = 0


def latest_day(days: Iterable[date | None]) -> date | None:
    """The latest of the days that are known."""
    return max((day for day in days if day is not None), default=None)


def together(actions: Sequence[Row]) -> Row:
    """What actions together claim: the word, the day of the latest claim, and the progress that claims it."""
    claims = [action for action in actions if action["claimed_status"]]
    if not claims:
        return NOTHING
    words = {action["claimed_status"] for action in claims}
    if len(claims) < len(actions):
        words.add("unknown")
    if len(words) == 1:
        status = words.pop()
    else:
        status = (
            "under_way" if words & {"under_way", "complete"} else "stalled" if "stalled" in words else "not_started"
        )
    return {
        "status": status,
        "date": latest_day(action["date"] for action in claims),
        "rests_on": [action["progress"] for action in claims],
    }


def rolled_up(actions: Sequence[Row]) -> Row:
    """What the actions for one recommendation claim of it, by its own rule (`roll_up`).

    `all`, and where it has none: all actions together. `any`: what the bodies claim that claim to have come furthest,
    each with its own actions together; those that no body owns are taken as one more body's. `lead`: what the body that
    leads claims with its own actions; nothing where none leads.
    """
    rule = actions[0]["roll_up"] if actions else None
    if rule == "lead":
        return together([action for action in actions if action["owner"] and action["owner"] == action["lead"]])
    if rule != "any":
        return together(actions)
    parties: dict[str | None, list[Row]] = defaultdict(list)
    for action in actions:
        parties[action["owner"]].append(action)
    claimed = [found for found in map(together, parties.values()) if found["status"]]
    if not claimed:
        return NOTHING
    furthest = max((found["status"] for found in claimed), key=FURTHER.index)
    among = [found for found in claimed if found["status"] == furthest]
    return {
        "status": furthest,
        "date": latest_day(found["date"] for found in among),
        "rests_on": [ref for found in among for ref in found["rests_on"]],
    }


def roll_up_of(recommendation: FromClause) -> ColumnElement[Any]:
    """The rule by which a recommendation rolls up what is claimed of it, of the columns of its own table.

    NULL, which means `all`, where it has none.
    """
    return recommendation.c.roll_up


@kept(PARTS)
def acting(asked: Asked, name: str = "acting") -> Subquery:
    """Each recommendation and each clause (`subject_id`) with the actions stated to address it, a clause's own too.

    An action with an inferred tie is a related development, and claims nothing for it.
    """
    tie = ties(asked.lens, f"{name}_tie")
    stated = (tie.c.type == "addresses", tie.c.basis == "stated", *asked.among(tie.c.target_id))
    return union(
        select(tie.c.recommendation_id.label("subject_id"), tie.c.source_id.label("action_id")).where(
            tie.c.recommendation_id.is_not(None), *stated
        ),
        select(tie.c.target_id, tie.c.source_id).where(tie.c.target_kind == "clause", *stated),
    ).subquery(name)


def _claims(asked: Asked) -> Subquery:
    """Each action for a recommendation or clause, with its claim and the party to which the roll-up counts it."""
    lens, act, claim = asked.lens, acting(asked), latest_claims(asked.lens)
    action, owner = lens.items("claiming"), lens.items("claimant")
    rule, lead = lens.details("recommendation", "rolled"), lens.involvements("claim_lead")
    word = func.coalesce(roll_up_of(rule), literal("all"))
    return (
        select(
            act.c.subject_id,
            case((word == "any", func.coalesce(owner.c.id, _NOBODY)), else_=_NOBODY).label("party"),
            claim.c.ref,
            claim.c.claimed_status.label("word"),
            claim.c.effective_from.label("day"),
        )
        .join_from(act, action, action.c.id == act.c.action_id)
        .outerjoin(claim, claim.c.parent_id == action.c.id)
        .outerjoin(owner, owner.c.id == action.c.owner_id)
        .outerjoin(rule, rule.c.id == act.c.subject_id)
        .outerjoin(lead, and_(lead.c.item_id == act.c.subject_id, lead.c.role == "lead"))
        .where(or_(word != "lead", owner.c.id == lead.c.body_id))
        .subquery("claims")
    )


@kept(PARTS)
def claimed(asked: Asked) -> Subquery:
    """What is claimed of each recommendation and clause (`subject_id`): the same as of actions that were read.

    `rank` is the place of the word in `FURTHER`, from 1; `refs` are the progress that claims it, with blanks between;
    what nothing is claimed of is not there.
    """
    claims = _claims(asked)
    complete, moving, stalled = (
        func.sum(case((claims.c.word.in_(words), 1), else_=0))
        for words in (("complete",), ("complete", "under_way"), ("stalled",))
    )
    rank = case(
        (complete == func.count(), COMPLETE),
        (moving > 0, FURTHER.index("under_way") + 1),
        (stalled > 0, FURTHER.index("stalled") + 1),
        (func.count(claims.c.ref) > 0, 1),
        else_=0,
    )
    party = (
        select(
            claims.c.subject_id,
            rank.label("rank"),
            func.max(claims.c.day).label("day"),
            func.aggregate_strings(claims.c.ref, " ").label("refs"),
            func.max(rank).over(partition_by=claims.c.subject_id).label("furthest"),
        )
        .group_by(claims.c.subject_id, claims.c.party)
        .subquery("parties")
    )
    return (
        select(
            party.c.subject_id,
            party.c.rank,
            func.max(party.c.day).label("day"),
            func.aggregate_strings(party.c.refs, " ").label("refs"),
        )
        .where(party.c.rank == party.c.furthest, party.c.rank > 0)
        .group_by(party.c.subject_id, party.c.rank)
        .subquery("claimed")
    )
