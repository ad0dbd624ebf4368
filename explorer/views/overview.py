"""The first page: where the recommendations stand, and what needs attention."""

from flask import Blueprint, Response

from api.call import Call
from api.resources.about import get_root
from explorer.asking import ask
from explorer.declaring import page
from explorer.page import Page
from explorer.problems import prefers_pages

blueprint = Blueprint("overview", __name__)


@page("/")
def get_overview(call: Call) -> Page:
    """Where the recommendations stand."""
    reviews = ask(call, "/api/v1/reviews", limit=1)
    if not reviews.result.rows:
        return Page("empty.html", "Nothing is on record yet", (reviews,), section="Overview")
    review = reviews.result.rows[0]
    report = ask(call, f"/api/v1/reviews/{review['ref']}/report")
    matrix = ask(call, "/api/v1/matrix", columns="evidence_kind", review=[review["ref"]])
    return Page(
        "overview.html",
        "Where the recommendations stand",
        (report, matrix),
        {
            "review": review,
            "report": report.result,
            "kinds": matrix.result.columns,
            "lines": {line.ref: line for line in matrix.result.lines()},
        },
        section="Overview",
    )


@blueprint.get("/")
def get_start() -> Response:
    """The first page for whoever prefers pages; the index of the service for every other client."""
    return get_overview() if prefers_pages() else get_root()


get_start.declared = get_overview.declared  # type: ignore[attr-defined]
