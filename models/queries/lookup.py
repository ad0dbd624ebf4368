"""One item or link by its reference."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.lens import Lens
from models.queries.graph import link_row
from models.queries.rows import Row, complete, shown, with_ties
from models.vocabulary import KINDS


def id_of(session: Session, lens: Lens, ref: str, kinds: tuple[str, ...] = KINDS) -> int:
    """The id of an item that this reader sees, for queries that start from it."""
    item = lens.items()
    wanted = select(item.c.id).where(item.c.ref == ref, item.c.kind.in_(kinds))
    found: int | None = lens.read(session, wanted).scalar()
    if found is None:
        raise NotFound(kinds[0] if len(kinds) == 1 else "item", ref)
    return found


def link_id_of(session: Session, lens: Lens, ref: str) -> int:
    """The id of a link that this reader sees."""
    link = lens.links()
    found: int | None = lens.read(session, select(link.c.id).where(link.c.ref == ref)).scalar()
    if found is None:
        raise NotFound("link", ref)
    return found


def ids_of(session: Session, lens: Lens, refs: Sequence[str]) -> list[int]:
    """The ids of some items, in no order; the first that this reader does not see is refused. One statement."""
    item = lens.items()
    wanted = select(item.c.ref, item.c.id).where(item.c.ref.in_(refs))
    found = {row.ref: row.id for row in lens.read(session, wanted)}
    for ref in refs:
        if ref not in found:
            raise NotFound("item", ref)
    return list(found.values())


def find(session: Session, lens: Lens, kind: str, ref: str) -> Row:
    """One item as shown. At most five statements."""
    statement, item = shown(lens, (kind,))
    raw = lens.read(session, statement.where(item.c.ref == ref)).mappings().one_or_none()
    if raw is None:
        raise NotFound(kind, ref)
    return with_ties(session, lens, kind, complete(session, lens, [raw], (kind,)))[0]


def find_link(session: Session, lens: Lens, ref: str) -> Row:
    """One trace link as shown."""
    link = lens.links()
    raw = lens.read(session, select(link).where(link.c.ref == ref)).mappings().one_or_none()
    if raw is None:
        raise NotFound("link", ref)
    return link_row(raw)
