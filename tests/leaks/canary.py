"""The canary: a word in every text of each thing that is not for everybody; and where it is looked for."""

import base64
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

from tests.leaks.answers import Answer
from tests.leaks.script import Operation, Script, Values
from tests.leaks.sight import Plain

CANARY = re.compile("canary[0-9]{3}bird")
_TEXTS = ("title", "statement", "locator", "rationale", "note", "sample", "due_note", "why", "text", "asserted_by")
_TEXTS += ("impact", "depends_on")
_REFS = ("whole", "source", "target", "approval", "override")
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{16,}")


def word(number: int) -> str:
    """The canary of one thing."""
    return f"canary{number:03}bird"


def with_canaries(script: Script) -> tuple[Script, dict[str, str]]:
    """The script with canaries in whatever it says of what is not for everybody; each one by its thing's reference.

    A thing is called by its canary, too, and so is what is asked for it; its changes are made for reasons that name it.
    """
    plain = Plain(script)
    marked = [ref for ref, thing in plain.things.items() if not plain.everybody_sees(ref)]
    words = {ref: word(number) for number, ref in enumerate(marked)}
    names = {ref: f"{ref}-{found}" for ref, found in words.items()}
    asked = {
        operation.values[what]: f"{operation.values[what]}-{words[operation.ref]}"
        for operation in script
        for what in ("approval", "override")
        if what in operation.values and operation.ref in words
    }
    sung = [_sung(operation, words.get(operation.ref), names | asked) for operation in script]
    return sung, {names[ref]: found for ref, found in words.items()}


def _sung(operation: Operation, found: str | None, names: dict[str, str]) -> Operation:
    """An operation with a canary in its texts, if its thing has one; things are named as they are called now."""
    values: Values = {
        name: names.get(value, value) if name in _REFS else value for name, value in operation.values.items()
    }
    if found is not None:
        values = {name: f"{value} {found}" if name in _TEXTS else value for name, value in values.items()}
        values |= _added(operation, found)
    return replace(operation, ref=names.get(operation.ref, operation.ref), values=values)


def _added(operation: Operation, found: str) -> dict[str, Any]:
    """What a new thing says besides."""
    if operation.what not in {"add", "link"}:
        return {}
    said = {"url": f"https://example.org/{found}", "locator": f"page 7 {found}"}
    if operation.what == "add":
        said |= {"external_id": found, "period_note": found, "effective_note": found, "publisher": found}
    return said | ({"short_name": found} if operation.kind == "recommendation" else {})


def heard(answer: Answer) -> set[str]:
    """The canaries in an answer: in headers and body, unpacked where it is a book, decoded where it is a token."""
    told = [f"{answer.status} {answer.headers}".encode(), *_unpacked(answer.body)]
    found = set()
    for content in told:
        for part in (content, *map(_decoded, _TOKEN.findall(content))):
            found |= set(CANARY.findall(part.decode("utf-8", "replace")))
    return found


def _unpacked(body: bytes) -> list[bytes]:
    """What a body holds: itself, or the files in it."""
    if not body.startswith(b"PK"):
        return [body]
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return [book.read(name) for name in book.namelist()]


def _decoded(token: bytes) -> bytes:
    """What a token says that is no secret, only encoded."""
    return base64.urlsafe_b64decode(token[: len(token) // 4 * 4])
