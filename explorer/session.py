"""The session: what a browser keeps of its reader in a cookie that this service alone can read.

A reader gives his key once. The cookie holds it encrypted, for so many hours at most, and no script and no other site
gets to it. Forms that change a session carry a token that is signed for it.
"""

import base64
import secrets
from dataclasses import dataclass, field
from functools import cache

import orjson
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.http import dump_cookie

from api.settings import Settings

HOURS = 12
_SECONDS = HOURS * 60 * 60
# What a browser keeps of one cookie is 4,096 bytes.
MOST_CHARACTERS = 2_500
_LET_IN = "mappa.session"


@dataclass(frozen=True)
class Session:
    """A browser's session: its name, and the key that its reader has given, if any."""

    name: str
    key: str = field(default="", repr=False)


def new_session(key: str = "") -> Session:
    """A session that nobody has had."""
    return Session(secrets.token_urlsafe(16), key)


def session_of(request: Request, settings: Settings) -> Session | None:
    """The session whose cookie came with a request; None where there is none that holds."""
    sent = request.cookies.get(_cookie_name(request, settings), "")
    try:
        told = _cipher(settings.secret_key).decrypt(sent.encode("utf-8", "replace"), ttl=_SECONDS)
    except InvalidToken:
        return None
    return Session(*orjson.loads(told))


def cookie_of(session: Session | None, request: Request, settings: Settings) -> tuple[str, str]:
    """The header that has a browser keep a session until it is closed, or forget the one that it has."""
    content = orjson.dumps([session.name, session.key]) if session else b""
    cookie = dump_cookie(
        _cookie_name(request, settings),
        _cipher(settings.secret_key).encrypt(content).decode() if session else "",
        max_age=None if session else 0,
        secure=_is_secure(request, settings),
        httponly=True,
        samesite="Strict",
    )
    return "Set-Cookie", cookie


def token_of(session: Session, settings: Settings) -> str:
    """What a form sends to show that it stood on a page of this session."""
    return str(_signer(settings.secret_key).dumps(session.name))


def is_token_of(session: Session, token: str, settings: Settings) -> bool:
    """Whether a form stood on a page of this session."""
    try:
        return bool(_signer(settings.secret_key).loads(token, max_age=_SECONDS) == session.name)
    except BadSignature:
        return False


def let_in(request: Request, session: Session) -> None:
    """Take the session's key as what its reader says of himself."""
    request.environ["HTTP_AUTHORIZATION"] = f"Bearer {session.key}"
    request.environ[_LET_IN] = session


def session_let_in(request: Request) -> Session | None:
    """The session by whose key a request was let in."""
    found: Session | None = request.environ.get(_LET_IN)
    return found


def _is_secure(request: Request, settings: Settings) -> bool:
    """Whether the browser speaks to us by https."""
    return request.is_secure or settings.public_url.startswith("https://")


def _cookie_name(request: Request, settings: Settings) -> str:
    """What the cookie is called; by https, so that no other host of the same site can set it."""
    return "__Host-mappa" if _is_secure(request, settings) else "mappa"


@cache
def _cipher(secret: str) -> Fernet:
    """What encrypts cookies, by a key of its own that is derived from the service's."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"mappa-trace session cookie").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


@cache
def _signer(secret: str) -> URLSafeTimedSerializer:
    """What signs the tokens of forms."""
    return URLSafeTimedSerializer(secret, salt="mappa-trace form")
