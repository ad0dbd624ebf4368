"""Overrides: texts that look like personal data and were stored all the same, by whose decision and why."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.changes import Recorded


class Override(Recorded, Base):
    """A decision that what was found in a text is no personal data; says where and what sort, never the text."""

    __tablename__ = "override"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    of_ref: Mapped[str] = mapped_column(Text)
    found: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("length(why) BETWEEN 1 AND 1000", name="why_length"),
        CheckConstraint("version >= 1", name="version"),
        Base.__table_args__,
    )
