"""Hostile inputs: several hundred for each operation, in every part of a request that a client fills in."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.contract.document import Operation, needs_key
from tests.contract.server import BEARER
from tests.contract.writing import REASON

# What an operation is tried with at least.
LEAST = 300


class Input(NamedTuple):
    """A request: what is hostile in it, and all of it."""

    name: str
    method: str
    target: str
    headers: dict[str, str | bytes]
    body: bytes | None = None


TEXTS = (
    *("", " ", "'", '"', "\\", "`id`", "$(id)", "|ls", "*", "%", "_", ";", "@@version", "?", "#", "&", "=", "+", "~"),
    *("'; DROP TABLE item;--", "R1' OR '1'='1", "1) union select 1--", "{{7*7}}", "${jndi:ldap://x}", "%s%n%x"),
    *(
        "<script>alert(1)</script>",
        "../../etc/passwd",
        "..%2f..%2fetc",
        "%00",
        "%2500",
        "\\u0000",
        "\x7f",
        "\t",
        "\x01",
    ),
    *("null", "undefined", "None", "true", "NaN", "Infinity", "-1", "0", "00", "1e999", "0x10", "1_0", "9" * 40),
    *("[]", "{}", "[[]]", '{"$ne": null}', "a,b", "R1,R2", "R1 R2", "r1", "R1\u200b", "\ufeffR1", "\u202eR1", "𝕽1"),
    *("é", "e\u0301", "ſ", "İ", "ﬁ", "😀" * 50, "\u2028", "\ufffe", "٣", "x" * 300, "x" * 3_000, "x" * 9_000),
    *("2015-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2015-W48-4", "2017-06-29T25:00:00Z", "now", "T-none"),
)
# Bytes in a query or a path that are no text, or no percent-encoding.
BYTES = ("%FF", "%C0%AF", "%ED%A0%80", "%00", "%0A", "%1F", "%7F", "%", "%zz", "%u0031", "a%E2%82")
_LONG = "x" * 6_000
HEADERS: dict[str, tuple[str | bytes, ...]] = {
    "Accept": (
        "",
        "garbage",
        "a/b",
        "*/*;q=0",
        ";;;",
        "text/",
        b"\xff\xfe",
        _LONG,
        "application/json;q=nan",
        "*/*,*/*",
    ),
    "Authorization": (
        "",
        "Bearer",
        "Bearer x",
        "Basic eDp4",
        "Digest x",
        b"Bearer \xe9",
        f"Bearer {_LONG}",
        "Bearer a.b.c",
    ),
    "If-Match": ("", '"0"', "abc", 'W/"abc"', '"abc', ",,,", b'"\xff"', f'"{_LONG}"', '"*"', '"a", *'),
    "If-None-Match": ("", "*", '"0"', "abc", '"abc', ",,,", b'"\xff"', f'"{_LONG}"', 'W/"', '""'),
    "Idempotency-Key": ("", "a b", "a\tb", "k" * 256, b"k\xe9", "a, b", "'", "{}"),
    "Content-Type": (
        "",
        "text/plain",
        "application/xml",
        ";;;",
        b"application/\xff",
        _LONG,
        "application/json; charset=x",
        "a",
    ),
    "Content-Encoding": ("gzip", "br", "identity", "nonsense", _LONG, ""),
    "Accept-Encoding": ("gzip;q=0", "nonsense", "*;q=0", _LONG, b"\xff"),
    "X-Request-Id": ("", "a b", "r" * 256, b"\xe9", "a\tb", "'; DROP"),
    "Consistency-Token": ("", "x", "0", "-1", _LONG, b"\xff", "a.b.c"),
    "Range": ("bytes=0-", "bytes=-1", "bytes=9-1", "x", _LONG),
    "If-Modified-Since": ("x", "0", "Thu, 01 Jan 1970 00:00:00 GMT"),
    "X-Forwarded-For": ("1.2.3.4", "x", "a, b, c", "::1", _LONG),
    "X-Forwarded-Host": ("evil.example", _LONG),
    "X-Http-Method-Override": ("DELETE", "PUT", "x"),
    "Forwarded": ("for=x;host=evil.example", "x", _LONG),
    "Cookie": ("a=b", "x", _LONG, b"a=\xff"),
    "Origin": ("null", "http://evil.example", _LONG),
    "Prefer": ("respond-async", "return=minimal", "x"),
    "Referer": ("x", _LONG),
    "User-Agent": ("", "() { :;}; id", "x" * 3_000),
}
BODIES = (
    *(
        b"",
        b" ",
        b"x",
        b"{",
        b"[",
        b"{}",
        b"[]",
        b'""',
        b"0",
        b"null",
        b"true",
        b"{}{}",
        b'{"a":1,}',
        b"{'a':1}",
        b"NaN",
    ),
    *(
        b"[" * 50_000,
        b'{"a":' * 50_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 1e999}',
        b"\xff\xfe{\x00}\x00",
        b"\x00",
    ),
    *(
        b"\xef\xbb\xbf{}",
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}',
        b'{"a":1,"a":2}',
        b"a=b&c=d",
    ),
    *(b'{"__proto__": 1}', b'{"": 1}', b'{"a/b~c": 1}', b"<a/>", b"x" * 1_100_000, b'["' + b"x" * 500_000 + b'"]'),
)
WRONG: tuple[Any, ...] = (
    *(True, 0, -1, 1.5, 2**62, 2**64, -(2**64), 1e308, "", " ", "x", "12", "x" * 20_000, "😀" * 200, "\x00", "\ud800"),
    *("2015-02-30", "R1' OR '1'='1", "javascript:alert(1)", "file:///etc/passwd", "no-such-thing", "\u202e", "e\u0301"),
    *(None, [], [1, 2], [""], [[]], ["hmics"] * 101, {}, {"$ne": None}, [{}]),
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "PROPFIND", "FROB", "get")


def hostile(operation: Operation) -> list[Input]:
    """Everything that an operation is tried with; the same each time."""
    return [*_queries(operation), *_paths(operation), *_headers(operation), *_bodies(operation), *_methods(operation)]


def _usual(operation: Operation) -> tuple[str, dict[str, str | bytes], bytes | None]:
    """Query, headers and body of a call that is as documented."""
    if operation.method == "get":
        return "", {"Authorization": BEARER} if needs_key(operation.place) else {}, None
    headers: dict[str, str | bytes] = {"Authorization": BEARER, "If-Match": "*"}
    query = REASON if "reason" in operation.parameters else ""
    if operation.takes is None:
        return query, headers, None
    return query, headers | {"Content-Type": operation.takes}, json.dumps(operation.body).encode()


def _call(operation: Operation, name: str, **other: Any) -> Input:
    """A call that is as documented but for some of it."""
    query, headers, body = _usual(operation)
    wanted = {"target": operation.place + query, "headers": headers, "body": body} | other
    return Input(
        name, other.get("method", operation.method.upper()), wanted["target"], wanted["headers"], wanted["body"]
    )


def _queries(operation: Operation) -> Iterator[Input]:
    """Each text under three parameters in turn, bytes that are none, and each parameter twice."""
    start = operation.place + (_usual(operation)[0] or "?")
    names = [*sorted(operation.parameters), "no_such_parameter"]
    turn = cycle(names)
    for text in TEXTS:
        for name in islice(turn, 3):
            yield _call(operation, f"{name}={text[:30]!r}", target=f"{start}&{name}={quote(text, safe='')}")
    for raw, name in zip(BYTES, turn, strict=False):
        yield _call(operation, f"{name}={raw}", target=f"{start}&{name}={raw}")
    for name in names:
        yield _call(operation, f"{name} three hundred times", target=start + f"&{name}=1" * 300)
        yield _call(operation, f"{name} without a value", target=f"{start}&{name}")


def _paths(operation: Operation) -> Iterator[Input]:
    """Each text in place of a reference, or after the path of what has none; bytes that are no text, too."""
    query = _usual(operation)[0]
    for raw in (*(quote(text, safe="") for text in TEXTS[1:]), *BYTES):
        path = operation.of(raw) if operation.has_ref else f"{operation.place}/{raw}"
        yield _call(operation, f"path with {raw[:30]}", target=path + query)


def _headers(operation: Operation) -> Iterator[Input]:
    """Each header with each of its strange values."""
    usual = _usual(operation)[1]
    for name, values in HEADERS.items():
        for value in values:
            yield _call(operation, f"{name}: {value[:30]!r}", headers=usual | {name: value})
    yield _call(operation, "a hundred and fifty headers", headers=usual | {f"X-{number}": "a" for number in range(150)})
    yield _call(operation, "no headers", headers={})


def _bodies(operation: Operation) -> Iterator[Input]:
    """Each strange body; and each value that is wrong somewhere in two fields of the documented one in turn."""
    kind = operation.takes or "application/json"
    headers = _usual(operation)[1] | {"Content-Type": kind}
    for body in BODIES:
        yield _call(operation, f"body {body[:30]!r} of {len(body)}", headers=headers, body=body)
    if operation.takes is None:
        return
    turn = cycle(operation.fields)
    for value in WRONG:
        for name in islice(turn, 2):
            body = json.dumps(operation.body | {name: value}).encode()
            yield _call(operation, f"{name}: {str(value)[:30]!r}", headers=headers, body=body)


def _methods(operation: Operation) -> Iterator[Input]:
    """Every other method at its path."""
    query, headers, _body = _usual(operation)
    for method in METHODS:
        if method.lower() != operation.method:
            yield Input(f"method {method}", method, operation.place + query, headers)
