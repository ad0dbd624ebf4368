"""A body that is no JSON, or past a limit, or of wrong types: refused with a pointer, alike on both engines."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.contract.alike import alike
from tests.contract.document import BY_NAME, TAKERS, Operation
from tests.contract.problem import told
from tests.contract.server import Server
from tests.contract.writing import REASON

MIB = 1024 * 1024
UNREADABLE = {
    "empty": b"",
    "blank": b" \r\n\t",
    "form": b"title=x",
    "open": b'{"title":',
    "cut_string": b'{"title": "x',
    "two_values": b"{}{}",
    "comma_at_the_end": b'{"title": "x",}',
    "single_quotes": b"{'title': 'x'}",
    "comment": b'{} // "x"',
    "nan": b'{"title": NaN}',
    "infinity": b'{"title": Infinity}',
    "less_than_infinity": b'{"title": -Infinity}',
    "leading_zero": b'{"title": 01}',
    "utf_16": '{"title": "x"}'.encode("utf-16"),
    "utf_16_without_mark": '{"title": "x"}'.encode("utf-16-le"),
    "utf_32": '{"title": "x"}'.encode("utf-32"),
    "utf_8_with_mark": b'\xef\xbb\xbf{"title": "x"}',
    "latin_1": '{"title": "é"}'.encode("latin-1"),
    "surrogate": b'{"title": "\xed\xa0\x80"}',
    "overlong": b'{"title": "\xc0\xaf"}',
    "nul": b'{"title": "\x00"}',
    "control": b'{"title": "\x01"}',
    "newline_in_text": b'{"title": "a\nb"}',
    "endless_number": b'{"title": ' + b"9" * 5_000 + b"}",
    "endless_depth": b"[" * 200_000,
    "depth_of_objects": b'{"a":' * 100_000,
}
PAST = {
    "nul": (b'{"%s": "\\u0000"}', "/%s"),
    "lone_surrogate": (b'{"%s": "\\ud800"}', "/%s"),
    "low_surrogate": (b'{"%s": "\\udc00 x"}', "/%s"),
    "noncharacter": (b'{"%s": "\\uffff"}', "/%s"),
    "delete": (b'{"%s": "\\u007f"}', "/%s"),
    "twice": (b'{"%s": "x", "%s": "x"}', "/%s"),
    "twice_in_another_form": ('{"%s": {"é": 1, "e\u0301": 1}}'.encode(), "/%s/e\u0301"),
    "deep": (b'{"%s": ' + b"[" * 32 + b"]" * 32 + b"}", "/%s" + "/0" * 31),
    "many_elements": (b'{"%s": [' + b"1," * 10_000 + b"1]}", "/%s"),
    "many_keys": (
        b'{"%s": {' + b",".join(b'"%d": 1' % number for number in range(1_000)) + b"}}",
        "/%s",
    ),
    "large_integer": (b'{"%s": 9223372036854775808}', "/%s"),
    "small_integer": (b'{"%s": -9223372036854775809}', "/%s"),
    "large_number": (b'{"%s": 1e400}', "/%s"),
    "null_of_a_key": (b'{"\\u0000": 1}', "/\\u0000"),
}
# Within every limit, so that it is the field that is refused, by its own rule.
WITHIN = {
    "deep": b'{"%s": ' + b"[" * 31 + b"]" * 31 + b"}",
    "many_elements": b'{"%s": [' + b"1," * 9_999 + b"1]}",
    "many_keys": b'{"%s": {' + b",".join(b'"%d": 1' % number for number in range(999)) + b"}}",
    "large_integer": b'{"%s": 9223372036854775807}',
    "large_number": b'{"%s": 1e308}',
    "long": b'{"%s": "' + b"x" * 500_000 + b'"}',
    "blank": b'{"%s": " \\t "}',
    "null": b'{"%s": null}',
}
NO_OBJECTS = {
    "list": b"[]",
    "text": b'"x"',
    "number": b"1",
    "null": b"null",
    "true": b"true",
    "list_of_objects": b'[{"title": "x"}]',
}
NAMING = ("owner", "review", "recommendation", "subject", "source", "target", "lead", "body")
# What is named in a list, or together with something else.
NAMING_MORE: list[tuple[str, str, dict[str, Any]]] = [
    ("propose_closure", "/evidence/1", {"evidence": ["F028", "no-such-thing"]}),
    ("propose_closure", "/evidence/0", {"evidence": ["police-scotland"]}),
    ("add_assessment", "/evidence/1", {"evidence": ["F028", "no-such-thing"]}),
    ("add_response", "/depends_on_body", {"response": "not_ours", "depends_on_body": "no-such-thing"}),
    ("add_response", "/depends_on_body", {"response": "noted", "depends_on_body": "hmics"}),
    ("end_closure", "/superseded_by", {"outcome": "superseded", "superseded_by": "no-such-thing"}),
    ("end_closure", "/superseded_by", {"outcome": "superseded", "superseded_by": "R6"}),
    ("end_closure", "/superseded_by", {"outcome": "superseded"}),
    ("split_action", "/parts/1/owner", {"parts": [{"title": "A part"}, {"title": "A part", "owner": "no-such-thing"}]}),
]
# Whose documented body is refused for something else before it is asked who is to see what it makes.
CONTRADICTING = {"ask_approval", "add_link"}
STRANGE_KEYS = {
    "": "/",
    "no_such_field": "/no_such_field",
    "Title": "/Title",
    "title ": "/title ",
    "a/b~c": "/a~1b~0c",
    "__proto__": "/__proto__",
    "id": "/id",
    "version": "/version",
    "handling": "/handling",
    "😀": "/😀",
    "x" * 500: "/" + "x" * 100,
}
WRONG: dict[str, Any] = {
    "true": True,
    "zero": 0,
    "less_than_zero": -1,
    "float": 1.5,
    "whole_float": 1.0,
    "huge": 2**62,
    "empty": "",
    "space": " ",
    "words": "no such word",
    "digits": "12",
    "day_that_is_none": "2015-02-30",
    "day_in_another_form": "20151126",
    "moment": "2015-11-26T00:00:00",
    "address_of_a_script": "javascript:alert(1)",
    "address_of_a_file": "file:///etc/passwd",
    "sql": "R1' OR '1'='1",
    "emoji": "😀" * 200,
    "long": "x" * 20_000,
    "null": None,
    "list": [],
    "list_of_numbers": [1, 2],
    "list_of_no_references": ["", " "],
    "list_of_lists": [[]],
    "long_list": ["hmics"] * 101,
    "object": {},
    "operator": {"$ne": None},
    "object_in_a_list": [{}],
}


@pytest.fixture(scope="module", autouse=True)
def _nothing_written(writable: Server) -> Iterator[None]:
    """After all of it the record is as it was."""
    before = writable.newest()
    yield
    assert writable.newest() == before


def _pointers(writable: Server, operation: Operation, bodies: Mapping[str, bytes], status: int) -> dict[str, list[str]]:
    """What each body is refused for: the pointers of its faults, the same on both engines."""
    found = {}
    for case, content in bodies.items():
        answer = writable.write(operation.method.upper(), operation.place + REASON, content)
        assert answer.status_code == status, (case, answer.text[:300])
        found[case] = [fault["pointer"] for fault in told(answer, status).get("errors", [])]
        alike(answer, "body", operation.name, hashlib.sha256(content).hexdigest())
    return found


def _text(operation: Operation) -> str:
    """The name of a field that is a text, if there is one, and must not be null where it is given, if there is one."""
    ways = (lambda types: types == "string", lambda types: "string" in types, bool)
    return next(name for is_so in ways for name, schema in operation.fields.items() if is_so(schema.get("type", "")))


def _filled(templates: Mapping[str, bytes], operation: Operation) -> dict[str, bytes]:
    """Bodies whose field is one that the operation takes."""
    return {case: template.replace(b"%s", _text(operation).encode()) for case, template in templates.items()}


def _within(operation: Operation) -> dict[str, bytes]:
    """What is within every limit, and no value of the field."""
    nullable = "null" in operation.fields[_text(operation)].get("type", "")
    return _filled({case: template for case, template in WITHIN.items() if case != "null" or not nullable}, operation)


def _with(operation: Operation, **fields: Any) -> bytes:
    """The documented body with other values of some fields."""
    return json.dumps(operation.body | fields).encode()


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_what_is_no_json(writable: Server, operation: Operation) -> None:
    pointers = _pointers(writable, operation, UNREADABLE, 400)

    assert pointers == {case: [] for case in UNREADABLE}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_what_is_past_a_limit(writable: Server, operation: Operation) -> None:
    bodies = _filled({case: template for case, (template, _pointer) in PAST.items()}, operation)

    pointers = _pointers(writable, operation, bodies, 422)

    assert pointers == {case: [pointer.replace("%s", _text(operation))] for case, (_, pointer) in PAST.items()}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_reads_what_is_within_every_limit(writable: Server, operation: Operation) -> None:
    field, is_list = f"/{_text(operation)}", operation.fields[_text(operation)].get("type") == "array"

    pointers = _pointers(writable, operation, _within(operation), 422)

    # The rule of the field is what refuses it: nothing is told of anything inside, unless it is a list of things.
    of_list = {
        case for case, found in pointers.items() if is_list and any(one.startswith(f"{field}/") for one in found)
    }
    assert {case for case, found in pointers.items() if field not in found} == of_list


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_what_is_no_object(writable: Server, operation: Operation) -> None:
    pointers = _pointers(writable, operation, NO_OBJECTS, 422)

    assert pointers == {case: [""] for case in NO_OBJECTS}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_a_field_that_there_is_not(writable: Server, operation: Operation) -> None:
    bodies = {key: _with(operation, **{key: 1}) for key in STRANGE_KEYS}

    pointers = _pointers(writable, operation, bodies, 422)

    assert pointers == {key: [pointer] for key, pointer in STRANGE_KEYS.items()}


def test_points_to_a_field_whatever_its_name(writable: Server) -> None:
    (operation,) = (found for found in TAKERS if found.name == "add_evidence")

    pointers = _pointers(writable, operation, {"_schema": _with(operation, _schema=1)}, 422)

    assert pointers == {"_schema": ["/_schema"]}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_a_value_where_the_documented_schema_does(writable: Server, operation: Operation) -> None:
    refusing = {case: operation.refusing(value) for case, value in WRONG.items()}
    bodies = {case: _with(operation, **dict.fromkeys(names, WRONG[case])) for case, names in refusing.items() if names}

    pointers = _pointers(writable, operation, bodies, 422)

    told_of = {case: {pointer.split("/")[1] for pointer in found} for case, found in pointers.items()}
    assert told_of == {case: refusing[case] for case in bodies}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_the_name_of_what_is_not_there(writable: Server, operation: Operation) -> None:
    bodies = {f"/{name}": _with(operation, **{name: "no-such-thing"}) for name in NAMING if name in operation.fields}
    if "limited_to" in operation.fields and operation.name not in CONTRADICTING:
        bodies["/limited_to/1"] = _with(operation, limited_to=["hmics", "no-such-thing"])

    pointers = _pointers(writable, operation, bodies, 422)

    assert pointers == {pointer: [pointer] for pointer in bodies}


@pytest.mark.parametrize(("name", "pointer", "fields"), NAMING_MORE)
def test_refuses_the_name_of_what_is_not_there_beside_others(
    writable: Server, name: str, pointer: str, fields: dict[str, Any]
) -> None:
    body = _with(BY_NAME[name], **fields)

    pointers = _pointers(writable, BY_NAME[name], {"unknown": body}, 422)

    assert pointers == {"unknown": [pointer]}


@pytest.mark.parametrize("operation", [found for found in TAKERS if found.method == "post"], ids=str)
def test_refuses_a_body_without_what_is_needed(writable: Server, operation: Operation) -> None:
    pointers = _pointers(writable, operation, {"none": b"{}"}, 422)

    assert pointers["none"]
    assert set(pointers["none"]) <= {f"/{name}" for name in operation.fields}


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_reads_a_body_of_a_mebibyte(writable: Server, operation: Operation) -> None:
    pointers = _pointers(writable, operation, {"mebibyte": b'{"no_such_field": 1}'.ljust(MIB)}, 422)

    assert "/no_such_field" in pointers["mebibyte"]


@pytest.mark.parametrize("operation", TAKERS, ids=str)
def test_refuses_a_body_of_a_mebibyte_and_a_byte(writable: Server, operation: Operation) -> None:
    pointers = _pointers(writable, operation, {"more": b'{"no_such_field": 1}'.ljust(MIB + 1)}, 413)

    assert pointers == {"more": []}
