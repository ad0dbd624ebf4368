"""Progress: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.actions import ProgressQuery, ProgressSchema
from api.schemas.base import ReadQuery
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of

blueprint = Blueprint("progress", __name__, url_prefix="/api/v1/progress")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=ProgressQuery(),
    returns=a_list(ProgressSchema()),
    example="/api/v1/progress?claimed_status=complete&limit=1",
)
def list_progress(call: Call) -> Listing:
    """List all progress, whatever the action."""
    return call.listing(list_items(call.session, call.lens, "progress", call.wanted()), fields_of("progress"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ProgressSchema()),
    raises=(NotFound,),
    example="/api/v1/progress/F111",
)
def get_progress(call: Call, ref: str) -> Row:
    """Read one report of progress."""
    return find(call.session, call.lens, "progress", ref)


keep_up(
    blueprint,
    Upkeep(
        "progress",
        "a report of progress",
        ProgressSchema(),
        lambda call, ref: find(call.session, call.lens, "progress", ref),
        "/api/v1/progress/F111",
        Permission.REPORT_PROGRESS,
        own=True,
    ),
)
