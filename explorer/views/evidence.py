"""Evidence: what is held, and one piece of it with where it is from and what rests on it."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint

from api.call import Call
from api.schemas.evidence import EvidenceQuery
from explorer.asking import ask
from explorer.declaring import page
from explorer.forms import FormQuery
from explorer.page import Page
from models.errors import NotFound

Row = dict[str, Any]

blueprint = Blueprint("evidence_pages", __name__, url_prefix="/evidence")
SECTION = "Evidence"
ABOVE = ((SECTION, "/evidence"),)
# How many ties of one piece are listed on its page.
MOST = 200
_DRAWN = "derived_from"


class EvidenceForm(FormQuery, EvidenceQuery):
    """What the page of all evidence takes."""


@blueprint.get("")
@page("/evidence?evidence_kind=statistic", query=EvidenceForm(exclude=["format", "fields_"]))
def list_evidence_pages(call: Call) -> Page:
    """Find evidence."""
    found = ask(call, "/api/v1/evidence", **dict(call.query))
    words = ask(call, "/api/v1/vocabulary").result["words"]
    return Page(
        "evidence_list.html",
        SECTION,
        (found,),
        {"listing": found.result, "chosen": call.query, "words": words},
        SECTION,
        lead="What the record holds: each piece is one statement from one place.",
    )


@blueprint.get("/<ref>")
@page("/evidence/F028", raises=(NotFound,))
def get_evidence_page(call: Call, ref: str) -> Page:
    """Look at one piece of evidence: what it says, where it is from, and what rests on it."""
    one = ask(call, f"/api/v1/evidence/{ref}")
    reach = ask(call, f"/api/v1/evidence/{ref}/reach")
    drawn = ask(call, "/api/v1/graph", start=[ref], type=[_DRAWN], direction="out", limit=MOST)
    out = ask(call, "/api/v1/links", source=[ref], limit=MOST)
    back = ask(call, "/api/v1/links", target=[ref], limit=MOST)
    types = ask(call, "/api/v1/vocabulary").result["link_types"]
    named = {node["ref"]: node for node in (*reach.result.nodes, *drawn.result.nodes)}
    return Page(
        "evidence.html",
        one.result["title"],
        (one, reach, drawn, out, back),
        {
            "row": one.result,
            "named": named,
            "ends": _ends(reach.result.paths, reach.result.links, named),
            "cut": reach.result.truncated or drawn.result.truncated or bool(out.result.next or back.result.next),
            "withheld": reach.result.withheld or [],
            "ties": [link for link in out.result.rows if link["type"] != _DRAWN],
            "origins": [link for link in out.result.rows if link["type"] == _DRAWN],
            "farther": _farther(drawn.result.nodes, drawn.result.distances),
            "onward": back.result.rows,
            "inverse": {link_type["type"]: link_type["inverse"] for link_type in types},
        },
        SECTION,
        ABOVE,
    )


def _farther(nodes: Iterable[Row], distances: dict[str, int]) -> list[Row]:
    """What it was drawn from in more than one step, nearest first."""
    found = [node for node in nodes if distances[node["ref"]] > 1]
    return sorted(found, key=lambda node: distances[node["ref"]])


def _ends(paths: Iterable[Row], links: Iterable[Row], named: dict[str, Row]) -> list[Row]:
    """What rests on it, nearest first: each end, by which things, and whether any step there was only inferred."""
    basis = {link["id"]: link["basis"] for link in links}
    ends = [
        {
            "row": named[path["to"]],
            "through": [named[hop["to"]] for hop in path["hops"][:-1]],
            "inferred": any(basis[hop["link"]] == "inferred" for hop in path["hops"]),
        }
        for path in paths
    ]
    return sorted(ends, key=lambda end: len(end["through"]))
