"""Approvals: what needs a second person, asked for by one, and confirmed or declined by another."""

from datetime import date

from sqlalchemy import CheckConstraint, Date
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.changes import Recorded
from models.errors import Conflict
from models.items import one_of
from models.vocabulary import APPROVAL_STATES, APPROVED_ACTIONS, HANDLINGS


class Approval(Recorded, Base):
    """What somebody asked for, to release a thing (lower its marking) or to erase its texts, and what became of it.

    `applied_version` is the version of the thing that came of it: the database lowers no marking without one, and
    erases nothing. `erased` is the digest of the changes as they stand since their texts were erased.
    """

    __tablename__ = "approval"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    action: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    of_ref: Mapped[str] = mapped_column(Text)
    handling: Mapped[str | None] = mapped_column(Text)
    limited_to: Mapped[str | None] = mapped_column(Text)
    embargo_until: Mapped[date | None] = mapped_column(Date)
    asked_by: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(Text)
    applied_version: Mapped[int | None]
    erased: Mapped[str | None] = mapped_column(Text)

    def decide(self, state: str, by: str) -> None:
        """Confirm or decline it."""
        if self.state != "open":
            raise Conflict(f"It is {self.state} already.", self.subject())
        if state == "confirmed" and by == self.asked_by:
            raise Conflict("Whoever asked for it cannot confirm it: a second person has to.", self.subject())
        self.state, self.decided_by = state, by

    __table_args__ = (
        CheckConstraint(one_of("action", APPROVED_ACTIONS), name="action"),
        CheckConstraint(one_of("state", APPROVAL_STATES), name="state"),
        CheckConstraint(one_of("handling", HANDLINGS), name="handling"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided"),
        CheckConstraint("state <> 'confirmed' OR decided_by <> asked_by", name="second"),
        CheckConstraint("(erased IS NOT NULL) = (action = 'redact' AND state = 'confirmed')", name="erased"),
        CheckConstraint("version >= 1", name="version"),
        Base.__table_args__,
    )
