"""For how long a page is looked for: where little of much is asked for, a page ends in time, though not full."""

from time import monotonic

from sqlalchemy.orm import Session

from models.lens import Lens

LOOKING_MS = 500


def looked_for_until(session: Session, lens: Lens) -> float:
    """Until when a reader's pages are looked for: all that one reading is asked for share the time."""
    until: float = session.info.setdefault(("looked for until", lens), monotonic() + LOOKING_MS / 1_000)
    return until
