"""Markings: who may see a thing. How sensitive it is, to which bodies it is limited, and until when it is withheld."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Text
from models.vocabulary import HANDLINGS


@dataclass(frozen=True)
class Marking:
    """Who may see a thing: readers with this clearance, of these bodies (None: any), from this day on (None: at once).

    Before that day only the bodies in `until_then` see it.
    """

    handling: str = "PUBLIC"
    limited_to: frozenset[str] | None = None
    embargo_until: date | None = None
    until_then: frozenset[str] | None = None

    def covers(self, other: "Marking") -> bool:
        """Whether nobody sees what is marked so who does not see what is marked as the other."""
        return (
            HANDLINGS.index(self.handling) >= HANDLINGS.index(other.handling)
            and _within(self.limited_to, other.limited_to)
            and (
                other.embargo_until is None
                or (self.embargo_until is not None and self.embargo_until >= other.embargo_until)
            )
            and (other.until_then is None or _within(self.until_then, other.until_then))
        )

    def joined(self, other: "Marking") -> "Marking":
        """The least marking that covers both."""
        days = [day for day in (self.embargo_until, other.embargo_until) if day is not None]
        return Marking(
            max(self.handling, other.handling, key=HANDLINGS.index),
            _both(self.limited_to, other.limited_to),
            max(days, default=None),
            _both(self.until_then, other.until_then),
        )

    def shows_to(self, clearance: str, body: str | None, today: date) -> bool:
        """Whether a reader with this clearance and body sees, on this day, what is marked so."""
        return (
            HANDLINGS.index(self.handling) <= HANDLINGS.index(clearance)
            and (self.limited_to is None or body in self.limited_to)
            and (self.embargo_until is None or self.embargo_until <= today or body in (self.until_then or ()))
        )


def _within(some: frozenset[str] | None, others: frozenset[str] | None) -> bool:
    """Whether bodies are among others; None stands for every body."""
    return others is None or (some is not None and some <= others)


def _both(some: frozenset[str] | None, others: frozenset[str] | None) -> frozenset[str] | None:
    """The bodies that are in both; None stands for every body."""
    if some is None or others is None:
        return others if some is None else some
    return some & others


def listed(bodies: Iterable[str] | None) -> str | None:
    """Bodies as a column holds them: their references in order, with a space between; '' is no body at all."""
    return None if bodies is None else " ".join(sorted(bodies))


def read_list(text: str | None) -> frozenset[str] | None:
    """Bodies from what a column holds."""
    return None if text is None else frozenset(text.split())


class Marked:
    """The columns by which items and links say who may see them."""

    handling: Mapped[str] = mapped_column(Text, default="PUBLIC")
    limited_to: Mapped[str | None] = mapped_column(Text)
    embargo_until: Mapped[date | None] = mapped_column(Date)
    embargo_bodies: Mapped[str | None] = mapped_column(Text)

    @property
    def marking(self) -> Marking:
        """Who may see it."""
        return Marking(
            self.handling or "PUBLIC", read_list(self.limited_to), self.embargo_until, read_list(self.embargo_bodies)
        )

    def mark(self, marking: Marking) -> None:
        """Say who may see it."""
        self.handling, self.limited_to = marking.handling, listed(marking.limited_to)
        self.embargo_until, self.embargo_bodies = marking.embargo_until, listed(marking.until_then)


MARKING_FIELDS = ("handling", "limited_to", "embargo_until", "embargo_bodies")
# Whether a thing is hidden from anyone: what the public does not see is found by an index over these alone.
RESTRICTED = "handling <> 'PUBLIC' OR limited_to IS NOT NULL OR embargo_until IS NOT NULL"
# What is not restricted. Names are unique among these alone: everybody sees them, so a refusal tells of nothing hidden.
UNRESTRICTED = "handling = 'PUBLIC' AND limited_to IS NULL AND embargo_until IS NULL"


def marking_checks() -> Iterable[Any]:
    """The checks of a table of marked things."""
    words = ", ".join(f"'{word}'" for word in HANDLINGS)
    yield CheckConstraint(f"handling IN ({words})", name="handling")
    yield CheckConstraint("(embargo_until IS NULL) = (embargo_bodies IS NULL)", name="embargo")


def restricted_index(table: str, *columns: Any) -> Index:
    """The index of the rows of a table that are hidden from anyone: as long as there are none, it answers at once."""
    where = text(RESTRICTED)
    return Index(f"ix_{table}_restricted", *columns, sqlite_where=where, postgresql_where=where)


def unrestricted_index(name: str, *columns: Any, where: str | None = None) -> Index:
    """The index that lets no two of what everybody sees have the same in these columns."""
    condition = text(UNRESTRICTED if where is None else f"{where} AND {UNRESTRICTED}")
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)
