"""A review: what an inspectorate looked into, and published."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.items import Item, one_of
from models.vocabulary import HANDLINGS


class Review(Item):
    """A published review; its publishers are bodies, its recommendations stand under it.

    `new_handling` is the handling of what is added under it and not marked otherwise (NULL: PUBLIC). `stubs_for` are
    the roles that are told, in its chains, that something is withheld from them (NULL: nobody is).
    """

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    published_on: Mapped[date] = mapped_column(Date)
    new_handling: Mapped[str | None] = mapped_column(Text)
    stubs_for: Mapped[str | None] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "review"}
    __table_args__ = (CheckConstraint(one_of("new_handling", HANDLINGS), name="new_handling"), Base.__table_args__)
