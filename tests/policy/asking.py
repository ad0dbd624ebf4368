"""Asking: the request that a cell makes, such that it succeeds where the policy lets it."""

import json
from itertools import count
from typing import Any, NamedTuple

from tests.policy.arranging import BASELINE, BODY_OF, DAYS, RECOMMENDATION
from tests.policy.cells import Cell, writes
from tests.policy.operations import ERASURE, NEW, NEW_ACCOUNT, NEW_BODY, NEW_KEY, NEW_PART, RELEASE
from tests.policy.table import HANDLINGS, LASTING, MARKINGS, PASSED

# What is named in a path where it does not matter whose it is.
_NAMED = {"get_problem": "not-found", "get_baseline": BASELINE, "list_baseline_history": BASELINE} | {
    "compare_baselines": "1"
}
# What keeps an answer short.
_QUERIES = {"get_export": "?known_at=1", "list_gaps": "?reason=no_owner"}
_NEW: dict[str, dict[str, Any]] = {
    "add_review": {"published_on": "2020-01-01"},
    "add_recommendation": {"category": "recommendation", "short_name": "Thing", "text": "The body should do it."},
    "add_clause": {"span_start": 0, "span_end": 8},
    "add_source": {"source_class": "fieldwork"},
    "add_evidence": {"evidence_kind": "observation", "statement": "A thing was observed."},
    "add_assessment": {"verdict": "not_met"},
    "add_link": {"type": "supports", "target": RECOMMENDATION, "basis": "stated", "rationale": "Because of the test."},
}
# By which field a new part names its whole.
_BY = {
    "add_recommendation": "review",
    "add_clause": "recommendation",
    "add_assessment": "subject",
    "add_link": "source",
}
_WHY = {"statement": "Because of the test."}
_SAID: dict[str, dict[str, Any]] = {
    "change_action": {"due_on": "2030-01-01"},
    "change_link": {"rationale": "Because of another test."},
    "review_trace_link": {"finding": "valid", "note": "Read again on both pages."},
    "report_progress": {"title": "A thing", "statement": "A thing was done."},
    "check_texts": {"texts": ["More than 500 cases were examined."]},
    "split_action": {"parts": [{"title": "A part"}]},
    "add_response": {"response": "noted"},
    "propose_closure": {**_WHY, "impact": "There is less of it."},
    "end_closure": {**_WHY, "outcome": "no_longer_relevant"},
    **dict.fromkeys(("return_closure", "discharge_closure", "override_closure", "reopen_closure"), _WHY),
}
_ASKED: dict[str, dict[str, Any]] = {
    RELEASE: {"action": "release", "handling": "PUBLIC", "limited_to": None, "embargo_until": None},
    ERASURE: {"action": "redact"},
}
_LATER = {LASTING: "2999-01-01", PASSED: "2001-01-01"}
_NUMBERS = count(1)


class Request(NamedTuple):
    """What is sent."""

    method: str
    path: str
    body: bytes | None
    headers: dict[str, str | None]


def request_of(cell: Cell, ref: str) -> Request:
    """The request of a cell about one thing, which its path or its body names; whatever is there, it has been seen."""
    address, body = cell.address, _body(cell, ref)
    query = "?reason=A+test" if writes(cell) else _QUERIES.get(cell.operation, "")
    headers: dict[str, str | None] = {"If-Match": "*"} if writes(cell) else {}
    if body is not None:
        headers["Content-Type"] = "application/merge-patch+json" if address.method == "patch" else "application/json"
    path = address.of(_NAMED.get(cell.operation, ref)) + query
    return Request(address.method.upper(), path, None if body is None else json.dumps(body).encode(), headers)


def _body(cell: Cell, ref: str) -> dict[str, Any] | None:
    """What is sent as the body."""
    to = cell.group.to
    if to in {NEW, NEW_PART, NEW_BODY}:
        return _new(cell, ref)
    if to in {NEW_KEY, NEW_ACCOUNT}:
        return _new_grant(cell)
    if to in _ASKED:
        return {"kind": "evidence", "ref": ref} | _ASKED[to]
    return _said(cell)


def _said(cell: Cell) -> dict[str, Any] | None:
    """What is said of a thing that is there."""
    if cell.operation.startswith("mark_"):
        return _raised(cell)
    if cell.operation == "name_baseline":
        return {"name": f"p-{next(_NUMBERS)}", "known_at": "1"}
    usual = {"title": "Another title"} if cell.operation.startswith("change_") else None
    said = _SAID.get(cell.operation.partition(":")[0], usual)
    return said | {"owner": BODY_OF[cell.group.acts]} if said and cell.group.acts else said


def _new(cell: Cell, ref: str) -> dict[str, Any]:
    """A new item or link: of this owner, marked so, part of this whole."""
    body = dict(_NEW.get(cell.operation, {}))
    if cell.operation != "add_link":
        body |= {"title": "A thing"} | ({"owner": BODY_OF[cell.owner]} if BODY_OF[cell.owner] else {})
    if cell.group.to == NEW_PART:
        body |= {_BY[cell.operation]: ref}
    if cell.group.to == NEW:
        marking = MARKINGS[cell.marking]
        body |= {"handling": marking.handling}
        body |= {"limited_to": [BODY_OF[marking.limited_to]]} if marking.limited_to else {}
        body |= {"embargo_until": DAYS[marking.embargo].isoformat()} if marking.embargo else {}
    return body


def _new_grant(cell: Cell) -> dict[str, Any]:
    """A key for a machine, or an account for an officer, of this body; of no body, for an auditor."""
    key, name = cell.group.to == NEW_KEY, f"p-{next(_NUMBERS)}"
    body: dict[str, Any] = {"name": name, "clearance": cell.marking, "role": "machine" if key else "officer"}
    body |= {} if key else {"subject_id": f"the sub of {name}"}
    return body | ({"body": BODY_OF[cell.owner]} if BODY_OF[cell.owner] else {"role": "auditor"})


def _raised(cell: Cell) -> dict[str, Any]:
    """A stricter marking under which the caller still sees the thing: one handling up, or else a later embargo."""
    marking = MARKINGS[cell.marking]
    if HANDLINGS.index(marking.handling) < HANDLINGS.index(cell.caller.clearance):
        return {"handling": HANDLINGS[HANDLINGS.index(marking.handling) + 1]}
    return {"embargo_until": _LATER[marking.embargo or PASSED]}
