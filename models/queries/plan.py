"""The action plan as people ask for it: of each action whose it is, what it is for, when it is due, how it stands."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Date, Select, String, and_, bindparam, func, select
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.due import due_in_force, has_passed
from models.queries.judging import Asked
from models.queries.listing import list_items
from models.queries.paging import Page, Wanted
from models.queries.rows import Row
from models.queries.status import demonstrations
from models.queries.ties import ties
from models.several import among, several
from models.vocabulary import AGE_BANDS

PLAN_FIELDS = (
    "ref",
    "kind",
    "title",
    "owner",
    "partners",
    "recommendations",
    "related_to",
    "related_development",
    "state",
    "claimed_on",
    "claimed_by",
    "demonstrated",
    "due_first",
    "due_on",
    "revisions",
    "slip_days",
    "delay",
    "overdue",
    "days_overdue",
    "days_since_publication",
    "age_band",
    "days_since_progress",
)
MOST_SILENT = 36_500
# What a statement for some actions is given when it is run: their references, and the day.
_REFS = several("refs", String)
_TODAY: BindParameter[date] = bindparam("today", type_=Date)


def plan(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the action plan, judged on the day.

    The statements of a list of actions, and three more, however many actions. Filters besides those of actions:
    `overdue`, and `stale_for` (a number of days); `recommendation` and `basis` speak of what the action addresses.
    """
    lens, today = asked.lens, asked.today
    page = list_items(session, lens, "action", replace(wanted, filters=_judged(asked, wanted.filters)))
    refs = [row["ref"] for row in page.rows]
    standing = {found.ref: found for found in lens.read(session, _standing(lens), refs=refs, today=today)}
    shown = demonstrations(session, lens, [found.id for found in standing.values()], ()).actions
    addressed = _addressed(session, lens, refs)
    rows = []
    for row in page.rows:
        found, target = standing[row["ref"]], addressed[row["ref"]]
        age = days_since(target["published_on"], today)
        told = row | target | _due(row, today, passed=found.overdue)
        told |= {
            "state": row["claimed_status"],
            "demonstrated": len({evidence.ref for evidence in shown[found.id]}),
            "days_since_publication": age,
            "age_band": age_band(age),
            "days_since_progress": days_since(found.progressed, today),
        }
        rows.append({name: told[name] for name in PLAN_FIELDS})
    return replace(page, rows=rows)


def _judged(asked: Asked, filters: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """The filters of a list of actions that stand for those of the plan, with the day where they are judged by it."""
    found = dict(filters)
    if "overdue" in found:
        found["overdue"] = [(wanted, asked.today) for wanted in found["overdue"]]
    if "stale_for" in found:
        days = max(found.pop("stale_for"))
        found["silent"] = [(date.fromordinal(max(1, asked.today.toordinal() - days)), asked.today)]
    if found.get("recommendation") or found.get("basis"):
        found["link_type"] = ["addresses"]
    return found


@kept(STATEMENTS)
def _standing(lens: Lens) -> Select[Any]:
    """The statement that finds of some actions when progress was last dated, up to the day, and if they are overdue."""
    item, progress, due = lens.items("planned"), lens.items("planned_progress"), due_in_force(lens)
    passed = select(due.c.number).where(due.c.action_id == item.c.id, has_passed(lens, due, _TODAY)).exists()
    done = and_(progress.c.parent_id == item.c.id, progress.c.kind == "progress", progress.c.effective_from <= _TODAY)
    latest = select(func.max(progress.c.effective_from)).where(done).scalar_subquery()
    told = (latest.label("progressed"), passed.label("overdue"))
    return select(item.c.id, item.c.ref, *told).where(among(item.c.ref, _REFS))


@kept(STATEMENTS)
def _addressing(lens: Lens) -> Select[Any]:
    """The statement that finds the recommendations that some actions address, and when their reviews were published."""
    tie, asked, review, own = ties(lens), lens.items("asked"), lens.items("review"), lens.details("review")
    return (
        select(tie.c.source_ref, tie.c.recommendation, tie.c.basis, own.c.published_on)
        .join_from(tie, asked, asked.c.id == tie.c.recommendation_id)
        .outerjoin(review, review.c.id == asked.c.parent_id)
        .outerjoin(own, own.c.id == review.c.id)
        .where(tie.c.type == "addresses", among(tie.c.source_ref, _REFS))
        .order_by(asked.c.id)
    )


def _addressed(session: Session, lens: Lens, refs: Sequence[str]) -> dict[str, Row]:
    """For each action what it is stated to address, what an analyst tied it to, and when what it addresses was asked.

    That is the day on which the first of their reviews was published. What no page ties to a recommendation is a
    related development. One statement.
    """
    stated: dict[str, dict[str, date | None]] = defaultdict(dict)
    inferred: dict[str, dict[str, None]] = defaultdict(dict)
    for ref, recommendation, basis, published_on in lens.read(session, _addressing(lens), refs=list(refs)):
        if basis == "stated":
            stated[ref][recommendation] = published_on
        else:
            inferred[ref][recommendation] = None
    return {
        ref: {
            "recommendations": list(stated[ref]),
            "related_to": [found for found in inferred[ref] if found not in stated[ref]],
            "related_development": not stated[ref],
            "published_on": min((day for day in stated[ref].values() if day is not None), default=None),
        }
        for ref in refs
    }


def _due(row: Row, today: date, *, passed: bool) -> Row:
    """When an action is due and was to be due first, and how late it is; unknown where no due date is on record."""
    days = [due["due_on"] for due in row["due_dates"]]
    known = bool(days) or row["claimed_status"] == "complete"
    overdue = passed if known else None
    late = (today - days[-1]).days if overdue else 0
    return {
        "due_first": days[0] if days else None,
        "revisions": max(0, len(days) - 1),
        "slip_days": (days[-1] - days[0]).days if days else None,
        "delay": row["due_dates"][-1]["delay"] if days else None,
        "overdue": overdue,
        "days_overdue": None if overdue is None else late,
    }


def days_since(since: date | None, today: date) -> int | None:
    """How many days ago a day was; None where it is not known, or has not come."""
    return None if since is None or since > today else (today - since).days


def age_band(days: int | None) -> str | None:
    """The band of so many days since publication; None where that is not known."""
    if days is None:
        return None
    return [band for band, least in AGE_BANDS.items() if days >= least][-1]
