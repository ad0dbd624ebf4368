"""The one way a request becomes a response: declared above the view, run from the declaration, published from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, current_app, request
from marshmallow import Schema

from api.access import Permission, Principal, may, principal_of
from api.answering import answer
from api.asking import checked_query, chosen_format
from api.call import Call, Service
from api.changing import Requested, Write, change
from api.formats.format import About, Returns
from api.gate import inspect_request
from api.paging import Cursors
from api.problems import ReadOnly, Unauthorized
from models.errors import DomainError
from models.lens import Lens
from models.queries.points import NOW, point_of


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
    write: Write | None = None
    example_answered: bool = True


def _caller(service: Service, permission: Permission) -> Principal:
    """Who is calling; refused where the caller is not known, or may not do what the endpoint is for."""
    keys = service.settings.development_keys
    principal = principal_of(request.headers.get("Authorization"), keys)
    if principal is None:
        raise Unauthorized("The key is not known here.")
    if may(principal, permission):
        return principal
    if not keys:
        raise ReadOnly("This service is read-only: it was started without a DEVELOPMENT_KEY.")
    raise Unauthorized("To write, say who you are: Authorization: Bearer KEY.")


def _read(
    service: Service, declared: Declared, view: Callable[..., Any], principal: Principal, path: dict[str, Any]
) -> Response:
    """Check, read, and write the answer; the format is chosen before the database is touched."""
    form = chosen_format(declared.returns)
    query = checked_query(declared.query)
    if not declared.transaction:
        return answer(form, declared.returns.status, view(service, **path), About(request.path, (), None, 0))
    cursors = Cursors(service.settings.secret_key, request.path, request.args.to_dict(flat=False))
    with service.database.reading() as session:
        point = point_of(session, query.get("known_at") or NOW)
        known_at = point.seq if "known_at" in query else None
        lens = Lens(principal.clearance, query.get("as_of"), known_at)
        result = view(Call(session, lens, query, cursors, principal, {}, lens.as_of or point.day), **path)
        about = About(request.path, tuple(request.args.items(multi=True)), lens.as_of, point.seq, known_at is not None)
    return answer(form, declared.returns.status, result, about)


def endpoint(
    permission: Permission, *, query: Schema, returns: Returns, example: str, **options: Any
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Declare a view: who may call it, what it takes, what it gives, how it fails, and a call that works.

    `example` is the path and query of a real call: it stands in the document and the docs, and the tests make it.
    Options: `raises` (domain errors beyond those of reading the request), `transaction` (False where the view
    needs the service and no read of its own), `published` (False for files of the documentation page), `write` (what a
    write takes and shows; its view gives the reference of what it wrote), `example_answered` (False where the answer to
    the example differs from one installation to another, as times do, and so cannot stand in the document).
    """
    declared = Declared(permission, query, returns, example=example, **options)

    def declare(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def run(**path: Any) -> Response:
            inspect_request(request.environ["PATH_INFO"], request.query_string, len(request.headers))
            service: Service = current_app.extensions["mappa"]
            principal = _caller(service, permission)
            if declared.write is None:
                return _read(service, declared, view, principal, path)
            asked = Requested.of(principal, path, declared.returns, declared.query, declared.write)
            return change(service, view, declared.write, asked)

        run.declared = declared  # type: ignore[attr-defined]  # a function carries its declaration
        return run

    return declare
