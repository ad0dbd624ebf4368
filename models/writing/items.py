"""Writing items: add one, change one, withdraw one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, literal, or_, select, union
from sqlalchemy.orm import Session

from models.actions import Action, Due
from models.changes import today
from models.errors import Conflict, Fault, Invalid
from models.items import Involvement, Item
from models.lens import Lens
from models.links import Link
from models.markings import MARKING_FIELDS, listed
from models.nouns import NOUNS
from models.periods import span_of
from models.queries.lookup import id_of
from models.queries.rows import NUMBERED, PARENT_FIELDS, ROLE_FIELDS
from models.reviews import Review
from models.vocabulary import PARENTS
from models.writing.markings import mark_new
from models.writing.naming import Named, new_ref, refs_in

# How many of the things that stand in the way of a withdrawal are named.
_MOST_NAMED = 20
MOST_NUMBER = 2**31 - 1


def add_item(session: Session, lens: Lens, kind: str, values: Mapping[str, Any]) -> str:
    """Add an item of a kind; its reference. Parent, owner and bodies are named by reference."""
    ref = new_ref(kind)
    named = Named(session, lens, refs_in(values, (PARENT_FIELDS.get(kind, ""), "owner", *_roles(kind))))
    item = NOUNS[kind](ref=ref, external_id=values.get("external_id") or ref)
    if kind in PARENT_FIELDS:
        field = PARENT_FIELDS[kind]
        item.parent = named.at(f"/{field}", values[field], tuple(p.parent_kind for p in PARENTS if p.kind == kind))
    with session.no_autoflush:
        _set(item, values, named)
        if kind in NUMBERED:
            item.number = _number(session, lens, item, values.get("number"))
        _refuse_taken_id(session, lens, item)
        mark_new(session, lens, item, values)
    session.add(item)
    session.flush()
    return ref


def amend_item(session: Session, lens: Lens, kind: str, ref: str, values: Mapping[str, Any]) -> None:
    """Change fields of an item: those that are there, to what they say; a null empties the field."""
    item = session.get_one(NOUNS[kind], id_of(session, lens, ref, (kind,)))
    named = Named(session, lens, refs_in(values, ("owner", *_roles(kind))))
    had = item.owner
    with session.no_autoflush:
        _set(item, values, named)
        if item.owner is not had:
            _refuse_taken_id(session, lens, item)
    session.flush()


def withdraw_item(session: Session, lens: Lens, kind: str, ref: str) -> None:
    """Withdraw an item; refused while anything stands on it that the writer sees, and what he does not see goes too."""
    item_id = id_of(session, lens, ref, (kind,))
    standing = _standing_on(session, lens, item_id)
    if standing:
        names = ", ".join(f"{kind} {ref}" for kind, ref in standing)
        raise Conflict(f"Withdraw first what stands on it: {names}.", *standing)
    _withdraw_hidden(session, item_id)
    session.get_one(Item, item_id).withdraw()
    session.flush()


def _withdraw_hidden(session: Session, item_id: int) -> None:
    """Withdraw what stands on an item unseen: nothing may tell its writer of it, and nothing may be left hanging."""
    ends = (Link.source_id == item_id) | (Link.target_id == item_id)
    for link in session.scalars(select(Link).where(ends, Link.withdrawn_seq.is_(None)).order_by(Link.id)).all():
        link.withdraw()
    parts = select(Item).where(Item.parent_id == item_id, Item.withdrawn_seq.is_(None)).order_by(Item.id)
    for part in session.scalars(parts).all():
        _withdraw_hidden(session, part.id)
        part.withdraw()
    session.flush()


def _roles(kind: str) -> tuple[str, ...]:
    """The fields of a kind that name bodies with a part in it."""
    return tuple(field for (of, _role), field in ROLE_FIELDS.items() if of == kind)


def _set(item: Item, values: Mapping[str, Any], named: Named) -> None:
    """Put values on an item; refused where the item then breaks a rule of its own."""
    columns = set(type(item).__mapper__.columns.keys()) - {"number", "external_id", "stubs_for", *MARKING_FIELDS}
    for name in values.keys() & columns:
        setattr(item, name, values[name])
    if isinstance(item, Review) and "stubs_for" in values:
        item.stubs_for = listed(values["stubs_for"]) or None
    if "period" in values:
        item.period_from, item.period_to = span_of(values["period"]) if values["period"] else (None, None)
    if "owner" in values:
        item.owner = named.at("/owner", values["owner"], ("body",)) if values["owner"] else None
        if item.owner is item:
            raise Invalid(Fault("/owner", "is the body itself"))
    _set_bodies(item, values, named)
    if isinstance(item, Action):
        item.fall_due(_due(named.session, values), taken_away="due_on" in values)
    faults = list(item.faults())
    if faults:
        raise Invalid(*faults)


def _due(session: Session, values: Mapping[str, Any]) -> Due:
    """The due date that the values ask for, set today by whoever writes."""
    by = session.info["author"]["principal"]
    return Due(values.get("due_on"), values.get("due_note"), values.get("due_delay"), today(), by)


def _set_bodies(item: Item, values: Mapping[str, Any], named: Named) -> None:
    """Give bodies the parts that the values say, in that order; parts of which they say nothing stay."""
    roles = {role: field for (kind, role), field in ROLE_FIELDS.items() if kind == item.kind}
    had = {role: [part.body for part in item.bodies if part.role == role] for role in roles}
    has = dict(had)
    for role, field in roles.items():
        if field in values:
            refs = refs_in(values, (field,))
            if len(set(refs)) < len(refs):
                raise Invalid(Fault(f"/{field}", "names a body twice"))
            has[role] = [named.at(_place(values, field, place), ref, ("body",)) for place, ref in enumerate(refs)]
    if has != had:
        parts = [(role, body) for role, bodies in has.items() for body in bodies]
        item.bodies = [
            Involvement(role=role, body=body, position=position) for position, (role, body) in enumerate(parts, start=1)
        ]


def _place(values: Mapping[str, Any], field: str, place: int) -> str:
    """The JSON pointer of a reference in a field that holds one or a list."""
    return f"/{field}/{place}" if isinstance(values[field], list) else f"/{field}"


def _number(session: Session, lens: Lens, item: Item, wanted: int | None) -> int:
    """The number under the parent: the one that is wanted if it is free of what the writer sees, otherwise the next."""
    seen = lens.every_item("numbered")
    parent = seen.c.parent_id == item.parent.id if item.parent else seen.c.parent_id.is_(None)
    same = (parent, seen.c.kind == item.kind)
    if wanted is None:
        newest = lens.read(session, select(func.max(seen.c.number)).where(*same)).scalar() or 0
        if newest >= MOST_NUMBER:
            raise Conflict(f"No number follows {newest}: give one that is free.")
        return int(newest) + 1
    taken = lens.read(session, select(seen.c.ref).where(*same, seen.c.number == wanted)).scalar()
    if taken is not None:
        raise Conflict(f"Number {wanted} is taken.", (item.kind, taken))
    return wanted


def _refuse_taken_id(session: Session, lens: Lens, item: Item) -> None:
    """Refuse an external id that the owner has given to something else that the writer sees, withdrawn or not."""
    seen = lens.every_item("taken")
    owner = seen.c.owner_id == item.owner.id if item.owner else seen.c.owner_id.is_(None)
    same = select(seen.c.kind, seen.c.ref).where(seen.c.external_id == item.external_id, owner, seen.c.ref != item.ref)
    taken = lens.read(session, same.order_by(seen.c.id)).first()
    if taken is not None:
        raise Conflict(
            f"The owner has given the external id '{item.external_id}' to something.", (taken.kind, taken.ref)
        )


def _standing_on(session: Session, lens: Lens, item_id: int) -> list[tuple[str, str]]:
    """What would be left hanging without an item: links at either end, what stands under it, what a body owns."""
    link, item, part, whole = lens.links(), lens.items(), lens.involvements(), lens.items("whole")
    found = union(
        select(literal("link").label("kind"), link.c.ref).where(
            or_(link.c.source_id == item_id, link.c.target_id == item_id)
        ),
        select(item.c.kind, item.c.ref).where(or_(item.c.parent_id == item_id, item.c.owner_id == item_id)),
        select(whole.c.kind, whole.c.ref)
        .join_from(part, whole, whole.c.id == part.c.item_id)
        .where(part.c.body_id == item_id),
    ).limit(_MOST_NAMED)
    return [(row.kind, row.ref) for row in lens.read(session, found)]
