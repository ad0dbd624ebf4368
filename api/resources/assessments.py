"""Assessments: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.assessments import AssessmentBody, AssessmentQuery, AssessmentSchema
from api.schemas.base import ReadQuery
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.rows import Row, fields_of
from models.writing.judging import judge

blueprint = Blueprint("assessments", __name__, url_prefix="/api/v1/assessments")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=AssessmentQuery(),
    returns=a_list(AssessmentSchema()),
    example="/api/v1/assessments?as_of=2017-06-29&verdict=not_met",
)
def list_assessments(call: Call) -> Listing:
    """List the assessments."""
    return call.listing(list_items(call.session, call.lens, "assessment", call.wanted()), fields_of("assessment"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(AssessmentSchema()),
    raises=(NotFound,),
    example="/api/v1/assessments/F034",
)
def get_assessment(call: Call, ref: str) -> Row:
    """Read one assessment."""
    return find(call.session, call.lens, "assessment", ref)


keep_up(
    blueprint,
    Upkeep(
        "assessment",
        "a verdict",
        AssessmentSchema(),
        lambda call, ref: find(call.session, call.lens, "assessment", ref),
        "/api/v1/assessments/F034",
        Permission.ASSESS,
        body=AssessmentBody(),
        add=lambda call: judge(call.session, call.lens, call.body, call.principal.name),
    ),
)
