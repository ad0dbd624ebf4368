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

from api.access import PUBLIC, may
from api.app import create_app
from api.asking import JSON, MERGE_PATCH
from api.call import Service
from api.changing import CREATED, NO_CONTENT, OK
from api.endpoint import Declared
from api.limits import LIMITS
from api.loading import prepare
from api.problems import Stale, Unavailable
from api.schemas.about import ProblemSchema
from api.settings import ROOT, VERSION, Settings
from models.errors import Conflict, NotFound
from openapi.document import document_of
from openapi.operation import Content, Operation
from seed.load import MAPPA_2015

GUIDE = ROOT / "docs" / "endpoints.md"
SERVER = "http://127.0.0.1:8000"
FILE = ROOT / "openapi" / "openapi.json"
_STATUS_OF = {NotFound: 404, Unavailable: 503, Conflict: 409, Stale: 412}
_READING, _KNOWING = (400, 406, 414, 422), (401, 429)
_ASKING, _WRITING = (403, 413, 415), (403, 409, 413, 415)
# What the service gives, or what is free only once; and what is best left to the review's setting.
_GIVEN = {"external_id", "number", "handling"}


class Published(NamedTuple):
    """A published endpoint: the view's name, its tag, path, declaration and docstring."""

    name: str
    tag: str
    path: str
    declared: Declared
    doc: str
    method: str = "get"


def declarations(app: Flask) -> Iterator[Published]:
    """Every published endpoint, in the order of registration."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        declared: Declared = view.declared  # type: ignore[union-attr]  # create_app refuses views without
        if declared.published:
            tag = rule.endpoint.partition(".")[0]
            (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            path = re.sub(r"<int:", "<", rule.rule)
            yield Published(view.__name__, tag, path, declared, inspect.getdoc(view) or "", method.lower())


def _path_parameters(path: str, example: str) -> dict[str, str]:
    """The parameters of a path, each with its value in the example."""
    names = re.findall(r"<(\w+)>", path)
    pattern = re.sub(r"<(\w+)>", r"(?P<\1>[^/]+)", path)
    match = re.fullmatch(pattern, urlsplit(example).path)
    return {name: match[name] if match else "" for name in names}


def _operation(app: Flask, published: Published) -> Operation:
    """One operation, its example answered by the application itself."""
    declared, write = published.declared, published.declared.write
    summary, _, description = published.doc.partition("\n\n")
    contents = []
    for form in declared.returns.formats:
        example: Any = None
        if form.name == "json" and form.schema is not None and declared.example and declared.example_answered:
            answer = app.test_client().get(declared.example)
            example = orjson.loads(answer.data) if answer.status_code == declared.returns.status else None
        contents.append(Content(form.media_type, form.schema, example))
    return Operation(
        name=published.name,
        method=published.method,
        path=_templated(published.path),
        tag=published.tag,
        summary=summary.rstrip("."),
        description=" ".join(description.split()),
        path_parameters=_path_parameters(published.path, declared.example),
        query=declared.query,
        formats=tuple(form.name for form in declared.returns.formats),
        contents=tuple(contents),
        problems=_problems(declared),
        conditional=not all(form.streams for form in declared.returns.formats)
        and declared.returns.status != NO_CONTENT,
        status=_status(declared),
        body=_body(app, published),
        matches=write is not None and write.changes is not None,
        writes=write is not None,
        scopes=tuple(permission.value for permission in declared.permissions),
        open=all(may(PUBLIC, permission) for permission in declared.permissions),
    )


def _problems(declared: Declared) -> tuple[int, ...]:
    """The statuses of the problems that an operation can answer with."""
    raised = tuple(status for error, status in _STATUS_OF.items() if error in declared.raises)
    every = (*_READING, *(_KNOWING if declared.asks_who else ()), *raised)
    if declared.write is None:
        asking = _ASKING if declared.body is not None else () if may(PUBLIC, declared.permission) else (403,)
        return (*every, *asking)
    return (*every, *_WRITING, *((428,) if declared.write.changes is not None else ()))


def _status(declared: Declared) -> int:
    """The status of an answer that succeeds."""
    write = declared.write
    if write is None or write.shows is None:
        return declared.returns.status
    return OK if write.changes is write.shows else CREATED


def example_body(app: Flask, published: Published) -> Any:
    """A body that a write takes: fields that the published record has of such a thing; None where there is none."""
    write = published.declared.write
    if write is None:
        return published.declared.body_example
    if write.body is None or isinstance(write.example, dict):
        return write.example
    thing = app.test_client().get(write.example).get_json()
    names = [name for name in write.body.fields if name not in _GIVEN and thing.get(name) not in (None, [])]
    return {name: thing[name] for name in (names if published.method == "post" else names[:1])}


def _body(app: Flask, published: Published) -> Content | None:
    """What a write takes besides parameters."""
    write = published.declared.write
    taken = published.declared.body if write is None else write.body
    if taken is None:
        return None
    return Content(MERGE_PATCH if published.method == "patch" else JSON, taken, example_body(app, published))


@contextmanager
def _example_app() -> Iterator[Flask]:
    """The application on a fresh copy of the published data."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        settings = Settings(
            f"sqlite:///{place / 'example.db'}", "example", {}, place / "checkpoint.json", place / "key.pem"
        )
        app = create_app(settings)
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
        "published data, those that write with a key whose role may do it ([operate.md](operate.md)), or with the",
        "`DEVELOPMENT_KEY` that the service was started with. What would be said twice (a link that is there), or",
        "taken from under something else, is answered with 409 and why. REF stands for a reference that a list gives.",
        "Parameters and answers are described at `/api/docs`.",
    ]
    with _example_app() as app:
        every = list(declarations(app))
        for tag in dict.fromkeys(found.tag for found in every):
            heading = tag.capitalize().replace("_", " ")
            lines += ["", f"## {heading}", "", "| path | what it is for | formats |", "|---|---|---|"]
            lines += [_reading(found) for found in every if found.tag == tag and found.method == "get"]
            for found in every:
                if found.tag == tag and found.method != "get":
                    lines += ["", *_writing(app, found)]
    lines += ["", "## Limits", "", "| what | at most | beyond it |", "|---|---|---|"]
    lines += [f"| {limit.what} | {limit.most:,} {limit.unit} | {limit.beyond} |" for limit in LIMITS]
    return "\n".join([*lines, ""]).encode()


