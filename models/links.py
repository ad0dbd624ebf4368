"""A link is an edge of the graph: a typed, reasoned tie from one item to another."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKeyConstraint, Index, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Text
from models.changes import Recorded
from models.items import Item, one_of
from models.markings import Marked, marking_checks, restricted_index, unrestricted_index
from models.vocabulary import BASES, FINDINGS, LINK_TYPES, STRENGTHS


class LinkRule(Base):
    """One allowed combination of link type and kinds of its ends; what is not here the database refuses."""

    __tablename__ = "link_rule"

    type: Mapped[str] = mapped_column(Text, primary_key=True)
    source_kind: Mapped[str] = mapped_column(Text, primary_key=True)
    target_kind: Mapped[str] = mapped_column(Text, primary_key=True)


LINK_RULES = [
    {"type": link_type.type, "source_kind": source, "target_kind": target}
    for link_type in LINK_TYPES
    for source, target in link_type.pairs
]


def _end(role: str) -> str:
    """The join from a link to one of its ends, on id and kind together."""
    return f"and_(foreign(Link.{role}_id) == Item.id, foreign(Link.{role}_kind) == Item.kind)"


class Link(Recorded, Marked, Base):
    """An edge: its type, its two ends, on what basis it is held, how strong it is, and who says so.

    `basis` is `stated` where a published page makes the tie and `inferred` where an analyst did. A link without
    dates of its own holds for as long as both of its ends do. `source_content` and `target_content` are what its ends
    said when somebody last looked at the link; `finding` is what that person found.
    """

    __tablename__ = "link"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    type: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int]
    source_kind: Mapped[str] = mapped_column(Text)
    target_id: Mapped[int]
    target_kind: Mapped[str] = mapped_column(Text)
    basis: Mapped[str] = mapped_column(Text)
    strength: Mapped[str | None] = mapped_column(Text)
    rationale: Mapped[str] = mapped_column(Text)
    asserted_by: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int | None]
    owner_kind: Mapped[str | None] = mapped_column(Text)
    effective_from: Mapped[date | None] = mapped_column(Date)
    effective_to: Mapped[date | None] = mapped_column(Date)
    url: Mapped[str | None] = mapped_column(Text)
    locator: Mapped[str | None] = mapped_column(Text)

    source_content: Mapped[str] = mapped_column(Text, server_default="")
    target_content: Mapped[str] = mapped_column(Text, server_default="")
    finding: Mapped[str | None] = mapped_column(Text)
    review_note: Mapped[str | None] = mapped_column(Text)
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[str | None] = mapped_column(Text)

    source: Mapped[Item] = relationship(primaryjoin=_end("source"))
    target: Mapped[Item] = relationship(primaryjoin=_end("target"))
    owner: Mapped[Item | None] = relationship(primaryjoin=_end("owner"), active_history=True)

    def settle(self) -> None:
        """A new link remembers what its ends say: it is valid at birth. What was erased from it stays so."""
        if inspect(self).pending and "source_content" not in vars(self):
            self.remember()

    def remember(self) -> None:
        """Remember what both ends say now, as what the link is true of."""
        self.source_content, self.target_content = self.source.content, self.target.content

    __table_args__ = (
        ForeignKeyConstraint(["source_id", "source_kind"], ["item.id", "item.kind"], name="fk_link_source"),
        ForeignKeyConstraint(["target_id", "target_kind"], ["item.id", "item.kind"], name="fk_link_target"),
        ForeignKeyConstraint(["owner_id", "owner_kind"], ["item.id", "item.kind"], name="fk_link_owner"),
        ForeignKeyConstraint(
            ["type", "source_kind", "target_kind"],
            ["link_rule.type", "link_rule.source_kind", "link_rule.target_kind"],
            name="fk_link_rule",
        ),
        CheckConstraint("source_id <> target_id", name="no_self_link"),
        CheckConstraint("owner_kind = 'body'", name="owner"),
        CheckConstraint("(owner_id IS NULL) = (owner_kind IS NULL)", name="owner_whole"),
        CheckConstraint("type <> 'supersedes' OR source_kind = target_kind", name="supersedes_same_kind"),
        CheckConstraint(one_of("basis", BASES), name="basis"),
        CheckConstraint(one_of("strength", STRENGTHS), name="strength"),
        *marking_checks(),
        CheckConstraint(one_of("finding", FINDINGS), name="finding"),
        CheckConstraint("effective_to > effective_from", name="effective"),
        CheckConstraint("length(ref) BETWEEN 1 AND 300", name="ref_length"),
        CheckConstraint("length(rationale) BETWEEN 1 AND 2000", name="rationale_length"),
        CheckConstraint("version >= 1", name="version"),
        Base.__table_args__,
    )


unrestricted_index("uq_link_active", Link.source_id, Link.type, Link.target_id, where="withdrawn_seq IS NULL")
Index("ix_link_forward", Link.source_id, Link.type, Link.target_id)
Index("ix_link_backward", Link.target_id, Link.type, Link.source_id)
restricted_index("link", Link.id)
