"""Sources: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.sources import SourceBody, SourcePatch, SourceQuery, SourceSchema
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of

blueprint = Blueprint("sources", __name__, url_prefix="/api/v1/sources")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=SourceQuery(),
    returns=a_list(SourceSchema()),
    example="/api/v1/sources?source_class=fieldwork&method=observe",
)
def list_sources(call: Call) -> Listing:
    """List the sources."""
    return call.listing(list_items(call.session, call.lens, "source", call.wanted()), fields_of("source"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(SourceSchema()),
    raises=(NotFound,),
    example="/api/v1/sources/F004",
)
def get_source(call: Call, ref: str) -> Row:
    """Read one source."""
    return find(call.session, call.lens, "source", ref)


keep_up(
    blueprint,
    Upkeep(
        "source",
        "a source",
        SourceSchema(),
        lambda call, ref: find(call.session, call.lens, "source", ref),
        "/api/v1/sources/F004",
        Permission.WRITE_REVIEWS,
        body=SourceBody(),
        patch=SourcePatch,
    ),
)
