"""A progress report: how the recommendations of a review, or one of them, stand on a day, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.overview import overview
from models.queries.paging import Page, Wanted
from models.queries.plan import days_since, plan
from models.queries.points import Seen, last_seen
from models.queries.rows import Row
from models.queries.status import with_status
from models.queries.unchanged import while_unchanged

MOST_REPORTED = 5_000


@dataclass(frozen=True)
class Standing:
    """How a recommendation stands: its status seen three ways, its actions counted, and how long ago what was said.

    Actions that are only related developments are counted apart, and say nothing of progress.
    """

    ref: str
    number: int | None
    name: str
    status: Row
    stated: int
    complete: int
    overdue: int
    related: int
    days_since_publication: int | None
    days_since_progress: int | None


@dataclass(frozen=True)
class Report:
    """What is on record, on a day, of a review or of one recommendation, its `subject`.

    `actions` are those of the plan that are tied to it; each of the `gaps` says in `recommendations` whose it is.
    `cut` says that there is more than is told, `undated` how many actions the day left out, `unplaced` how many
    recommendations, `seen` where the record stood. `verdicts` are those on the one recommendation.
    """

    subject: Row
    day: date
    standings: list[Standing]
    actions: list[Row]
    gaps: list[Row]
    cut: bool
    undated: int | None
    seen: Seen = field(compare=False)
    unplaced: int | None = None
    verdicts: list[Row] = field(default_factory=list)


def review_report(session: Session, asked: Asked, ref: str, named: Sequence[str] = ()) -> Report:
    """The report on all recommendations of a review, in their order, or on those named. A fixed number of statements.

    None for a whole review where this reader has asked for it since the record last changed. Of some, nothing is looked
    at but what stands behind them.
    """
    if named:
        return _review_report(session, asked, ref, named)
    return while_unchanged(
        session,
        asked.lens,
        ("report", ref, asked.today),
        lambda: _review_report(session, asked, ref, ()),
        lambda report: len(report.standings) + len(report.actions) + len(report.gaps),
    )


def _review_report(session: Session, asked: Asked, ref: str, named: Sequence[str]) -> Report:
    """The report, found anew."""
    review = find(session, asked.lens, "review", ref)
    filters = {"review": [ref]} | ({"ref": named} if named else {})
    wanted = Wanted(filters=filters, sort="number", limit=MOST_REPORTED)
    asking = list_items(session, asked.lens, "recommendation", wanted)
    with_status(session, asked.lens, asking.rows)
    refs = [row["ref"] for row in asking.rows]
    planned = _planned(session, asked, refs)
    return Report(
        review,
        asked.today,
        [_standing(row, planned.rows, days_since(review["published_on"], asked.today)) for row in asking.rows],
        planned.rows,
        _shared(gaps(session, asked, Wanted(filters={"recommendation": refs}, limit=0)).rows, planned.rows, refs),
        cut=asking.after is not None or planned.after is not None,
        undated=planned.undated,
        seen=last_seen(session, asked.lens),
        unplaced=asking.undated,
    )


def recommendation_report(session: Session, asked: Asked, ref: str) -> Report:
    """The report on one recommendation, with its actions and the verdicts on it. At most so many statements."""
    row = overview(session, asked, ref)
    review = find(session, asked.lens, "review", row["review"]) if row["review"] is not None else None
    planned = _planned(session, asked, [ref])
    wanted = Wanted(filters={"subject": [ref]}, sort="effective_from", limit=MOST_REPORTED)
    verdicts = list_items(session, asked.lens, "assessment", wanted)
    age = days_since(review["published_on"], asked.today) if review is not None else None
    return Report(
        row,
        asked.today,
        [_standing(row, planned.rows, age)],
        planned.rows,
        _shared(row["gaps"], planned.rows, [ref]),
        cut=planned.after is not None or verdicts.after is not None,
        undated=planned.undated,
        seen=last_seen(session, asked.lens),
        verdicts=verdicts.rows,
    )


def _planned(session: Session, asked: Asked, refs: Sequence[str]) -> Page:
    """The part of the action plan that is tied to some recommendations; of none, nothing."""
    if not refs:
        return Page([], undated=None if asked.lens.as_of is None else 0)
    return plan(session, asked, Wanted(filters={"recommendation": refs}, limit=MOST_REPORTED))


def _standing(row: Row, actions: Sequence[Row], age: int | None) -> Standing:
    """How a recommendation stands, by the actions of the plan."""
    stated = [action for action in actions if row["ref"] in action["recommendations"]]
    silences = [action["days_since_progress"] for action in stated if action["days_since_progress"] is not None]
    return Standing(
        row["ref"],
        row["number"],
        row["short_name"],
        row["status"],
        stated=len(stated),
        complete=sum(action["state"] == "complete" for action in stated),
        overdue=sum(action["overdue"] is True for action in stated),
        related=sum(row["ref"] in action["related_to"] for action in actions),
        days_since_publication=age,
        days_since_progress=min(silences, default=None),
    )


def _shared(found: Sequence[Row], actions: Sequence[Row], refs: Sequence[str]) -> list[Row]:
    """The gaps, each with those of the recommendations that it bears on; an action's is that of all that it is for."""
    tied = {action["ref"]: {*action["recommendations"], *action["related_to"]} for action in actions}
    places = {ref: place for place, ref in enumerate(refs)}
    shared = []
    for gap in found:
        bears_on = tied.get(gap["ref"], set()) | {gap["recommendation"]}
        shared.append(gap | {"recommendations": sorted(bears_on & places.keys(), key=places.__getitem__)})
    return shared
