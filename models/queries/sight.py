"""Sight: whose a thing is, and whether a reader sees anything that is not for everybody."""

from sqlalchemy import ColumnElement, FromClause, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.lens import Lens
from models.queries.rows import Row, limits_of
from models.sight import beyond_sight


def ever(lens: Lens, kind: str, ref: str, name: str) -> tuple[FromClause, list[ColumnElement[bool]]]:
    """The items or links that the reader sees, withdrawn or not, and the conditions by which one of them is found."""
    if kind == "link":
        thing = lens.every_link(name)
        return thing, [thing.c.ref == ref]
    thing = lens.every_item(name)
    return thing, [thing.c.ref == ref, thing.c.kind == kind]


def owner_of(session: Session, lens: Lens, kind: str, ref: str) -> str | None:
    """The body that owns an item or a link, withdrawn or not, as either may be; None where nobody does. One statement.

    A body that was withdrawn still owns what its withdrawer did not see: it is nobody else's.
    """
    thing, named = ever(lens, kind, ref, "owned")
    body = lens.every_item("owned_by")
    wanted = select(thing.c.ref, body.c.ref.label("owner")).outerjoin(body, body.c.id == thing.c.owner_id).where(*named)
    found = lens.read(session, wanted).one_or_none()
    if found is None:
        raise NotFound(kind, ref)
    return str(found.owner) if found.owner is not None else None


def before_withdrawal(session: Session, lens: Lens, kind: str, ref: str) -> tuple[int, Row]:
    """The last point at which a thing that was withdrawn stood, and how it is marked now. One statement."""
    thing, named = ever(lens, kind, ref, "gone")
    columns = (thing.c.withdrawn_seq, thing.c.handling, thing.c.limited_to, thing.c.embargo_until)
    found = lens.read(session, select(*columns).where(*named, thing.c.withdrawn_seq.is_not(None))).mappings()
    raw = found.one_or_none()
    if raw is None:
        raise NotFound(kind, ref)
    marked = {"handling": raw["handling"], "limited_to": limits_of(raw), "embargo_until": raw["embargo_until"]}
    return int(raw["withdrawn_seq"]) - 1, marked


def sees_restricted(session: Session, lens: Lens) -> bool:
    """Whether the reader sees anything at all that not everybody sees. One statement, which looks at nothing public."""
    with beyond_sight(session):
        return lens.read(session, lens.restricted()).first() is not None
