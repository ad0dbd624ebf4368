"""A source: a piece of fieldwork, or a publication that evidence was drawn from."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.items import Item, one_of
from models.vocabulary import METHODS, SOURCE_CLASSES


class Source(Item):
    """Where evidence comes from; `method` is NULL where the publication does not say how it was done.

    `sample` is the size as published ("more than 500"), `sample_size` the number in it, counted in `population`.
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    source_class: Mapped[str] = mapped_column(Text)
    method: Mapped[str | None] = mapped_column(Text)
    population: Mapped[str | None] = mapped_column(Text)
    sample: Mapped[str | None] = mapped_column(Text)
    sample_size: Mapped[int | None]
    statement: Mapped[str | None] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "source"}
    __table_args__ = (
        CheckConstraint(one_of("source_class", SOURCE_CLASSES), name="source_class"),
        CheckConstraint(one_of("method", METHODS), name="method"),
        CheckConstraint("sample_size >= 0", name="sample_size"),
        Base.__table_args__,
    )
