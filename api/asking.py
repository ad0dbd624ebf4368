"""What a request asks for: its format, its checked parameters and body, and what its caller has seen."""

import hashlib
import re
from typing import Any
from uuid import uuid4

from flask import request
from marshmallow import RAISE, Schema, ValidationError
from marshmallow import fields as field_types
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import MIMEAccept

from api.body import parse_json
from api.formats.format import Format, Returns
from api.problems import NotAcceptable, Unconditional, Unsupported
from models.errors import Fault, Invalid
from models.verifier import canonical

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


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


def checked_query(schema: Schema) -> dict[str, Any]:
    """The checked parameters of a request."""
    known = {parameter.data_key or name: parameter for name, parameter in schema.fields.items()}
    unknown = sorted(set(request.args) - set(known))
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        raise Invalid(*(Fault(name[:100], f"is not a parameter here; there are: {there}") for name in unknown))
    for name, values in request.args.lists():
        if len(values) > 1 and not isinstance(known[name], field_types.List):
            raise Invalid(Fault(name, "may be given once"))
    checked: dict[str, Any] = _PARSER.parse(schema, request, location="query", unknown=RAISE)
    return checked


def chosen_format(returns: Returns) -> Format:
    """The format that the request asks for: by `format=`, else by Accept; JSON where it says nothing."""
    formats = returns.formats
    there = ", ".join(f"{form.name} ({form.media_type})" for form in formats)
    name = request.args.get("format")
    if name is not None:
        chosen = returns.named(name)
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


def checked_body(schema: Schema | None) -> dict[str, Any]:
    """The checked body of a request, which must be JSON of the type that the method takes; none where none is taken."""
    raw = request.get_data()
    if schema is None:
        if raw:
            raise Unsupported("This request takes no body.")
        return {}
    wanted = MERGE_PATCH if request.method == "PATCH" else JSON
    if request.mimetype != wanted or request.content_encoding:
        raise Unsupported(f"Send the body as {wanted}, not compressed.")
    value = parse_json(raw)
    if not isinstance(value, dict):
        raise Invalid(Fault("", "must be an object"))
    if "_schema" in value:  # the word by which marshmallow names the whole
        raise Invalid(Fault("/_schema", "Unknown field."))
    try:
        checked: dict[str, Any] = schema.load(value)
    except ValidationError as error:
        raise Invalid(*_pointed(error.messages)) from error
    return checked


def _pointed(messages: Any, pointer: str = "") -> list[Fault]:
    """Each fault of a body with its JSON pointer."""
    if isinstance(messages, dict):
        found = []
        for name, told in messages.items():
            step = "" if name == "_schema" else "/" + str(name)[:100].replace("~", "~0").replace("/", "~1")
            found += _pointed(told, pointer + step)
        return found
    return [Fault(pointer, str(text)) for text in (messages if isinstance(messages, list) else [messages])]


def seen_etags() -> frozenset[str] | None:
    """The entity tags of what the caller has seen, None for whatever there is. Required of every change."""
    given = request.headers.get("If-Match")
    if given is None:
        raise Unconditional("Send If-Match with the ETag of what you change.")
    if given.strip() == "*":
        return None
    return frozenset(request.if_match.as_set())


def idempotency_key() -> str | None:
    """The key by which a repeated request is known; None where the caller gives none."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid(Fault("Idempotency-Key", "must have 1 to 255 visible ASCII characters"))
    return key


def request_id() -> str:
    """The name of the request, for the record and the log: the caller's, or one that is made where he gives none."""
    given = request.headers.get("X-Request-Id", "")
    name: str = request.environ.setdefault("mappa.request_id", given if _KEY.fullmatch(given) else uuid4().hex)
    return name


def fingerprint(body: dict[str, Any]) -> str:
    """What tells a request from another under the same key: its method, address and body."""
    asked = [request.method, request.path, sorted(request.args.items(multi=True)), canonical(_plain(body))]
    return hashlib.sha256(canonical(asked).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A checked body as JSON holds it."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if value is None or isinstance(value, str | int | bool) else str(value)
