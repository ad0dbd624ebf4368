"""The way of a write: one transaction that is checked, applied, recorded, committed, and only then answered."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

import orjson
from flask import Response, request
from marshmallow import Schema
from sqlalchemy.orm import Session

from api.access import Permission, Principal, may
from api.answering import etag_of, location_of, with_caching
from api.asking import checked_body, checked_query, chosen_format, fingerprint, idempotency_key, request_id, seen_etags
from api.call import Call, Service
from api.formats.as_json import item_json
from api.formats.format import About, Format, Returns
from api.handling import handled
from api.paging import Cursors
from api.problems import Forbidden, Stale
from models.errors import Conflict, Fault, Invalid
from models.guarding import override, warnings
from models.lens import Lens
from models.queries.points import NOW, point_of
from models.queries.rows import Row
from models.queries.sight import owner_of
from models.replies import Told, keep_reply, reply_to
from models.writing.overrides import record_overrides

OK, CREATED, NO_CONTENT = 200, 201, 204
# By what it holds, a caller reads what he has just written, though his read goes to a replica.
TOKEN_HEADER = "Consistency-Token"  # noqa: S105 - its name
_ABOUT = About("", (), None, 0)
# How many warnings of the guard an answer tells.
_MOST = 20
Reading = Callable[[Call, str], Row]


@dataclass(frozen=True)
class Write:
    """What a write takes and shows.

    `body` is what it takes; `changes` reads the thing at its path, which the caller must have seen as it is (If-Match);
    `shows` reads what the view gives the reference of; `shape` gives both the form in which a GET shows them. `example`
    is a body, or the address of a real thing with whose fields such a body can be made. `own` is the kind of what has
    to be the caller's own to keep up, unless he has the permission `unless`. `once` is a field that is told in the
    first answer and not kept for its repetition.
    """

    body: Schema | None = None
    changes: Reading | None = None
    shows: Reading | None = None
    shape: Callable[[Row], Row] = item_json
    example: str | dict[str, Any] = ""
    own: str | None = None
    unless: Permission | None = None
    once: str | None = None


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
    name = asked.principal.name
    with _alone(service, asked), service.database.writing(name, asked.query["reason"], request_id()) as session:
        told = reply_to(session, name, asked.key) if asked.key is not None else None
        replayed, about = told is not None, _at_most(asked.principal)
        if told is None:
            told, about = _done(_call(service, session, asked), view, write, asked)
            if asked.key is not None:
                keep_reply(session, name, asked.key, _without(told, write.once))
        elif told.request != asked.mark:
            raise Invalid(Fault("Idempotency-Key", "was used before for another request; take a new one"))
        warned = warnings(session)
    response = _response(told, asked.form, about)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    if (place := session.info.get("place")) is not None:
        response.headers[TOKEN_HEADER] = service.consistency.token(place)
    if warned:
        said = (f"{found.pointer}; type={found.type}; start={found.start}; end={found.end}" for found in warned[:_MOST])
        response.headers["Personal-Data-Warning"] = ", ".join(said)
    return response


def _without(told: Told, once: str | None) -> Told:
    """An answer as it is kept: without what is told only once."""
    if once is None:
        return told
    return replace(told, body=orjson.dumps(orjson.loads(told.body) | {once: None}).decode())


def call_of(service: Service, session: Session, principal: Principal, asked: "Requested | None" = None) -> Call:
    """A request to write as its view sees it; without what is asked, as far as it tells what the caller sees."""
    lens = Lens(principal.clearance, body=principal.body, record=principal.record)
    cursors = Cursors(service.settings.secret_key, request.path, {})
    query, body = (asked.query, asked.body) if asked is not None else ({}, {})
    return Call(session, lens, query, cursors, principal, body, point_of(session, lens, NOW).day)


def _call(service: Service, session: Session, asked: Requested) -> Call:
    """The request as its view sees it; why the guard is to let a text pass, where its caller may say so."""
    if "override" in asked.query:
        if not may(asked.principal, Permission.OVERRIDE_GUARD):
            raise Forbidden(f"The role '{asked.principal.role}' may not override the guard of personal data.")
        override(session, asked.query["override"])
    return call_of(service, session, asked.principal, asked)


def _done(call: Call, view: Callable[..., Any], write: Write, asked: Requested) -> tuple[Told, About]:
    """Do it, if what is there is what the caller has seen, and is his to change; what to tell, and its handling."""
    if write.changes is not None:
        there = etag_of(_content(write, write.changes(call, *asked.path.values())))
        _refuse_others(call, write, asked)
        if asked.seen is not None and there not in asked.seen:
            raise Stale(there)
    ref = view(call, **asked.path)
    record_overrides(call.session, call.principal.name)
    if write.shows is None:
        return Told(asked.mark, NO_CONTENT, None, None, ""), _ABOUT
    shown, shows = write.shows(call, ref), write.shows
    content = _content(write, shown)
    by_get = _content(write, {name: shown[name] for name in shown if name != write.once})
    made = write.changes is not write.shows
    location = location_of(content) if made else None
    told = Told(asked.mark, CREATED if made else OK, location, etag_of(by_get), content.decode())
    handling, restricted = handled(call, lambda other: shows(other, ref), shown)
    return told, replace(_ABOUT, handling=handling, restricted=restricted, private=write.once is not None)


def _refuse_others(call: Call, write: Write, asked: Requested) -> None:
    """Refuse to change what the caller sees but another body keeps up."""
    if write.own is None or (write.unless is not None and may(call.principal, write.unless)):
        return
    (ref,) = asked.path.values()
    if not call.principal.owns(owner_of(call.session, call.lens, write.own, ref)):
        raise Forbidden(f"Only the body that owns this {write.own} may do this.")


def _content(write: Write, row: Row) -> bytes:
    """The bytes by which a GET shows a thing."""
    return orjson.dumps(write.shape(row))


def _at_most(principal: Principal) -> About:
    """How an answer is handled that was given before: what its caller is cleared for bounds it."""
    return replace(_ABOUT, handling=principal.clearance, restricted=principal.body is not None)


def _response(told: Told, form: Format, about: About) -> Response:
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
    return with_caching(response, about)
