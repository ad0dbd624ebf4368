"""The first page: where the recommendations stand, and what needs attention."""

from flask import Blueprint, Response
from marshmallow import fields, validate

from api.call import Call
from api.resources.about import get_root
from explorer.asking import ask
from explorer.declaring import PageQuery, page
from explorer.page import Page
from explorer.problems import prefers_pages
from explorer.turning import part_of

blueprint = Blueprint("overview", __name__)


# How many recommendations the table has; the others are a link away.
MOST = 50


class OverviewQuery(PageQuery):
    """What the first page takes."""

    after = fields.String(validate=validate.Length(min=1, max=1_000))


@page("/", query=OverviewQuery())
def get_overview(call: Call) -> Page:
    """Where the recommendations stand."""
    reviews = ask(call, "/api/v1/reviews", limit=1)
    if not reviews.result.rows:
        return Page("empty.html", "Nothing is on record yet", (reviews,), section="Overview")
    review = reviews.result.rows[0]
    part = part_of(call, "/api/v1/recommendations", MOST, review=[review["ref"]], fields="ref")
    here = [row["ref"] for row in part.rows]
    asked = f"/api/v1/reviews/{review['ref']}/report"
    reports = [ask(call, asked, recommendation=None if part.is_whole else here)] if here else []
    matrices = [ask(call, "/api/v1/matrix", columns="evidence_kind", row=here)] if here else []
    return Page(
        "overview.html",
        "Where the recommendations stand",
        (*reports, *matrices) or (part.answer,),
        {
            "review": review,
            "standings": [standing for report in reports for standing in report.result.standings],
            "kinds": [kind for matrix in matrices for kind in matrix.result.columns],
            "lines": {line.ref: line for matrix in matrices for line in matrix.result.lines()},
            "part": part,
            "unplaced": part.answer.result.undated,
        },
        section="Overview",
    )


@blueprint.get("/")
def get_start() -> Response:
    """The first page for whoever prefers pages; the index of the service for every other client."""
    return get_overview() if prefers_pages() else get_root()


get_start.declared = get_overview.declared  # type: ignore[attr-defined]
