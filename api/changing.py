"""The way of a write: one transaction that is checked, applied, recorded, committed, and only then answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize
from uuid import uuid4

import orjson
from flask import Response, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from api.access import Principal
from api.answering import etag_of, location_of, with_caching
from api.asking import checked_body, checked_query, chosen_format, fingerprint, idempotency_key, request_id, seen_etags
from api.call import Call, Service
from api.formats.as_json import item_json
from api.formats.format import Format, Returns
from api.paging import Cursors
from api.problems import Stale
from models.errors import Conflict, Fault, Invalid
from models.lens import Lens
from models.queries.points import NOW, point_of
from models.queries.rows import Row
from models.replies import Told, keep_reply, reply_to

OK, CREATED, NO_CONTENT = 200, 201, 204
Reading = Callable[[Call, str], Row]


@dataclass(frozen=True)
class Write:
    """What a write takes and shows.

    `body` is what it takes; `changes` reads the thing at its path, which the caller must have seen as it is (If-Match);
    `shows` reads what the view gives the reference of; `shape` gives both the form in which a GET shows them. `example`
    is a body, or the address of a real thing with whose fields such a body can be made.
    """

    body: Schema | None = None
    changes: Reading | None = None
    shows: Reading | None = None
    shape: Callable[[Row], Row] = item_json
    example: str | dict[str, Any] = ""


@dataclass(frozen=True)
class Requested:
    """One request to write, checked: who asks for what, what he has seen, and how a repetition of it is known."""

    principal: Principal
    path: dict[str, Any]
    form: Format
    query: dict[str, Any]
    body: dict[str, Any]
    seen: frozenset[str] | None
    key: str | None
    mark: str

    @staticmethod
    def of(principal: Principal, path: dict[str, Any], returns: Returns, query: Schema, write: Write) -> "Requested":
        """What the request at hand asks for; refused before the database is touched."""
        form = chosen_format(returns)
        checked = checked_query(query)
        checked["reason"] = normalize("NFC", checked["reason"])
        body = checked_body(write.body)
        seen = seen_etags() if write.changes is not None else None
        return Requested(principal, path, form, checked, body, seen, idempotency_key(), fingerprint(body))


@contextmanager
def _alone(service: Service, asked: Requested) -> Iterator[None]:
    """Let one request at a time work under the same key of the same caller."""
    if asked.key is None:
        yield
        return
    name = (asked.principal.name, asked.key)
    with service.lock:
        if name in service.in_flight:
            raise Conflict("A request with this Idempotency-Key is being worked on: wait for its answer.")
        service.in_flight.add(name)
    try:
        yield
    finally:
        service.in_flight.discard(name)


def change(service: Service, view: Callable[..., Any], write: Write, asked: Requested) -> Response:
    """Do what is asked, once; under a key that was used before, tell again what was told then."""
    number, name = request_id() or uuid4().hex, asked.principal.name
    with _alone(service, asked), service.database.writing(name, asked.query["reason"], number) as session:
        told = reply_to(session, name, asked.key) if asked.key is not None else None
        replayed = told is not None
        if told is None:
            told = _done(_call(service, session, asked), view, write, asked)
            if asked.key is not None:
                keep_reply(session, name, asked.key, told)
        elif told.request != asked.mark:
            raise Invalid(Fault("Idempotency-Key", "was used before for another request; take a new one"))
    return _response(told, asked.form, number, replayed=replayed)


def _call(service: Service, session: Session, asked: Requested) -> Call:
    """The request as its view sees it."""
    lens, today = Lens(asked.principal.clearance), point_of(session, NOW).day
    cursors = Cursors(service.settings.secret_key, request.path, {})
    return Call(session, lens, asked.query, cursors, asked.principal, asked.body, today)


def _done(call: Call, view: Callable[..., Any], write: Write, asked: Requested) -> Told:
    """Do it, if what is there is what the caller has seen; what is to be told of it."""
    if write.changes is not None:
        there = etag_of(_content(write, write.changes(call, *asked.path.values())))
        if asked.seen is not None and there not in asked.seen:
            raise Stale(there)
    ref = view(call, **asked.path)
    if write.shows is None:
        return Told(asked.mark, NO_CONTENT, None, None, "")
    content = _content(write, write.shows(call, ref))
    made = write.changes is not write.shows
    location = location_of(content) if made else None
    return Told(asked.mark, CREATED if made else OK, location, etag_of(content), content.decode())


def _content(write: Write, row: Row) -> bytes:
    """The bytes by which a GET shows a thing."""
    return orjson.dumps(write.shape(row))


def _response(told: Told, form: Format, number: str, *, replayed: bool) -> Response:
    """The answer that is told."""
    response = Response(told.body, told.status)
    if told.body:
        response.content_type = form.media_type
    else:
        del response.headers["Content-Type"]
    if told.etag is not None:
        response.set_etag(told.etag)
    if told.location is not None:
        response.headers["Location"] = told.location
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    response.headers["X-Request-Id"] = number
    return with_caching(response)
