"""Links: why two things are joined, and who said so."""

from flask import Blueprint

from api.call import Call
from api.formats.saying import said
from explorer.asking import ask
from explorer.declaring import page
from explorer.page import Page
from explorer.words import where
from models.errors import NotFound

blueprint = Blueprint("link_pages", __name__, url_prefix="/links")
SECTION = "Evidence"


@blueprint.get("/<ref>")
@page("/links/F018-supports-R8", raises=(NotFound,))
def get_link_page(call: Call, ref: str) -> Page:
    """Look at one link: both of its ends, what it says, on what basis, and whether it still holds."""
    one = ask(call, f"/api/v1/links/{ref}")
    link = one.result
    ends = ask(call, "/api/v1/graph", start=[link["source"], link["target"]], depth=1, limit=2)
    vocabulary = ask(call, "/api/v1/vocabulary")
    (link_type,) = (word for word in vocabulary.result["link_types"] if word["type"] == link["type"])
    named = {node["ref"]: node for node in ends.result.nodes}
    source, target = named[link["source"]], named[link["target"]]
    return Page(
        "link.html",
        f"{source['ref']} {said(link['type'])} {target['ref']}",
        (one, ends, vocabulary),
        {
            "link": link,
            "meaning": link_type["meaning"],
            "inverse": link_type["inverse"],
            "ends": (source, target),
            "says": [end.get("statement") or end.get("text") or "" for end in (source, target)],
        },
        SECTION,
        ((SECTION, "/evidence"), (source["ref"], where(source))),
    )
