"""Writing verdicts: an assessment, with the evidence that it rests on."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from models.lens import Lens
from models.markings import MARKING_FIELDS
from models.writing.items import add_item
from models.writing.links import add_link
from models.writing.naming import Named


def judge(session: Session, lens: Lens, values: Mapping[str, Any], by: str) -> str:
    """Add an assessment, tied to the evidence that it names; its reference. The ties are marked as it is."""
    shown = list(dict.fromkeys(values.get("evidence") or ()))
    Named(session, lens, shown).every_at("/evidence", shown, ("evidence",))
    made = add_item(session, lens, "assessment", values)
    marking = {name: values[name] for name in MARKING_FIELDS if name in values}
    for evidence in shown:
        tie = {"type": "demonstrates", "source": evidence, "target": made, "owner": values.get("owner")}
        add_link(session, lens, {**tie, **marking, "basis": "stated", "rationale": "The verdict rests on it."}, by)
    return made
