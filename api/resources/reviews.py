"""Reviews: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, a_report, an_item
from api.paging import Listing
from api.schemas.base import ReadQuery
from api.schemas.reviews import ReportQuery, ReviewBody, ReviewPatch, ReviewQuery, ReviewSchema
from api.upkeep import Upkeep, keep_up
from models.errors import NotFound
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.report import Report, review_report
from models.queries.rows import Row, fields_of

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1/reviews")


@blueprint.get("")
@endpoint(Permission.READ, query=ReviewQuery(), returns=a_list(ReviewSchema()), example="/api/v1/reviews")
def list_reviews(call: Call) -> Listing:
    """List the reviews."""
    return call.listing(list_items(call.session, call.lens, "review", call.wanted()), fields_of("review"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ReviewSchema()),
    raises=(NotFound,),
    example="/api/v1/reviews/MAPPA-2015",
)
def get_review(call: Call, ref: str) -> Row:
    """Read one review."""
    return find(call.session, call.lens, "review", ref)


@blueprint.get("/<ref>/report")
@endpoint(
    Permission.READ,
    query=ReportQuery(),
    returns=a_report(),
    raises=(NotFound,),
    example="/api/v1/reviews/MAPPA-2015/report?as_of=2017-06-29",
)
def get_review_report(call: Call, ref: str) -> Report:
    """Read the progress report of a review: how each recommendation stands on the day, and what is missing."""
    return review_report(call.session, call.asked, ref, call.query.get("recommendation", ()))


keep_up(
    blueprint,
    Upkeep(
        "review",
        "a review",
        ReviewSchema(),
        lambda call, ref: find(call.session, call.lens, "review", ref),
        "/api/v1/reviews/MAPPA-2015",
        Permission.WRITE_REVIEWS,
        body=ReviewBody(),
        patch=ReviewPatch,
    ),
)
