"""An identity provider for tests: keys, the tokens that they sign, and a JWKS served over loopback."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import AllowedPrivateKeys, ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from api.tokens import Provider

ISSUER, AUDIENCE, SUBJECT = "https://identity.example/realm", "mappa", "f3b1-inspector"
ALL_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


@cache
def key(name: str) -> AllowedPrivateKeys:
    """The private key of a name, made once: its type is the first word of the name, as in `rsa` or `rsa of others`."""
    match name.partition(" ")[0]:
        case "rsa":
            return rsa.generate_private_key(65537, 2048)
        case "short":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return Ed25519PrivateKey.generate()


def jwk(name: str, **more: object) -> Json:
    """The public half of a key as an entry of a JWKS, named with the key's name."""
    public = key(name).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        entry = RSAAlgorithm.to_jwk(public, as_dict=True)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        entry = ECAlgorithm.to_jwk(public, as_dict=True)
    else:
        entry = OKPAlgorithm.to_jwk(public, as_dict=True)
    return entry | {"kid": name} | more


def pem(name: str) -> bytes:
    """The public half of a key as text, as an attacker has it too."""
    return key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def claims(**changed: object) -> Json:
    """What a good token claims, with changes; a claim changed to `...` is left out."""
    now = int(time.time())
    good: Json = {"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "nbf": now, "exp": now + 300}
    return {name: value for name, value in (good | changed).items() if value is not ...}


def token(signer: str = "rsa", algorithm: str = "RS256", header: Json | None = None, **changed: object) -> str:
    """A token with these claims, signed with a key and naming it, unless the header says something else."""
    named: Json = {"alg": algorithm, "typ": "JWT", "kid": signer} | (header or {})
    return signed(
        signer, algorithm, {name: value for name, value in named.items() if value is not ...}, claims(**changed)
    )


def signed(signer: str, algorithm: str, header: object, payload: object) -> str:
    """Any header and payload with a real signature."""
    return with_signature(header, payload, lambda text: _sign(signer, algorithm, text))


def signed_with_public_key(name: str) -> str:
    """A token that takes the public key for the secret of an HMAC."""
    header = {"alg": "HS256", "typ": "JWT", "kid": name}
    return with_signature(header, claims(), lambda text: hmac.digest(pem(name), text, hashlib.sha256))


def with_signature(header: object, payload: object, sign: Callable[[bytes], bytes]) -> str:
    """The compact form of a header, a payload and what signs them."""
    text = f"{_encoded(header)}.{_encoded(payload)}"
    return f"{text}.{base64url(sign(text.encode()))}"


def _sign(signer: str, algorithm: str, text: bytes) -> bytes:
    """The signature of a text."""
    return jwt.get_algorithm_by_name(algorithm).sign(text, key(signer))


def _encoded(part: object) -> str:
    """A part of a token; text as it is, anything else as JSON."""
    return base64url((part if isinstance(part, str) else json.dumps(part)).encode())


def base64url(content: bytes) -> str:
    """Content in the alphabet of tokens."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class IdentityProvider:
    """Serves a JWKS of keys that a test may change, and counts how often it was asked."""

    def __init__(self, url: str) -> None:
        self.url, self.asked = url, 0
        self.keys: list[object] = [jwk("rsa")]
        self.answer: Callable[[], Answer] = self.jwks

    def jwks(self) -> Answer:
        """The keys as they are now."""
        return 200, {}, json.dumps({"keys": self.keys}).encode()

    def down(self) -> None:
        """Answer nothing but errors from now on."""
        self.answer = lambda: (503, {}, b"down for maintenance")

    def answers(self, content: bytes, status: int = 200, **headers: str) -> None:
        """Answer this from now on; with a status of 0, these bytes and no HTTP."""
        self.answer = lambda: (status, headers, content)

    def settings(self, algorithms: tuple[str, ...] = ("RS256", "ES256")) -> Provider:
        """What the settings of a service say that trusts this provider."""
        return Provider(ISSUER, AUDIENCE, self.url, algorithms)


@contextmanager
def provider_running() -> Iterator[IdentityProvider]:
    """An identity provider on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked += 1
            with suppress(ConnectionError):  # a client that has seen enough hangs up
                self._answer(*provider.answer())

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            if status:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is Python's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}/jwks")
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield provider
        server.shutdown()
