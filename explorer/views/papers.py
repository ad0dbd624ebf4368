"""Papers: a recommendation on one sheet, and the picture of its chain, as files to print and to hand around."""

from collections.abc import Callable, Iterable
from math import ceil
from textwrap import shorten
from typing import Any

from flask import Blueprint

from api.call import Call
from api.formats.format import Format
from api.formats.saying import said
from explorer.asking import ask
from explorer.chain_picture import picture_of
from explorer.page import Page
from explorer.papers import PDF, PNG, SVG, paper, size_of
from explorer.words import day, plural
from models.errors import NotFound

blueprint = Blueprint("papers", __name__)
# Of a list, and of what a picture shows: how many are told at most; how high a drawing is that a sheet can hold.
_PAGE, _SEVERAL, _HIGHEST = 200, 400, 2_400
# One sheet of A4: how much is told of evidence, actions and gaps, letters of the text and of a title, evidence drawn.
_LISTED, _MOST_LISTED, _REASONS, _NAMES, _LONGEST, _TITLE, _DRAWN = 4, 12, 5, 8, 700, 110, 8
# Millimetres: of the sheet, of what is always there, of a line of text and of a list, between entries, of the least
# picture that can be read, across; then letters on a line of text, of half a sheet, and of the whole.
_SHEET, _FIXED, _TEXT, _LINE, _BETWEEN, _LEAST, _ACROSS = 259, 68, 4.8, 3.85, 0.8, 45, 182
_WIDE, _HALF, _WHOLE = 92, 54, 110
_LISTS = ("evidence", "actions")


def _reviews(call: Call) -> dict[str, str]:
    """The titles of the reviews by reference."""
    return {row["ref"]: row["title"] for row in ask(call, "/api/v1/reviews", limit=_PAGE).result.rows}


def _chain_paper(form: Format) -> Any:
    """The view of a chain as a file of a format."""

    @paper(form, f"/recommendations/R7/chain.{form.extension}", raises=(NotFound,))
    def view(call: Call, ref: str) -> Page:
        """Print the picture of a recommendation's chain."""
        row = ask(call, f"/api/v1/recommendations/{ref}").result
        chain = ask(call, f"/api/v1/recommendations/{ref}/chain")
        picture = picture_of(chain.result.nodes, chain.result.links, ref)
        return Page(
            "papers/chain.html",
            f"The evidence chain of {ref}: {row['short_name'] or row['title']}",
            (chain,),
            {
                "picture": picture,
                "drawn": picture.height <= _HIGHEST,
                "drawing": f"/recommendations/{ref}/chain.svg",
                "truncated": chain.result.truncated,
                "review": _reviews(call).get(row["review"], row["review"]),
                "day": call.today,
                "most": _SEVERAL,
            },
            above=(("", f"/recommendations/{ref}/chain"),),
            lead=row["title"],
        )

    return view


for made in (SVG, PNG, PDF):
    address = f"/recommendations/<ref>/chain.{made.extension}"
    blueprint.add_url_rule(address, f"chain_{made.name}", _chain_paper(made))


@blueprint.get("/recommendations/<ref>.pdf")
@paper(PDF, "/recommendations/R7.pdf", raises=(NotFound,))
def print_recommendation(call: Call, ref: str) -> Page:
    """Print one recommendation on one sheet: its text, where it stands, what stands behind it, what is missing."""
    whole = f"/api/v1/recommendations/{ref}"
    one = ask(call, whole)
    row = one.result
    chain = ask(call, f"{whole}/chain").result
    evidence = ask(call, f"{whole}/evidence", limit=_PAGE).result
    plan = ask(call, "/api/v1/action-plan", recommendation=[ref], limit=_PAGE).result
    bodies = {body["ref"]: body["title"] for body in ask(call, "/api/v1/bodies", limit=_PAGE).result.rows}
    parts = {ref, *(clause["ref"] for clause in row["clauses"])}
    gaps: dict[str, list[str]] = {}
    for gap in row["gaps"]:
        gaps.setdefault(gap["explanation"], []).append(gap["ref"])
    filled = {
        "row": row,
        "review": _reviews(call).get(row["review"], row["review"]),
        "lead": bodies.get(row["lead"], row["lead"]),
        "picture": picture_of(chain.nodes, chain.links, ref, _DRAWN),
        "truncated": chain.truncated,
        "evidence": _entries(evidence.rows, lambda item: _told(item, parts)),
        "evidence_count": len(evidence.rows),
        "more_evidence": bool(evidence.next),
        "actions": _entries(plan.rows, _did),
        "stated": sum(not action["related_development"] for action in plan.rows),
        "action_count": len(plan.rows),
        "more_actions": bool(plan.next),
        "gaps": [(explanation, _some(names)) for explanation, names in list(gaps.items())[:_REASONS]],
        "gap_count": len(row["gaps"]),
        "reason_count": len(gaps),
        "day": call.today,
        "longest": _LONGEST,
    }
    return Page(
        "papers/recommendation.html",
        row["short_name"] or row["title"],
        (one,),
        _fitted(filled),
        above=(("", f"/recommendations/{ref}"),),
    )


