"""The action plan: every action with when it is due and how it stands."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list
from api.paging import Listing
from api.schemas.action_plan import ActionPlanQuery, PlannedActionSchema
from models.queries.plan import PLAN_FIELDS, plan

blueprint = Blueprint("action_plan", __name__, url_prefix="/api/v1/action-plan")
# Filters of which there can be only one.
_SINGLE = ("due_before", "stale_for")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=ActionPlanQuery(),
    returns=a_list(PlannedActionSchema()),
    example="/api/v1/action-plan?recommendation=R2&as_of=2020-06-01",
)
def list_action_plan(call: Call) -> Listing:
    """List the action plan: of each action whose it is, what it is for, when it is due, and how it stands on the day.

    The day is that of `as_of`; without it, that of the point of the record (`known_at`); without either, this one.
    """
    single = {name: [call.query[name]] for name in _SINGLE if name in call.query}
    return call.listing(plan(call.session, call.asked, call.wanted(**single)), PLAN_FIELDS)
