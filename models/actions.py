"""The action plan: actions, their due dates with every revision, and the progress reported on them."""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Text
from models.errors import Fault, Invalid
from models.items import Item, one_of
from models.vocabulary import CLAIMED_STATUSES


class Action(Item):
    """Something that a body does or is to do; the body is its owner, its status comes from its progress."""

    __tablename__ = "action"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)

    due_dates: Mapped[list["DueDate"]] = relationship(order_by="DueDate.number", cascade="all, delete-orphan")

    def fall_due(self, day: date | None, note: str | None, *, taken_away: bool = False) -> None:
        """Give it a due date: the first, or a revision, which needs its reason; the earlier ones stay."""
        latest = self.due_dates[-1].due_on if self.due_dates else None
        if day is None and taken_away and latest is not None:
            raise Invalid(Fault("/due_on", "a due date is revised, not taken away"))
        if day in {None, latest}:
            if note:
                raise Invalid(Fault("/due_note", "goes with a due date other than the one in force"))
            return
        if latest is not None and not note:
            raise Invalid(Fault("/due_note", "is needed: why is the due date revised?"))
        self.due_dates.append(DueDate(number=len(self.due_dates) + 1, due_on=day, note=note))

    __mapper_args__ = {"polymorphic_identity": "action"}
    __table_args__ = (Base.__table_args__,)


class DueDate(Base):
    """A due date of an action: number 1 is the original, each later one a revision with its reason."""

    __tablename__ = "due_date"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("number = 1 OR note IS NOT NULL", name="revision_has_reason"),
        Base.__table_args__,
    )

    def recorded(self) -> dict[str, Any]:
        """How the due date stands in the record of its action."""
        return {"number": self.number, "due_on": self.due_on.isoformat(), "note": self.note}

    def place(self) -> int:
        """Its place among the due dates of the action."""
        return self.number


class Progress(Item):
    """What was done on an action; the claimed status is NULL where the publication claims none."""

    __tablename__ = "progress"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    claimed_status: Mapped[str | None] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)

    __mapper_args__ = {"polymorphic_identity": "progress"}
    __table_args__ = (
        CheckConstraint(one_of("claimed_status", CLAIMED_STATUSES), name="claimed_status"),
        Base.__table_args__,
    )
