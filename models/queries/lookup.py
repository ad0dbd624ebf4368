"""One item or link by its reference."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, String, bindparam, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.graph import link_row, links_shown
from models.queries.rows import Row, complete, shown, with_ties
from models.several import one_of
from models.vocabulary import KINDS

# What a statement for one thing is given when it is run.
_REF = bindparam("ref", type_=String)


@kept(STATEMENTS)
def _id(lens: Lens, kinds: tuple[str, ...]) -> Select[Any]:
    """The id of an item of these kinds."""
    item = lens.items()
    return select(item.c.id).where(item.c.ref == _REF, one_of(item.c.kind, kinds))


@kept(STATEMENTS)
def _item(lens: Lens, kind: str) -> Select[Any]:
    """One item of a kind with all its columns."""
    statement, item = shown(lens, (kind,))
    return statement.where(item.c.ref == _REF)


@kept(STATEMENTS)
def _link(lens: Lens) -> Select[Any]:
    """One trace link with all its columns."""
    statement, link = links_shown(lens)
    return statement.where(link.c.ref == _REF)


def id_of(session: Session, lens: Lens, ref: str, kinds: tuple[str, ...] = KINDS) -> int:
    """The id of an item that this reader sees, for queries that start from it."""
    found: int | None = lens.read(session, _id(lens, kinds), ref=ref).scalar()
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
    raw = lens.read(session, _item(lens, kind), ref=ref).mappings().one_or_none()
    if raw is None:
        raise NotFound(kind, ref)
    return with_ties(session, lens, kind, complete(session, lens, [raw], (kind,)))[0]


def find_link(session: Session, lens: Lens, ref: str) -> Row:
    """One trace link as shown."""
    raw = lens.read(session, _link(lens), ref=ref).mappings().one_or_none()
    if raw is None:
        raise NotFound("link", ref)
    return link_row(raw)
