"""The body of a request: what is read, and what is refused before any rule reads it."""

import gc
import json
import time
from collections.abc import Callable
from typing import Any
from unicodedata import category, is_normalized, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import limits
from api.body import FAULTS, parse_json
from api.gate import Unreadable
from models.errors import Fault, Invalid

DEPTH, KEYS, ELEMENTS = (limit.most for limit in (limits.DEPTH, limits.KEYS, limits.ELEMENTS))
MEBIBYTE = 2**20

PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff")
TEXTS = st.text(PLAIN | st.sampled_from("\t\n\r~/e\u0301\u0316\u0f73"))
HOSTILE_TEXTS = TEXTS | st.text(st.sampled_from("\0\x1f\x7f\x85\ufffe\uffffe\u0301"))
READABLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(st.tuples(TEXTS, inner), max_size=5, unique_by=lambda pair: normalize("NFC", pair[0])).map(dict)
    ),
    max_leaves=20,
)
HOSTILE = st.recursive(
    READABLE | st.integers() | st.floats() | HOSTILE_TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(HOSTILE_TEXTS, inner, max_size=5),
    max_leaves=10,
)
PIECES = st.sampled_from(
    [
        *b'{}[]:,"\\-+.eE0 \t\n\0\xef\xbb\xbf\xff',
        *(b"NaN", b"Infinity", b'"a":', b"\\u0000", b"\\ud800", b"1e999", b"[" * 40),
    ]
).map(lambda piece: bytes([piece]) if isinstance(piece, int) else piece)


def _faults(raw: str | bytes) -> dict[str, str]:
    """What is told to be wrong with a body, by pointer."""
    with pytest.raises(Invalid) as refused:
        parse_json(raw if isinstance(raw, bytes) else raw.encode())
    return {fault.pointer: fault.detail for fault in refused.value.faults}


def _complaint(raw: bytes) -> str:
    """Why a body is unreadable."""
    with pytest.raises(Unreadable) as refused:
        parse_json(raw)
    return str(refused.value)


def _nested(depth: int, inner: str = "") -> str:
    """Arrays nested so many levels deep."""
    return "[" * depth + inner + "]" * depth


def _object(keys: int, prefix: str = "k") -> str:
    """An object with so many keys."""
    return json.dumps({f"{prefix}{number}": 0 for number in range(keys)})


def _texts(value: Any) -> list[str]:
    """Every text in a value, keys too."""
    if isinstance(value, dict):
        return [*value, *(text for inner in value.values() for text in _texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []


def _normal(value: Any) -> Any:
    """A value with its texts in normal form C, keys too, by the plainest means."""
    if isinstance(value, dict):
        return {normalize("NFC", key): _normal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normal(inner) for inner in value]
    return normalize("NFC", value) if isinstance(value, str) else value


def _read_or_refuse(raw: bytes) -> None:
    """Read a body; anything but the two errors gets out, and both can be told whatever was sent."""
    try:
        parse_json(raw)
    except (Unreadable, Invalid) as error:
        refused = error
    else:
        return
    faults = refused.faults if isinstance(refused, Invalid) else (Fault("", str(refused)),)
    told = "".join(fault.pointer + fault.detail for fault in faults)
    assert 1 <= len(faults) <= FAULTS
    assert told.encode("utf-8")
    assert not [character for character in told if category(character) == "Cc"]
    assert len(told) < 100_000


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"null", None),
        (b" true\n", True),
        (b"0", 0),
        (b"-0.5e1", -5.0),
        (b'""', ""),
        (b"[]", []),
        (b"{}", {}),
        (b'{"a": [1, {"b": null}], "": {}}', {"a": [1, {"b": None}], "": {}}),
        ('{"é": "naïve ☃ 𝄞"}'.encode(), {"é": "naïve ☃ 𝄞"}),
        (rb'"\ud834\udd1e"', "𝄞"),
        (rb'"a\tb\nc\rd"', "a\tb\nc\rd"),
    ],
)
def test_reads_json(raw: bytes, value: Any) -> None:
    read = parse_json(raw)

    assert (type(read), read) == (type(value), value)


def test_keeps_the_order_of_keys() -> None:
    assert list(parse_json(b'{"b": 1, "c": 2, "a": 3}')) == ["b", "c", "a"]


