"""Bodies: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.bodies import BodyBody, BodyPatch, BodyQuery, BodySchema
from api.schemas.given import MARKING
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of

blueprint = Blueprint("bodies", __name__, url_prefix="/api/v1/bodies")


@blueprint.get("")
@endpoint(
    Permission.READ, query=BodyQuery(), returns=a_list(BodySchema()), example="/api/v1/bodies?is_group=true&limit=1"
)
def list_bodies(call: Call) -> Listing:
    """List the bodies."""
    return call.listing(list_items(call.session, call.lens, "body", call.wanted()), fields_of("body"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(BodySchema()),
    raises=(NotFound,),
    example="/api/v1/bodies/police-scotland",
)
def get_body(call: Call, ref: str) -> Row:
    """Read one body."""
    return find(call.session, call.lens, "body", ref)


keep_up(
    blueprint,
    Upkeep(
        "body",
        "a body",
        BodySchema(),
        lambda call, ref: find(call.session, call.lens, "body", ref),
        "/api/v1/bodies/police-scotland",
        Permission.WRITE_BODIES,
        body=BodyBody(exclude=MARKING),
        patch=BodyPatch,
    ),
)
