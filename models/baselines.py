"""A baseline: a point of the record that has a name."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.changes import Recorded


class Baseline(Recorded, Base):
    """A named point of the record; `digest` is the SHA-256 of the canonical export at that point, in hexadecimal."""

    __tablename__ = "baseline"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    seq: Mapped[int]
    digest: Mapped[str] = mapped_column(Text)

    def subject(self) -> tuple[str, str]:
        """The word for every baseline, and its name."""
        return "baseline", self.name

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name_length"),
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("seq >= 0", name="seq"),
        CheckConstraint("version >= 1", name="version"),
        Base.__table_args__,
    )
