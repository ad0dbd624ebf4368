"""Errors as RFC 9457 problem details: the one place where a domain error becomes an answer."""

import logging
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import quote

import orjson
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from api.database import Uncertain
from api.gate import TooLong, Unreadable
from api.logs import of_database, stopped
from models.errors import Busy, Conflict, DomainError, Invalid, NotFound, PersonalData, Unmet

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger("mappa")


class NotAcceptable(DomainError):
    """None of the formats asked for is one that this resource has."""


class Unauthorized(DomainError):
    """Nobody has said who is calling, or with a key that is not known."""


class Forbidden(DomainError):
    """The caller is known and may see the thing, but may not do this."""


class TooMany(DomainError):
    """The caller has asked, or failed, too often; `wait` is after how many seconds he may again."""

    def __init__(self, wait: int, what: str) -> None:
        """Keep the seconds."""
        super().__init__(f"Too many {what} came from here: wait {wait} seconds.")
        self.wait = wait


class Unsupported(DomainError):
    """The body is of a type that is not read here."""


class Unconditional(DomainError):
    """A change of what is there, by a caller who does not say what he has seen of it."""


class Stale(DomainError):
    """What is there is not what the caller has seen; `etag` is that of what is there."""

    def __init__(self, etag: str) -> None:
        """Keep the entity tag."""
        super().__init__("It was changed since you read it: read it again, and decide again.")
        self.etag = etag


class Unavailable(DomainError):
    """The service cannot answer now; the same request may succeed later."""


class Problem(NamedTuple):
    """A kind of problem: its status, its title, and what a client can do about it."""

    status: int
    title: str
    remedy: str


PROBLEMS = {
    "bad-request": Problem(
        400, "The request is malformed", "Send the URL as percent-encoded UTF-8, the body as JSON in UTF-8."
    ),
    "unauthorized": Problem(
        401, "Who is calling is not known", "Send a key or a token that is in force: Authorization: Bearer KEY."
    ),
    "forbidden": Problem(403, "You may not do this", "Look at /api/v1/me for what you may do; ask whoever may."),
    "not-found": Problem(404, "There is no such thing here", "Check the reference; lists give those that exist."),
    "method-not-allowed": Problem(405, "This method is not supported here", "Use a method that Allow names."),
    "not-acceptable": Problem(406, "There is no such format", "Ask for one of the formats that detail names."),
    "conflict": Problem(409, "It contradicts what is there", "Look at what conflicts names, and decide again."),
    "precondition-failed": Problem(412, "It was changed in the meantime", "Read it again; its ETag is in this answer."),
    "content-too-large": Problem(413, "The request body is too large", "Send less, or in parts."),
    "uri-too-long": Problem(414, "The URL is too long", "Ask for less in one request."),
    "unsupported-media-type": Problem(
        415, "The body's type is not read here", "Send the type that detail names, without Content-Encoding."
    ),
    "unprocessable": Problem(
        422, "The request breaks a rule", "Mend what errors names; each says what would be right."
    ),
    "pii-suspected": Problem(
        422,
        "A text looks like personal data",
        "Take it out. If it is none, and your role may say so, send the request again with override=WHY.",
    ),
    "precondition-required": Problem(
        428, "Say what you have seen", "Send If-Match with the ETag of what you read, so that nobody's change is lost."
    ),
    "too-many-requests": Problem(
        429, "Too many requests", "Wait as long as Retry-After says; if keys were not accepted, check the key."
    ),
    "unavailable": Problem(503, "The service cannot answer now", "Try again after Retry-After seconds."),
    "internal": Problem(500, "Something went wrong here", "Try again; tell us the time if it goes on."),
}
_BY_STATUS = {problem.status: name for name, problem in PROBLEMS.items() if name != "pii-suspected"}
_BY_ERROR: dict[type[Exception], str] = {
    NotFound: "not-found",
    PersonalData: "pii-suspected",
    Invalid: "unprocessable",
    NotAcceptable: "not-acceptable",
    Unavailable: "unavailable",
    Busy: "unavailable",
    TooLong: "uri-too-long",
    Unreadable: "bad-request",
    Unauthorized: "unauthorized",
    Forbidden: "forbidden",
    TooMany: "too-many-requests",
    Conflict: "conflict",
    Stale: "precondition-failed",
    Unsupported: "unsupported-media-type",
    Unconditional: "precondition-required",
}


