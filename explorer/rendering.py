"""Rendering: templates into HTML, with everything that comes from the record escaped."""

from collections.abc import Iterable
from functools import cache
from typing import Any
from urllib.parse import urlencode

from flask import current_app, request
from jinja2 import Environment, PackageLoader, StrictUndefined

from api.formats.format import About
from api.settings import VERSION
from explorer.asking import TIMES
from explorer.assets import address_of
from explorer.chain_picture import COLUMNS
from explorer.page import Page
from explorer.printing import prints
from explorer.session import session_let_in, token_of
from explorer.words import FILTERS

# What the navigation has: the name of a section, and where it begins.
SECTIONS = (
    ("Overview", "/"),
    ("Recommendations", "/recommendations"),
    ("Evidence", "/evidence"),
    ("Matrix", "/matrix"),
    ("Action plan", "/action-plan"),
    ("Gaps", "/gaps"),
    ("Changes", "/changes"),
    ("API and data", "/api"),
)


@cache
def _environment() -> Environment:
    """The templates: nothing unknown is passed over in silence, nothing is shown unescaped."""
    made = Environment(
        loader=PackageLoader("explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= FILTERS
    made.tests["printed"] = prints
    made.globals |= {"asset": address_of, "sections": SECTIONS, "columns": COLUMNS, "version": VERSION}
    return made


def fill(template: str, path: str, query: Iterable[tuple[str, str]], *, base: str | None = "", **filled: Any) -> bytes:
    """A template as HTML, with what every page has: its links keep the day and the point of the record.

    `at(path, ...)` is an address on the same day and at the same point, beginning with `base`; where that is None,
    links lead nowhere. `now` is this page at the present; `leaving` is the token of the form by which a reader signs
    out whom his cookie let in.
    """
    pairs = tuple((name, value) for name, value in query if value)
    times = {name: value for name, value in pairs if name in TIMES}
    rest = urlencode([(name, value) for name, value in pairs if name not in TIMES])
    pinned = urlencode(times)

    def at(path: str, **more: Any) -> str:
        if base is None:
            return ""
        given = {name: value for name, value in (times | more).items() if value not in (None, "")}
        asked = urlencode(given, doseq=True) if more else pinned
        start, mark, place = path.partition("#")
        joint = "&" if "?" in start else "?"
        return f"{base}{start}{joint + asked if asked else ''}{mark}{place}"

    now = f"{path}{'?' + rest if rest else ''}"
    filled |= {"at": at, "times": times, "now": now, "here": path, "leaving": _leaving()}
    return _environment().get_template(template).render(**filled).encode()


def _leaving() -> str:
    """The token of the form to sign out by; empty where no cookie let the reader in."""
    session = session_let_in(request)
    return token_of(session, current_app.extensions["mappa"].settings) if session else ""


def checked_at(about: About, path: str, *, pinned: bool = True) -> str:
    """Where whoever has something on paper can look at it again: as of the same day, known at the same point."""
    day = {"as_of": about.as_of.isoformat()} if about.as_of else {}
    asked = [(name, value) for name, value in about.query if value and name not in TIMES]
    asked += (day | {"known_at": str(about.seq)}).items() if pinned else ()
    return f"{about.base}{path}{'?' if asked else ''}{urlencode(asked)}"


def render(page: Page, about: About) -> bytes:
    """A page as HTML."""
    asked = {name: value for name, value in about.query if value}
    shown: dict[str, Any] = {
        "page": page,
        "about": about,
        "asked": asked,
        "section": page.section,
        "reader": about.reader,
        "checked": checked_at(about, about.path, pinned=bool(page.answers)),
    }
    return fill(page.template, about.path, about.query, **shown, **page.filled)
