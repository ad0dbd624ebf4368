"""Disagreements: where what is claimed, verified, discharged and shown by the evidence does not agree."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list
from api.paging import Listing
from api.schemas.disagreements import DisagreementQuery, DisagreementSchema
from models.queries.disagreements import DISAGREEMENT_FIELDS, disagreements

blueprint = Blueprint("disagreements", __name__, url_prefix="/api/v1/disagreements")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=DisagreementQuery(),
    returns=a_list(DisagreementSchema()),
    example="/api/v1/disagreements?count=true",
)
def list_disagreements(call: Call) -> Listing:
    """List the disagreements: where claims, verdicts, discharges and evidence say different things.

    Each has its reason, and the references of what disagrees. Judged on everything that the reader may see; where there
    is none, the list is empty.
    """
    return call.listing(disagreements(call.session, call.asked, call.wanted()), DISAGREEMENT_FIELDS)
