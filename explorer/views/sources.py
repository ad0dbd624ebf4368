"""Sources: the fieldwork and the publications, and one of them with what was drawn from it."""

from flask import Blueprint

from api.call import Call
from api.schemas.sources import SourceQuery
from explorer.asking import ask
from explorer.declaring import page
from explorer.forms import FormQuery
from explorer.page import Page
from models.errors import NotFound

blueprint = Blueprint("source_pages", __name__, url_prefix="/sources")
SECTION = "Evidence"
NAME = "Sources"
# How many pieces of evidence, and ties, are listed on the page of a source.
_MOST, _MOST_TIES = 50, 200


class SourceForm(FormQuery, SourceQuery):
    """What the page of all sources takes."""


@blueprint.get("")
@page("/sources?method=observe", query=SourceForm(exclude=["format", "fields_"]))
def list_source_pages(call: Call) -> Page:
    """Find sources."""
    found = ask(call, "/api/v1/sources", **dict(call.query))
    words = ask(call, "/api/v1/vocabulary").result["words"]
    return Page(
        "sources.html",
        NAME,
        (found,),
        {"listing": found.result, "chosen": call.query, "words": words},
        SECTION,
        ((SECTION, "/evidence"),),
        lead="Where evidence comes from: pieces of fieldwork, and publications.",
    )


@blueprint.get("/<ref>")
@page("/sources/F004", raises=(NotFound,))
def get_source_page(call: Call, ref: str) -> Page:
    """Look at one source: how it was done, with how many, and what was drawn from it."""
    one = ask(call, f"/api/v1/sources/{ref}")
    drawn = ask(call, "/api/v1/evidence", source=[ref], limit=_MOST)
    ties = ask(call, "/api/v1/graph", start=[ref], type=["contextualises"], direction="out", depth=1, limit=_MOST_TIES)
    origins = ask(call, "/api/v1/links", target=[ref], type=["derived_from"], limit=_MOST_TIES)
    return Page(
        "source.html",
        one.result["title"],
        (one, drawn, ties, origins),
        {
            "row": one.result,
            "drawn": drawn.result,
            "links": {link["source"]: link for link in origins.result.rows},
            "ties": ties.result.links,
            "named": {node["ref"]: node for node in ties.result.nodes},
            "cut": ties.result.truncated,
        },
        SECTION,
        ((SECTION, "/evidence"), (NAME, "/sources")),
    )
