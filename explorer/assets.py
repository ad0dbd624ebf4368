"""Assets: the files that pages load, each at an address with its own fingerprint, so that it may be kept for ever.

What comes from others is in `static/vendor`, with its licence.
"""

import hashlib
from functools import cache
from importlib.resources import files

from flask import Blueprint

from api.access import Permission
from api.call import Service
from api.endpoint import endpoint
from api.formats.results import as_is
from api.schemas.about import PlainQuery

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
STYLE = "explorer.css"
FILES = (
    "vendor/design-system.min.css",
    "vendor/roboto-latin-wght-normal.woff2",
    STYLE,
    "explorer.js",
    "mark.svg",
)
# The style sheet is all of these, in this order.
_STYLES = ("base", "picture", "recommendations", "matrix", "records", "about", "printed", "forced")
_FOR_EVER = (("Cache-Control", "public, max-age=31536000, immutable"),)


def kept(name: str) -> bytes:
    """A file as it lies beside the assets: some are for papers alone, and are not served."""
    return files("explorer").joinpath("static", name).read_bytes()


@cache
def content_of(name: str) -> bytes:
    """The bytes of an asset; the style sheet is made of its parts, with the addresses of others in it."""
    if name != STYLE:
        return kept(name)
    content = b"".join(kept(f"css/{part}.css") for part in _STYLES)
    for other in (other for other in FILES if other != name):
        content = content.replace(f"url({other})".encode(), f"url({address_of(other)})".encode())
    return content


@cache
def address_of(name: str) -> str:
    """Where an asset is."""
    return f"/assets/{hashlib.sha256(content_of(name)).hexdigest()[:16]}/{name.rpartition('/')[2]}"


def serve_assets(blueprint: Blueprint) -> None:
    """Serve every asset."""
    for name in FILES:
        _serve(blueprint, name)


def _serve(blueprint: Blueprint, name: str) -> None:
    """Serve one asset."""

    def view(_service: Service) -> bytes:
        return content_of(name)

    view.__doc__ = f"Read {name}, which pages load."
    declare = endpoint(
        Permission.OPEN,
        query=PlainQuery(),
        returns=as_is("file", _TYPES[name.rpartition(".")[2]], headers=_FOR_EVER),
        transaction=False,
        published=False,
        example=address_of(name),
    )
    blueprint.add_url_rule(address_of(name), endpoint=name.replace(".", "_"), view_func=declare(view))
