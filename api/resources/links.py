"""Trace links: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.links import LinkQuery, LinkSchema
from models.errors import NotFound
from models.queries.graph import LINK_FIELDS
from models.queries.listing import list_links
from models.queries.lookup import find_link
from models.queries.rows import Row

blueprint = Blueprint("links", __name__, url_prefix="/api/v1/links")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=LinkQuery(),
    returns=a_list(LinkSchema()),
    example="/api/v1/links?target=R3&type=qualifies",
)
def list_trace_links(call: Call) -> Listing:
    """List the trace links."""
    return call.listing(list_links(call.session, call.lens, call.wanted()), LINK_FIELDS)


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(LinkSchema()),
    raises=(NotFound,),
    example="/api/v1/links/F018-supports-R8",
)
def get_link(call: Call, ref: str) -> Row:
    """Read one trace link."""
    return find_link(call.session, call.lens, ref)
