"""Bearer tokens: only what the provider signed, for this service and now, tells who somebody is."""

import json
import math
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, tzinfo
from functools import cache
from threading import Event
from typing import Any, Self

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from api import tokens as module
from api.tokens import JWKS_BYTES, BadToken, KeysUnavailable, Provider, Tokens, check_provider
from tests.api.identity_provider import (
    ALL_ALGORITHMS,
    AUDIENCE,
    ISSUER,
    SUBJECT,
    Answer,
    IdentityProvider,
    claims,
    jwk,
    key,
    provider_running,
    signed,
    signed_with_public_key,
    token,
    with_signature,
)

NOW = 1_800_000_000
SIGNERS = {"RS256": "rsa", "PS256": "rsa", "ES256": "p256", "ES384": "p384", "EdDSA": "ed25519"}
OTHERS = "rsa of others"
HEADER = {"alg": "RS256", "kid": "rsa"}
MARK = "a-word-of-the-token"


class Clock:
    """A monotonic clock that a test sets; `step` lets it run on at each look."""

    def __init__(self) -> None:
        self.now, self.step = 1_000.0, 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class Frozen(datetime):
    """A calendar on which it is always NOW."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(NOW, tz)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "monotonic", clock)
    return clock


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with provider_running() as provider:
        yield provider


@pytest.fixture
def tokens(provider: IdentityProvider) -> Tokens:
    return Tokens(provider.settings())


@pytest.fixture(scope="module")
def standing() -> Iterator[Tokens]:
    """The tokens of a provider that uses every kind of key, and changes nothing."""
    with provider_running() as provider:
        provider.keys = [jwk(name) for name in dict.fromkeys(SIGNERS.values())]
        yield Tokens(provider.settings(ALL_ALGORITHMS))


def refusal(tokens: Tokens, text: str) -> str:
    """Why a token is refused; the exception brings along no other, which could quote the token."""
    with pytest.raises(BadToken) as caught:
        tokens.subject_of(text)
    error = caught.value
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    return str(error)


@pytest.mark.parametrize("algorithm", ALL_ALGORITHMS)
def test_accepts_what_the_provider_signed(standing: Tokens, algorithm: str) -> None:
    text = token(SIGNERS[algorithm], algorithm)

    assert standing.subject_of(text) == SUBJECT


GOOD: dict[str, Callable[[], str]] = {
    "no iat and no nbf": lambda: token(iat=..., nbf=...),
    "several audiences": lambda: token(aud=["others", AUDIENCE]),
    "an access token": lambda: token(header={"typ": "at+jwt"}),
    "a type in full": lambda: token(header={"typ": "application/AT+JWT"}),
    "no type": lambda: token(header={"typ": ...}),
    "times in fractions": lambda: token(exp=time.time() + 99.5, iat=time.time() - 0.5),
    "very long": lambda: token(more="A" * 5_300),
    "claims that are not known": lambda: token(role="admin", groups=["auditor"]),
    "a key of its own in the header, but signed by ours": lambda: token(header={"jwk": jwk(OTHERS)}),
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_accepts_a_good_token_however_it_is_put(standing: Tokens, text: Callable[[], str]) -> None:
    assert standing.subject_of(text()) == SUBJECT


@pytest.mark.parametrize("subject", ["s", "s" * 255, "auth0|5f7c", "Ærø ΩЖ 名"])
def test_gives_the_subject_as_it_is(standing: Tokens, subject: str) -> None:
    assert standing.subject_of(token(sub=subject)) == subject


WRONG_SUBJECTS = ["", "s" * 256, "a\nb", "a\x00b", "a\u202eb", "a\u200bb", "\ud800", 5, True, ["s"], {"s": 1}]


@pytest.mark.parametrize("subject", WRONG_SUBJECTS, ids=ascii)
def test_refuses_a_subject_that_is_no_short_printable_text(standing: Tokens, subject: object) -> None:
    assert refusal(standing, token(sub=subject)) == "wrong subject"


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "another issuer": (lambda: token(iss="https://others.example"), "wrong issuer"),
    "an issuer that begins alike": (lambda: token(iss=ISSUER + "/"), "wrong issuer"),
    "a list of issuers": (lambda: with_signature(HEADER, claims(iss=[ISSUER]), lambda _: b"x"), "wrong signature"),
    "a signed list of issuers": (lambda: signed("rsa", "RS256", HEADER, claims(iss=[ISSUER])), "wrong issuer"),
    "no issuer": (lambda: token(iss=...), "claim missing"),
    "another audience": (lambda: token(aud="others"), "wrong audience"),
    "an audience that holds ours": (lambda: token(aud=AUDIENCE + "s"), "wrong audience"),
    "a list of other audiences": (lambda: token(aud=["others", "more"]), "wrong audience"),
    "an audience of another type": (lambda: token(aud={AUDIENCE: 1}), "wrong audience"),
    "no audience": (lambda: token(aud=...), "claim missing"),
    "an empty list of audiences": (lambda: token(aud=[]), "claim missing"),
    "no end": (lambda: token(exp=...), "claim missing"),
    "null as the end": (lambda: token(exp=None), "claim missing"),
    "an end in words": (lambda: token(exp="never"), "malformed"),
    "an end in digits of a text": (lambda: token(exp=str(NOW * 2)), "malformed"),
    "an end that never comes": (lambda: token(exp=math.inf), "malformed"),
    "an end that is no number": (lambda: token(exp=math.nan), "malformed"),
    "a start in digits of a text": (lambda: token(nbf="5"), "malformed"),
    "a truth as the time of issue": (lambda: token(iat=True), "malformed"),
    "null as the time of issue": (lambda: token(iat=None), "malformed"),
    "no subject": (lambda: token(sub=...), "claim missing"),
    "expired long ago": (lambda: token(exp=time.time() - 9_999), "expired"),
    "unsecured": (lambda: with_signature({"alg": "none"}, claims(), lambda _: b""), "malformed"),
    "alg none with a signature": (lambda: token(header={"alg": "none"}), "algorithm not accepted"),
    "no alg": (lambda: token(header={"alg": ...}), "algorithm not accepted"),
    "a list as alg": (lambda: token(header={"alg": ["RS256"]}), "algorithm not accepted"),
    "the public key as a secret": (lambda: signed_with_public_key("rsa"), "algorithm not accepted"),
    "an algorithm that is not listed": (lambda: token("rsa", "RS512"), "algorithm not accepted"),
    "another algorithm than the key's": (lambda: token("p256", "ES256", {"kid": "rsa"}), "unknown key"),
    "an algorithm for another curve": (lambda: signed("p384", "ES384", {"alg": "ES256"}, claims()), "wrong signature"),
    "a key that nobody published": (lambda: token(OTHERS), "unknown key"),
    "a number as kid": (lambda: token(header={"kid": 5}), "malformed"),
    "null as kid": (lambda: token(header={"kid": None}), "malformed"),
    "other people's signature": (lambda: token(OTHERS, header={"kid": "rsa"}), "wrong signature"),
    "other people's key in jwk": (lambda: token(OTHERS, header={"kid": "rsa", "jwk": jwk(OTHERS)}), "wrong signature"),
    "critical headers": (lambda: token(header={"crit": ["exp"], "exp": 1}), "malformed"),
    "critical headers that PyJWT knows": (lambda: token(header={"crit": ["b64"], "b64": True}), "header not accepted"),
    "a payload not in base64": (lambda: token(header={"b64": True}), "header not accepted"),
    "a nested token": (lambda: signed("rsa", "RS256", HEADER | {"cty": "JWT"}, token()), "header not accepted"),
    "a nested token that does not say so": (lambda: signed("rsa", "RS256", HEADER, token()), "malformed"),
    "encrypted": (lambda: token(header={"enc": "A256GCM"}), "header not accepted"),
    "compressed": (lambda: token(header={"zip": "DEF"}), "header not accepted"),
    "a token of logout": (lambda: token(header={"typ": "logout+jwt"}), "type not accepted"),
    "a list as type": (lambda: token(header={"typ": ["JWT"]}), "type not accepted"),
    "a header that is a list": (lambda: signed("rsa", "RS256", "[]", claims()), "malformed"),
    "claims that are a list": (lambda: signed("rsa", "RS256", HEADER, [claims()]), "malformed"),
    "claims nested deeply": (lambda: signed("rsa", "RS256", HEADER, "[" * 5_000), "malformed"),
    "a header nested deeply": (lambda: signed("rsa", "RS256", "[" * 5_000, claims()), "malformed"),
    "nothing": (lambda: "", "malformed"),
    "words": (lambda: "Bearer " + token(), "malformed"),
    "a line more": (lambda: token() + "\n", "malformed"),
    "padding": (lambda: token() + "==", "malformed"),
    "two parts": (lambda: token().rpartition(".")[0], "malformed"),
    "four parts": (lambda: token() + ".AAAA", "malformed"),
    "cut off": (lambda: token()[:-2], "wrong signature"),
    "half a surrogate": (lambda: "\ud800" + token(), "malformed"),
    "no token, as long as may be": (lambda: "A" * 8_192, "malformed"),
    "too long by one": (lambda: "A" * 8_193, "too long"),
    "huge": (lambda: token(more="A" * 5_000_000), "too long"),
}


@pytest.mark.parametrize(("text", "reason"), REFUSED.values(), ids=REFUSED)
def test_refuses(standing: Tokens, text: Callable[[], str], reason: str) -> None:
    assert refusal(standing, text()) == reason


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"exp": NOW - 29}, None),
        ({"exp": NOW - 30}, "expired"),
        ({"nbf": NOW + 30}, None),
        ({"nbf": NOW + 31}, "not yet valid"),
        ({"iat": NOW + 30}, None),
        ({"iat": NOW + 31}, "not yet valid"),
    ],
)
def test_allows_clocks_to_differ_by_half_a_minute(
    standing: Tokens, monkeypatch: pytest.MonkeyPatch, changed: Any, reason: str | None
) -> None:
    text = token(**{"iat": NOW, "nbf": NOW, "exp": NOW + 60} | changed)
    monkeypatch.setattr("jwt.api_jwt.datetime", Frozen)

    told = standing.subject_of(text) if reason is None else refusal(standing, text)

    assert told == (reason or SUBJECT)


def test_looks_at_no_token_that_is_too_long_or_no_token(provider: IdentityProvider, tokens: Tokens) -> None:
    reasons = {refusal(tokens, text) for text in ("A" * 9_000, "a.b", token("rsa", "PS256"))}

    assert reasons == {"too long", "malformed", "algorithm not accepted"}
    assert provider.asked == 0


@pytest.mark.parametrize(
    "header", [{"kid": MARK}, {"alg": MARK}, {"crit": [MARK]}, {"typ": MARK}, {"kid": [MARK]}], ids=str
)
@pytest.mark.parametrize("changed", [{}, {"sub": MARK * 20}, {"iss": MARK}, {"aud": MARK}, {"exp": MARK}], ids=str)
def test_no_word_of_the_token_is_in_the_refusal(standing: Tokens, header: Any, changed: Any) -> None:
    texts = [
        token(header=header, **changed),
        token(header=header, **changed, iat=0)[:-9],
        token(**{"exp": 0} | changed),
    ]

    for text in texts:
        with pytest.raises(BadToken) as caught:
            standing.subject_of(text)

        shown = "".join(traceback.format_exception(caught.value))
        assert MARK not in shown
        assert not any(part in shown for part in text.split("."))


def test_algorithms_come_from_the_settings_alone(provider: IdentityProvider) -> None:
    tokens = Tokens(provider.settings(("PS256",)))

    assert tokens.subject_of(token("rsa", "PS256")) == SUBJECT
    assert refusal(tokens, token("rsa", "RS256")) == "algorithm not accepted"


@pytest.mark.parametrize("header", ["jku", "x5u", "iss"])
def test_never_asks_where_a_token_points_to(provider: IdentityProvider, tokens: Tokens, header: str) -> None:
    with provider_running() as other:
        other.keys = [jwk(OTHERS)]

        reasons = {refusal(tokens, token(OTHERS, header={"kid": kid, header: other.url})) for kid in ("rsa", OTHERS)}

        assert reasons == {"wrong signature", "unknown key"}
        assert other.asked == 0
        assert tokens.subject_of(token(header={header: other.url})) == SUBJECT


def private() -> object:
    """A private key, published by mistake."""
    signer = key("rsa")
    assert isinstance(signer, RSAPrivateKey)
    return RSAAlgorithm.to_jwk(signer, as_dict=True) | {"kid": "rsa", "key_ops": ["verify"]}


FITTING = [{"use": "sig"}, {"alg": "RS256"}, {"key_ops": ["verify"]}, {"key_ops": []}, {"alg": None, "use": None}]
UNFIT: list[dict[str, object]] = [
    {"use": "enc"},
    {"alg": "RS512"},
    {"alg": "HS256"},
    {"alg": ["RS256"]},
    {"key_ops": ["encrypt"]},
    {"key_ops": 5},
]
UNFIT += [
    {"kid": "RSA"},
    {"kid": 5},
    {"kid": ["rsa"]},
    {"kid": None},
    {"kty": "oct", "k": "c2VjcmV0"},
    {"kty": "EC"},
    {"n": "AAAA"},
    {"e": 3},
]


@pytest.mark.parametrize("more", FITTING, ids=str)
def test_uses_a_key_that_is_for_it(provider: IdentityProvider, tokens: Tokens, more: Any) -> None:
    provider.keys = [jwk("rsa", **more)]

    assert tokens.subject_of(token()) == SUBJECT


@pytest.mark.parametrize("entry", [*(lambda m=m: jwk("rsa", **m) for m in UNFIT), private], ids=[*map(str, UNFIT), "d"])
def test_uses_no_key_that_is_not_for_it(
    provider: IdentityProvider, tokens: Tokens, entry: Callable[[], object]
) -> None:
    provider.keys = [entry()]

    assert refusal(tokens, token()) == "unknown key"


def test_uses_no_key_that_is_too_short(provider: IdentityProvider, tokens: Tokens) -> None:
    provider.keys = [jwk("short")]

    assert refusal(tokens, token("short")) == "unknown key"


def test_uses_no_key_of_another_curve(provider: IdentityProvider, tokens: Tokens) -> None:
    provider.keys = [jwk("p384")]

    assert refusal(tokens, signed("p384", "ES384", {"alg": "ES256", "kid": "p384"}, claims())) == "unknown key"


def test_passes_over_junk_beside_a_good_key(provider: IdentityProvider, tokens: Tokens) -> None:
    junk: list[object] = [
        None,
        5,
        "rsa",
        [],
        {},
        {"kty": "RSA", "kid": "rsa"},
        {"kty": {}},
        {"kty": "RSA", "n": "\ud800", "e": "AQAB"},
    ]
    off_curve = jwk("p256", x="A" * 43, kid="rsa")
    provider.keys = [*junk, off_curve, *(jwk("rsa", **more) for more in UNFIT), private(), jwk("rsa"), *junk]

    assert tokens.subject_of(token()) == SUBJECT


@pytest.mark.parametrize(
    ("others", "told"),
    [
        (["p256", "ed25519"], SUBJECT),
        ([("rsa next", {"alg": "RS512"}), ("rsa next", {"use": "enc"})], SUBJECT),
        (["rsa next"], "key not named"),
    ],
    ids=["keys of other types", "keys for something else", "another that fits"],
)
def test_without_a_name_takes_the_only_key_that_fits(
    provider: IdentityProvider, tokens: Tokens, others: list[Any], told: str
) -> None:
    more = [jwk(each) if isinstance(each, str) else jwk(each[0], **each[1]) for each in others]
    provider.keys = [*more, jwk("rsa")]
    text = token(header={"kid": ...})

    assert (tokens.subject_of(text) if told == SUBJECT else refusal(tokens, text)) == told


def test_a_new_key_is_picked_up_and_a_removed_one_dropped(
    provider: IdentityProvider, tokens: Tokens, clock: Clock
) -> None:
    tokens.subject_of(token())
    provider.keys = [jwk("rsa next")]
    clock.now += 30

    assert tokens.subject_of(token("rsa next")) == SUBJECT
    assert refusal(tokens, token()) == "unknown key"
    assert provider.asked == 2


def test_unknown_keys_make_one_fetch_in_half_a_minute(provider: IdentityProvider, tokens: Tokens, clock: Clock) -> None:
    asked = []
    for wait in (0.0, 0.0, 29.9, 0.1, 0.0, 30.0):
        clock.now += wait
        for number in range(5):
            assert refusal(tokens, token(OTHERS, header={"kid": f"{number}"})) == "unknown key"
        asked.append(provider.asked)

    assert asked == [1, 1, 1, 2, 2, 3]


def test_keys_are_kept_for_five_minutes(provider: IdentityProvider, tokens: Tokens, clock: Clock) -> None:
    asked = []
    for wait in (0.0, 299.0, 1.0, 299.0, 1.0):
        clock.now += wait
        tokens.subject_of(token())
        asked.append(provider.asked)

    assert asked == [1, 1, 2, 2, 3]


def test_outlives_an_interruption_of_an_hour(provider: IdentityProvider, tokens: Tokens, clock: Clock) -> None:
    tokens.subject_of(token())
    provider.down()

    for wait in (300, 1, 3_298):
        clock.now += wait
        assert tokens.subject_of(token()) == SUBJECT
    assert provider.asked == 3
    clock.now += 1
    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())
    clock.now += 30
    provider.answer = provider.jwks
    assert tokens.subject_of(token()) == SUBJECT


def test_does_not_judge_an_unknown_key_while_the_provider_is_down(
    provider: IdentityProvider, tokens: Tokens, clock: Clock
) -> None:
    tokens.subject_of(token())
    provider.down()
    clock.now += 31

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token("rsa next"))
    assert tokens.subject_of(token()) == SUBJECT


def test_without_any_key_asks_again_only_after_half_a_minute(
    provider: IdentityProvider, tokens: Tokens, clock: Clock
) -> None:
    provider.down()

    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            tokens.subject_of(token())
    assert provider.asked == 1
    provider.answer = provider.jwks
    clock.now += 30
    assert tokens.subject_of(token()) == SUBJECT


def test_a_provider_that_is_not_there_makes_keys_unavailable(caplog: pytest.LogCaptureFixture) -> None:
    with provider_running() as gone:
        tokens = Tokens(gone.settings())
    text = token()

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(text)

    assert [record.__dict__["reason"] for record in caplog.records] == ["no answer"]
    assert text not in caplog.text


@pytest.mark.parametrize(
    "content", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx"]
)
def test_what_speaks_no_http_makes_keys_unavailable(provider: IdentityProvider, tokens: Tokens, content: bytes) -> None:
    provider.answers(content, 0)

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())
    assert provider.asked == 1


def test_a_host_that_cannot_be_looked_up_makes_keys_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.getproxies", dict)
    tokens = Tokens(Provider(ISSUER, AUDIENCE, f"https://{'a' * 64}.example/jwks"))

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())


NO_JWKS = [
    b"",
    b"<html>",
    b"[]",
    b"5",
    b'"keys"',
    b"{}",
    b'{"keys": 5}',
    b'{"keys": {"0": {}}}',
    b"\xff\xff",
    b"[" * 99_999,
]


@pytest.mark.parametrize(
    "content", [*NO_JWKS, b'{"keys": [' + b"1" * 9_999 + b"]}"], ids=lambda content: repr(content[:12])
)
def test_what_is_no_jwks_changes_nothing(
    provider: IdentityProvider, tokens: Tokens, clock: Clock, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    tokens.subject_of(token())
    provider.answers(content)
    clock.now += 301

    assert tokens.subject_of(token()) == SUBJECT
    with pytest.raises(KeysUnavailable):
        Tokens(provider.settings()).subject_of(token())
    assert [record.__dict__["reason"] for record in caplog.records] == ["not a JWKS"] * 2


def test_a_jwks_without_keys_ends_what_was_signed_with_them(
    provider: IdentityProvider, tokens: Tokens, clock: Clock
) -> None:
    tokens.subject_of(token())
    provider.keys = []
    clock.now += 300

    assert refusal(tokens, token()) == "unknown key"


@pytest.mark.parametrize("more", [0, 1])
def test_reads_a_jwks_up_to_a_limit(provider: IdentityProvider, tokens: Tokens, more: int) -> None:
    provider.answers(provider.jwks()[2].ljust(JWKS_BYTES + more))

    if more:
        with pytest.raises(KeysUnavailable):
            tokens.subject_of(token())
    else:
        assert tokens.subject_of(token()) == SUBJECT


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["/jwks", "file:///proc/self/environ", "ftp://127.0.0.1/jwks", "https://127.0.0.1/"])
def test_follows_no_redirect(provider: IdentityProvider, tokens: Tokens, status: int, place: str) -> None:
    provider.answers(provider.jwks()[2], status, Location=place)

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())
    assert provider.asked == 1


def held_back(provider: IdentityProvider) -> Event:
    """Let the provider answer only once the event is set."""
    gate = Event()

    def answer() -> Answer:
        gate.wait(20)
        return provider.jwks()

    provider.answer = answer
    return gate


def test_waits_for_no_answer_longer_than_its_limit(
    provider: IdentityProvider, tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.1)
    gate = held_back(provider)
    began = time.monotonic()

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())

    gate.set()
    assert time.monotonic() - began < 4


def test_waits_for_no_answer_that_comes_in_drops(
    provider: IdentityProvider, tokens: Tokens, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    clock.step = module.FETCH_SECONDS + 1

    with pytest.raises(KeysUnavailable):
        tokens.subject_of(token())

    assert [record.__dict__["reason"] for record in caplog.records] == ["too slow"]


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_asks_no_proxy_for_this_machine(
    provider: IdentityProvider, tokens: Tokens, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for each in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert tokens.subject_of(token()) == SUBJECT


def until_asked(provider: IdentityProvider, times: int) -> None:
    """Wait until the provider was asked so many times."""
    deadline = time.monotonic() + 10
    while provider.asked < times:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_many_threads_without_keys_make_one_fetch(provider: IdentityProvider, tokens: Tokens) -> None:
    gate, text = held_back(provider), token()

    with ThreadPoolExecutor(8) as threads:
        told = [threads.submit(tokens.subject_of, text) for _ in range(8)]
        until_asked(provider, 1)
        time.sleep(0.05)
        gate.set()
        subjects = {each.result(10) for each in told}

    assert subjects == {SUBJECT}
    assert provider.asked == 1


def test_a_fetch_keeps_nobody_waiting_who_has_a_key(provider: IdentityProvider, tokens: Tokens, clock: Clock) -> None:
    tokens.subject_of(token())
    clock.now += 301
    gate = held_back(provider)

    with ThreadPoolExecutor(1) as threads:
        fetching = threads.submit(tokens.subject_of, token())
        until_asked(provider, 2)
        meanwhile = tokens.subject_of(token())
        was_still_fetching = not fetching.done()
        gate.set()

    assert (meanwhile, fetching.result()) == (SUBJECT, SUBJECT)
    assert was_still_fetching
    assert provider.asked == 2


URL = "https://identity.example/jwks"


@pytest.mark.parametrize(
    "algorithms", [("HS256",), ("none",), ("RS256", "HS512"), ("",), (), ("rs256",), ("A256KW",), "RS256"], ids=str
)
def test_refuses_an_algorithm_that_is_not_asymmetric(algorithms: Any) -> None:
    with pytest.raises(ValueError, match=r"RS256.*EdDSA"):
        check_provider(Provider(ISSUER, AUDIENCE, URL, algorithms))


BAD_URLS = ["", "jwks", "http://identity.example/jwks", "http://127.0.0.1.example/", "http://localhost.example/"]
BAD_URLS += [
    "http://0.0.0.0/",
    "file:///jwks",
    "ftp://localhost/",
    "https://",
    "https:///jwks",
    "https://u:p@identity.example/",
]
BAD_URLS += [
    URL + " ",
    "https://identity.example\n/jwks",
    "https://identitÿ.example/",
    "https://identity.example:x/",
    "https://[/",
]
BAD_URLS += ["https://identity.example:99999/", "https://identity.example:0/", "http://localhost@identity.example/"]


@pytest.mark.parametrize("url", BAD_URLS)
def test_refuses_an_address_of_keys_that_is_not_safe(url: str) -> None:
    with pytest.raises(ValueError, match="JWKS URL") as caught:
        Tokens(Provider(ISSUER, AUDIENCE, url))
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(("issuer", "audience"), [("", AUDIENCE), (ISSUER, ""), (" ", AUDIENCE), (ISSUER, "\t")])
def test_refuses_a_provider_without_a_name_or_an_audience(issuer: str, audience: str) -> None:
    with pytest.raises(ValueError, match="issuer and an audience"):
        check_provider(Provider(issuer, audience, URL))


@pytest.mark.parametrize(
    "url", [URL, "http://localhost:8080/k", "http://127.0.0.1/", "http://127.9.9.9/", "http://[::1]:1/"]
)
@pytest.mark.parametrize("algorithms", [("RS256", "ES256"), ("EdDSA",), ("PS512", "ES512", "ES384", "ES256K")])
def test_accepts_a_provider_that_is_safe(url: str, algorithms: tuple[str, ...]) -> None:
    check_provider(Provider(ISSUER, AUDIENCE, url, algorithms))


SOME_TEXT = st.one_of(
    st.text(),
    st.binary().map(lambda content: content.decode("latin-1")),
    st.lists(st.text("AQIb0_-eyJ="), min_size=3, max_size=3).map(".".join),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "cty", "b64", "jwk", "jku", "zip"]), VALUES)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "aud", "sub", "exp", "nbf", "iat", "jti", "azp"]), VALUES)


@given(SOME_TEXT)
@settings(max_examples=300, deadline=None)
def test_any_text_is_refused(standing: Tokens, text: str) -> None:
    refusal(standing, text)


@cache
def good(algorithm: str) -> str:
    """A good token, the same at each call."""
    return token(SIGNERS[algorithm], algorithm)


@given(st.sampled_from(ALL_ALGORITHMS), st.data())
@settings(max_examples=300, deadline=None)
def test_a_token_with_any_character_changed_is_refused(standing: Tokens, algorithm: str, data: st.DataObject) -> None:
    text = good(algorithm)
    at = data.draw(st.integers(0, len(text)))
    put = data.draw(st.text(max_size=2) | st.sampled_from([".", "A", "-", "="]))
    changed = text[:at] + put + text[at + data.draw(st.integers(0, 3)) :]
    assume(changed != text)

    refusal(standing, changed)


@given(HEADERS, CLAIMS)
@settings(max_examples=200, deadline=None)
def test_whatever_is_signed_is_refused_or_gives_its_subject(standing: Tokens, header: Any, changed: Any) -> None:
    payload = claims(**changed)

    try:
        told = standing.subject_of(signed("rsa", "RS256", HEADER | header, payload))
    except BadToken:
        return

    assert told == payload["sub"] == json.loads(json.dumps(payload))["sub"]
