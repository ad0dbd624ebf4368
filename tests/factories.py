"""Neutral items and links for tests; they never reach the published data."""

from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.assessments import Decision
from models.closure_rules import FOLLOWS, OPEN
from models.items import Involvement, Item
from models.links import Link
from models.markings import MARKING_FIELDS
from models.nouns import NOUNS
from models.vocabulary import CLOSURE_STEPS

_NUMBERS = count(1)
_BECAUSE, _ASIDE = {"statement": "Because of the test."}, {"unmet": "demonstrated", "rules_version": 1}
# Who takes each step of closure, and what he says.
_SAID: dict[str, dict[str, Any]] = {
    **{word: {"decided_by": "an inspector", **_BECAUSE} for word in CLOSURE_STEPS},
    "proposed": {"decided_by": "an officer", "impact": "There is less of it.", **_BECAUSE},
    "override_asked": {"decided_by": "an inspector", **_BECAUSE, **_ASIDE},
    "discharged": {"decided_by": "another inspector", **_ASIDE},
}
_NEEDED: dict[str, dict[str, Any]] = {
    "recommendation": {"category": "recommendation", "text": "The body should do the thing.", "short_name": "Thing"},
    "clause": {"span_start": 0, "span_end": 8},
    "source": {"source_class": "fieldwork"},
    "evidence": {"evidence_kind": "observation", "statement": "A thing was observed."},
    "progress": {"statement": "A thing was done."},
    "assessment": {"verdict": "not_met"},
    "decision": {"decision": "noted"},
}


def an(kind: str, session: Session, **values: Any) -> Item:
    """An item of a kind, with what its kind needs; `lead` and `partners` are bodies.

    A step of closure comes with the steps before it without which it could not be taken.
    """
    if kind == "decision" and values.get("decision") in CLOSURE_STEPS and "decided_by" not in values:
        return _step(session, **values)
    number = next(_NUMBERS)
    ref = values.pop("ref", f"T{number}")
    parts = [Involvement(role="lead", body=values.pop("lead"), position=1)] if "lead" in values else []
    item = NOUNS[kind](
        **{"ref": ref, "external_id": ref, "title": f"Thing {number}", "handling": "PUBLIC", "bodies": parts}
        | _NEEDED.get(kind, {})
        | values
    )
    session.add(item)
    session.flush()
    return item


def _step(session: Session, *, decision: str, parent: Item, **values: Any) -> Item:
    """A step of closure after those that lead to it; a discharge sets a condition aside, and so needs no evidence."""
    marking = {name: getattr(parent, name) for name in MARKING_FIELDS}
    taken = select(Decision.decision).where(Decision.parent_id == parent.id, Decision.decision.in_(CLOSURE_STEPS))
    state = session.scalar(taken.order_by(Decision.id.desc()).limit(1)) or OPEN
    *before, last = _way(state, decision)
    dated = {name: value for name, value in values.items() if name == "effective_from"}
    for word in before:
        an("decision", session, parent=parent, decision=word, **_SAID[word], **marking, **dated)
    return an("decision", session, parent=parent, decision=last, **_SAID[last], **marking, **values)


def _way(state: str, wanted: str) -> list[str]:
    """The fewest steps from a state to a step, that step the last."""
    ways = [[state]]
    while True:
        ways = [
            [*way, word]
            for way in ways
            for word, states in FOLLOWS.items()
            if way[-1] in (states if word != "discharged" else ("override_asked",))
        ]
        for way in ways:
            if way[-1] == wanted:
                return way[1:]


def link(session: Session, source: Item, type_: str, target: Item, **values: Any) -> Link:
    """A link between two items, stated unless told otherwise."""
    made = Link(
        **{
            "ref": f"{source.ref}-{type_}-{target.ref}",
            "type": type_,
            "source": source,
            "target": target,
            "basis": "stated",
            "rationale": "Because of the test.",
            "asserted_by": "a test",
            "handling": "PUBLIC",
        }
        | values
    )
    session.add(made)
    session.flush()
    return made
