"""A body: an organisation, or a group of them that a text names as one."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.items import Item


class Body(Item):
    """A publisher, an owner, a lead, a partner or a giver of verdicts; never a person."""

    __tablename__ = "body"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    is_group: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"polymorphic_identity": "body"}
    __table_args__ = (Base.__table_args__,)
