"""Decisions: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.assessments import DecisionQuery, DecisionSchema
from api.schemas.base import ReadQuery
from api.upkeep import offer_history
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of

blueprint = Blueprint("decisions", __name__, url_prefix="/api/v1/decisions")


@blueprint.get("")
@endpoint(Permission.READ, query=DecisionQuery(), returns=a_list(DecisionSchema()), example="/api/v1/decisions")
def list_decisions(call: Call) -> Listing:
    """List the decisions about closure; none is published as yet."""
    return call.listing(list_items(call.session, call.lens, "decision", call.wanted()), fields_of("decision"))


@blueprint.get("/<ref>")
@endpoint(Permission.READ, query=ReadQuery(), returns=an_item(DecisionSchema()), raises=(NotFound,), example="")
def get_decision(call: Call, ref: str) -> Row:
    """Read one decision."""
    return find(call.session, call.lens, "decision", ref)


offer_history(blueprint, "decision", "a decision", "")
