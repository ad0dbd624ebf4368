"""The OpenAPI document, and the page on which to try it."""

from functools import cache
from pathlib import Path

import flask_swagger_ui
import orjson
import yaml
from flask import Blueprint

from api.access import Permission
from api.call import Service
from api.endpoint import endpoint
from api.formats.results import as_is
from api.schemas.about import PlainQuery
from api.settings import ROOT

blueprint = Blueprint("document", __name__)

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MAPPA traceability API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
</head>
<body>
<div id="docs"><p>The description of this API is at <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>;
this page shows it where scripts may run.</p></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
_START = (
    b'SwaggerUIBundle({url: "/api/v1/openapi.json", dom_id: "#docs", deepLinking: true, '
    b"presets: [SwaggerUIBundle.presets.apis], validatorUrl: null});\n"
)
_DIST = Path(flask_swagger_ui.__file__).parent / "dist"
_FILES = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
    "start.js": "text/javascript; charset=utf-8",
}


@cache
def _json() -> bytes:
    """The committed document."""
    return (ROOT / "openapi" / "openapi.json").read_bytes()


@cache
def _yaml() -> bytes:
    """The committed document as YAML."""
    writer = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # in C where there is one: four times as fast
    return bytes(yaml.dump(orjson.loads(_json()), Dumper=writer, encoding="utf-8", sort_keys=False, allow_unicode=True))


@blueprint.get("/api/v1/openapi.json")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=as_is("json", "application/json"),
    transaction=False,
    example="/api/v1/openapi.json",
)
def get_openapi_json(_service: Service) -> bytes:
    """Read this document as JSON."""
    return _json()


@blueprint.get("/api/v1/openapi.yaml")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=as_is("yaml", "application/yaml"),
    transaction=False,
    example="/api/v1/openapi.yaml",
)
def get_openapi_yaml(_service: Service) -> bytes:
    """Read this document as YAML."""
    return _yaml()


@blueprint.get("/api/docs")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=as_is("html", "text/html; charset=utf-8", headers=(("Content-Security-Policy", _PAGE_POLICY),)),
    transaction=False,
    example="/api/docs",
)
def get_docs(_service: Service) -> bytes:
    """Open the page on which to read and try this API."""
    return _PAGE


def _serve_file(name: str, media_type: str) -> None:
    """Serve one file of the page, from the installed package or from here."""

    def view(_service: Service) -> bytes:
        return _START if name == "start.js" else (_DIST / name).read_bytes()

    view.__doc__ = f"Read {name}, a file of the documentation page."
    declare = endpoint(
        Permission.OPEN,
        query=PlainQuery(),
        returns=as_is("file", media_type),
        transaction=False,
        published=False,
        example=f"/api/docs/{name}",
    )
    blueprint.add_url_rule(f"/api/docs/{name}", endpoint=name.replace(".", "_"), view_func=declare(view))


for _name, _media_type in _FILES.items():
    _serve_file(_name, _media_type)
