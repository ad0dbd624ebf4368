"""Writing markings: how a new thing is marked, and how a marking is raised, or lowered by two persons."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from models.approvals import Approval
from models.errors import Conflict, Fault, Invalid, NotFound
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.markings import Marking, listed, read_list
from models.queries.sight import ever
from models.reviews import Review
from models.versions import VERSIONS
from models.vocabulary import HANDLINGS
from models.writing.naming import Named, new_ref

Marked = Item | Link


def mark_new(session: Session, lens: Lens, thing: Marked, values: Mapping[str, Any]) -> None:
    """Mark a new thing as is asked for, or as the reviews' setting and its whole say; the writer must still see it.

    A part is marked at least as its whole, so that whoever sees the part sees the whole.
    """
    whole = thing.parent.marking if isinstance(thing, Item) and thing.parent is not None else Marking()
    wanted = _wanted(session, lens, thing, values, Marking(_usual(session, lens, thing)))
    marking = wanted.joined(whole)
    if values.get("handling") and marking.handling != values["handling"]:
        raise Invalid(Fault("/handling", f"must be at least {whole.handling}, as what it belongs to"))
    _refuse_blind(lens, marking)
    thing.mark(marking)


def _usual(session: Session, lens: Lens, thing: Marked) -> str:
    """The handling of what is not marked otherwise: what its review says; under none, the strictest."""
    item = thing.target if isinstance(thing, Link) else thing
    while item.parent is not None:
        item = item.parent
    if isinstance(item, Review) and item.id is not None:
        return item.new_handling or "PUBLIC"
    if isinstance(item, Review) or item.kind == "body":
        return "PUBLIC"
    review, own = lens.items("usual_review"), lens.details("review", "usual_details")
    found = lens.read(session, select(own.c.new_handling).join(review, review.c.id == own.c.id)).scalars()
    return max((word for word in found if word), key=HANDLINGS.index, default="PUBLIC")


def _wanted(session: Session, lens: Lens, thing: Marked, values: Mapping[str, Any], now: Marking) -> Marking:
    """The marking that the values ask for, `now` where they say nothing; the bodies in it must be there."""
    refs = values.get("limited_to")
    if refs is not None:
        if not refs:
            raise Invalid(Fault("/limited_to", "must name a body; leave it out where it is limited to none"))
        named = Named(session, lens, refs)
        for place, ref in enumerate(refs):
            named.at(f"/limited_to/{place}", ref, ("body",))
    wanted = replace(now, handling=values.get("handling") or now.handling)
    if "limited_to" in values:
        wanted = replace(wanted, limited_to=None if refs is None else frozenset(refs))
    if "embargo_until" in values:
        until = values["embargo_until"]
        wanted = replace(wanted, embargo_until=until, until_then=_until_then(lens, thing, now) if until else None)
    return wanted


def _until_then(lens: Lens, thing: Marked, now: Marking) -> frozenset[str]:
    """The bodies that see a thing before its embargo ends: as they were, at first the owner's and the writer's."""
    if now.until_then is not None:
        return now.until_then
    bodies = frozenset(filter(None, (lens.body, thing.owner.ref if thing.owner else None)))
    if not bodies:
        raise Invalid(Fault("/embargo_until", "needs an owner, whose body sees it until then"))
    return bodies


def _refuse_blind(lens: Lens, marking: Marking) -> None:
    """Refuse a marking by which the writer would not see what he has written."""
    if lens.whole or marking.shows_to(lens.clearance, lens.body, lens.values["today_read"]):
        return
    if HANDLINGS.index(marking.handling) > HANDLINGS.index(lens.clearance):
        raise Invalid(Fault("/handling", f"is above what you are cleared for, {lens.clearance}"))
    place = (
        "/limited_to" if marking.limited_to is not None and lens.body not in marking.limited_to else "/embargo_until"
    )
    raise Invalid(Fault(place, "would hide it from your own body"))


def thing_of(session: Session, lens: Lens, kind: str, ref: str) -> Marked:
    """An item or link that the writer sees, or would see had it not been withdrawn."""
    seen, named = ever(lens, kind, ref, "marked")
    found = lens.read(session, select(seen.c.id).where(*named)).scalar()
    if found is None:
        raise NotFound(kind, ref)
    of: Any = Link if kind == "link" else Item
    thing: Marked = session.get_one(of, found)
    return thing


def _standing(session: Session, lens: Lens, kind: str, ref: str) -> Marked:
    """An item or link that the writer sees; what was withdrawn is not released."""
    thing = thing_of(session, lens, kind, ref)
    if thing.withdrawn_seq is not None:
        raise NotFound(kind, ref)
    return thing


def raise_marking(session: Session, lens: Lens, kind: str, ref: str, values: Mapping[str, Any]) -> None:
    """Mark a thing more strictly, withdrawn or not, and its parts with it; to show it to anyone more is a release."""
    thing = thing_of(session, lens, kind, ref)
    wanted = _wanted(session, lens, thing, values, thing.marking)
    if wanted == thing.marking:
        raise Invalid(Fault("/handling", "is marked so already"))
    if not wanted.covers(thing.marking):
        raise Invalid(
            Fault("/handling", "would show it to more readers: ask for a release, which a second person confirms")
        )
    _refuse_blind(lens, wanted)
    if isinstance(thing, Item):
        _raise_parts(session, [thing.id], wanted)
    thing.mark(wanted)
    session.flush()


def _raise_parts(session: Session, wholes: list[int], marking: Marking) -> None:
    """Mark what stands under a thing at least as the thing, the lowest first; seen or not, withdrawn or not."""
    parts = list(session.scalars(select(Item).where(Item.parent_id.in_(wholes)).order_by(Item.id)))
    if not parts:
        return
    for part in parts:
        _raise_parts(session, [part.id], marking.joined(part.marking))
    for part in parts:
        joined = marking.joined(part.marking)
        if joined != part.marking:
            part.mark(joined)
    session.flush()


def ask_release(session: Session, lens: Lens, values: Mapping[str, Any], by: str) -> str:
    """Ask for a lower marking of a thing; a second person has to confirm it. The reference of the approval."""
    if values["kind"] == "body":
        raise Invalid(Fault("/kind", "is always PUBLIC: it cannot be released"))
    thing = _standing(session, lens, values["kind"], values["ref"])
    asked = _wanted(session, lens, thing, values, thing.marking)
    if asked == thing.marking or asked.covers(thing.marking):
        raise Invalid(Fault("/handling", "shows it to nobody more: that is not a release"))
    _refuse_blind(lens, asked)
    _refuse_below_whole(thing, asked)
    _refuse_taken(session, thing, asked)
    return put_down(session, "release", values, asked, by)


def put_down(session: Session, action: str, values: Mapping[str, Any], asked: Marking | None, by: str) -> str:
    """Put down what is asked for, unless the same waits already."""
    kind, ref = values["kind"], values["ref"]
    waits = select(Approval.ref).where(
        Approval.kind == kind, Approval.of_ref == ref, Approval.action == action, Approval.state == "open"
    )
    if (there := session.scalar(waits)) is not None:
        raise Conflict("This waits for a second person already.", ("approval", there))
    approval = Approval(ref=new_ref("approval"), action=action, kind=kind, of_ref=ref, asked_by=by, state="open")
    if asked is not None:
        approval.handling, approval.embargo_until = asked.handling, asked.embargo_until
        approval.limited_to = listed(asked.limited_to)
    session.add(approval)
    session.flush()
    return approval.ref


def _refuse_below_whole(thing: Marked, asked: Marking) -> None:
    """Refuse a part that somebody would see who does not see its whole."""
    if isinstance(thing, Item) and thing.parent is not None and not asked.covers(thing.parent.marking):
        raise Invalid(Fault("/handling", f"must be at least as what it belongs to, {thing.parent.marking.handling}"))


def _refuse_taken(session: Session, thing: Marked, asked: Marking) -> None:
    """Refuse a marking by which everybody who sees the thing sees that something else has its name already."""
    for other in session.scalars(_namesakes(thing)):
        if asked.covers(other.marking):
            raise Conflict("Something that its readers see has its number, external id or ends.", other.subject())


def _namesakes(thing: Marked) -> Select[Any]:
    """The things that have the number, the external id or the ends of a thing, hidden or not."""
    if isinstance(thing, Link):
        ends = (Link.source_id == thing.source_id, Link.type == thing.type, Link.target_id == thing.target_id)
        return select(Link).where(*ends, Link.withdrawn_seq.is_(None), Link.id != thing.id).order_by(Link.id)
    owner = Item.owner_id == thing.owner_id if thing.owner_id else Item.owner_id.is_(None)
    named = [owner & (Item.external_id == thing.external_id)]
    if thing.number is not None:
        named.append((Item.parent_id == thing.parent_id) & (Item.kind == thing.kind) & (Item.number == thing.number))
    return select(Item).where(or_(*named), Item.id != thing.id).order_by(Item.id)


def approval_of(session: Session, ref: str) -> Approval:
    """An approval."""
    found = session.scalars(select(Approval).where(Approval.ref == ref)).one_or_none()
    if found is None:
        raise NotFound("approval", ref)
    return found


def confirm_release(session: Session, lens: Lens, approval: Approval, by: str) -> None:
    """Lower a marking, as a second person; refused if it was raised or withdrawn in the meantime."""
    thing = _standing(session, lens, approval.kind, approval.of_ref)
    if approval.state == "open" and thing.marking != _marking_at(session, thing, approval.created_seq):
        raise Conflict(
            "Its marking has changed since this was asked for: decline it, and ask anew.", approval.subject()
        )
    limited = read_list(approval.limited_to)
    then = thing.marking.until_then if approval.embargo_until is not None else None
    asked = Marking(approval.handling or "PUBLIC", limited, approval.embargo_until, then)
    _refuse_below_whole(thing, asked)
    _refuse_taken(session, thing, asked)
    approval.decide("confirmed", by)
    approval.applied_version = thing.version + 1
    session.flush()
    thing.mark(asked)
    session.flush()


def _marking_at(session: Session, thing: Marked, seq: int) -> Marking:
    """How a thing was marked after a change of the record."""
    version = VERSIONS["link" if isinstance(thing, Link) else "item"].c
    stood = (version.id == thing.id, version.from_seq <= seq, version.until_seq > seq)
    columns = (version.handling, version.limited_to, version.embargo_until, version.embargo_bodies)
    handling, limited, until, bodies = session.execute(select(*columns).where(*stood)).one()
    return Marking(handling, read_list(limited), until, read_list(bodies))


def decline(session: Session, approval: Approval, by: str) -> None:
    """Decline what was asked for, or take it back."""
    approval.decide("declined", by)
    session.flush()
