"""Trace links: list and one."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.problems import Stale
from api.schemas.base import ReadQuery
from api.schemas.given import ReasonQuery
from api.schemas.links import LinkBody, LinkPatch, LinkQuery, LinkReviewBody, LinkSchema
from api.upkeep import REASON, Upkeep, keep_up
from models.errors import NotFound
from models.queries.graph import LINK_FIELDS
from models.queries.listing import list_links
from models.queries.lookup import find_link
from models.queries.rows import Row
from models.writing.links import add_link, amend_link, review_link, withdraw_link

blueprint = Blueprint("links", __name__, url_prefix="/api/v1/links")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=LinkQuery(),
    returns=a_list(LinkSchema()),
    example="/api/v1/links?target=R3&type=qualifies",
)
def list_trace_links(call: Call) -> Listing:
    """List the trace links."""
    return call.listing(list_links(call.session, call.lens, call.wanted()), LINK_FIELDS)


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(LinkSchema()),
    raises=(NotFound,),
    example="/api/v1/links/F018-supports-R8",
)
def get_link(call: Call, ref: str) -> Row:
    """Read one trace link."""
    return _read(call, ref)


def _read(call: Call, ref: str) -> Row:
    """One trace link as a GET shows it."""
    return find_link(call.session, call.lens, ref)


@blueprint.post("/<ref>/review")
@endpoint(
    Permission.WRITE_EVIDENCE,
    query=ReasonQuery(),
    returns=an_item(LinkSchema()),
    raises=(NotFound, Stale),
    example=f"/api/v1/links/F018-supports-R8/review{REASON}",
    write=Write(
        body=LinkReviewBody(),
        changes=_read,
        shows=_read,
        example={"finding": "valid", "note": "Read again on both pages"},
        own="link",
    ),
    example_answered=False,
)
def review_trace_link(call: Call, ref: str) -> str:
    """Look at a link again: whether it still holds, now that its ends say what they say.

    Found valid, it is no longer suspect; found invalid, it stays suspect until it is withdrawn, or mended and reviewed.
    """
    review_link(call.session, call.lens, ref, call.body, call.principal.name)
    return ref


keep_up(
    blueprint,
    Upkeep(
        "link",
        "a trace link",
        LinkSchema(),
        _read,
        "/api/v1/links/F018-supports-R8",
        Permission.WRITE_EVIDENCE,
        own=True,
        body=LinkBody(),
        patch=LinkPatch,
        add=lambda call: add_link(call.session, call.lens, call.body, call.principal.name),
        amend=lambda call, ref: amend_link(call.session, call.lens, ref, call.body),
        withdraw=lambda call, ref: withdraw_link(call.session, call.lens, ref),
    ),
)
