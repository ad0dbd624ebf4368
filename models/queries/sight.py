"""Sight: whose a thing is, and whether a reader sees anything that is not for everybody."""

from sqlalchemy import FromClause, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.lens import Lens
from models.sight import beyond_sight


def owner_of(session: Session, lens: Lens, kind: str, ref: str) -> str | None:
    """The body that owns an item or a link; None where nobody does. One statement."""
    thing = lens.links("owned_link") if kind == "link" else lens.items("owned_item")
    return _owner_in(session, lens, thing, kind, ref)


def _owner_in(session: Session, lens: Lens, thing: FromClause, kind: str, ref: str) -> str | None:
    """The body that owns a thing among those that are seen."""
    body = lens.items("owned_by")
    named = [thing.c.ref == ref] if kind == "link" else [thing.c.ref == ref, thing.c.kind == kind]
    wanted = select(thing.c.ref, body.c.ref.label("owner")).outerjoin(body, body.c.id == thing.c.owner_id).where(*named)
    found = lens.read(session, wanted).one_or_none()
    if found is None:
        raise NotFound(kind, ref)
    return str(found.owner) if found.owner is not None else None


def ever_owner_of(session: Session, lens: Lens, kind: str, ref: str) -> str | None:
    """The body that owns an item or a link, withdrawn or not; None where nobody does. One statement."""
    thing = lens.every_link("ever_owned_link") if kind == "link" else lens.every_item("ever_owned")
    return _owner_in(session, lens, thing, kind, ref)


def sees_restricted(session: Session, lens: Lens) -> bool:
    """Whether the reader sees anything at all that not everybody sees. One statement, which looks at nothing public."""
    with beyond_sight(session):
        return lens.read(session, lens.restricted()).first() is not None
