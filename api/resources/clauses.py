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
from models.queries.status import with_status

blueprint = Blueprint("clauses", __name__, url_prefix="/api/v1/clauses")


@blueprint.get("")
@endpoint(
    Permission.READ, query=ClauseQuery(), returns=a_list(ClauseSchema()), example="/api/v1/clauses?recommendation=R7"
)
def list_clauses(call: Call) -> Listing:
    """List the clauses, each with its status seen three ways."""
    page = list_items(call.session, call.lens, "clause", call.wanted())
    with_status(call.session, call.lens, page.rows)
    return call.listing(page, (*fields_of("clause"), "status"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ClauseSchema()),
    raises=(NotFound,),
    example="/api/v1/clauses/R7.2",
)
def get_clause(call: Call, ref: str) -> Row:
    """Read one clause, with its status seen three ways."""
    return _read(call, ref)


def _read(call: Call, ref: str) -> Row:
    """One clause as a GET shows it."""
    row = find(call.session, call.lens, "clause", ref)
    with_status(call.session, call.lens, [row])
    return row


keep_up(
    blueprint,
    Upkeep(
        "clause",
        "a clause",
        ClauseSchema(),
        _read,
        "/api/v1/clauses/R7.2",
        Permission.WRITE_REVIEWS,
        body=ClauseBody(),
        patch=ClausePatch,
    ),
)
