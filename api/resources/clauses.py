"""Clauses: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.clauses import ClauseBody, ClausePatch, ClauseQuery, ClauseSchema
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of

blueprint = Blueprint("clauses", __name__, url_prefix="/api/v1/clauses")


@blueprint.get("")
@endpoint(
    Permission.READ, query=ClauseQuery(), returns=a_list(ClauseSchema()), example="/api/v1/clauses?recommendation=R7"
)
def list_clauses(call: Call) -> Listing:
    """List the clauses."""
    return call.listing(list_items(call.session, call.lens, "clause", call.wanted()), fields_of("clause"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ClauseSchema()),
    raises=(NotFound,),
    example="/api/v1/clauses/R7.2",
)
def get_clause(call: Call, ref: str) -> Row:
    """Read one clause."""
    return find(call.session, call.lens, "clause", ref)


keep_up(
    blueprint,
    Upkeep(
        "clause",
        "a clause",
        ClauseSchema(),
        lambda call, ref: find(call.session, call.lens, "clause", ref),
        "/api/v1/clauses/R7.2",
        Permission.WRITE_REVIEWS,
        body=ClauseBody(),
        patch=ClausePatch,
    ),
)
