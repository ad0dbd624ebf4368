"""The body of a request as JSON: limits and hygiene before any rule reads it."""

import json
import math
import re
import sys
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any, NoReturn
from unicodedata import combining, is_normalized, normalize

from api.gate import Unreadable
from api.limits import DEPTH, ELEMENTS, KEYS
from models.errors import Fault, Invalid

FAULTS = 20
_SHOWN = 100  # characters of one key in a pointer: a key may be as long as the body
_INTEGER = 2**63
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_UNSHOWN = re.compile(f"{_FORBIDDEN.pattern}|[\t\n\r]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|NaN|-?Infinity')

_Path = tuple[str | int, ...]


def parse_json(raw: bytes) -> Any:
    """Read a body as JSON, with its text in Unicode normal form C.

    Raises Unreadable for what is not JSON in UTF-8, and Invalid with at most `FAULTS` faults, in the order of the body,
    for what is past a limit or cannot be kept as it was sent. Takes time in proportion to the size of the body.
    """
    tree = _read(_decode(raw))
    if found := tuple(islice(_faults(tree), FAULTS)):
        raise Invalid(*found)
    return _build(tree)


def _decode(raw: bytes) -> str:
    """Take the bytes as UTF-8 text."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"The body is not valid UTF-8 at byte {error.start + 1}; send JSON as UTF-8.") from error
    if (place := text.find("\0")) >= 0:
        raise Unreadable(f"The body has a zero byte at {_place(text, place)}; send JSON as UTF-8, not as UTF-16.")
    if not text.strip():
        raise Unreadable("The body is empty at line 1, column 1; send JSON.")
    return text


def _read(text: str) -> Any:
    """Read text as JSON: an array as a list, an object as a tuple of its pairs, so that no pair is lost."""
    try:
        return json.loads(text, object_pairs_hook=tuple, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        wrong, place = error.msg.removesuffix(" at"), _place(text, error.pos)
        raise Unreadable(f"The body is not JSON: {wrong} at {place}.") from error
    except RecursionError as error:
        raise Unreadable(f"The body is nested too deeply to be read; at most {DEPTH.most} levels are.") from error
    except ValueError as error:
        place = _place(text, _find_number(text))
        raise Unreadable(f"The body has no readable number at {place}: NaN, Infinity or too many digits.") from error


def _refuse_constant(name: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python reads but JSON does not have."""
    raise ValueError(name)


def _find_number(text: str) -> int:
    """Find where the number starts that could not be read; all text before it is JSON."""
    longest = sys.get_int_max_str_digits()
    for token in _TOKEN.finditer(text):
        digits = token[0].removeprefix("-")
        if digits in {"NaN", "Infinity"} or (digits.isdecimal() and len(digits) > longest):
            return token.start()
    return 0


def _place(text: str, position: int) -> str:
    """Say where a position is, as an editor counts."""
    error = json.JSONDecodeError("", text, position)
    return f"line {error.lineno}, column {error.colno}"


def _faults(tree: Any) -> Iterator[Fault]:
    """Tell what is wrong, in the order of the body; nothing is told of what is inside a value that is refused."""
    keys = 0
    waiting: list[tuple[Any, _Path]] = [(tree, ())]
    while waiting:
        value, path = waiting.pop()
        if wrong := _wrong(value, len(path)):
            yield Fault(_pointer(path), wrong)
        elif isinstance(value, list):
            waiting.extend((value[index], (*path, index)) for index in reversed(range(len(value))))
        elif isinstance(value, tuple):
            keys += len(value)
            if keys > KEYS.most:
                yield Fault(
                    _pointer(path), f"brings the body to more than {KEYS.most:,} keys, the most that it may have"
                )
                return
            yield from _wrong_keys(value, path)
            waiting.extend((inner, (*path, key)) for key, inner in reversed(value))


def _wrong(value: Any, depth: int) -> str | None:
    """Say what is wrong with a value, whatever is inside it."""
    if isinstance(value, str):
        return _wrong_text(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else "is larger than a number of 64 bits (a double) can be"
    if isinstance(value, int):
        return None if -_INTEGER <= value < _INTEGER else "is outside what an integer of 64 bits can be"
    if isinstance(value, list | tuple) and depth >= DEPTH.most:
        return f"is nested more than {DEPTH.most} levels deep"
    if isinstance(value, list) and len(value) > ELEMENTS.most:
        return f"has more than {ELEMENTS.most:,} elements"
    return None


def _wrong_text(text: str) -> str | None:
    """Say which character is in a text that none may have."""
    found = _FORBIDDEN.search(text)
    return found and f"has the character U+{ord(found[0]):04X}, which is not text; leave it out"


def _wrong_keys(pairs: tuple[tuple[str, Any], ...], path: _Path) -> Iterator[Fault]:
    """Tell the keys of an object that are no text, or are given again; two that differ only in form are one."""
    seen: set[str] = set()
    for key, _ in pairs:
        normal = _normal(key)
        if wrong := _wrong_text(key):
            yield Fault(_pointer((*path, key)), f"has a key that {wrong}")
        elif normal in seen:
            yield Fault(_pointer((*path, key)), "is given more than once")
        seen.add(normal)


def _pointer(path: _Path) -> str:
    """Write a path as a JSON pointer (RFC 6901) that can be shown: long keys are cut, control characters spelt out."""
    keys = [key if len(key) <= _SHOWN else f"{key[:_SHOWN]}…" for key in map(str, path)]
    escaped = "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys)
    return _UNSHOWN.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)


def _normal(text: str) -> str:
    """Write text in Unicode normal form C.

    Marks are put in order first, because unicodedata takes the square of their number to do so (1 MiB: minutes).
    """
    if is_normalized("NFC", text):
        return text
    parts = "".join(normalize("NFD", character) for character in text)
    runs = (sorted(run, key=combining) for _, run in groupby(parts, key=lambda part: combining(part) > 0))
    return normalize("NFC", "".join(part for run in runs for part in run))


def _build(tree: Any) -> Any:
    """Make the values that were asked for of what was read; no deeper than `DEPTH`, as was checked."""
    if isinstance(tree, str):
        return _normal(tree)
    if isinstance(tree, list):
        return [_build(value) for value in tree]
    if isinstance(tree, tuple):
        return {_normal(key): _build(value) for key, value in tree}
    return tree
