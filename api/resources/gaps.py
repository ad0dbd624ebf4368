"""Gaps: what should be there and is not."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list
from api.paging import Listing
from api.schemas.gaps import GapQuery, GapSchema
from models.queries.gaps import GAP_FIELDS, gaps

blueprint = Blueprint("gaps", __name__, url_prefix="/api/v1/gaps")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=GapQuery(),
    returns=a_list(GapSchema()),
    example="/api/v1/gaps?recommendation=R3&reason=only_inferred_evidence",
)
def list_gaps(call: Call) -> Listing:
    """List the gaps, each with its reason; judged on everything that the reader may see."""
    return call.listing(gaps(call.session, call.asked, call.wanted()), GAP_FIELDS)
