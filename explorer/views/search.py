"""Search: where a word is; what is named exactly is gone to straight."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response
from marshmallow import fields, validate

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.format import Format, Returns
from api.limits import SEARCH
from api.schemas.base import REF
from explorer.asking import Answered, ask
from explorer.declaring import PageQuery, page
from explorer.forms import FormQuery
from explorer.page import Page
from explorer.words import where
from models.errors import NotFound
from models.vocabulary import COLLECTIONS

Row = dict[str, Any]

blueprint = Blueprint("search_pages", __name__)
# How many things of a kind are listed, and how much of a text before and after the word.
_MOST, _AROUND = 10, 90
# Which pages list everything of a kind that has a word.
_LISTS = {"recommendation": "/recommendations", "evidence": "/evidence", "source": "/sources", "action": "/action-plan"}
_KINDS = ("recommendation", "clause", "evidence", "source", "action", "progress", "assessment", "decision")
_TEXTS = ("text", "statement")
_PLACE = Format("place", "text/html; charset=utf-8", lambda place, _about: [place.encode()])


class SearchForm(FormQuery, PageQuery):
    """What the search takes."""

    q = fields.String(
        load_default="",
        validate=validate.Length(max=SEARCH.most, error=f"may have at most {SEARCH.most} characters"),
        metadata={"description": "A word, or a reference."},
    )


@endpoint(
    Permission.READ,
    query=SearchForm(),
    returns=Returns((_PLACE,)),
    example="/search?q=R7",
    published=False,
    example_answered=False,  # not remembered: at the same address is the page of what was found
)
def find_place(call: Call) -> str:
    """Where the thing is that is named exactly; nothing where this reader sees none of that name."""
    word = call.query["q"]
    for ref in dict.fromkeys((word, word.upper())):
        if REF.regex.fullmatch(ref) and (found := _named(call, ref)):
            place = where(found)
            times = {name: str(call.query[name]) for name in ("as_of", "known_at") if name in call.query}
            return f"{place}{('&' if '?' in place else '?') if times else ''}{urlencode(times)}"
    return ""


@page("/search?q=visor", query=SearchForm())
def find_mentions(call: Call) -> Page:
    """Find what has a word in its title or statement."""
    word = call.query["q"]
    kinds = (*_KINDS, "review", "body")
    found = {kind: ask(call, f"/api/v1/{COLLECTIONS[kind]}", q=[word], limit=_MOST) for kind in kinds if word}
    groups = [_group(kind, answer, word) for kind, answer in found.items() if answer.result.rows or answer.result.next]
    undated = [answer.result.undated for answer in found.values()]
    return Page(
        "search.html",
        f"Search: {word}" if word else "Search",
        tuple(found[group["kind"]] for group in groups) or tuple(found.values()),
        {
            "word": word,
            "groups": groups,
            "total": sum(len(group["rows"]) for group in groups),
            "more": any(group["more"] for group in groups),
            "undated": None if None in undated else sum(undated),
        },
    )


@blueprint.get("/search")
def get_search() -> Response:
    """The page of the thing that is named exactly; else what was found."""
    place = find_place()
    if not place.get_data():
        return find_mentions()
    place.headers["Location"] = place.get_data(as_text=True)
    place.status_code = 302
    del place.headers["ETag"]
    return place


get_search.declared = find_mentions.declared  # type: ignore[attr-defined]


def _named(call: Call, ref: str) -> Row | None:
    """The item or link of this name, as its reader sees it."""
    try:
        (found,) = ask(call, "/api/v1/graph", start=[ref], depth=1, limit=1).result.nodes
    except NotFound:
        try:
            found = {"kind": "link", "ref": ask(call, f"/api/v1/links/{ref}").result["id"]}
        except NotFound:
            return None
    return dict(found)


def _group(kind: str, answer: Answered, word: str) -> Row:
    """What was found of a kind: how many, the first of them with the word marked, and where all of them are."""
    page = _LISTS.get(kind)
    return {
        "kind": kind,
        "more": answer.result.next is not None,
        "rows": [(row, _marked(row["title"], word), _excerpt(row, word)) for row in answer.result.rows],
        "page": page,
        "address": answer.address,
    }


def _excerpt(row: Row, word: str) -> list[tuple[str, bool]]:
    """Where what it says has the word, with a little around it; nothing where it says no more than its title."""
    text = next((row[name] for name in _TEXTS if row.get(name)), "")
    place = _small(text).find(_small(word))
    if place < 0 or text == row["title"]:
        return []
    before, after = text[:place], text[place + len(word) :]
    if len(before) > _AROUND:
        before = f"… {before[-_AROUND:].partition(' ')[2]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND].rpartition(' ')[0]} …"
    return _marked(f"{before}{text[place : place + len(word)]}{after}", word)


def _marked(text: str, word: str) -> list[tuple[str, bool]]:
    """A text in parts, each with whether it is the word."""
    parts: list[tuple[str, bool]] = []
    small, place = _small(text), 0
    while (found := small.find(_small(word), place)) >= 0:
        parts += [(text[place:found], False), (text[found : found + len(word)], True)]
        place = found + len(word)
    return [*parts, (text[place:], False)]


def _small(text: str) -> str:
    """A text with its letters A to Z small, as long as it was."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)
