"""A recommendation, word for word, and the clauses of it that can be met or not by themselves."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.items import Item, one_of
from models.vocabulary import CATEGORIES


class Recommendation(Item):
    """A sentence of a review that asks somebody to do something; the text is as published."""

    __tablename__ = "recommendation"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    category: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "recommendation"}
    __table_args__ = (
        CheckConstraint(one_of("category", CATEGORIES), name="category"),
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

    __mapper_args__ = {"polymorphic_identity": "clause"}
    __table_args__ = (
        CheckConstraint("span_start >= 0 AND span_end > span_start", name="span"),
        Base.__table_args__,
    )
