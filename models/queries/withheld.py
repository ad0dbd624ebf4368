"""What is withheld: where a chain goes on for others, told to the roles that the review lets know it alone."""

from sqlalchemy import Integer, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.rows import Row
from models.sight import beyond_sight
from models.vocabulary import PARENTS

WITHHELD_FIELDS = ("of", "type", "kind", "count")
_TYPE_OF_PART = {rule.kind: rule.type for rule in PARENTS}


def may_know(session: Session, lens: Lens, item_id: int, role: str) -> bool:
    """Whether the review of a recommendation lets a role know that its chain lacks something. One statement."""
    item, own = lens.items("stub_item"), lens.details("review", "stub_review")
    wanted = select(own.c.stubs_for).join(item, item.c.parent_id == own.c.id).where(item.c.id == item_id)
    return role in (lens.read(session, wanted).scalar() or "").split()


def withheld(session: Session, lens: Lens, ids: list[int]) -> list[Row]:
    """For items that the reader sees (ids), how many links and parts of each he does not: by type and by kind, no more.

    One statement.
    """
    whole = Lens(as_of=lens.as_of, known_at=lens.known_at, whole=True)
    link, seen_link = whole.links("all_links"), lens.links("seen_links")
    item, part, seen_part = lens.items("stub_of"), whole.items("all_parts"), lens.items("seen_parts")
    far = whole.items("stub_far")
    found = [
        select(item.c.ref.label("of"), link.c.type.label("type"), far.c.kind.label("kind"))
        .join_from(item, link, link.c[near] == item.c.id)
        .join(far, far.c.id == link.c[other])
        .where(item.c.id.in_(ids), ~select(seen_link.c.id).where(seen_link.c.id == link.c.id).exists())
        for near, other in (("source_id", "target_id"), ("target_id", "source_id"))
    ]
    found.append(
        select(item.c.ref.label("of"), literal("").label("type"), part.c.kind.label("kind"))
        .join_from(item, part, part.c.parent_id == item.c.id)
        .where(item.c.id.in_(ids), ~select(seen_part.c.id).where(seen_part.c.id == part.c.id).exists())
    )
    stub = union_all(*found).subquery("stub")
    columns = (stub.c.of, stub.c.type, stub.c.kind)
    counted = select(*columns, cast(func.count(), Integer).label("count")).group_by(*columns).order_by(*columns)
    with beyond_sight(session):
        found_stubs = lens.read(session, counted).mappings().all()
    return [{**dict(raw), "type": raw["type"] or _TYPE_OF_PART[raw["kind"]]} for raw in found_stubs]
