"""PNG: a drawing as a picture, made by resvg with the pages' own font."""

import re
from importlib.resources import as_file, files
from math import sqrt

from resvg_py import svg_to_bytes

_MOST_PIXELS, _SHARPNESS = 8_000_000, 2.0
# The letters that the font has for certain; others are looked for among the fonts of the machine, which takes longer.
_OURS = re.compile("[\t\n\r -~\u00a0-\u00ff\u0131\u0152\u0153\u2010-\u2026\u20ac\u2122]*")
_FONTS = ("roboto-latin-regular.ttf", "roboto-latin-bold.ttf")


def write(svg: str, width: float, height: float) -> bytes:
    """The picture of a drawing of this size: two pixels for each unit, or fewer where it is large."""
    zoom = min(_SHARPNESS, sqrt(_MOST_PIXELS / (width * height)))
    with as_file(files("explorer").joinpath("static", "vendor")) as vendor:
        fonts = [str(vendor / name) for name in _FONTS]
        return svg_to_bytes(
            svg_string=svg,
            background="white",
            skip_system_fonts=_OURS.fullmatch(svg) is not None,
            font_files=fonts,
            font_family="Roboto",
            sans_serif_family="Roboto",
            zoom=zoom,
        )
