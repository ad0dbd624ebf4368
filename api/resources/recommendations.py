"""Recommendations: list and one, and everything behind and about them."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.as_json import recommendation_json
from api.formats.results import a_graph, a_list, a_report, an_item
from api.paging import Listing
from api.schemas.actions import ActionSchema, TiedActionQuery
from api.schemas.assessments import AssessmentSchema, SubjectAssessmentQuery
from api.schemas.base import ListQuery, ReadQuery
from api.schemas.evidence import EvidenceSchema, TiedEvidenceQuery
from api.schemas.graph import ChainQuery, EventSchema, GraphSchema, TimelineQuery
from api.schemas.parts import PartSchema
from api.schemas.recommendations import (
    RecommendationBody,
    RecommendationDetailSchema,
    RecommendationPatch,
    RecommendationQuery,
    RecommendationSchema,
)
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.chain import chain, chain_with_stubs
from models.queries.graph import Graph
from models.queries.listing import list_items
from models.queries.lookup import id_of
from models.queries.overview import overview
from models.queries.parts import PART_FIELDS, bodies_of
from models.queries.report import Report, recommendation_report
from models.queries.rows import Row, fields_of
from models.queries.status import with_status
from models.queries.timeline import EVENT_FIELDS, timeline
from models.queries.walk import Extent

blueprint = Blueprint("recommendations", __name__, url_prefix="/api/v1/recommendations")
KIND = ("recommendation",)


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=RecommendationQuery(),
    returns=a_list(RecommendationSchema()),
    example="/api/v1/recommendations?limit=1",
)
def list_recommendations(call: Call) -> Listing:
    """List the recommendations, each with its status seen three ways."""
    page = list_items(call.session, call.lens, "recommendation", call.wanted())
    with_status(call.session, call.lens, page.rows)
    return call.listing(page, (*fields_of("recommendation"), "status"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(RecommendationDetailSchema(), recommendation_json),
    raises=(NotFound,),
    example="/api/v1/recommendations/R8",
)
def get_recommendation(call: Call, ref: str) -> Row:
    """Read one recommendation: its text and clauses, its status seen three ways, its evidence counted, its gaps."""
    return _read(call, ref)


def _read(call: Call, ref: str) -> Row:
    """One recommendation as a GET shows it."""
    return overview(call.session, call.asked, ref)


@blueprint.get("/<ref>/chain")
@endpoint(
    Permission.READ,
    query=ChainQuery(),
    returns=a_graph(GraphSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R7/chain?limit=3",
)
def get_chain(call: Call, ref: str) -> Graph:
    """Walk the evidence chain of a recommendation.

    Everything that stands behind it, down to the sources, and everything done about it: clauses, evidence, sources,
    actions, progress, verdicts, decisions, bodies, and the links between them.
    """
    start = id_of(call.session, call.lens, ref, KIND)
    extent = Extent(call.query["depth"], call.query["limit"])
    return chain_with_stubs(call.session, call.lens, start, extent, call.principal.role)


@blueprint.get("/<ref>/evidence")
@endpoint(
    Permission.READ,
    query=TiedEvidenceQuery(),
    returns=a_list(EvidenceSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R3/evidence?basis=stated",
)
def list_recommendation_evidence(call: Call, ref: str) -> Listing:
    """List the evidence tied to a recommendation or to a clause of it."""
    return _part(call, ref, "evidence", recommendation=[ref])


@blueprint.get("/<ref>/actions")
@endpoint(
    Permission.READ,
    query=TiedActionQuery(),
    returns=a_list(ActionSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R6/actions?basis=stated&limit=1",
)
def list_recommendation_actions(call: Call, ref: str) -> Listing:
    """List the actions tied to a recommendation; those with an inferred tie are related developments."""
    return _part(call, ref, "action", recommendation=[ref])


@blueprint.get("/<ref>/assessments")
@endpoint(
    Permission.READ,
    query=SubjectAssessmentQuery(),
    returns=a_list(AssessmentSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R3/assessments",
)
def list_recommendation_assessments(call: Call, ref: str) -> Listing:
    """List the verdicts on a recommendation."""
    return _part(call, ref, "assessment", subject=[ref])


@blueprint.get("/<ref>/bodies")
@endpoint(
    Permission.READ,
    query=ListQuery(),
    returns=a_list(PartSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R2/bodies",
)
def list_recommendation_bodies(call: Call, ref: str) -> Listing:
    """List the bodies that have a part in a recommendation, each with what it claims of it and how it responded.

    Who leads, the partners, and the owners of the actions that are stated to address it.
    """
    id_of(call.session, call.lens, ref, KIND)
    return call.listing(bodies_of(call.session, call.lens, ref, call.wanted()), PART_FIELDS)


@blueprint.get("/<ref>/timeline")
@endpoint(
    Permission.READ,
    query=TimelineQuery(),
    returns=a_list(EventSchema()),
    raises=(NotFound,),
    example="/api/v1/recommendations/R7/timeline?limit=2",
)
def get_timeline(call: Call, ref: str) -> Listing:
    """Read what happened around a recommendation, in order; what has no date comes last and says so.

    A due date of an action is there as it was set and at each revision, under the action's reference.
    """
    graph = chain(call.session, call.lens, id_of(call.session, call.lens, ref, KIND))
    return call.listing(timeline(graph, call.wanted(), call.lens.as_of), EVENT_FIELDS)


@blueprint.get("/<ref>/report")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=a_report(),
    raises=(NotFound,),
    example="/api/v1/recommendations/R2/report?as_of=2020-06-01",
)
def get_recommendation_report(call: Call, ref: str) -> Report:
    """Read the progress report of a recommendation: its text, how it stands on the day, and what is missing."""
    return recommendation_report(call.session, call.asked, ref)


def _part(call: Call, ref: str, kind: str, **tie: list[str]) -> Listing:
    """One page of the items of a kind that are tied to a recommendation, which must be there."""
    id_of(call.session, call.lens, ref, KIND)
    return call.listing(list_items(call.session, call.lens, kind, call.wanted(**tie)), fields_of(kind))


keep_up(
    blueprint,
    Upkeep(
        "recommendation",
        "a recommendation",
        RecommendationDetailSchema(),
        _read,
        "/api/v1/recommendations/R8",
        Permission.WRITE_REVIEWS,
        body=RecommendationBody(),
        patch=RecommendationPatch,
        shape=recommendation_json,
    ),
)