def _some(names: list[str]) -> list[str]:
    """The first few of several references, and how many more there are."""
    return names if len(names) <= _NAMES else [*names[:_NAMES], f"{len(names) - _NAMES} more"]


def _told(item: dict[str, Any], parts: set[str]) -> str:
    """What kind of evidence it is, of when, and what ties it to a recommendation or its clauses, on whose word."""
    ties = [f"{said(tie['type'])} {tie['target']}, {said(tie['basis'])}" for tie in item["ties"]]
    found = [told for told, tie in zip(ties, item["ties"], strict=True) if tie["target"] in parts]
    more = [f"{len(found) - 1} more"] if len(found) > 1 else []
    return f"{said(item['evidence_kind']).capitalize()}, {day(item['effective_from'])}; {'; '.join(found[:1] + more)}."


def _did(action: dict[str, Any]) -> str:
    """What is claimed of an action, when it is due, and what shows it."""
    late = f", overdue by {plural(action['days_overdue'], 'day')}" if action["overdue"] else ""
    due = f"Due {day(action['due_on'])}" if action["due_on"] else "No due date"
    shown = f"shown by {plural(action['demonstrated'], 'piece')} of evidence" if action["demonstrated"] else ""
    related = " A related development, tied by an analyst." if action["related_development"] else ""
    return f"{said(action['state']).capitalize()}{late}. {due}; {shown or 'no evidence shows it'}.{related}"


def _entries(rows: list[dict[str, Any]], tell: Callable[[dict[str, Any]], str]) -> list[tuple[str, str, str]]:
    """The first rows of a list as they are told: reference, title, and what else there is to say."""
    return [(row["ref"], shorten(row["title"], _TITLE, placeholder=" …"), tell(row)) for row in rows[:_MOST_LISTED]]


def _fitted(filled: dict[str, Any]) -> dict[str, Any]:
    """What fills the sheet, with as much room as is left for the picture; without it, longer lists."""
    width, height = size_of(filled["picture"], alone=False)
    natural = ceil(_ACROSS * height / width)
    room = int(_left(filled, _LISTED))
    if room >= max(_LEAST, natural / 2):
        return _cut(filled, _LISTED) | {"drawn": True, "room": min(room, natural)}
    listed = next((count for count in range(_MOST_LISTED, _LISTED, -1) if _left(filled, count) > 0), _LISTED)
    return _cut(filled, listed) | {"drawn": False}


def _cut(filled: dict[str, Any], listed: int) -> dict[str, Any]:
    """What fills the sheet, with so many entries in each list."""
    return filled | {name: filled[name][:listed] for name in _LISTS}


def _left(filled: dict[str, Any], listed: int) -> float:
    """How many millimetres of height are left with so many entries in each list."""
    text = ceil(min(len(filled["row"]["text"]), _LONGEST) / _WIDE)
    lists = max(_height(map(" ".join, filled[name][:listed]), _HALF) for name in _LISTS)
    gaps = _height((f"{explanation} {', '.join(names)}" for explanation, names in filled["gaps"]), _WHOLE)
    return _SHEET - _FIXED - _TEXT * text - lists - gaps


def _height(entries: Iterable[str], letters: int) -> float:
    """How high a list is, with a line that says that there is more."""
    return _LINE + sum(_LINE * ceil(len(entry) / letters) + _BETWEEN for entry in entries)
