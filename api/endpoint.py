"""The one way a request becomes a response: declared above the view, run from the declaration, published from it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from flask import Response, current_app, request
from marshmallow import Schema

from api.access import PUBLIC, Permission, Principal, may
from api.answering import answer, if_wanted
from api.asking import checked_body, checked_query, chosen_format
from api.call import Call, Service
from api.changing import TOKEN_HEADER, Requested, Write, call_of, change
from api.formats.format import About, Format, Returns
from api.gate import inspect_request
from api.handling import at_most, handled
from api.identity import ANYONE, Caller
from api.paging import Cursors
from api.problems import Forbidden, Unauthorized
from api.remembering import Version, asked_for, remember, response_of, version_of
from models.errors import DomainError
from models.lens import Lens
from models.queries.numbers import numbers_of
from models.queries.points import NOW, point_of


@dataclass(frozen=True)
class Declared:
    """What an endpoint says of itself: obeyed at each request, and published in the document.

    `also` is a second permission that it asks for; `body` what it takes if it writes nothing, and `takes` how that is
    read.
    """

    permission: Permission
    query: Schema
    returns: Returns
    raises: tuple[type[DomainError], ...] = ()
    example: str = ""
    transaction: bool = True
    published: bool = True
    write: Write | None = None
    example_answered: bool = True
    also: Permission | None = None
    body: Schema | None = None
    body_example: Any = None
    takes: Callable[[Schema], dict[str, Any]] = checked_body

    @property
    def permissions(self) -> tuple[Permission, ...]:
        """Everything that it asks its caller for."""
        return (self.permission,) if self.also is None else (self.permission, self.also)

    @property
    def asks_who(self) -> bool:
        """Whether it asks who is calling; what is open and needs no database answers everybody alike."""
        return self.transaction or self.permission != Permission.OPEN


def _caller(service: Service, declared: Declared) -> Caller:
    """Who is calling, in a read transaction of its own; the public, where nobody says who he is."""
    authorization = request.headers.get("Authorization")
    if authorization is None or not declared.asks_who:
        return ANYONE
    return service.caller(authorization, request.remote_addr or "")


def _admit(service: Service, declared: Declared, principal: Principal, path: dict[str, Any]) -> None:
    """Refuse a caller who may not do what the endpoint is for; of what he may not even see, as if it were not there."""
    if all(may(principal, permission) for permission in declared.permissions):
        return
    if request.headers.get("Authorization") is None:
        raise Unauthorized("For this, say who you are: Authorization: Bearer KEY.")
    if declared.write is not None and declared.write.changes is not None:
        with service.reading(principal) as session:
            declared.write.changes(call_of(service, session, principal), *path.values())
    raise Forbidden(f"The role '{principal.role}' may not do this.")


def _read(
    service: Service, declared: Declared, view: Callable[..., Any], principal: Principal, path: dict[str, Any]
) -> Response:
    """Check, read, and write the answer; the format is chosen before the database is touched.

    What was answered to everybody and has not changed since is answered again.
    """
    version = _version(service, declared, principal)
    kept = None if version is None else service.answers.found(asked_for(), version)
    if kept is not None:
        return if_wanted(response_of(kept))
    form = chosen_format(declared.returns)
    query = checked_query(declared.query)
    body = declared.takes(declared.body) if declared.body is not None else {}
    if not declared.transaction:
        about = About(request.path, (), None, 0, private=not may(PUBLIC, declared.permission))
        given = (service,) if declared.body is None else (service, body)
        return answer(form, declared.returns.status, view(*given, **path), about)
    cursors = Cursors(service.settings.secret_key, request.path, request.args.to_dict(flat=False))
    with service.reading(principal, request.headers.get(TOKEN_HEADER), anywhere=True) as session:
        present = Lens(principal.clearance, query.get("as_of"), body=principal.body, record=principal.record)
        point = point_of(session, present, query.get("known_at") or NOW)
        lens = replace(present, known_at=point.seq if "known_at" in query else None)
        call = Call(session, lens, query, cursors, principal, body, lens.as_of or point.day)
        result = view(call, **path)
        about = _about(form, call, point.seq)
        whole = declared.permission == Permission.READ_RECORD and call.lens.sees_record
        if whole or not declared.returns.comparable:
            handling, restricted = at_most(call, whole=whole)
        else:
            handling, restricted = handled(call, lambda other: view(other, **path), result)
    reader = principal if form.says_reader and principal != PUBLIC else None
    private = reader is not None or not all(may(PUBLIC, permission) for permission in declared.permissions)
    base = service.settings.public_url
    about = replace(about, handling=handling, restricted=restricted, private=private, base=base, reader=reader)
    response = answer(form, declared.returns.status, result, about)
    if version is not None and version.seq == point.seq and lens.known_at is None:
        remember(service.answers, asked_for(), version, response)
    return response


def _version(service: Service, declared: Declared, principal: Principal) -> Version | None:
    """The version of the record by which the answer may be remembered; None where it may not be."""
    plain = declared.permission == Permission.READ and declared.also is None and declared.body is None
    if principal != PUBLIC or not (plain and declared.transaction and declared.example_answered):
        return None
    return version_of(service.database)


def _about(form: Format, call: Call, seq: int) -> About:
    """What the answer is an answer to; the point of the record, by the reader's number, where the format tells it."""
    told = form.extension is not None or form.says_point
    number = numbers_of(call.session, replace(call.lens, known_at=None)).of(seq) if told else 0
    past = call.lens.known_at is not None
    return About(request.path, tuple(request.args.items(multi=True)), call.lens.as_of, number, past)


def endpoint(
    permission: Permission, *, query: Schema, returns: Returns, example: str, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Declare a view: who may call it, what it takes, what it gives, how it fails, and a call that works.

    `example` is the path and query of a real call: it stands in the document and the docs, and the tests make it.
    Options: `raises` (domain errors beyond those of reading the request), `transaction` (False where the view
    needs the service and no read of its own), `published` (False for files of the documentation page), `write` (what a
    write takes and shows; its view gives the reference of what it wrote), `example_answered` (False where the answer to
    the example differs from one installation to another, as times do, and so cannot stand in the document), `also` (a
    second permission), `body` and `body_example` (what a question takes that is asked by POST and writes nothing), and
    `takes` (how that is read, where it is no JSON).
    """
    declared = Declared(permission, query, returns, example=example, **options)

    def declare(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def run(**path: Any) -> Response:
            inspect_request(request.environ["PATH_INFO"], request.query_string, len(request.headers))
            service: Service = current_app.extensions["mappa"]
            caller = _caller(service, declared)
            if caller.noting is not None:
                service.database.note_use(caller.noting)
            principal = caller.principal
            request.environ["mappa.caller"] = principal.name
            if declared.asks_who:
                service.admit(principal, request.remote_addr or "")
            _admit(service, declared, principal, path)
            if declared.write is None:
                return _read(service, declared, view, principal, path)
            asked = Requested.of(principal, path, declared.returns, declared.query, declared.write)
            return change(service, view, declared.write, asked)

        run.declared = declared  # type: ignore[attr-defined]  # a function carries its declaration
        return run

    return declare