def problem_response(name: str, detail: str, *, status: int | None = None, **members: Any) -> Response:
    """A problem as an answer; `type` leads to its description in this service."""
    kind = PROBLEMS[name]
    code = status or kind.status
    title = kind.title if code == kind.status else HTTPStatus(code).phrase
    body = {
        "type": f"/api/v1/problems/{name}",
        "title": title,
        "status": code,
        "detail": detail,
        "instance": quote(request.path),
        **members,
    }
    response = Response(orjson.dumps(body), code, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    if name == "unavailable":
        response.headers["Retry-After"] = "2"
    return response


def _from_domain(error: DomainError) -> Response:
    """The answer to a domain error."""
    name = next(name for kind, name in _BY_ERROR.items() if isinstance(error, kind))
    if isinstance(error, PersonalData):
        return problem_response(name, str(error), findings=[found._asdict() for found in error.findings])
    if isinstance(error, Invalid):
        faults = [{"pointer": fault.pointer, "detail": fault.detail} for fault in error.faults]
        return problem_response(name, str(error), errors=faults)
    if isinstance(error, Conflict):
        conflicts = [{"kind": kind, "ref": ref} for kind, ref in error.with_whom]
        unmet: dict[str, Any] = {"conditions": error.conditions} if isinstance(error, Unmet) else {}
        return problem_response(name, str(error), conflicts=conflicts, **unmet)
    response = problem_response(name, str(error))
    if isinstance(error, Stale):
        response.headers["ETag"] = f'"{error.etag}"'
    if isinstance(error, Unauthorized):
        sent = 'error="invalid_token"' if request.headers.get("Authorization") else 'realm="mappa-trace"'
        response.headers["WWW-Authenticate"] = f"Bearer {sent}"
    if isinstance(error, TooMany | Busy):
        response.headers["Retry-After"] = str(error.wait)
    return response


def _from_http(error: HTTPException) -> Response:
    """The answer to what the framework refused: an unknown path, a method that is not there, a body too large."""
    code = error.code or 500
    name = _BY_STATUS.get(code, "bad-request" if code < HTTPStatus.INTERNAL_SERVER_ERROR else "internal")
    detail = PROBLEMS[name].remedy if code != HTTPStatus.NOT_FOUND else "There is nothing at this path."
    if code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(sorted(getattr(error, "valid_methods", None) or ()))
        response = problem_response(name, f"{request.method} is not supported here; use one of: {allowed}.")
        response.headers["Allow"] = allowed
        return response
    return problem_response(name, detail, status=code)


def _from_database(error: Exception) -> Response:
    """The answer when the database does not: nothing was done, and it may be there again soon."""
    if stopped(error):
        log.warning("statement stopped", extra=of_database(error))
        return problem_response("unavailable", "It took too long and was stopped; nothing was changed. Ask for less.")
    log.error("database unavailable", extra=of_database(error))
    return problem_response("unavailable", "The database does not answer; nothing was changed.")


def _from_lost_commit(error: Exception) -> Response:
    """The answer where the database was lost as it committed: only whoever looks again knows whether it was done."""
    log.error("database lost at commit", exc_info=error)
    detail = "The database was lost while it committed, and it is not known whether it did: "
    return problem_response("unavailable", f"{detail}read again, or repeat the request under its Idempotency-Key.")


def _from_constraint(error: Exception) -> Response:
    """The answer where the database refuses what no rule before it did: nothing was changed."""
    log.warning("constraint violated", extra=of_database(error))
    return problem_response("conflict", "The database refuses it: it contradicts what is there.", conflicts=[])


def _from_bug(error: Exception) -> Response:
    """The answer to a mistake of ours: no detail leaves the service, the log has it."""
    log.error("unhandled error", exc_info=error)
    return problem_response("internal", "The error was recorded; nothing was changed.")


def register_problems(app: Flask) -> None:
    """Answer every error of an application with a problem."""
    app.register_error_handler(DomainError, _from_domain)
    app.register_error_handler(HTTPException, _from_http)
    app.register_error_handler(IntegrityError, _from_constraint)
    app.register_error_handler(DBAPIError, _from_database)
    app.register_error_handler(Uncertain, _from_lost_commit)
    app.register_error_handler(PoolTimeout, _from_database)
    app.register_error_handler(Exception, _from_bug)
