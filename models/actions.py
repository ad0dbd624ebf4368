"""The action plan: actions, their due dates with every revision, and the progress reported on them."""

from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Text
from models.errors import Fault, Invalid
from models.items import Item, one_of
from models.vocabulary import CLAIMED_STATUSES, DELAYS


class Due(NamedTuple):
    """A due date as it is given: the day, the reason in words and sorted, on which day and by whom it was set."""

    due_on: date | None = None
    note: str | None = None
    delay: str | None = None
    set_on: date | None = None
    set_by: str | None = None


class Action(Item):
    """Something that a body does or is to do; the body is its owner, its status comes from its progress."""

    __tablename__ = "action"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)

    due_dates: Mapped[list["DueDate"]] = relationship(order_by="DueDate.number", cascade="all, delete-orphan")

    def fall_due(self, due: Due, *, taken_away: bool = False) -> None:
        """Give it a due date: the first, or a revision, which needs its reason; the earlier ones stay."""
        day, note = due.due_on, due.note
        latest = self.due_dates[-1].due_on if self.due_dates else None
        if day is None and taken_away and latest is not None:
            raise Invalid(Fault("/due_on", "a due date is revised, not taken away"))
        if day in {None, latest}:
            for field, told in (("due_note", note), ("due_delay", due.delay)):
                if told:
                    raise Invalid(Fault(f"/{field}", "goes with a due date other than the one in force"))
            return
        if latest is not None and not note:
            raise Invalid(Fault("/due_note", "is needed: why is the due date revised?"))
        if latest is None and due.delay:
            raise Invalid(Fault("/due_delay", "goes with a revision; this is the first due date"))
        number = len(self.due_dates) + 1
        self.due_dates.append(DueDate(number=number, **due._asdict()))

    __mapper_args__ = {"polymorphic_identity": "action"}
    __table_args__ = (Base.__table_args__,)


class DueDate(Base):
    """A due date of an action: number 1 is the original, each later one a revision with its reason.

    `delay` sorts the reason; `set_on` and `set_by` say when and by whom it was set. What was published without them
    has none.
    """

    __tablename__ = "due_date"

    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    due_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    delay: Mapped[str | None] = mapped_column(Text)
    set_on: Mapped[date | None] = mapped_column(Date)
    set_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint(one_of("delay", DELAYS), name="delay"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("number = 1 OR note IS NOT NULL", name="revision_has_reason"),
        Index("ix_due_date_due_on", "due_on", "action_id", "number"),
        Base.__table_args__,
    )

    def recorded(self) -> dict[str, Any]:
        """How the due date stands in the record of its action."""
        told = {"delay": self.delay, "set_on": self.set_on and self.set_on.isoformat(), "set_by": self.set_by}
        known = {name: value for name, value in told.items() if value is not None}
        return {"number": self.number, "due_on": self.due_on.isoformat(), "note": self.note, **known}

    def place(self) -> int:
        """Its place among the due dates of the action."""
        return self.number


class Progress(Item):
    """What was done on an action, and what came of it; the claimed status is NULL where none is claimed.

    `delay` sorts why the action is not done yet.
    """

    __tablename__ = "progress"

    id: Mapped[int] = mapped_column(ForeignKey("item.id"), primary_key=True)
    claimed_status: Mapped[str | None] = mapped_column(Text)
    statement: Mapped[str] = mapped_column(Text)
    impact: Mapped[str | None] = mapped_column(Text)
    delay: Mapped[str | None] = mapped_column(Text)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with it: what is complete has no reason to wait."""
        yield from super().faults()
        if self.claimed_status == "complete" and self.delay is not None:
            yield Fault("/delay", "does not go with 'complete'")

    __mapper_args__ = {"polymorphic_identity": "progress"}
    __table_args__ = (
        CheckConstraint(one_of("claimed_status", CLAIMED_STATUSES), name="claimed_status"),
        CheckConstraint(one_of("delay", DELAYS), name="delay"),
        Base.__table_args__,
    )