@pytest.mark.parametrize("raw", [b"", b" ", b"\r\n\t "])
def test_refuses_an_empty_body(raw: bytes) -> None:
    assert "empty at line 1, column 1" in _complaint(raw)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"{", "line 1, column 2"),
        (b'{"a": 1,\n "b" 2}', "line 2, column 6"),
        (b'{"a": "b', "line 1, column 7"),
        (b"[1] [2]", "line 1, column 5"),
        (b"\n\n  nope", "line 3, column 3"),
        (b"[01]", "line 1, column 3"),
        (b"{'a': 1}", "line 1, column 2"),
        (b'["a\x01"]', "line 1, column 4"),
        (b'["a\nb"]', "line 1, column 4"),
        (rb'["\x"]', "line 1, column 3"),
        (rb'["\u12"]', "line 1, column"),
        ("[1,\u00a02]".encode(), "line 1, column 4"),
    ],
)
def test_says_where_a_body_is_not_json(raw: bytes, place: str) -> None:
    complaint = _complaint(raw)

    assert "not JSON" in complaint
    assert f" at {place}" in complaint
    assert " at at " not in complaint


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"\xff", "byte 1"),
        (b'"\xe9"', "byte 2"),
        (b'"\xc0\x80"', "byte 2"),
        (b'"\xed\xa0\x80"', "byte 2"),
        (b'"\xf0', "byte 2"),
    ],
)
def test_refuses_what_is_not_utf_8(raw: bytes, where: str) -> None:
    assert f"not valid UTF-8 at {where}" in _complaint(raw)


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
@pytest.mark.parametrize("text", ['{"a": "b"}', '"é☃𝄞"', "1", "[]"])
def test_refuses_another_encoding_and_a_byte_order_mark(text: str, encoding: str) -> None:
    complaint = _complaint(text.encode(encoding))

    assert any(word in complaint for word in ("send JSON as UTF-8", "BOM"))


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        (b"NaN", "line 1, column 1"),
        (b"[1, Infinity]", "line 1, column 5"),
        (b'{"NaN": "\\" -Infinity",\n "a": -Infinity}', "line 2, column 7"),
        (b"[1.5e3, -" + b"9" * 5_000 + b"]", "line 1, column 9"),
        (b"[0." + b"9" * 5_000 + b", " + b"9" * 5_000 + b"]", "line 1, column 5006"),
    ],
)
def test_says_where_a_number_cannot_be_read(raw: bytes, place: str) -> None:
    assert f"number at {place}" in _complaint(raw)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_refuses_nesting_that_the_scanner_cannot_follow(opening: bytes) -> None:
    assert "nested too deeply" in _complaint(opening * 100_000)


def test_has_the_limits_that_are_documented() -> None:
    assert (DEPTH, KEYS, ELEMENTS, FAULTS) == (32, 1_000, 10_000, 20)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_reads_as_deep_as_the_limit(opening: str, closing: str) -> None:
    raw = opening * (DEPTH - 1) + "[]" + closing * (DEPTH - 1)

    assert json.dumps(parse_json(raw.encode()), separators=(",", ":")) == raw


@pytest.mark.parametrize(
    ("opening", "closing", "step"), [("[", "]", "/0"), ('{"a":', "}", "/a")], ids=["arrays", "objects"]
)
@pytest.mark.parametrize("inner", ["[]", "{}"])
@pytest.mark.parametrize("beyond", [0, 1, 100])
def test_refuses_one_level_past_the_limit(opening: str, closing: str, step: str, inner: str, beyond: int) -> None:
    depth = DEPTH + beyond

    faults = _faults(opening * depth + inner + closing * depth)

    assert faults == {step * DEPTH: f"is nested more than {DEPTH} levels deep"}


def test_reads_as_many_keys_as_the_limit() -> None:
    half = KEYS // 2

    read = parse_json(f"[{_object(half)}, {_object(KEYS - half)}]".encode())

    assert sum(map(len, read)) == KEYS


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (_object(KEYS + 1), ""),
        (f"[{_object(KEYS)}, {{}}, {_object(1)}]", "/2"),
        (f'{{"a": {_object(KEYS - 1)}, "b": [{{"c": 0}}]}}', "/a"),
    ],
)
def test_refuses_one_key_past_the_limit(raw: str, pointer: str) -> None:
    faults = _faults(raw)

    assert list(faults) == [pointer]
    assert f"{KEYS:,} keys" in faults[pointer]


@pytest.mark.parametrize("shape", ["[{}]", '{{"a": [[{}], [{}]]}}'])
def test_reads_an_array_as_long_as_the_limit(shape: str) -> None:
    elements = ",".join("0" * ELEMENTS)

    assert parse_json(shape.format(elements, elements).encode())


