"""The matrix: which evidence supports which recommendation, and where there is none."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint
from marshmallow import fields, validate

from api.call import Call
from api.schemas.base import WholeNumber, one_of, refs
from explorer.asking import Answered, ask
from explorer.declaring import PageQuery, page
from explorer.grid import LOOKS, Tie, counts_of, groups_of, only, ties_of
from explorer.page import Page, Paper
from models.vocabulary import BASES, BEARING_TYPES, EVIDENCE_KINDS

blueprint = Blueprint("matrix_pages", __name__, url_prefix="/matrix")
VIEWS = {
    "grid": "Evidence by recommendation",
    "recommendations": "One row for each recommendation",
    "links": "List of links",
}
# How much of it one page has, and how many names the filters offer; the rest is a link away.
ROWS, COLUMNS, NAMES, PINS = 100, 25, 200, 60
_MATRIX = "/api/v1/matrix"
_TIES, _HERE = ("review", "via", "basis"), ("evidence_kind", "recommendation")


class MatrixPageQuery(PageQuery):
    """What the page of the matrix takes."""

    view = fields.String(load_default="grid", validate=validate.OneOf([*VIEWS]))
    review = refs("Only recommendations of this review.")
    via = one_of("Only links of this type.", BEARING_TYPES)
    basis = one_of("Only links with this basis.", BASES)
    evidence_kind = one_of("Only evidence of this kind.", EVIDENCE_KINDS)
    recommendation = refs("Only these recommendations.")
    from_row = WholeNumber(load_default=0, validate=validate.Range(min=0, max=10_000_000))
    from_column = WholeNumber(load_default=0, validate=validate.Range(min=0, max=10_000_000))


@dataclass(frozen=True)
class Found:
    """What the matrix has under the filters, and what is judged on everything that the reader sees.

    `kinds` are those of all evidence that is tied to a recommendation, `reached` the recommendations with any,
    `undirect` those that no page states to be supported.
    """

    matrix: Any
    ties: list[Tie]
    kinds: Mapping[str, str]
    reached: frozenset[str]
    rows: list[Mapping[str, Any]]
    undirect: frozenset[str]

    @property
    def hidden(self) -> list[str]:
        """The recommendations that have evidence, all of which the filters hide."""
        hidden = self.reached - {tie.recommendation for tie in self.ties}
        return [row["ref"] for row in self.rows if row["ref"] in hidden]


@blueprint.get("")
@page("/matrix", query=MatrixPageQuery())
def get_matrix_page(call: Call) -> Page:
    """See which evidence supports which recommendation, and where there is none."""
    asked = {name: call.query[name] for name in (*_TIES, *_HERE) if call.query.get(name)}
    ties = {name: asked[name] for name in _TIES if name in asked}
    shown = ask(call, _MATRIX, columns="evidence", cell="refs", **ties)
    whole = ask(call, _MATRIX, columns="evidence_kind", cell="refs")
    direct = ask(call, _MATRIX, columns="evidence_kind", via=["supports"], basis=["stated"])
    reviews = ask(call, "/api/v1/reviews", limit=NAMES)
    names = ask(call, "/api/v1/recommendations", limit=NAMES, fields="short_name,number")
    found = _found(asked, shown, whole, direct)
    view = call.query["view"]
    counted = [ask(call, _MATRIX, columns="evidence_kind", cell="count", **ties)] if view == "recommendations" else []
    start = call.query["from_row"]
    filled = {
        "grid": lambda: _grid(found, asked, call.query["from_column"], start),
        "recommendations": lambda: _recommendations(found, asked, direct, start),
        "links": lambda: _links(found, start),
    }[view]()
    return Page(
        f"matrix_{view}.html",
        "Traceability matrix",
        (*counted, shown, whole, direct),
        {
            "view": view,
            "views": VIEWS,
            "chosen": asked,
            "found": found,
            "undirect": [row["ref"] for row in found.rows if row["ref"] in found.undirect],
            "names": {row["ref"]: row["short_name"] for row in names.result.rows},
            "review_names": [(row["ref"], row["title"]) for row in reviews.result.rows],
            "pinnable": _pinnable(shown.result.rows, asked.get("recommendation", [])),
            "choices": {"via": BEARING_TYPES, "basis": BASES, "evidence_kind": EVIDENCE_KINDS},
            "looks": LOOKS,
            "kept": asked | ({"view": view} if view != "grid" else {}),
            "start": start,
            "column_start": call.query["from_column"],
            "undated": shown.result.undated,
        }
        | filled,
        "Matrix",
        lead="Which evidence supports which recommendation, and where there is none.",
        paper=Paper("/matrix", ("pdf",), {name: asked[name] for name in ("review", "basis") if name in asked}),
    )


def _found(asked: Mapping[str, Any], shown: Answered, whole: Answered, direct: Answered) -> Found:
    """What the filters leave; what has no direct evidence is told by a question that no filter of the page is in."""
    kinds = {hit.item: hit.column for hit in whole.result.hits}
    pinned = asked.get("recommendation")
    return Found(
        shown.result,
        only(ties_of(shown.result.hits, kinds), asked.get("evidence_kind"), pinned),
        kinds,
        frozenset(hit.row for hit in whole.result.hits),
        [row for row in shown.result.rows if pinned is None or row["ref"] in pinned],
        frozenset(direct.result.summary()["uncovered"]),
    )


def _pinnable(rows: list[Any], pinned: list[str]) -> list[str]:
    """Which columns the form offers to pin: the first, and those that are pinned."""
    return list(dict.fromkeys([*(row["ref"] for row in rows[:PINS]), *pinned]))


def _grid(found: Found, asked: Mapping[str, Any], column: int, start: int) -> dict[str, Any]:
    """Evidence in rows, by kind; where something is filtered, only what has a mark."""
    left = {tie.evidence for tie in found.ties}
    order = {kind: place for place, kind in enumerate((*EVIDENCE_KINDS, None))}
    evidence: list[tuple[str, str, str | None]] = sorted(
        (
            (row["ref"], row["title"], found.kinds.get(row["ref"]))
            for row in found.matrix.columns
            if not asked or row["ref"] in left
        ),
        key=lambda row: order[row[2]],
    )
    columns = found.rows[column : column + COLUMNS]
    shown = slice(start, start + ROWS)
    return {
        "columns_shown": columns,
        "groups": groups_of(evidence, found.ties, [row["ref"] for row in columns], shown),
        "total": len(evidence),
        "most": ROWS,
        "most_columns": COLUMNS,
    }


def _recommendations(found: Found, asked: Mapping[str, Any], direct: Answered, start: int) -> dict[str, Any]:
    """One row for each recommendation: how much evidence of each kind it has, and how much speaks for it directly."""
    kinds = [kind for kind in EVIDENCE_KINDS if kind in asked.get("evidence_kind", EVIDENCE_KINDS)]
    rows = found.rows[start : start + ROWS]
    return {
        "kinds": kinds,
        "lines": list(zip(rows, counts_of(found.ties, [row["ref"] for row in rows], kinds), strict=True)),
        "directly": Counter(row for row, _item in {(hit.row, hit.item) for hit in direct.result.hits}),
        "total": len(found.rows),
        "most": ROWS,
    }


def _links(found: Found, start: int) -> dict[str, Any]:
    """The links one by one."""
    shown = found.ties[start : start + ROWS]
    used = {tie.evidence for tie in shown}
    titles = {row["ref"]: row["title"] for row in found.matrix.columns if row["ref"] in used}
    return {"ties": shown, "titles": titles, "total": len(found.ties), "most": ROWS}
