"""The status of recommendations seen three ways: what is claimed, what is verified, what the evidence shows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, select, union_all
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.latest import latest_claims, latest_verdicts
from models.queries.rows import Row
from models.queries.ties import TARGETS, targets_of, ties

_NOTHING: Row = {"status": None, "date": None, "rests_on": []}


def statuses(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, Row]:
    """For each recommendation (by reference) its claimed, verified and derived status, each with date and basis.

    Four statements, however many recommendations.
    - claimed: from the latest progress of each action that is *stated* to address it (or a clause of it); an action
      with an inferred tie is a related development and claims nothing for it. One word for several actions: all
      alike, that word; otherwise `stalled` when none is under way or complete, else `under_way`.
    - verified: the latest verdict on it; `not_published` where the verdict exists but is not on the pages read.
    - derived: whether evidence demonstrates what those actions claim.
    """
    targets = targets_of(session, lens, refs)
    verdicts = _verdicts(session, lens, targets)
    actions = _actions(session, lens, targets)
    return {
        ref: {
            "claimed": _claimed(actions[ref]),
            "verified": verdicts.get(ref, _NOTHING),
            "derived": _derived(actions[ref]),
        }
        for ref in refs
    }


def with_status(session: Session, lens: Lens, rows: Sequence[Row]) -> None:
    """Put onto each recommendation its status seen three ways. Four statements."""
    found = statuses(session, lens, [row["ref"] for row in rows])
    for row in rows:
        row["status"] = found[row["ref"]]


@kept(STATEMENTS)
def _latest_verdicts(lens: Lens) -> Select[Any]:
    """The statement that finds the latest verdict on each of some recommendations (`targets`)."""
    verdict, subject = latest_verdicts(lens), lens.items("subject")
    return (
        select(subject.c.ref.label("subject"), verdict.c.ref, verdict.c.effective_from, verdict.c.verdict)
        .join_from(verdict, subject, subject.c.id == verdict.c.parent_id)
        .where(subject.c.kind == "recommendation", subject.c.id.in_(TARGETS))
    )


def _verdicts(session: Session, lens: Lens, targets: Sequence[int]) -> dict[str, Row]:
    """The latest verdict on each recommendation."""
    found = lens.read(session, _latest_verdicts(lens), targets=targets)
    return {row.subject: {"status": row.verdict, "date": row.effective_from, "rests_on": [row.ref]} for row in found}


@kept(STATEMENTS)
def _addressing(lens: Lens) -> Select[Any]:
    """The statement that finds the actions stated to address some recommendations (`targets`), with what they claim."""
    tie, claim = ties(lens), latest_claims(lens)
    return (
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
        .where(tie.c.type == "addresses", tie.c.basis == "stated", tie.c.target_id.in_(TARGETS))
        .order_by(tie.c.id)
    )


def _actions(session: Session, lens: Lens, targets: Sequence[int]) -> dict[str, list[Row]]:
    """For each recommendation the actions stated to address it: their claim, and the evidence that demonstrates it."""
    actions: dict[str, dict[int, Row]] = defaultdict(dict)
    for row in lens.read(session, _addressing(lens), targets=targets).mappings():
        actions[row["recommendation"]].setdefault(row["id"], dict(row))
    shown = demonstrations(session, lens, {action_id for group in actions.values() for action_id in group})
    plans: dict[str, list[Row]] = defaultdict(list)
    for ref, group in actions.items():
        plans[ref] = [action | {"evidence": shown[action["id"]]} for action in group.values()]
    return plans


@kept(STATEMENTS)
def _demonstrating(lens: Lens) -> Select[Any]:
    """The statement that finds the evidence that demonstrates some actions (`actions`), or progress on them."""
    link, evidence, progress, action = lens.links(), *map(lens.items, ("evidence", "progress", "action"))
    ids: BindParameter[Any] = bindparam("actions", expanding=True, type_=Integer)
    shown = union_all(
        select(action.c.id, action.c.id.label("action_id")).where(action.c.id.in_(ids)),
        select(progress.c.id, progress.c.parent_id).where(progress.c.kind == "progress", progress.c.parent_id.in_(ids)),
    ).subquery("shown")
    return (
        select(shown.c.action_id, evidence.c.ref, evidence.c.effective_from)
        .join_from(shown, link, link.c.target_id == shown.c.id)
        .join(evidence, evidence.c.id == link.c.source_id)
        .where(link.c.type == "demonstrates")
        .order_by(evidence.c.id, link.c.id)
    )


def demonstrations(session: Session, lens: Lens, action_ids: Iterable[int]) -> dict[int, list[tuple[Any, str]]]:
    """For each action the evidence (day, reference) that demonstrates it or progress on it."""
    shown: dict[int, list[tuple[Any, str]]] = defaultdict(list)
    for row in lens.read(session, _demonstrating(lens), actions=list(action_ids)):
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
