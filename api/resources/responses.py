"""Responses: what the bodies that are asked answer to a recommendation."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.assessments import DecisionSchema, ResponseQuery
from api.schemas.closure import ResponseBody
from api.schemas.given import ReasonQuery
from api.upkeep import REASON, acting
from models.errors import Conflict, NotFound
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.rows import fields_of
from models.vocabulary import RESPONSES
from models.writing.responses import respond

blueprint = Blueprint("responses", __name__, url_prefix="/api/v1/recommendations/<ref>/responses")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=ResponseQuery(),
    returns=a_list(DecisionSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R1/responses",
)
def list_responses(call: Call, ref: str) -> Listing:
    """List what bodies have answered to a recommendation; none of the pages that were read tells of any."""
    id_of(call.session, call.lens, ref, ("recommendation",))
    wanted = call.wanted(recommendation=[ref], decision=call.query.get("response") or list(RESPONSES))
    return call.listing(list_items(call.session, call.lens, "decision", wanted), fields_of("decision"))


@blueprint.post("")
@endpoint(
    Permission.RESPOND,
    query=ReasonQuery(),
    returns=an_item(DecisionSchema()),
    raises=(NotFound, Conflict),
    example=f"/api/v1/recommendations/R1/responses{REASON}",
    write=Write(
        body=ResponseBody(),
        shows=lambda call, ref: find(call.session, call.lens, "decision", ref),
        example={"response": "noted"},
    ),
    example_answered=False,
)
def add_response(call: Call, ref: str) -> str:
    """Answer a recommendation in the name of the caller's own body.

    It is accepted, partly accepted, disputed, noted, or not its own. A later answer of the same body takes the place of
    an earlier one, which stays on record. What is not its own depends on a body (`depends_on_body`) or a programme
    (`depends_on`), which it names.
    """
    id_of(call.session, call.lens, ref, ("recommendation",))
    return respond(call.session, call.lens, ref, acting(call).body, call.principal.name)
