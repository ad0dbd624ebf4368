"""Evidence: list and one, and what rests on it."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_graph, a_list, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.evidence import EvidenceBody, EvidencePatch, EvidenceQuery, EvidenceSchema
from api.schemas.graph import ReachSchema
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.graph import Graph
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.reach import reach
from models.queries.rows import Row, fields_of

blueprint = Blueprint("evidence", __name__, url_prefix="/api/v1/evidence")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=EvidenceQuery(),
    returns=a_list(EvidenceSchema()),
    example="/api/v1/evidence?recommendation=R8&link_type=supports",
)
def list_evidence(call: Call) -> Listing:
    """List the evidence."""
    return call.listing(list_items(call.session, call.lens, "evidence", call.wanted()), fields_of("evidence"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(EvidenceSchema()),
    raises=(NotFound,),
    example="/api/v1/evidence/F028",
)
def get_evidence(call: Call, ref: str) -> Row:
    """Read one piece of evidence."""
    return find(call.session, call.lens, "evidence", ref)


@blueprint.get("/<ref>/reach")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=a_graph(ReachSchema()),
    raises=(NotFound,),
    example="/api/v1/evidence/F028/reach",
)
def get_reach(call: Call, ref: str) -> Graph:
    """Ask what rests on a piece of evidence.

    Everything that was derived from it, and every recommendation, action and decision that any of it bears on, with
    one shortest path to each.
    """
    return reach(call.session, call.lens, id_of(call.session, call.lens, ref, ("evidence",)), ref)


keep_up(
    blueprint,
    Upkeep(
        "evidence",
        "a piece of evidence",
        EvidenceSchema(),
        lambda call, ref: find(call.session, call.lens, "evidence", ref),
        "/api/v1/evidence/F028",
        Permission.WRITE_EVIDENCE,
        own=True,
        body=EvidenceBody(),
        patch=EvidencePatch,
    ),
)