@pytest.mark.parametrize(("shape", "pointer"), [("[{}]", ""), ('{{"a": [[0], [{}]]}}', "/a/1")])
def test_refuses_an_array_one_past_the_limit(shape: str, pointer: str) -> None:
    elements = ",".join("0" * (ELEMENTS + 1))

    assert _faults(shape.format(elements)) == {pointer: f"has more than {ELEMENTS:,} elements"}


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        ('{"a": 1, "a": 1}', "/a"),
        ('{"a": 1, "\\u0061": 2}', "/a"),
        ('{"": 1, "": 2}', "/"),
        ('[0, {"a": {"b": 1, "c": 2, "b": 3}}]', "/1/a/b"),
        ('{"a/b~c": 1, "a/b~c": 2}', "/a~1b~0c"),
        ('{"~1": 1, "~1": 2}', "/~01"),
    ],
)
def test_refuses_a_key_given_twice(raw: str, pointer: str) -> None:
    assert _faults(raw) == {pointer: "is given more than once"}


@pytest.mark.parametrize("keys", [("\u00e9", "e\u0301"), ("e\u0301", "\u00e9")])
def test_refuses_keys_that_are_the_same_in_normal_form(keys: tuple[str, str]) -> None:
    first, second = keys

    assert _faults(f'{{"{first}": 1, "{second}": 2}}') == {f"/{second}": "is given more than once"}


def test_reads_the_same_key_in_two_objects() -> None:
    assert parse_json(b'[{"a": {"a": 1}}, {"a": 2}]') == [{"a": {"a": 1}}, {"a": 2}]


FORBIDDEN = (*range(9), 0xB, 0xC, *range(0xE, 0x20), *range(0x7F, 0xA0), 0xD800, 0xDBFF, 0xDC00, 0xDFFF, 0xFFFE, 0xFFFF)


@pytest.mark.parametrize("code", FORBIDDEN)
def test_refuses_a_character_that_is_not_text(code: int) -> None:
    faults = _faults(f'{{"a": ["b", "c\\u{code:04x}d"]}}')

    assert list(faults) == ["/a/1"]
    assert f"U+{code:04X}" in faults["/a/1"]


@pytest.mark.parametrize("code", FORBIDDEN)
def test_spells_out_a_key_that_is_not_text(code: int) -> None:
    faults = _faults(f'{{"a/": {{"~b\\u{code:04x}": {{"c": 1, "c": 2}}}}}}')

    assert list(faults) == [f"/a~1/~0b\\u{code:04x}", f"/a~1/~0b\\u{code:04x}/c"]
    assert f"U+{code:04X}" in faults[f"/a~1/~0b\\u{code:04x}"]


@pytest.mark.parametrize("code", [0x7F, 0x80, 0x9F, 0xFFFE, 0xFFFF])
def test_refuses_a_character_that_is_not_text_however_it_is_written(code: int) -> None:
    assert list(_faults(f'["{chr(code)}"]')) == ["/0"]


@pytest.mark.parametrize("code", [0x9, 0xA, 0xD, 0x20, 0x7E, 0xA0, 0x2028, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD])
def test_reads_the_characters_beside_those_refused(code: int) -> None:
    assert parse_json(f'{{"\\u{code:04x}": "\\u{code:04x}"}}'.encode()) == {chr(code): chr(code)}


@pytest.mark.parametrize("raw", [rb'"\udd1e\ud834"', rb'"\ud834x"', rb'"\ud834\ud834\udd1e"'])
def test_refuses_half_a_surrogate_pair(raw: bytes) -> None:
    assert list(_faults(raw)) == [""]


@pytest.mark.parametrize(
    "number", [2**63 - 1, -(2**63), 1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 2.0**64], ids=repr
)
def test_reads_the_largest_numbers(number: float) -> None:
    assert parse_json(json.dumps(number).encode()) == number


@pytest.mark.parametrize(
    "number",
    [str(2**63), str(-(2**63) - 1), "9" * 4_000, "1e309", "-1e309", "1.8e308", "9" * 5_000 + ".0", "1e99999999999"],
)
def test_refuses_a_number_past_64_bits(number: str) -> None:
    faults = _faults(f'{{"a": [0, {number}]}}')

    assert list(faults) == ["/a/1"]
    assert "64 bits" in faults["/a/1"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("e\u0301", "\u00e9"),
        ("\u212b", "\u00c5"),
        ("\u1100\u1161\u11a8", "\uac01"),
        ("a\u0301\u0323", "\u1ea1\u0301"),
        ("\u0958", "\u0915\u093c"),
        ("\u0f73\u0f71", "\u0f71\u0f71\u0f72"),
        ("\ufb01", "\ufb01"),
    ],
)
def test_gives_text_back_in_normal_form(sent: str, kept: str) -> None:
    read = parse_json(json.dumps({sent: [sent]}).encode())

    assert read == {kept: [kept]}


@pytest.mark.parametrize(
    ("bad", "step"),
    [(r'"\u0000"', ""), ("1e999", ""), (_nested(DEPTH), "/0" * (DEPTH - 1))],
    ids=["NUL", "1e999", "deep"],
)
def test_tells_no_more_faults_than_the_limit(bad: str, step: str) -> None:
    faults = _faults(f"[{','.join([bad] * (FAULTS + 1))}]")

    assert list(faults) == [f"/{number}{step}" for number in range(FAULTS)]


