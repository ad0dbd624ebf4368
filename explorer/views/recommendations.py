"""Recommendations: which there are, and one with everything behind it and about it."""

from flask import Blueprint

from api.call import Call
from api.schemas.recommendations import RecommendationQuery
from explorer.asking import ask
from explorer.chain_picture import picture_of
from explorer.declaring import page
from explorer.page import Page, Paper
from models.errors import NotFound

blueprint = Blueprint("recommendation_pages", __name__, url_prefix="/recommendations")
SECTION = "Recommendations"
ABOVE = ((SECTION, "/recommendations"),)
# How many of a recommendation's things are listed on its page; more are a link away.
MOST = 200


@blueprint.get("")
@page("/recommendations", query=RecommendationQuery(exclude=["format", "fields_"]))
def list_recommendation_pages(call: Call) -> Page:
    """Find recommendations."""
    found = ask(call, "/api/v1/recommendations", **{"sort": "number"} | dict(call.query))
    return Page("recommendations.html", SECTION, (found,), {"listing": found.result}, SECTION)


@blueprint.get("/<ref>")
@page("/recommendations/R7", raises=(NotFound,))
def get_recommendation_page(call: Call, ref: str) -> Page:
    """Look at one recommendation: its text, where it stands, what stands behind it, what was done, what is missing."""
    whole = f"/api/v1/recommendations/{ref}"
    one = ask(call, whole)
    chain = ask(call, f"{whole}/chain")
    evidence = ask(call, f"{whole}/evidence", limit=MOST)
    plan = ask(call, "/api/v1/action-plan", recommendation=[ref], limit=MOST)
    closure = ask(call, f"{whole}/closure")
    timeline = ask(call, f"{whole}/timeline", limit=MOST)
    row = one.result
    return Page(
        "recommendation.html",
        row["short_name"] or row["title"],
        (one, chain, evidence, plan, closure, timeline),
        {
            "row": row,
            "bodies": {node["ref"]: node["title"] for node in chain.result.nodes if node["kind"] == "body"},
            "parts": _parts(row["text"], row["clauses"]),
            "picture": picture_of(chain.result.nodes, chain.result.links, ref),
            "truncated": chain.result.truncated,
            "evidence": evidence.result,
            "plan": plan.result,
            "closure": closure.result,
            "timeline": timeline.result,
        },
        SECTION,
        ABOVE,
        paper=Paper(f"/recommendations/{ref}", ("pdf",)),
    )


@blueprint.get("/<ref>/chain")
@page("/recommendations/R7/chain", raises=(NotFound,))
def get_chain_page(call: Call, ref: str) -> Page:
    """Look at the picture of a recommendation's chain alone."""
    one = ask(call, f"/api/v1/recommendations/{ref}")
    chain = ask(call, f"/api/v1/recommendations/{ref}/chain")
    name = one.result["short_name"] or one.result["title"]
    return Page(
        "chain.html",
        f"The evidence chain of {ref}",
        (chain,),
        {"picture": picture_of(chain.result.nodes, chain.result.links, ref), "truncated": chain.result.truncated},
        SECTION,
        (*ABOVE, (name, f"/recommendations/{ref}")),
        paper=Paper(f"/recommendations/{ref}/chain", ("svg", "png", "pdf")),
    )


def _parts(text: str, clauses: list[dict[str, object]]) -> list[tuple[str, str | None]]:
    """The text cut where clauses begin and end: each part with the clause that it is, if it is one.

    A clause that begins before another has ended is not marked: it is listed all the same.
    """
    found: list[tuple[str, str | None]] = []
    place = 0
    for clause in sorted(clauses, key=lambda clause: (clause["span_start"], clause["span_end"])):
        start, end = int(str(clause["span_start"])), int(str(clause["span_end"]))
        if start < place:
            continue
        found += [(text[place:start], None), (text[start:end], str(clause["ref"]))]
        place = end
    return [*found, (text[place:], None)]
