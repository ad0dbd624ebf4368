"""Claims: what several actions claim together in one word, said of actions that were read, and of all in a statement.

One word for several actions: all alike, that word; otherwise `under_way` where any is under way or complete, else
`stalled` where any is, else `not_started`. An action that claims nothing is unlike those that do.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import (
    CTE,
    Date,
    String,
    Subquery,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union,
    union_all,
)

from models.base import InOrder
from models.keeping import PARTS, kept
from models.queries.judging import Asked, once
from models.queries.latest import latest_claims
from models.queries.rows import Row
from models.several import one_of

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


@kept(PARTS)
def acting(asked: Asked) -> CTE:
    """Each recommendation and each clause (`subject_id`, `kind`) with the actions stated to address it.

    An action for a clause is one for its recommendation, too; each is there once. With it is the body that owns it, if
    that is on record (`owner_id`). An action with an inferred tie is a related development, and claims nothing for it.
    """
    link, owner = asked.lens.links("acting"), asked.lens.items("acting_owner")
    stated = once(
        select(link.c.target_id, link.c.target_kind, link.c.target_item_parent_id, link.c.source_id, owner.c.id)
        .outerjoin_from(link, owner, owner.c.id == link.c.source_item_owner_id)
        .where(link.c.type == "addresses", link.c.basis == "stated")
        .where(*(asked.among(link.c.target_id) or [link.c.source_item_kind == "action"]))
    )
    return once(
        union(
            *(
                select(
                    whose.label("subject_id"),
                    literal(kind).label("kind"),
                    stated.c.source_id.label("id"),
                    stated.c.id.label("owner_id"),
                ).where(stated.c.target_kind == target)
                for whose, kind, target in (
                    (stated.c.target_id, "recommendation", "recommendation"),
                    (stated.c.target_id, "clause", "clause"),
                    (stated.c.target_item_parent_id, "recommendation", "clause"),
                )
            )
        )
    )


def _counted(asked: Asked) -> Subquery:
    """Each action for a recommendation or clause with the party that its roll-up counts it to, and each claim of one.

    What is no claim has no `word`. The rule `lead` counts what the body owns that leads, and nothing else.
    """
    lens, act = asked.lens, acting(asked)
    claim, rule, lead = latest_claims(lens), lens.details("recommendation", "rolled"), lens.involvements("claim_lead")
    word = func.coalesce(rule.c.roll_up, literal("all"))
    leads = (
        select(lead.c.body_id)
        .where(lead.c.item_id == act.c.subject_id, lead.c.role == "lead")
        .correlate(act)
        .scalar_subquery()
    )
    party = case((word == "any", func.coalesce(act.c.owner_id, _NOBODY)), else_=_NOBODY).label("party")
    columns = act.c.subject_id, act.c.kind, party
    ruled = act.outerjoin(rule, rule.c.id == act.c.subject_id)
    counts = or_(word != "lead", act.c.owner_id == leads)
    nothing = (type_coerce(null(), String).label("ref"), type_coerce(null(), String).label("word"))
    return union_all(
        select(*columns, *nothing, cast(null(), Date).label("day")).select_from(ruled).where(counts),
        select(*columns, claim.c.ref, claim.c.claimed_status, claim.c.effective_from)
        .select_from(InOrder(ruled, claim, claim.c.parent_id == act.c.id))
        .where(counts),
    ).subquery("counted")


@kept(PARTS)
def claimed(asked: Asked) -> CTE:
    """What is claimed of each recommendation and clause (`subject_id`, `kind`): the same as of actions that were read.

    `rank` is the place of the word in `FURTHER`, from 1; `refs` are the progress that claims it, with blanks between;
    what nothing is claimed of is not there.
    """
    counted = _counted(asked)
    actions, complete, moving, stalled, claims = (
        func.sum(case((condition, 1), else_=0))
        for condition in (
            counted.c.word.is_(None),
            counted.c.word == "complete",
            one_of(counted.c.word, ("complete", "under_way")),
            counted.c.word == "stalled",
            counted.c.word.is_not(None),
        )
    )
    rank = case(
        (complete == actions, COMPLETE),
        (moving > 0, FURTHER.index("under_way") + 1),
        (stalled > 0, FURTHER.index("stalled") + 1),
        (claims > 0, 1),
        else_=0,
    )
    subject = counted.c.subject_id, counted.c.kind
    party = (
        select(
            *subject,
            rank.label("rank"),
            func.max(counted.c.day).label("day"),
            func.aggregate_strings(counted.c.ref, " ").label("refs"),
            func.max(rank).over(partition_by=counted.c.subject_id).label("furthest"),
        )
        .group_by(*subject, counted.c.party)
        .subquery("parties")
    )
    return once(
        select(
            party.c.subject_id,
            party.c.kind,
            party.c.rank,
            func.max(party.c.day).label("day"),
            func.aggregate_strings(party.c.refs, " ").label("refs"),
        )
        .where(party.c.rank == party.c.furthest, party.c.rank > 0)
        .group_by(party.c.subject_id, party.c.kind, party.c.rank)
    )
