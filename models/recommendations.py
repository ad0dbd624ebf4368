"""A recommendation, word for word, and the clauses of it that can be met or not by themselves."""

from collections.abc import Iterator

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, validates

from models.base import Base, Text
from models.errors import Conflict, Fault
from models.items import Item, one_of
from models.vocabulary import CATEGORIES, ROLL_UPS


class Recommendation(Item):
    """A sentence of a review that asks somebody to do something; the text is as published.

    `roll_up` says which of the bodies that are asked must have done their part; without it, all.
    """

    __tablename__ = "recommendation"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    roll_up: Mapped[str | None] = mapped_column(Text)

    @validates("text")
    def _keep_text(self, _name: str, text: str) -> str:
        """Refuse another text than the one that was published."""
        if self.text not in {None, text}:
            raise Conflict(
                "Published text never changes: add a recommendation that supersedes this one.", self.subject()
            )
        return text

    __mapper_args__ = {"polymorphic_identity": "recommendation"}
    __table_args__ = (
        CheckConstraint(one_of("category", CATEGORIES), name="category"),
        CheckConstraint(one_of("roll_up", ROLL_UPS), name="roll_up"),
        CheckConstraint("length(short_name) BETWEEN 1 AND 16", name="short_name_length"),
        CheckConstraint("length(text) BETWEEN 1 AND 10000", name="text_length"),
        Base.__table_args__,
    )


class Clause(Item):
    """A span of its recommendation's text: first character and the one after the last, in code points from 0."""

    __tablename__ = "clause"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    span_start: Mapped[int]
    span_end: Mapped[int]

    def faults(self) -> Iterator[Fault]:
        """What is wrong with its span."""
        yield from super().faults()
        if self.span_end <= self.span_start:
            yield Fault("/span_end", "must be greater than span_start")
        elif isinstance(self.parent, Recommendation) and self.span_end > len(self.parent.text):
            yield Fault("/span_end", f"is beyond the end of the text, which has {len(self.parent.text)} characters")

    __mapper_args__ = {"polymorphic_identity": "clause"}
    __table_args__ = (
        CheckConstraint("span_start >= 0 AND span_end > span_start", name="span"),
        Base.__table_args__,
    )
