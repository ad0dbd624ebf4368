"""The status of recommendations seen three ways: what is claimed, what is verified, what the evidence shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.latest import latest_claims, latest_verdicts
from models.queries.rows import Row
from models.queries.ties import ties

_NOTHING: Row = {"status": None, "date": None, "rests_on": []}


def statuses(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, Row]:
    """For each recommendation (by reference) its claimed, verified and derived status, each with date and basis.

    Three statements, however many recommendations.
    - claimed: from the latest progress of each action that is *stated* to address it (or a clause of it); an action
      with an inferred tie is a related development and claims nothing for it. One word for several actions: all
      alike, that word; otherwise `stalled` when none is under way or complete, else `under_way`.
    - verified: the latest verdict on it; `not_published` where the verdict exists but is not on the pages read.
    - derived: whether evidence demonstrates what those actions claim.
    """
    verdicts = _verdicts(session, lens, refs)
    actions = _actions(session, lens, refs)
    return {
        ref: {
            "claimed": _claimed(actions[ref]),
            "verified": verdicts.get(ref, _NOTHING),
            "derived": _derived(actions[ref]),
        }
        for ref in refs
    }


def with_status(session: Session, lens: Lens, rows: Sequence[Row]) -> None:
    """Put onto each recommendation its status seen three ways. Three statements."""
    found = statuses(session, lens, [row["ref"] for row in rows])
    for row in rows:
        row["status"] = found[row["ref"]]


def _verdicts(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, Row]:
    """The latest verdict on each recommendation."""
    verdict, subject = latest_verdicts(lens), lens.items("subject")
    found = lens.read(
        session,
        select(subject.c.ref.label("subject"), verdict.c.ref, verdict.c.effective_from, verdict.c.verdict)
        .join_from(verdict, subject, subject.c.id == verdict.c.parent_id)
        .where(subject.c.ref.in_(refs)),
    )
    return {row.subject: {"status": row.verdict, "date": row.effective_from, "rests_on": [row.ref]} for row in found}


def _actions(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, list[Row]]:
    """For each recommendation the actions stated to address it: their claim, and the evidence that demonstrates it."""
    tie, claim = ties(lens), latest_claims(lens)
    found = lens.read(
        session,
        select(
            tie.c.recommendation,
            tie.c.source_id.label("id"),
            tie.c.source_ref.label("ref"),
            claim.c.claimed_status,
            claim.c.ref.label("progress"),
            claim.c.effective_from.label("date"),
        )
        .select_from(tie)
        .outerjoin(claim, claim.c.parent_id == tie.c.source_id)
        .where(tie.c.type == "addresses", tie.c.basis == "stated", tie.c.recommendation.in_(refs))
        .order_by(tie.c.id),
    ).mappings()
    actions: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in found:
        actions[row["recommendation"]].setdefault(row["id"], dict(row))
    shown = _demonstrations(session, lens, {action_id for group in actions.values() for action_id in group})
    plans: dict[str, list[Row]] = defaultdict(list)
    for ref, group in actions.items():
        plans[ref] = [action | {"evidence": shown[action["id"]]} for action in group.values()]
    return plans


def _demonstrations(session: Session, lens: Lens, action_ids: Iterable[int]) -> dict[int, list[tuple[Any, str]]]:
    """For each action the evidence (day, reference) that demonstrates it or progress on it."""
    link, evidence, progress = lens.links(), lens.items("evidence"), lens.items("progress")
    action_id = func.coalesce(progress.c.parent_id, link.c.target_id).label("action_id")
    found = lens.read(
        session,
        select(action_id, evidence.c.ref, evidence.c.effective_from)
        .select_from(link)
        .join(evidence, evidence.c.id == link.c.source_id)
        .outerjoin(progress, and_(progress.c.id == link.c.target_id, progress.c.kind == "progress"))
        .where(
            link.c.type == "demonstrates", or_(link.c.target_id.in_(action_ids), progress.c.parent_id.in_(action_ids))
        )
        .order_by(evidence.c.id),
    )
    shown: dict[int, list[tuple[Any, str]]] = defaultdict(list)
    for row in found:
        shown[row.action_id].append((row.effective_from, row.ref))
    return shown


def _latest(days: Iterable[date | None]) -> date | None:
    """The latest of the days that are known."""
    return max((day for day in days if day is not None), default=None)


def _claimed(actions: list[Row]) -> Row:
    """What the actions together claim."""
    claims = [action for action in actions if action["claimed_status"]]
    if not claims:
        return _NOTHING
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
        "date": _latest(action["date"] for action in claims),
        "rests_on": [action["progress"] for action in claims],
    }


def _derived(actions: list[Row]) -> Row:
    """What the evidence shows of the actions."""
    shown = [found for action in actions for found in action["evidence"]]
    if not actions:
        status = "no_action"
    elif not shown:
        status = "not_demonstrated"
    else:
        whole = all(action["evidence"] and action["claimed_status"] == "complete" for action in actions)
        status = "demonstrated" if whole else "partly_demonstrated"
    days = [day for day, _ in shown] + [action["date"] for action in actions]
    rests_on = list(dict.fromkeys([action["ref"] for action in actions] + [ref for _, ref in shown]))
    return {"status": status, "date": _latest(days), "rests_on": rests_on}
