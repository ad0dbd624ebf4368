"""The one way a request becomes a response: declared above the view, run from the declaration, published from it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, request
from marshmallow import RAISE, Schema, ValidationError
from marshmallow import fields as field_types
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MIMEAccept

from api.access import PUBLIC, Permission, may
from api.call import Call, Service
from api.formats.format import About, Format, Returns
from api.gate import inspect_request
from api.paging import Cursors, Listing
from api.problems import NotAcceptable
from models.changes import last_seq
from models.errors import DomainError, Fault, Invalid, NotFound
from models.lens import Lens


@dataclass(frozen=True)
class Declared:
    """What an endpoint says of itself: obeyed at each request, and published in the document."""

    permission: Permission
    query: Schema
    returns: Returns
    raises: tuple[type[DomainError], ...] = ()
    example: str = ""
    transaction: bool = True
    published: bool = True


class _Parser(FlaskParser):
    """webargs, telling what is wrong as domain errors."""

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> Any:
        """Tell every fault."""
        raise Invalid(*_faults(error)) from error


_PARSER = _Parser()


def _faults(error: ValidationError) -> list[Fault]:
    """Each fault of an input with the name of the parameter."""
    messages = error.messages
    if isinstance(messages, dict) and set(messages) <= {"query"}:
        messages = messages.get("query", messages)
    found = []
    for name, told in messages.items() if isinstance(messages, dict) else [("", messages)]:
        lines = told.values() if isinstance(told, dict) else [told]
        for line in lines:
            found += [Fault(str(name), str(text)) for text in (line if isinstance(line, list) else [line])]
    return found


def _query(declared: Declared) -> dict[str, Any]:
    """The checked parameters of a request."""
    known = {parameter.data_key or name: parameter for name, parameter in declared.query.fields.items()}
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        raise Invalid(*(Fault(name[:100], f"is not a parameter here; there are: {there}") for name in unknown))
    for name, values in request.args.lists():
        if len(values) > 1 and not isinstance(known[name], field_types.List):
            raise Invalid(Fault(name, "may be given once"))
    checked: dict[str, Any] = _PARSER.parse(declared.query, request, location="query", unknown=RAISE)
    return checked


def _format(declared: Declared) -> Format:
    """The format that the request asks for: by `format=`, else by Accept; JSON where it says nothing."""
    formats = declared.returns.formats
    there = ", ".join(f"{form.name} ({form.media_type})" for form in formats)
    name = request.args.get("format")
    if name is not None:
        chosen = declared.returns.named(name)
        if chosen is None:
            raise NotAcceptable(f"There is no format '{name[:50]}' here; there are: {there}.")
        return chosen
    if not request.headers.get("Accept"):
        return formats[0]
    wanted = MIMEAccept((name.partition(";")[0].strip(), quality) for name, quality in request.accept_mimetypes)
    best = wanted.best_match([form.media_type.partition(";")[0] for form in formats])
    for form in formats:
        if form.media_type.partition(";")[0] == best:
            return form
    raise NotAcceptable(f"Nothing here is of a type that Accept allows; there are: {there}.")


def _answer(service: Service, declared: Declared, view: Callable[..., Any], path: dict[str, Any]) -> Response:
    """Check, read, and write the answer; the format is chosen before the database is touched."""
    form = _format(declared)
    query = _query(declared)
    cursors = Cursors(service.settings.secret_key, request.path, request.args.to_dict(flat=False))
    if not declared.transaction:
        about = About(request.path, (), None, 0)
        return _written(form, declared, view(service, **path), about)
    lens = Lens(PUBLIC.clearance, query.get("as_of"))
    with service.database.reading() as session:
        result = view(Call(session, lens, query, cursors), **path)
        about = About(request.path, tuple(request.args.items(multi=True)), lens.as_of, last_seq(session))
    return _written(form, declared, result, about)


def _written(form: Format, declared: Declared, result: Any, about: About) -> Response:
    """The response: streamed, or whole with its ETag."""
    body = form.write(result, about)
    if form.streams:
        response = Response(iter(body), declared.returns.status, content_type=form.media_type)
    else:
        content = b"".join(body)
        response = Response(content, declared.returns.status, content_type=form.media_type)
        response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    if form.extension is not None:
        response.headers["Content-Disposition"] = f'attachment; filename="{_file_name(about)}.{form.extension}"'
    if isinstance(result, Listing) and result.next:
        response.headers["Link"] = f'<{result.next}>; rel="next"'
    response.headers.update(form.headers)
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = "Accept, Authorization"
    response.make_conditional(request)
    return response


def _file_name(about: About) -> str:
    """What a download is called: the question, and the day if one was asked for."""
    name = about.path.removeprefix("/api/v1/").strip("/").replace("/", "-")
    return f"{name}-as-of-{about.as_of}" if about.as_of else name


def endpoint(
    permission: Permission, *, query: Schema, returns: Returns, example: str, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Declare a view: who may call it, what it takes, what it gives, how it fails, and a call that works.

    `example` is the path and query of a real call: it stands in the document and the docs, and the tests make it.
    Options: `raises` (domain errors beyond those of reading the request), `transaction` (False where the view
    needs the service and no read of its own), `published` (False for files of the documentation page).
    """
    declared = Declared(permission, query, returns, example=example, **options)

    def declare(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def run(**path: Any) -> Response:
            inspect_request(request.environ["PATH_INFO"], request.query_string, len(request.headers))
            if not may(PUBLIC, permission):
                raise NotFound("resource", request.path)
            service: Service = current_app.extensions["mappa"]
            return _answer(service, declared, view, path)

        run.declared = declared  # type: ignore[attr-defined]  # a function carries its declaration
        return run

    return declare
