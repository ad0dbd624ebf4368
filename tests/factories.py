"""Neutral items and links for tests; they never reach the published data."""

from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from models.items import Involvement, Item
from models.links import Link
from models.nouns import NOUNS

_NUMBERS = count(1)
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
    """An item of a kind, with what its kind needs; `lead` and `partners` are bodies."""
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
