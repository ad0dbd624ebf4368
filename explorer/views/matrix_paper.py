"""The matrix on paper."""

from flask import Blueprint

from api.call import Call
from api.schemas.base import ReadQuery, one_of, refs
from explorer.asking import ask
from explorer.page import Page
from explorer.papers import PDF, paper
from models.vocabulary import BASES

blueprint = Blueprint("matrix_paper", __name__)
# How many are looked up; how many recommendations, pieces of evidence in a cell, their titles, and titles of reviews
# are told at most: a page with more would take long to lay out.
_PAGE, _ROWS, _MOST_IN_CELL, _NAMED, _REVIEWS = 200, 60, 8, 60, 3
_SHORT = {"contextualises": "context", "contradicts": "contradicts", "qualifies": "qualifies"}


class MatrixPaperQuery(ReadQuery):
    """What the matrix on paper takes; its rows are recommendations, its columns kinds of evidence."""

    class Meta(ReadQuery.Meta):
        """A paper is a paper."""

        exclude = ("format",)

    review = refs("Only recommendations of this review.")
    basis = one_of("Only ties with this basis.", BASES)


@blueprint.get("/matrix.pdf")
@paper(PDF, "/matrix.pdf", query=MatrixPaperQuery())
def print_matrix(call: Call) -> Page:
    """Print which evidence bears on which recommendation, and what is missing."""
    asked = {name: call.query[name] for name in ("review", "basis") if name in call.query}
    matrix = ask(call, "/api/v1/matrix", columns="evidence_kind", cell="refs", **asked)
    known = ask(call, "/api/v1/recommendations", review=asked.get("review"), limit=_PAGE).result.rows
    lines = list(matrix.result.lines())
    types: dict[tuple[str, str], set[str]] = {}
    for hit in matrix.result.hits:
        types.setdefault((hit.row, hit.item), set()).add(hit.type)
    named = {row["ref"]: row["title"] for row in ask(call, "/api/v1/evidence", limit=_PAGE).result.rows}
    there = dict.fromkeys(ref for line in lines[:_ROWS] for cell in line.cells for ref in cell.items)
    reviews = [row["title"] for row in matrix.result.reviews]
    return Page(
        "papers/matrix.html",
        "Traceability matrix",
        (matrix,),
        {
            "lines": lines[:_ROWS],
            "left_out": max(len(lines) - _ROWS, 0),
            "columns_shown": matrix.result.columns,
            "only": {
                pair: ", ".join(_SHORT[word] for word in sorted(words))
                for pair, words in types.items()
                if "supports" not in words
            },
            "rows": {row["ref"]: row for row in known},
            "named": [(ref, named[ref]) for ref in sorted(there) if ref in named][:_NAMED],
            "summary": matrix.result.summary,
            "review": "; ".join(reviews[:_REVIEWS])
            + (f" and {len(reviews) - _REVIEWS} more reviews" if len(reviews) > _REVIEWS else ""),
            "filters": ", ".join(f"{name} = {' or '.join(words)}" for name, words in asked.items()),
            "day": call.today,
            "listed": _MOST_IN_CELL,
        },
        above=(("", "/matrix"),),
    )
