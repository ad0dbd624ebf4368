"""Bearer tokens of OpenID Connect: who a person is, by the word of an identity provider.

A token is checked here, with the keys that the provider publishes (RFC 7515, 7517, 7519, and 8725 for what to refuse).
It tells the subject and nothing else: what somebody may do is read from the database at each request.
"""

import json
import logging
import re
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from math import inf
from threading import Lock
from time import monotonic
from typing import Any
from urllib import request
from urllib.error import HTTPError
from urllib.parse import urlsplit

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from jwt import PyJWK
from jwt import exceptions as refusals
from jwt.types import Options

# The clocks of the provider and of this service may differ by so much.
LEEWAY_SECONDS = 30
TOKEN_BYTES, JWKS_BYTES = 8_192, 1_048_576
FETCH_SECONDS = 5
# Keys are fetched anew after FRESH_SECONDS; while that fails they serve until USABLE_SECONDS. Whatever tokens ask for,
# two fetches are RETRY_SECONDS apart.
FRESH_SECONDS, USABLE_SECONDS, RETRY_SECONDS = 300, 3_600, 30
SUBJECT_LENGTH = 255
DEFAULT_ALGORITHMS = ("RS256", "ES256")

# The type of key, and the curve where there is one, of each algorithm that can be configured (RFC 7518, 8037, 8812).
_KEY_TYPES: dict[str, tuple[str, str | None]] = {
    **{f"{padding}{bits}": ("RSA", None) for padding in ("RS", "PS") for bits in (256, 384, 512)},
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "ES256K": ("EC", "secp256k1"),
    "EdDSA": ("OKP", None),
}
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
# Each says that the payload is something else than plain claims, or that more is to be understood than is.
_REFUSED_HEADERS = frozenset({"b64", "crit", "cty", "enc", "zip"})
# An access token (RFC 9068) or ID token; not, for example, a `logout+jwt` of the same provider.
_TOKEN_TYPES = frozenset({"jwt", "at+jwt"})
_CLAIMS: Options = {"require": ["exp", "iss", "aud", "sub"]}
_REASONS: dict[type[Exception], str] = {
    refusals.ExpiredSignatureError: "expired",
    refusals.ImmatureSignatureError: "not yet valid",
    refusals.InvalidAudienceError: "wrong audience",
    refusals.InvalidIssuerError: "wrong issuer",
    refusals.InvalidSignatureError: "wrong signature",
    refusals.InvalidSubjectError: "wrong subject",
    refusals.MissingRequiredClaimError: "claim missing",
}
log = logging.getLogger("mappa")


class BadToken(Exception):
    """The token is not accepted; says why in constant words, safe to log."""


class KeysUnavailable(Exception):
    """The provider's keys, by which the token could be judged, cannot be fetched now."""


@dataclass(frozen=True)
class Provider:
    """An identity provider: what its tokens must say, where its keys are, and how it may sign."""

    issuer: str
    audience: str
    jwks_url: str
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS


def check_provider(provider: Provider) -> None:
    """Refuse a provider whose tokens could not be checked, with a ValueError that says what to mend."""
    if not provider.issuer.strip() or not provider.audience.strip():
        raise ValueError("an identity provider needs an issuer and an audience")
    if not provider.algorithms or not set(provider.algorithms) <= _KEY_TYPES.keys():
        raise ValueError(f"the algorithms of an identity provider can be {', '.join(_KEY_TYPES)}")
    if not re.fullmatch(r"[!-~]+", provider.jwks_url):
        raise ValueError("the JWKS URL must be printable ASCII without spaces")
    try:
        parts = urlsplit(provider.jwks_url)
        usable = parts.hostname and "@" not in parts.netloc and parts.port != 0
    except ValueError as error:
        raise ValueError("the JWKS URL cannot be read") from error
    if not usable:
        raise ValueError("the JWKS URL needs a host, and no user or password")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError("the JWKS URL must begin with https:// (http:// only for this machine itself)")


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Tokens:
    """Tells whose a token of one provider is. Threads may share it."""

    def __init__(self, provider: Provider) -> None:
        check_provider(provider)
        self._provider = provider
        self._keys = _PublishedKeys(provider)

    def subject_of(self, token: str) -> str:
        """The `sub` of a token that holds; raises BadToken, or KeysUnavailable where that cannot be told."""
        header = _header_of(token)
        algorithm = header.get("alg")
        if algorithm not in self._provider.algorithms:
            raise BadToken("algorithm not accepted")
        claims = self._claims_of(token, self._keys.named(algorithm, header.get("kid")))
        if any(type(claims.get(name, 0)) not in {int, float} for name in ("exp", "iat", "nbf")):
            raise BadToken("malformed")
        subject: str = claims["sub"]
        if not 0 < len(subject) <= SUBJECT_LENGTH or not subject.isprintable():
            raise BadToken("wrong subject")
        return subject

    def _claims_of(self, token: str, key: PyJWK) -> dict[str, Any]:
        """What a token claims, if its key signed it and it is for here and now."""
        provider = self._provider
        try:
            return jwt.decode(
                token,
                key,
                provider.algorithms,
                _CLAIMS,
                audience=provider.audience,
                issuer=provider.issuer,
                leeway=LEEWAY_SECONDS,
            )
        except jwt.PyJWTError as error:
            # Without its cause, which can quote the token.
            raise BadToken(_REASONS.get(type(error), "malformed")) from None


