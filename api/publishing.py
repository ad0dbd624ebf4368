"""Publishing what the endpoints declare: as operations for the OpenAPI document, with real answers as examples."""

import inspect
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from flask import Flask

from api.app import create_app
from api.call import Service
from api.endpoint import Declared
from api.loading import prepare
from api.problems import Unavailable
from api.schemas.about import ProblemSchema
from api.settings import ROOT, VERSION, Settings
from models.errors import NotFound
from openapi.document import document_of
from openapi.operation import Content, Operation
from seed.load import MAPPA_2015

GUIDE = ROOT / "docs" / "endpoints.md"
SERVER = "http://127.0.0.1:8000"
FILE = ROOT / "openapi" / "openapi.json"
_STATUS_OF = {NotFound: 404, Unavailable: 503}
_READING = (400, 406, 414, 422)


class Published(NamedTuple):
    """A published endpoint: the view's name, its tag, path, declaration and docstring."""

    name: str
    tag: str
    path: str
    declared: Declared
    doc: str


def declarations(app: Flask) -> Iterator[Published]:
    """Every published endpoint, in the order of registration."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared: Declared = view.declared  # type: ignore[union-attr]  # create_app refuses views without
        if declared.published:
            tag = rule.endpoint.partition(".")[0]
            yield Published(view.__name__, tag, rule.rule, declared, inspect.getdoc(view) or "")


def _path_parameters(path: str, example: str) -> dict[str, str]:
    """The parameters of a path, each with its value in the example."""
    names = re.findall(r"<(\w+)>", path)
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path)
    match = re.fullmatch(pattern, urlsplit(example).path)
    return {name: match[name] if match else "" for name in names}


def _operation(app: Flask, published: Published) -> Operation:
    """One operation, its example answered by the application itself."""
    declared = published.declared
    summary, _, description = published.doc.partition("\n\n")
    contents = []
    for form in declared.returns.formats:
        example: Any = None
        if form.name == "json" and form.schema is not None and declared.example:
            answer = app.test_client().get(declared.example)
            example = orjson.loads(answer.data) if answer.status_code == declared.returns.status else None
        contents.append(Content(form.media_type, form.schema, example))
    raised = tuple(status for error, status in _STATUS_OF.items() if error in declared.raises)
    return Operation(
        name=published.name,
        method="get",
        path=re.sub(r"<(\w+)>", r"{\1}", published.path),
        tag=published.tag,
        summary=summary.rstrip("."),
        description=" ".join(description.split()),
        path_parameters=_path_parameters(published.path, declared.example),
        query=declared.query,
        formats=tuple(form.name for form in declared.returns.formats),
        contents=tuple(contents),
        problems=(*_READING, *raised),
        conditional=not all(form.streams for form in declared.returns.formats),
    )


@contextmanager
def _example_app() -> Iterator[Flask]:
    """The application on a fresh copy of the published data."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(f"sqlite:///{Path(folder) / 'example.db'}", "example"))
        service: Service = app.extensions["mappa"]
        prepare(service.database, MAPPA_2015)
        yield app
        service.database.close()


def publish() -> bytes:
    """The document's bytes: of the endpoints as they are, with answers from a fresh copy of the published data."""
    with _example_app() as app:
        operations = [_operation(app, found) for found in declarations(app)]
    document = document_of(operations, VERSION, ProblemSchema())
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def guide() -> bytes:
    """A page that lists every endpoint with a call that works, for docs/endpoints.md."""
    lines = [
        "# Endpoints",
        "",
        "Made by `mappa-trace guide -o` from the same declarations that run the service; each call works on the",
        "published data. Parameters and answers are described at `/api/docs`.",
    ]
    tag = ""
    with _example_app() as app:
        for found in declarations(app):
            if found.tag != tag:
                tag = found.tag
                lines += ["", f"## {tag.capitalize()}", "", "| path | what it is for | formats |", "|---|---|---|"]
            path = re.sub(r"<(\w+)>", r"{\1}", found.path)
            formats = ", ".join(form.name for form in found.declared.returns.formats)
            call = f"`curl '{SERVER}{found.declared.example}'`" if found.declared.example else "none is published yet"
            lines.append(f"| `{path}` | {found.doc.partition(chr(10))[0]} {call} | {formats} |")
    return "\n".join([*lines, ""]).encode()
