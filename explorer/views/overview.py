"""The first page: where the recommendations stand, and what needs attention."""

from flask import Blueprint, Response
from marshmallow import validate

from api.call import Call
from api.resources.about import get_root
from api.schemas.base import WholeNumber
from explorer.asking import ask
from explorer.declaring import PageQuery, page
from explorer.page import Page
from explorer.problems import prefers_pages

blueprint = Blueprint("overview", __name__)


# How many recommendations the table has; the others are a link away.
MOST = 50


class OverviewQuery(PageQuery):
    """What the first page takes."""

    from_row = WholeNumber(load_default=0, validate=validate.Range(min=0, max=10_000_000))


@page("/", query=OverviewQuery())
def get_overview(call: Call) -> Page:
    """Where the recommendations stand."""
    reviews = ask(call, "/api/v1/reviews", limit=1)
    if not reviews.result.rows:
        return Page("empty.html", "Nothing is on record yet", (reviews,), section="Overview")
    review, start = reviews.result.rows[0], call.query["from_row"]
    report = ask(call, f"/api/v1/reviews/{review['ref']}/report")
    shown = report.result.standings[start : start + MOST]
    matrices = [ask(call, "/api/v1/matrix", columns="evidence_kind", row=[row.ref for row in shown])] if shown else []
    return Page(
        "overview.html",
        "Where the recommendations stand",
        (report, *matrices),
        {
            "review": review,
            "report": report.result,
            "standings": shown,
            "kinds": [kind for matrix in matrices for kind in matrix.result.columns],
            "lines": {line.ref: line for matrix in matrices for line in matrix.result.lines()},
            "start": start,
            "most": MOST,
        },
        section="Overview",
    )


@blueprint.get("/")
def get_start() -> Response:
    """The first page for whoever prefers pages; the index of the service for every other client."""
    return get_overview() if prefers_pages() else get_root()


get_start.declared = get_overview.declared  # type: ignore[attr-defined]
