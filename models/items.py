"""An item is a node of the graph: what every kind of thing has, whatever it is."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Text
from models.changes import Recorded
from models.errors import Fault
from models.markings import Marked, marking_checks, restricted_index, unrestricted_index
from models.verifier import canonical
from models.vocabulary import CONFIDENCES, CONTENT_FIELDS, KINDS, PARENTS, PUBLICATION_TYPES, ROLES


def one_of(column: str, words: tuple[str, ...]) -> str:
    """The SQL of a check that a column holds one of these words (or NULL)."""
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _parent_rule() -> str:
    """The SQL of the check that each kind stands under a parent of the right kind, and the others under none."""
    pairs = " OR ".join(
        f"(kind = '{rule.kind}' AND COALESCE(parent_kind, '') = '{rule.parent_kind}')" for rule in PARENTS
    )
    children = tuple(sorted({rule.kind for rule in PARENTS}))
    return f"{pairs} OR (NOT {one_of('kind', children)} AND parent_kind IS NULL)"


def _role_rule() -> str:
    """The SQL of the check that a body has only such roles as an item of this kind knows."""
    return " OR ".join(f"(role = '{rule.role}' AND item_kind = '{rule.kind}')" for rule in ROLES)


def content_of(values: Mapping[str, Any]) -> str:
    """The fingerprint of what an item says in the fields of its content: SHA-256, the first 128 bits in hex."""
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}
    return hashlib.sha256(canonical(told).encode()).hexdigest()[:32]


def _joins(role: str) -> str:
    """The join from an item to its parent or owner, on id and kind together."""
    return f"and_(foreign(Item.{role}_id) == remote(Item.id), foreign(Item.{role}_kind) == remote(Item.kind))"


class Item(Recorded, Marked, Base):
    """A node: a reference, a title, where it was published, when it was so, and whose it is.

    `content` is a fingerprint of what it says, by which the links to it know whether that has changed.
    `period` is the date or ISO 8601 interval as published, `period_from` and `period_to` its first and last day;
    `effective_from` and `effective_to` (end exclusive) say from when until when it was so. An item without
    `effective_from` is undated: no answer for a date contains it, and each such answer counts what it left out.
    """

    __tablename__ = "item"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    external_id: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    parent_id: Mapped[int | None]
    parent_kind: Mapped[str | None] = mapped_column(Text)
    number: Mapped[int | None]
    owner_id: Mapped[int | None] = mapped_column(index=True)
    owner_kind: Mapped[str | None] = mapped_column(Text)
    effective_from: Mapped[date | None] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    effective_note: Mapped[str | None] = mapped_column(Text)
    period: Mapped[str | None] = mapped_column(Text)
    period_from: Mapped[date | None] = mapped_column(Date)
    period_to: Mapped[date | None] = mapped_column(Date)
    period_note: Mapped[str | None] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    locator: Mapped[str | None] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    publication_type: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[str | None] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text, server_default="")

    parent: Mapped["Item | None"] = relationship(primaryjoin=_joins("parent"))
    owner: Mapped["Item | None"] = relationship(primaryjoin=_joins("owner"), active_history=True)
    bodies: Mapped[list["Involvement"]] = relationship(
        primaryjoin="and_(Item.id == Involvement.item_id, Item.kind == Involvement.item_kind)",
        order_by="Involvement.position",
        cascade="all, delete-orphan",
    )

    def faults(self) -> Iterator[Fault]:
        """What is wrong with its fields, by the rules that every kind has."""
        if self.effective_to is not None and (self.effective_from is None or self.effective_to <= self.effective_from):
            yield Fault("/effective_to", "must be later than effective_from, which it needs")

    def subject(self) -> tuple[str, str]:
        """Its kind and reference."""
        return self.kind, self.ref

    def settle(self) -> None:
        """Work out the fingerprint of the fields by which it is what it says."""
        self.content = content_of({name: getattr(self, name) for name in CONTENT_FIELDS[self.kind]})

    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__: Any = (
        UniqueConstraint("id", "kind"),
        ForeignKeyConstraint(["parent_id", "parent_kind"], ["item.id", "item.kind"], name="fk_item_parent"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(_parent_rule(), name="parent"),
        CheckConstraint("(parent_id IS NULL) = (parent_kind IS NULL)", name="parent_whole"),
        ForeignKeyConstraint(["owner_id", "owner_kind"], ["item.id", "item.kind"], name="fk_item_owner"),
        CheckConstraint("(owner_id IS NULL) = (owner_kind IS NULL)", name="owner_whole"),
        CheckConstraint("owner_kind = 'body'", name="owner"),
        *marking_checks(),
        CheckConstraint(one_of("publication_type", PUBLICATION_TYPES), name="publication_type"),
        CheckConstraint(one_of("confidence", CONFIDENCES), name="confidence"),
        CheckConstraint("effective_to > effective_from", name="effective"),
        CheckConstraint("period_to >= period_from", name="period"),
        CheckConstraint("length(ref) BETWEEN 1 AND 120", name="ref_length"),
        CheckConstraint("length(title) BETWEEN 1 AND 500", name="title_length"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_item_kind", "kind", "id"),
        Index("ix_item_parent", "parent_id", "kind", "number"),
        Index("ix_item_external_id", "external_id"),
        Base.__table_args__,
    )


unrestricted_index("uq_item_external_id", func.coalesce(Item.owner_id, 0), Item.external_id)
unrestricted_index("uq_item_number", Item.parent_id, Item.kind, Item.number)
restricted_index("item", Item.id)


class Involvement(Base):
    """A body's part in an item: publisher of a review, lead or partner of a recommendation, giver of a verdict."""

    __tablename__ = "involvement"

    item_id: Mapped[int] = mapped_column(primary_key=True)
    item_kind: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text, primary_key=True)
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"), primary_key=True, index=True)
    position: Mapped[int]

    body: Mapped["Item"] = relationship(foreign_keys=body_id, primaryjoin="Involvement.body_id == Item.id")

    def recorded(self) -> dict[str, str]:
        """How the part stands in the record of the item."""
        return {"role": self.role, "body": self.body.ref}

    def place(self) -> int:
        """Its place among the parts of the item."""
        return self.position

    __table_args__ = (
        ForeignKeyConstraint(["item_id", "item_kind"], ["item.id", "item.kind"], name="fk_involvement_item"),
        CheckConstraint(_role_rule(), name="role"),
        Base.__table_args__,
    )
    # The record takes away what is no more before it writes what is new.
    __mapper_args__ = {"confirm_deleted_rows": False}


_LEAD = Involvement.role == "lead"
Index("uq_involvement_lead", Involvement.item_id, unique=True, sqlite_where=_LEAD, postgresql_where=_LEAD)