def _reading(found: Published) -> str:
    """The line of an endpoint that is read."""
    formats = ", ".join(form.name for form in found.declared.returns.formats)
    needed = "" if all(may(PUBLIC, one) for one in found.declared.permissions) else ' -H "Authorization: Bearer $KEY"'
    call = f"`curl '{SERVER}{found.declared.example}'{needed}`" if found.declared.example else "none is published yet"
    return f"| `{_templated(found.path)}` | {found.doc.partition(chr(10))[0]} {call} | {formats} |"


def _writing(app: Flask, found: Published) -> list[str]:
    """The lines of an endpoint that writes."""
    call = [f"curl -X {found.method.upper()} '{SERVER}{found.declared.example}'", '  -H "Authorization: Bearer $KEY"']
    if found.declared.write is not None and found.declared.write.changes is not None:
        call.append("  -H 'If-Match: *'")
    body = example_body(app, found)
    if body:
        told = orjson.dumps(body).decode().replace("'", "'\\''")
        kind = MERGE_PATCH if found.method == "patch" else JSON
        call += [f"  -H 'Content-Type: {kind}'", f"  -d '{told}'"]
    about = f"`{found.method.upper()} {_templated(found.path)}`: {found.doc.partition(chr(10))[0]}"
    return [about, "", "```", *(f"{line} \\" for line in call[:-1]), call[-1], "```"]


def _templated(path: str) -> str:
    """A path with its parameters as the document writes them."""
    return re.sub(r"<(\w+)>", r"{\1}", path)
