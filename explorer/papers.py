"""Papers: what is handed around as a file, made of the same answers and the same drawing as the pages."""

import re
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from flask import Response
from marshmallow import Schema

from api.access import Permission
from api.endpoint import endpoint
from api.formats.format import About, Format, Returns
from explorer.assets import kept
from explorer.declaring import PageQuery
from explorer.drawing import Drawing
from explorer.page import Page
from explorer.printing import press
from explorer.rendering import checked_at, fill

MARGIN, HEAD, FOOT, KEY = 28, 104, 40, 34
_LOOKS = kept("css/picture.css").decode()
# A drawing that goes about alone has its font with it, so that its words stay inside their boxes.
_FACE = f"""@font-face {{ font-family: Roboto; font-weight: 100 900;
src: url(data:font/woff2;base64,{b64encode(kept("vendor/roboto-latin-wght-normal.woff2")).decode()}) format("woff2"); }}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'; sandbox"
# What XML 1.0 has no place for.
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(template: str, page: Page, about: About, **filled: Any) -> str:
    """A template filled: addresses are whole where the service knows its own, else nothing is a link.

    `checked` is where whoever has the paper can look again: the page, as of the same day, as known at the same point.
    """
    checked = checked_at(about, page.above[-1][1])
    shown = {"page": page, "about": about, "checked": checked, **page.filled, **filled}
    text = fill(template, about.path, about.query, base=about.base or None, **shown).decode()
    return _UNFIT.sub("", text)


def size_of(drawing: Drawing, *, alone: bool) -> tuple[float, float]:
    """How wide and high a picture is in units of the drawing; alone, with its heading and its foot."""
    height = drawing.height + 6 + KEY + (HEAD + FOOT + MARGIN if alone else 0)
    return drawing.width + 4 + (2 * MARGIN if alone else 0), round(height, 1)


def _drawn(page: Page, about: About, *, alone: bool, looks: str = _LOOKS) -> str:
    """The picture of a paper as a text of SVG: alone, it says what it is; on a sheet, the sheet does."""
    width, height = size_of(page.filled["picture"], alone=alone)
    place = {"left": MARGIN, "top": HEAD} if alone else {"left": 0, "top": 0}
    return _text("papers/picture.svg", page, about, alone=alone, width=width, height=height, looks=looks, **place)


def _write_svg(page: Page, about: About) -> list[bytes]:
    """The picture."""
    return [_drawn(page, about, alone=True, looks=_FACE + _LOOKS).encode()]


def _write_png(page: Page, about: About) -> list[bytes]:
    """The picture in pixels."""
    with press("png") as maker:
        return [maker.write(_drawn(page, about, alone=True), *size_of(page.filled["picture"], alone=True))]


def _write_pdf(page: Page, about: About) -> list[bytes]:
    """The sheets, with the picture if they have one."""
    drawings = {"picture": _drawn(page, about, alone=False)} if page.filled.get("drawn") else {}
    with press("pdf") as maker:
        return [maker.write(_text(page.template, page, about), drawings)]


SVG = Format(
    "svg",
    "image/svg+xml",
    _write_svg,
    extension="svg",
    headers=(("Content-Security-Policy", _POLICY),),
    says_point=True,
)
PNG = Format("png", "image/png", _write_png, extension="png", says_point=True)
PDF = Format("pdf", "application/pdf", _write_pdf, extension="pdf", says_point=True)


def paper(
    form: Format, example: str, *, query: Schema | None = None, **options: Any
) -> Callable[[Callable[..., Page]], Callable[..., Response]]:
    """Declare a paper: its format, the address of one that is there, and what it takes.

    The last of the pages `above` it is the one that shows the same.
    """
    return endpoint(
        Permission.READ,
        query=PageQuery() if query is None else query,
        returns=Returns((form,)),
        example=example,
        published=False,
        **options,
    )
