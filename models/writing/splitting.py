"""Splitting an action: into parts or milestones of it, each an action with its own owner, dates and progress."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from models.errors import Fault, Invalid, PersonalData
from models.lens import Lens
from models.markings import MARKING_FIELDS
from models.queries.lookup import find
from models.writing.items import add_item
from models.writing.links import add_link


def split(session: Session, lens: Lens, ref: str, parts: Sequence[Mapping[str, Any]], by: str) -> None:
    """Add parts of an action, each tied to it by a link marked as it is; what names no owner is the whole's owner's."""
    whole = find(session, lens, "action", ref)
    for place, part in enumerate(parts):
        owner = part.get("owner") or whole["owner"]
        try:
            made = add_item(session, lens, "action", {**part, "owner": owner})
        except Invalid as error:
            faults = (Fault(f"/parts/{place}{fault.pointer}", fault.detail) for fault in error.faults)
            raise Invalid(*faults) from error
        except PersonalData as error:
            found = (one._replace(pointer=f"/parts/{place}{one.pointer}") for one in error.findings)
            raise PersonalData(*found) from error
        tie = {"type": "contributes_to", "source": made, "target": ref, "owner": owner, "basis": "stated"}
        marking = {name: part[name] for name in MARKING_FIELDS if name in part}
        add_link(session, lens, {**tie, **marking, "rationale": "A part of the larger action."}, by)
