"""Writing baselines: giving a point of the record a name."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.errors import Conflict, Fault, Invalid
from models.lens import Lens
from models.queries.export import digest_of, export
from models.queries.points import NOW

_NAME = re.compile(r"[a-z][a-z0-9-]{0,59}")


def add_baseline(session: Session, name: str, description: str | None, seq: int) -> str:
    """Name a point of the record (a change's number); what was known there is fixed by the digest of its export."""
    if not _NAME.fullmatch(name) or name == NOW:
        raise Invalid(
            Fault("/name", "must have 1 to 60 small letters, digits and hyphens, begin with a letter, and not be 'now'")
        )
    if session.scalar(select(Baseline.id).where(Baseline.name == name)) is not None:
        raise Conflict("There is a baseline of this name already.", ("baseline", name))
    digest = digest_of(export(session, Lens(known_at=seq, whole=True)))
    session.add(Baseline(name=name, description=description, seq=seq, digest=digest))
    session.flush()
    return name
