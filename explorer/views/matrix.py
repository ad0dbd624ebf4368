"""The matrix: which evidence supports which recommendation, and where there is none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.call import Call
from api.schemas.base import WholeNumber, one_of, refs
from explorer.asking import Answered, ask
from explorer.declaring import PageQuery, page
from explorer.grid import LOOKS, Tie, counts_of, groups_of, only, ties_of
from explorer.page import Page, Paper
from explorer.turning import Part, part_of
from models.vocabulary import BASES, BEARING_TYPES, EVIDENCE_KINDS

# A piece of evidence: reference, title and kind; no kind where it has no link to a recommendation.
Evidence = tuple[str, str, str | None]
blueprint = Blueprint("matrix_pages", __name__, url_prefix="/matrix")
VIEWS = {
    "grid": "Evidence by recommendation",
    "recommendations": "One row for each recommendation",
    "links": "List of links",
}
# How much of it one page has; the rest is a link away. How many reviews the filter offers, and how much evidence is
# looked through for what stands behind nothing.
ROWS, COLUMNS, NAMES = 100, 25, 200
_MATRIX = "/api/v1/matrix"
_TIES, _HERE = ("review", "via", "basis"), ("evidence_kind", "recommendation")


class MatrixPageQuery(PageQuery):
    """What the page of the matrix takes."""

    view = fields.String(load_default="grid", validate=validate.OneOf([*VIEWS]))
    review = refs("Only recommendations of this review.")
    via = one_of("Only links of this type.", BEARING_TYPES)
    basis = one_of("Only links with this basis.", BASES)
    evidence_kind = one_of("Only evidence of this kind.", EVIDENCE_KINDS)
    recommendation = refs("Only these recommendations.", COLUMNS)
    after = fields.String(validate=validate.Length(min=1, max=1_000))
    from_row = WholeNumber(load_default=0, validate=validate.Range(min=0, max=10_000_000))


@dataclass(frozen=True)
class Found:
    """What the matrix has in the rows that the page is about, under the filters and whatever is filtered.

    `shown` is what the filters by review, type and basis leave, `hits` everything that the reader sees. `ties` are
    what all filters leave; `kinds` are those of all evidence behind these rows.
    """

    shown: Any
    hits: list[Any]
    ties: list[Tie]
    kinds: Mapping[str, str]
    answers: tuple[Answered, ...]

    @property
    def rows(self) -> list[Any]:
        """The recommendations, in order."""
        return list(self.shown.rows)

    @cached_property
    def directly(self) -> Counter[str]:
        """How many pieces of evidence a page states to support each recommendation."""
        stated = {(hit.row, hit.item) for hit in self.hits if hit.type == "supports" and hit.basis == "stated"}
        return Counter(row for row, _item in stated)

    @cached_property
    def undirect(self) -> list[str]:
        """Those that no page states to be supported."""
        return [row["ref"] for row in self.rows if not self.directly[row["ref"]]]

    @property
    def hidden(self) -> list[str]:
        """Those that have evidence, all of which the filters hide."""
        hidden = {hit.row for hit in self.hits} - {tie.recommendation for tie in self.ties}
        return [row["ref"] for row in self.rows if row["ref"] in hidden]


@blueprint.get("")
@page("/matrix", query=MatrixPageQuery())
def get_matrix_page(call: Call) -> Page:
    """See which evidence supports which recommendation, and where there is none."""
    asked = {name: call.query[name] for name in (*_TIES, *_HERE) if call.query.get(name)}
    view, pinned = call.query["view"], asked.get("recommendation", [])
    part = part_of(call, "/api/v1/recommendations", COLUMNS, review=asked.get("review"), fields="short_name")
    refs_here = [row["ref"] for row in part.rows]
    found = _found(call, asked, pinned or refs_here)
    reviews = ask(call, "/api/v1/reviews", limit=NAMES)
    return Page(
        f"matrix_{view}.html",
        "Traceability matrix",
        found.answers if found else (part.answer,),
        {
            "view": view,
            "views": VIEWS,
            "chosen": asked,
            "found": found,
            "part": None if pinned else part,
            "names": {row["ref"]: row["short_name"] for row in part.rows},
            "review_names": [(row["ref"], row["title"]) for row in reviews.result.rows],
            "pinnable": list(dict.fromkeys([*refs_here, *pinned])),
            "are_all_pinnable": part.is_whole,
            "choices": {"via": BEARING_TYPES, "basis": BASES, "evidence_kind": EVIDENCE_KINDS},
            "looks": LOOKS,
            "after": call.query.get("after", ""),
            "kept": asked | ({"view": view} if view != "grid" else {}),
            "start": call.query["from_row"],
            "most": ROWS,
        }
        | (_filled(call, asked, part, found) if found else {}),
        "Matrix",
        lead="Which evidence supports which recommendation, and where there is none.",
        paper=Paper("/matrix", ("pdf",), {name: asked[name] for name in ("review", "basis") if name in asked}),
    )


def _found(call: Call, asked: Mapping[str, Any], named: list[str]) -> Found | None:
    """What these rows have, if there are any; no filter of the page is in what is judged on everything."""
    if not named:
        return None
    ties = {name: asked[name] for name in _TIES if name in asked}
    counting = call.query["view"] == "recommendations"
    counted = [ask(call, _MATRIX, columns="evidence_kind", cell="count", **ties, row=named)] if counting else []
    shown = ask(call, _MATRIX, columns="evidence", cell="refs", **ties, row=named)
    whole = ask(call, _MATRIX, columns="evidence_kind", cell="refs", row=named)
    hits = list(whole.result.hits)
    kinds = {hit.item: hit.column for hit in hits}
    left = only(ties_of(shown.result.hits, kinds), asked.get("evidence_kind"))
    found = Found(shown.result, hits, left, kinds, (*counted, shown, whole))
    return found if found.rows else None


def _filled(call: Call, asked: Mapping[str, Any], part: Part, found: Found) -> dict[str, Any]:
    """What fills a view."""
    undated = found.shown.undated
    if undated is not None and "recommendation" not in asked:
        undated += part.answer.result.undated
    match call.query["view"]:
        case "recommendations":
            filled = _recommendations(found, asked)
        case "links":
            filled = _links(found, call.query["from_row"])
        case _:
            filled = _grid(found, None if asked else _unlinked(call, part, found), call.query["from_row"])
    return {"undirect": found.undirect, "undated": undated} | filled


def _unlinked(call: Call, part: Part, found: Found) -> list[Evidence] | None:
    """The evidence with no link to a recommendation; None where the page is not about everything on record."""
    if not part.is_whole:
        return None
    listed = ask(call, "/api/v1/evidence", limit=NAMES).result
    if listed.next is not None:
        return None
    return [(row["ref"], row["title"], None) for row in listed.rows if row["ref"] not in found.kinds]


def _grid(found: Found, unlinked: list[Evidence] | None, start: int) -> dict[str, Any]:
    """Evidence in rows, by kind; of that without a mark, what has no link at all."""
    left = {tie.evidence for tie in found.ties}
    marked: list[Evidence] = [
        (row["ref"], row["title"], found.kinds[row["ref"]]) for row in found.shown.columns if row["ref"] in left
    ]
    evidence = sorted(marked, key=lambda row: EVIDENCE_KINDS.index(row[2] or "")) + (unlinked or [])
    columns = {row["ref"]: row["ref"] not in found.undirect for row in found.rows}
    return {
        "groups": groups_of(evidence, found.ties, columns, slice(start, start + ROWS)),
        "total": len(evidence),
        "is_everything": unlinked is not None,
    }


def _recommendations(found: Found, asked: Mapping[str, Any]) -> dict[str, Any]:
    """One row for each recommendation: how much evidence of each kind it has, and how much speaks for it directly."""
    kinds = [kind for kind in EVIDENCE_KINDS if kind in asked.get("evidence_kind", EVIDENCE_KINDS)]
    rows = found.rows
    return {
        "kinds": kinds,
        "lines": list(zip(rows, counts_of(found.ties, [row["ref"] for row in rows], kinds), strict=True)),
        "directly": found.directly,
    }


def _links(found: Found, start: int) -> dict[str, Any]:
    """The links one by one."""
    shown = found.ties[start : start + ROWS]
    used = {tie.evidence for tie in shown}
    titles = {row["ref"]: row["title"] for row in found.shown.columns if row["ref"] in used}
    return {"ties": shown, "titles": titles, "total": len(found.ties)}
