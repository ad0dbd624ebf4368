"""Changes: what was done to the record, by whom and why; and what differs between two points of it."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.access import Permission
from api.call import Call
from api.schemas.base import Day
from api.schemas.record import ChangeQuery
from explorer.asking import Answered, ask
from explorer.declaring import PageQuery, page
from explorer.forms import FormQuery
from explorer.page import Page
from models.changes import ACTIONS
from models.errors import NotFound
from models.vocabulary import KINDS

Row = dict[str, Any]

blueprint = Blueprint("change_pages", __name__)
SECTION = "Changes"
ABOVE = ((SECTION, "/changes"),)
# How many differences of a sort, and how many baselines, a page shows.
_MOST, _MOST_BASELINES = 50, 50
_DAYS = ("first_day", "last_day")
_ORDER = ("verdict", "status", "gap", "item", "link")


def _a_day(about: str) -> Day:
    """A parameter that is a day."""
    return Day(error_messages={"invalid": "is not a day; write it as YYYY-MM-DD"}, metadata={"description": about})


class ChangeForm(FormQuery, ChangeQuery):
    """What the page of the record takes: days, where the API takes moments."""

    as_of = PageQuery().fields["as_of"]
    first_day = _a_day("Only changes on this day or later.")
    last_day = _a_day("Only changes on this day or earlier.")


class CompareForm(FormQuery, PageQuery):
    """What a comparison takes: two points of the record."""

    from_ = fields.String(data_key="from", load_default="", validate=validate.Length(max=60))
    to = fields.String(load_default="", validate=validate.Length(max=60))


@blueprint.get("/changes")
@page(
    "/changes?kind=assessment",
    query=ChangeForm(exclude=["format", "fields_", "sort", "since", "until"]),
    permission=Permission.READ_RECORD,
)
def list_change_pages(call: Call) -> Page:
    """Read what was done to the record, the newest first."""
    asked = {name: value for name, value in call.query.items() if name not in _DAYS}
    found = ask(call, "/api/v1/changes", **asked | {"sort": "-recorded"} | _moments(call))
    return Page(
        "changes.html",
        SECTION,
        (found,),
        {"listing": found.result, "chosen": call.query, "kinds": (*KINDS, "link", "baseline"), "actions": ACTIONS},
        SECTION,
        lead="What was done to the record: what, when, by whom and why, the newest first.",
    )


@blueprint.get("/compare")
@page("/compare?from=422&to=now", query=CompareForm())
def compare_page(call: Call) -> Page:
    """Compare two days, baselines or points of the record."""
    start, end = call.query["from_"], call.query["to"] or "now"
    baselines = ask(call, "/api/v1/baselines", limit=_MOST_BASELINES)
    found, wrong = _compared(call, start, end) if start else (None, "")
    return Page(
        "compare.html",
        f"What changed from {start} to {end}" if found else "Compare two points of the record",
        (found,) if found else (baselines,),
        {
            "start": start,
            "end": end,
            "wrong": wrong,
            "baselines": baselines.result.rows,
            "difference": found and found.result,
            "groups": _grouped(found.result.rows) if found else {},
            "most": _MOST,
        },
        SECTION,
        ABOVE,
        lead="What was added, changed or withdrawn, and which statuses, verdicts and gaps moved.",
    )


def _moments(call: Call) -> dict[str, str]:
    """The days of the form as moments: when the first begins, and when the last is over."""
    first, last = (call.query.get(name) for name in _DAYS)
    over = last + timedelta(days=1) if last and last < date.max else None
    return {name: f"{day.isoformat()}T00:00:00Z" for name, day in (("since", first), ("until", over)) if day}


def _compared(call: Call, start: str, end: str) -> tuple[Answered | None, str]:
    """What differs between two points; or what is said of one that is none."""
    for point in (start, end):
        if "/" in point:  # which no address of a point can have
            return None, str(NotFound("point of the record", point))
    try:
        return ask(call, f"/api/v1/baselines/{start}/diff/{end}"), ""
    except NotFound as error:
        return None, str(error)


def _grouped(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """The differences by sort, those first that matter most to readers; of each sort not more than are shown."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        group = groups[row["what"], row["change"]]
        if len(group) < _MOST:
            group.append(row)
    return dict(sorted(groups.items(), key=lambda group: _ORDER.index(group[0][0])))
