"""Publishing what the endpoints declare: as operations for the OpenAPI document, with real answers as examples."""

import inspect
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from flask import Flask

from api.app import create_app
from api.endpoint import Declared, Service
from api.loading import prepare
from api.problems import Unavailable
from api.schemas.service import ProblemSchema
from api.settings import ROOT, VERSION, Settings
from models.errors import NotFound
from openapi.document import document_of
from openapi.operation import Content, Operation
from seed.load import MAPPA_2015

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
        contents=tuple(contents),
        problems=(*_READING, *raised),
        conditional=not all(form.streams for form in declared.returns.formats),
    )


def publish() -> bytes:
    """The document's bytes: of the endpoints as they are, with answers from a fresh copy of the published data."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(f"sqlite:///{Path(folder) / 'example.db'}", "example"))
        service: Service = app.extensions["mappa"]
        prepare(service.database, MAPPA_2015)
        operations = [_operation(app, found) for found in declarations(app)]
        service.database.dispose()
    document = document_of(operations, VERSION, ProblemSchema())
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
