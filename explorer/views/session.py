"""Signing in and out: a reader gives his key once, and pages know him until he leaves."""

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, request

from api.access import Permission
from api.call import Service
from api.endpoint import endpoint
from api.formats.format import Format, Returns
from api.schemas.about import PlainQuery
from explorer.declaring import HTML
from explorer.page import Page
from explorer.posting import SessionForm, SignInForm, checked_form
from explorer.session import HOURS, MOST_CHARACTERS, Session, cookie_of, new_session, session_of, token_of

blueprint = Blueprint("page_session", __name__)
_KEPT_BY_NOBODY = (*HTML.headers, ("Cache-Control", "private, no-store"))
_OWN_PAGE = replace(HTML, headers=_KEPT_BY_NOBODY, says_point=False, says_reader=False)


@dataclass(frozen=True)
class Moved:
    """Where to go on, and what to keep there."""

    location: str
    cookie: tuple[str, str]

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """What says so."""
        return ("Location", self.location), self.cookie


_MOVED = Format(
    "html",
    "text/html; charset=utf-8",
    lambda _moved, _about: [b""],
    headers=_KEPT_BY_NOBODY,
    told=lambda moved: moved.headers,
)
_TAKES_A_FORM: dict[str, Any] = {
    "query": PlainQuery(exclude=["format"]),
    "returns": Returns((_MOVED,), status=303),
    "takes": checked_form,
    "transaction": False,
    "published": False,
}


@blueprint.get("/sign-in")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(exclude=["format"]),
    returns=Returns((_OWN_PAGE,)),
    transaction=False,
    published=False,
    example="/sign-in",
)
def get_sign_in(service: Service) -> Page:
    """Find out how to sign in, and give a key."""
    kept = session_of(request, service.settings)
    session = kept or new_session()
    return Page(
        "sign_in.html",
        "Sign in with a key",
        (),
        {"token": token_of(session, service.settings), "hours": HOURS, "most": MOST_CHARACTERS},
        headers=() if kept else (cookie_of(session, request, service.settings),),
    )


@blueprint.post("/sign-in")
@endpoint(Permission.OPEN, body=SignInForm(), example="/sign-in", **_TAKES_A_FORM)
def sign_in(service: Service, given: dict[str, str]) -> Moved:
    """Have the browser keep a key that is in force, in a session that nobody has had."""
    service.caller(f"Bearer {given['key']}", request.remote_addr or "")
    return _moved(service, new_session(given["key"]))


@blueprint.post("/sign-out")
@endpoint(Permission.OPEN, body=SessionForm(), example="/sign-out", **_TAKES_A_FORM)
def sign_out(service: Service, _given: dict[str, str]) -> Moved:
    """Have the browser forget the session."""
    return _moved(service, None)


def _moved(service: Service, session: Session | None) -> Moved:
    """On to the first page, with another session or none."""
    return Moved("/", cookie_of(session, request, service.settings))
