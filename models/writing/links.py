"""Writing links: add one, change one, withdraw one, look at one again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.changes import moment
from models.errors import Conflict, Fault, Invalid
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.markings import MARKING_FIELDS
from models.queries.lookup import link_id_of
from models.vocabulary import KINDS, LINK_TYPES, LinkType
from models.writing.markings import mark_new
from models.writing.naming import Named, new_ref, refs_in

_TYPES = {link_type.type: link_type for link_type in LINK_TYPES}


def add_link(session: Session, lens: Lens, values: Mapping[str, Any], by: str) -> str:
    """Add a link between two items; its reference. Without `asserted_by` it is the writer (`by`) who says so."""
    named = Named(session, lens, refs_in(values, ("source", "target", "owner")))
    source, target = (named.at(f"/{end}", values[end], KINDS) for end in ("source", "target"))
    _refuse_other_kinds(_TYPES[values["type"]], source, target)
    _refuse_a_second(session, lens, values["type"], source, target)
    if _TYPES[values["type"]].acyclic:
        _refuse_a_circle(session, lens, values["type"], source, target)
    owner = named.at("/owner", values["owner"], ("body",)) if values.get("owner") else None
    plain = {name: value for name, value in values.items() if name not in MARKING_FIELDS}
    said = {"asserted_by": values.get("asserted_by") or by, "source": source, "target": target, "owner": owner}
    with session.no_autoflush:
        link = Link(ref=new_ref("link"), **{**plain, **said})
        mark_new(session, lens, link, values)
    _refuse_faults(link)
    session.add(link)
    session.flush()
    return link.ref


def amend_link(session: Session, lens: Lens, ref: str, values: Mapping[str, Any]) -> None:
    """Change what is said of a link; its type and its ends never change."""
    link = session.get_one(Link, link_id_of(session, lens, ref))
    for name, value in values.items():
        setattr(link, name, value)
    _refuse_faults(link)
    session.flush()


def withdraw_link(session: Session, lens: Lens, ref: str) -> None:
    """Withdraw a link."""
    session.get_one(Link, link_id_of(session, lens, ref)).withdraw()
    session.flush()


def review_link(session: Session, lens: Lens, ref: str, values: Mapping[str, Any], by: str) -> None:
    """Record what somebody found who looked at a link and both of its ends again; found valid, it is not suspect."""
    link = session.get_one(Link, link_id_of(session, lens, ref))
    link.remember()
    link.finding, link.review_note = values["finding"], values["note"]
    link.reviewed_by, link.reviewed_at = by, moment()
    session.flush()


def _refuse_faults(link: Link) -> None:
    """Refuse dates that contradict each other."""
    begins, ends = link.effective_from, link.effective_to
    if begins is not None and ends is not None and ends <= begins:
        raise Invalid(Fault("/effective_to", "must be later than effective_from"))


def _refuse_other_kinds(link_type: LinkType, source: Item, target: Item) -> None:
    """Refuse ends that a link of this type may not join."""
    if source.id == target.id:
        raise Invalid(Fault("/target", "is the source itself"))
    pairs = [pair for pair in link_type.pairs if link_type.type != "supersedes" or source.kind == target.kind]
    if (source.kind, target.kind) not in pairs:
        there = ", ".join(f"{one} to {other}" for one, other in link_type.pairs)
        raise Invalid(
            Fault("/type", f"'{link_type.type}' does not join {source.kind} to {target.kind}; it joins: {there}")
        )


def _refuse_a_second(session: Session, lens: Lens, type_: str, source: Item, target: Item) -> None:
    """Refuse a second link of a type between the same ends."""
    link = lens.links()
    same = select(link.c.ref).where(link.c.source_id == source.id, link.c.type == type_, link.c.target_id == target.id)
    there = lens.read(session, same).scalar()
    if there is not None:
        raise Conflict("There is such a link between the two already.", ("link", there))


def _refuse_a_circle(session: Session, lens: Lens, type_: str, source: Item, target: Item) -> None:
    """Refuse a link by which something would rest on itself, as far as the writer sees.

    A circle through a link that is hidden from him is let be: refusing it would tell of that link.
    """
    first, onward = lens.links("circle_first"), lens.links("circle_onward")
    begun = select(first.c.target_id.label("id")).where(first.c.source_id == target.id, first.c.type == type_)
    reached = begun.cte("reached", recursive=True)
    further = select(onward.c.target_id).join(reached, onward.c.source_id == reached.c.id)
    reached = reached.union(further.where(onward.c.type == type_))
    if lens.read(session, select(reached.c.id).where(reached.c.id == source.id)).scalar() is not None:
        raise Conflict(f"It would close a circle: '{target.ref}' already leads to '{source.ref}' by '{type_}'.")
