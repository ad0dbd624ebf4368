"""A review: what an inspectorate looked into, and published."""

from datetime import date

from sqlalchemy import Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.items import Item


class Review(Item):
    """A published review; its publishers are bodies, its recommendations stand under it."""

    __tablename__ = "review"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    published_on: Mapped[date] = mapped_column(Date)

    __mapper_args__ = {"polymorphic_identity": "review"}
    __table_args__ = (Base.__table_args__,)