def _header_of(token: str) -> dict[str, Any]:
    """The header of a token: nobody's word yet, read only to choose among the provider's keys."""
    if len(token) > TOKEN_BYTES:
        raise BadToken("too long")
    if not _COMPACT.fullmatch(token):
        raise BadToken("malformed")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise BadToken("malformed") from None
    if _REFUSED_HEADERS & header.keys():
        raise BadToken("header not accepted")
    if str(header.get("typ", "jwt")).lower().removeprefix("application/") not in _TOKEN_TYPES:
        raise BadToken("type not accepted")
    return header


@dataclass(frozen=True)
class _Fetched:
    """Keys as they were published at a moment of the monotonic clock, in seconds."""

    keys: tuple[PyJWK, ...]
    at: float


class _PublishedKeys:
    """The keys of a provider, fetched when they are needed and kept for a while."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._fetching = Lock()
        self._held = _Fetched((), -inf)
        self._tried = -inf

    def named(self, algorithm: str, kid: str | None) -> PyJWK:
        """The key that a token names with its `kid`; without one, the only key that there is for the algorithm."""
        found = self._fitting(algorithm, kid)
        if not found or monotonic() - self._held.at >= FRESH_SECONDS:
            self._renew(wait=not found)
            found = self._fitting(algorithm, kid)
        if not found and self._held.at < self._tried:
            raise KeysUnavailable("the provider's keys cannot be fetched now")
        if not found:
            raise BadToken("unknown key")
        if kid is None and len(found) > 1:
            raise BadToken("key not named")
        return found[0]

    def _fitting(self, algorithm: str, kid: str | None) -> list[PyJWK]:
        """The keys at hand, and not too old, that could be meant."""
        held = self._held
        if monotonic() - held.at >= USABLE_SECONDS:
            return []
        return [key for key in held.keys if key.algorithm_name == algorithm and kid in {None, key.key_id}]

    def _renew(self, *, wait: bool) -> None:
        """Fetch the keys, unless that was tried a moment ago.

        Only one thread does; another waits for it only if it has no key to go on with. After a failure the keys at hand
        stay: that is how the service outlives an interruption at the provider.
        """
        if not self._fetching.acquire(blocking=wait):
            return
        try:
            now = monotonic()
            if now - self._tried >= RETRY_SECONDS:
                self._tried = now
                self._held = _Fetched(_published(self._provider), now)
        except KeysUnavailable as error:
            log.warning("keys of the identity provider not fetched", extra={"reason": str(error)})
        finally:
            self._fetching.release()


def _published(provider: Provider) -> tuple[PyJWK, ...]:
    """The keys that a provider publishes now, each once for every algorithm that it fits; others are passed over."""
    content = _fetch(provider.jwks_url)
    try:
        published = json.loads(content)["keys"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise KeysUnavailable("not a JWKS") from error
    if not isinstance(published, list):
        raise KeysUnavailable("not a JWKS")
    made = (_key_from(entry, algorithm) for entry in published for algorithm in dict.fromkeys(provider.algorithms))
    return tuple(key for key in made if key is not None)


def _key_from(entry: object, algorithm: str) -> PyJWK | None:
    """The key of a JWKS's entry for one algorithm; None if it is for something else, too short, or no key at all."""
    try:
        if not isinstance(entry, dict) or not _fits(entry, algorithm):
            return None
        key = PyJWK(entry, algorithm)
        return None if key.Algorithm.check_key_length(key.key) else key
    except (jwt.PyJWTError, UnsupportedAlgorithm, TypeError, ValueError):
        return None


def _fits(entry: dict[str, Any], algorithm: str) -> bool:
    """Whether an entry says that it is a public key for signatures of this algorithm."""
    kind, curve = _KEY_TYPES[algorithm]
    return (
        entry.get("kty") == kind
        and curve in {None, entry.get("crv")}
        and entry.get("alg") in {None, algorithm}
        and entry.get("use") in {None, "sig"}
        and "verify" in (entry.get("key_ops") or ["verify"])
        and isinstance(entry.get("kid"), str | None)
        and "d" not in entry
    )


def _fetch(url: str) -> bytes:
    """What is at the address of the keys, within the limits of time and size.

    No redirect is followed, and no other scheme is known. What is on this machine is not asked for through a proxy.
    """
    opener = request.OpenerDirector()
    opener.add_handler(request.ProxyHandler({} if _is_loopback(urlsplit(url).hostname or "") else None))
    for kind in (
        request.HTTPHandler,
        request.HTTPSHandler,
        request.HTTPDefaultErrorHandler,
        request.HTTPErrorProcessor,
    ):
        opener.add_handler(kind())
    headers = {"Accept": "application/json", "User-Agent": "mappa-traceability-api"}
    asked = request.Request(url, headers=headers)  # noqa: S310 - check_provider lets only http and https through
    try:
        with opener.open(asked, timeout=FETCH_SECONDS) as answer:
            return _read(answer)
    except HTTPError as error:
        error.close()
        raise KeysUnavailable(f"answered {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise KeysUnavailable("no answer") from error


def _read(answer: HTTPResponse) -> bytes:
    """The body of an answer; a read at a time, since the time limit of a connection is that of each read."""
    deadline, content = monotonic() + FETCH_SECONDS, b""
    while piece := answer.read1(JWKS_BYTES):
        content += piece
        if len(content) > JWKS_BYTES:
            raise KeysUnavailable("too large")
        if monotonic() > deadline:
            raise KeysUnavailable("too slow")
    return content
