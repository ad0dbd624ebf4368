"""Evidence: one statement, of one kind, from one place."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.items import Item, one_of
from models.vocabulary import EVIDENCE_KINDS


class Evidence(Item):
    """A statement that can bear on a recommendation; where it stands and how sure that is are on the item."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    evidence_kind: Mapped[str] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "evidence"}
    __table_args__ = (
        CheckConstraint(one_of("evidence_kind", EVIDENCE_KINDS), name="evidence_kind"),
        Base.__table_args__,
    )
