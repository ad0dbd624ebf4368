"""The record of changes: list and one, and the signed statement of what it holds."""

from flask import Blueprint

from api.access import Permission
from api.call import Call, Service
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.about import PlainQuery
from api.schemas.record import ChangeQuery, ChangeSchema, CheckpointSchema
from models.errors import NotFound
from models.queries.record import CHANGE_FIELDS, find_change, list_changes
from models.queries.rows import Row

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1/changes")


@blueprint.get("")
@endpoint(
    Permission.READ_RECORD,
    query=ChangeQuery(),
    returns=a_list(ChangeSchema()),
    example="/api/v1/changes?kind=assessment&limit=1",
    example_answered=False,
)
def list_record(call: Call) -> Listing:
    """List what was done, by whom and why, in the order of the record.

    With `after` (the number of the last change read) it is a feed: whoever applies every change to an empty graph has
    the graph.
    """
    return call.feed(list_changes(call.session, call.lens, call.wanted_feed()), CHANGE_FIELDS)


@blueprint.get("/checkpoint")
@endpoint(
    Permission.READ_CHECKPOINT,
    query=PlainQuery(),
    returns=an_item(CheckpointSchema()),
    raises=(NotFound,),
    transaction=False,
    example="/api/v1/changes/checkpoint",
    example_answered=False,
)
def get_checkpoint(service: Service) -> Row:
    """Read the newest checkpoint: a signed statement of how many changes there are and what they hold.

    Keep it elsewhere: with it `mappa-trace verify` tells whether the record was cut off or rewritten.
    """
    return service.checkpoint()


@blueprint.get("/<int:seq>")
@endpoint(
    Permission.READ_RECORD,
    query=PlainQuery(),
    returns=an_item(ChangeSchema()),
    raises=(NotFound,),
    example="/api/v1/changes/1",
    example_answered=False,
)
def get_change(call: Call, seq: int) -> Row:
    """Read one change."""
    return find_change(call.session, call.lens, seq)