def test_tells_every_kind_of_fault_in_the_order_of_the_body() -> None:
    deep = _nested(DEPTH - 1)

    faults = _faults(f'{{"a": "\\u0000", "b": [1e999, {deep}], "c": 1, "c": 2, "d": {{"\\uffff": {2**64}}}}}')

    assert list(faults) == ["/c", "/a", "/b/0", "/b/1" + "/0" * (DEPTH - 2), "/d/\\uffff"]


def test_tells_nothing_of_what_is_inside_a_value_that_is_refused() -> None:
    long, deep = ",".join(["1e999"] * (ELEMENTS + 1)), _nested(DEPTH, "1e999")

    faults = _faults(f"[[{long}], {deep}]")

    assert list(faults) == ["/0", "/1" + "/0" * (DEPTH - 1)]


def test_cuts_a_long_key_short() -> None:
    key = "k" * 1_000

    assert list(_faults(f'{{"{key}": 1e999}}')) == [f"/{'k' * 100}…"]


@pytest.mark.parametrize("code", [0x9, 0xA, 0xD])
def test_spells_out_white_space_in_a_pointer(code: int) -> None:
    assert list(_faults(f'{{"a\\u{code:04x}": 1e999}}')) == [f"/a\\u{code:04x}"]


HOSTILE_BODIES: dict[str, Callable[[int], bytes]] = {
    "opened": lambda size: b"[" * size,
    "array of arrays": lambda size: b"[" + b"[]," * (size // 3) + b"[]]",
    "full arrays": lambda size: b"[" + b",".join([b"[" + b"0," * 9_999 + b"0]"] * (size // 20_165)) + b"]",
    "long integers": lambda size: b"[" + b",".join([b"9" * 4_300] * (size // 4_370)) + b"]",
    "long fraction": lambda size: b"0." + b"9" * size,
    "long key of many faults": lambda size: b'{"' + b"k" * (size // 2) + b'":[' + b"1e999," * 9_999 + b"0]}",
    "escapes before a number": lambda size: b'["' + b"\\n" * (size // 2) + b'", NaN]',
    "one key again and again": lambda size: b"{" + b",".join([b'"a":0'] * (size // 7)) + b"}",
    "marks out of order": lambda size: ('"a' + "\u0301\u0316" * (size // 4) + '"').encode(),
    "marks that come apart": lambda size: ('"' + "\u0f73" * (size // 3) + '"').encode(),
    "letters to be put together": lambda size: ('"' + "e\u0301" * (size // 3) + '"').encode(),
}


def _taken(raw: bytes) -> float:
    """The least processor time of three readings, in seconds; collecting what is no longer used is not part of it."""
    gc.disable()
    try:
        times = []
        for _ in range(3):
            started = time.thread_time()
            _read_or_refuse(raw)
            times.append(time.thread_time() - started)
        return min(times)
    finally:
        gc.enable()


@pytest.mark.parametrize("body", HOSTILE_BODIES.values(), ids=HOSTILE_BODIES)
def test_reading_a_hostile_body_takes_no_more_than_its_length_accounts_for(body: Callable[[int], bytes]) -> None:
    quarter, whole = _taken(body(MEBIBYTE // 4)), _taken(body(MEBIBYTE))

    # Four times as long where it grows with the length, sixteen times where it grows with its square.
    assert whole < 10 * quarter + 0.05


@settings(deadline=None, derandomize=True, database=None, max_examples=500)
@given(raw=st.binary())
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    _read_or_refuse(raw)


@settings(deadline=None, derandomize=True, database=None, max_examples=500)
@given(
    value=HOSTILE,
    escaped=st.booleans(),
    damage=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 3), PIECES), max_size=4),
)
def test_any_damaged_json_is_read_or_refused(value: Any, escaped: bool, damage: list[tuple[int, int, bytes]]) -> None:
    raw = json.dumps(value, ensure_ascii=escaped).encode()

    for place, length, piece in damage:
        start = place % (len(raw) + 1)
        raw = raw[:start] + piece + raw[start + length :]

    _read_or_refuse(raw)


@settings(deadline=None, derandomize=True, database=None, max_examples=500)
@given(value=READABLE, escaped=st.booleans())
def test_what_is_read_comes_back_the_same(value: Any, escaped: bool) -> None:
    read = parse_json(json.dumps(value, ensure_ascii=escaped).encode())

    again = json.dumps(read)
    assert read == _normal(value)
    assert json.loads(again) == read
    assert parse_json(again.encode()) == read
    assert all(is_normalized("NFC", text) for text in _texts(read))
