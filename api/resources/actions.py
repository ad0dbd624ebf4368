"""Actions: list and one, and the progress on them."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.actions import ActionProgressQuery, ActionQuery, ActionSchema, ProgressSchema
from api.schemas.base import ReadQuery
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.rows import Row, fields_of

blueprint = Blueprint("actions", __name__, url_prefix="/api/v1/actions")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=ActionQuery(),
    returns=a_list(ActionSchema()),
    example="/api/v1/actions?owner=police-scotland",
)
def list_actions(call: Call) -> Listing:
    """List the actions."""
    return call.listing(list_items(call.session, call.lens, "action", call.wanted()), fields_of("action"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ActionSchema()),
    raises=(NotFound,),
    example="/api/v1/actions/A1",
)
def get_action(call: Call, ref: str) -> Row:
    """Read one action."""
    return find(call.session, call.lens, "action", ref)


@blueprint.get("/<ref>/progress")
@endpoint(
    Permission.READ,
    query=ActionProgressQuery(),
    returns=a_list(ProgressSchema()),
    raises=(NotFound,),
    example="/api/v1/actions/A1/progress?sort=-effective_from&limit=1",
)
def list_action_progress(call: Call, ref: str) -> Listing:
    """List the progress reported on an action."""
    id_of(call.session, call.lens, ref, ("action",))
    page = list_items(call.session, call.lens, "progress", call.wanted(action=[ref]))
    return call.listing(page, fields_of("progress"))
