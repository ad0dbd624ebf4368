"""The action plan: what is due, late and moved; and one action, whether it is done and how that is known."""

from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.call import Call
from api.schemas.action_plan import ActionPlanQuery
from api.schemas.actions import ActionProgressQuery
from explorer.ages import BANDS, for_how_long
from explorer.asking import ask
from explorer.declaring import page
from explorer.page import Page
from models.errors import NotFound
from models.vocabulary import PLAN_STATES

blueprint = Blueprint("action_plan_pages", __name__)
SECTION = "Action plan"
# How many names the filters offer, how many parts and links are listed, and how much progress a page has.
NAMES, PROGRESS = 200, 50
_PLAN, _GAPS, _LINKS = "/api/v1/action-plan", "/api/v1/gaps", "/api/v1/links"
SORTS = {"due_on": "Due date", "-due_on": "Due date, latest first", "recorded": "As recorded", "title": "Title"}
# How an action bears on other things.
_TYPES = ("addresses", "depends_on", "contributes_to")
_FILTERS = ("body", "state", "overdue", "revised", "due_before", "stale_for", "recommendation", "basis")


class PlanPageQuery(ActionPlanQuery):
    """What the page of the action plan takes: what is due first comes first, unless another order is asked for."""

    sort = fields.String(load_default="due_on", validate=validate.OneOf([*SORTS]))


@blueprint.get("/action-plan")
@page("/action-plan", query=PlanPageQuery(exclude=["format", "fields_", "count", "external_id", "dated"]))
def list_plan_page(call: Call) -> Page:
    """See what is due, what is late, what was moved, and what shows that it was done."""
    plan = ask(call, _PLAN, **dict(call.query), count=True)
    late = ask(call, _GAPS, reason=["overdue"], limit=1, count=True)
    moved = ask(call, _PLAN, revised=[True], limit=1, count=True)
    undue = ask(call, _GAPS, reason=["no_due_date"], limit=1, count=True)
    unshown = ask(call, _GAPS, reason=["claimed_complete_without_evidence"], limit=1, count=True)
    names = ask(call, "/api/v1/recommendations", limit=NAMES, fields="short_name,number")
    return Page(
        "action_plan.html",
        SECTION,
        (plan,),
        {
            "listing": plan.result,
            "chosen": {name: _sent(call.query[name]) for name in _FILTERS if call.query.get(name) not in (None, [])},
            "sort": call.query["sort"],
            "sorts": SORTS,
            "counts": {
                "late": late.result.total,
                "moved": moved.result.total,
                "undue": undue.result.total,
                "unshown": unshown.result.total,
            },
            "bodies": _bodies(call),
            "names": {row["ref"]: f"{row['ref']} {row['short_name'] or ''}" for row in names.result.rows},
            "states": PLAN_STATES,
            "bands": BANDS,
            "how_long": for_how_long,
        },
        SECTION,
        lead="What is due, what is late, what was moved, and how anybody knows that it was done.",
    )


@blueprint.get("/actions/<ref>")
@page("/actions/A1", query=ActionProgressQuery(only=["as_of", "known_at", "after"]), raises=(NotFound,))
def get_action_page(call: Call, ref: str) -> Page:
    """Look at one action: when it is due, what was done, what shows it, and what it is for."""
    whole = f"/api/v1/actions/{ref}"
    one = ask(call, whole)
    plan = ask(call, _PLAN, external_id=[one.result["external_id"]], limit=NAMES)
    progress = ask(call, f"{whole}/progress", sort="effective_from", limit=PROGRESS, after=call.query.get("after"))
    done = [row["ref"] for row in progress.result.rows]
    bearing = ask(call, _LINKS, source=[ref], limit=NAMES)
    resting = ask(call, _LINKS, type=["demonstrates", "depends_on"], target=[ref, *done], limit=NAMES)
    parts = ask(call, "/api/v1/actions", part_of=[ref], limit=NAMES)
    gaps = ask(call, _GAPS, ref=[ref], limit=NAMES)
    return Page(
        "action.html",
        one.result["title"],
        (one, progress, bearing, resting, parts),
        {
            "row": one.result,
            "planned": next(row for row in plan.result.rows if row["ref"] == ref),
            "progress": progress.result,
            "tied": {kind: [link for link in bearing.result.rows if link["type"] == kind] for kind in _TYPES},
            "shown": [link for link in resting.result.rows if link["type"] == "demonstrates"],
            "needed_by": [link for link in resting.result.rows if link["type"] == "depends_on"],
            "cut": bool(bearing.result.next or resting.result.next),
            "parts": parts.result,
            "gaps": gaps.result.rows,
            "bodies": _bodies(call),
            "bands": BANDS,
            "how_long": for_how_long,
        },
        SECTION,
        ((SECTION, "/action-plan"),),
    )


def _bodies(call: Call) -> dict[str, Any]:
    """The names of the bodies."""
    found = ask(call, "/api/v1/bodies", limit=NAMES, sort="title")
    return {row["ref"]: row["title"] for row in found.result.rows}


def _sent(value: Any) -> Any:
    """A parameter as a form sends it."""
    if isinstance(value, list):
        return [_sent(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else str(value)
