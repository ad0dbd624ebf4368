"""Redaction: which texts of a thing are erased when two persons say so, and what stands in their place for ever."""

from collections.abc import Mapping
from typing import Any

from models.verifier import erased_digest

State = dict[str, Any]

REDACTED = "[redacted]"
# Every free text, by the table that it stands in. What is not here stays: references, dates, numbers, words of the
# vocabulary, who, and when.
TEXTS: dict[str, tuple[str, ...]] = {
    "item": ("title", "effective_note", "period_note", "url", "locator", "publisher"),
    "recommendation": ("text", "short_name"),
    "source": ("population", "sample", "statement"),
    "evidence": ("statement",),
    "progress": ("statement", "impact"),
    "assessment": ("statement",),
    "decision": ("statement", "impact", "depends_on"),
    "due_date": ("note",),
    "link": ("rationale", "url", "locator", "review_note"),
}
# What a link remembers of its ends: from the fingerprint of a short text the text can be guessed.
FINGERPRINTS = ("source_content", "target_content")
_ALL = frozenset(name for names in TEXTS.values() for name in names)


def without_texts(state: Mapping[str, Any] | None) -> State | None:
    """What the record says of a thing, without its texts."""
    if state is None:
        return None
    return {name: _erased(name, value) for name, value in state.items()}


def _erased(name: str, value: Any) -> Any:
    """The value of a field, without its text; of due dates, without their notes."""
    if name == "due_dates" and value is not None:
        return [without_texts(due) for due in value]
    return REDACTED if name in _ALL and value is not None else value


def texts_in(state: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of a state that hold a text, or notes of due dates."""
    noted = any(due["note"] is not None for due in state.get("due_dates") or ())
    texts = tuple(name for name, value in state.items() if name in _ALL and value is not None)
    return (*texts, "due_dates") if noted else texts


def without_fingerprints(change: Mapping[str, Any]) -> State:
    """A change of a link without what the link remembers of its ends; a new link says that it remembers nothing."""
    known = dict.fromkeys(FINGERPRINTS, "")
    states = {name: change[name] and {**change[name], **_among(known, change[name])} for name in ("before", "after")}
    if change["action"] == "created":
        states["after"] = {**change["after"], **known}
    return {**change, **states}


def _among(values: State, state: Mapping[str, Any]) -> State:
    """Those of the values that a state has."""
    return {name: value for name, value in values.items() if name in state}


def without_words(change: Mapping[str, Any]) -> State:
    """A change of a thing without its texts and without its reason; one by which they were erased stays as it is."""
    if change["erased"] is None and change["action"] == "updated" and change["before"] == change["after"]:
        return dict(change)
    states = {name: without_texts(change[name]) for name in ("before", "after")}
    return {**change, **states, "reason": REDACTED}


def erased_by(approval: str, change: Mapping[str, Any]) -> State:
    """A change that an approval erases, with what shows that it did: after what earlier approvals erased of it."""
    digest = erased_digest(change)
    told = {"erased": digest, "erased_by": approval}
    return {**change, **{name: f"{change[name]} {new}" if change[name] else new for name, new in told.items()}}
