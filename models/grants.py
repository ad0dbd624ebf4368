"""A grant: what the keys of machines and the accounts of people have in common, because both let somebody act."""

from typing import Any

from sqlalchemy import CheckConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Text
from models.changes import Recorded
from models.errors import Conflict
from models.vocabulary import CALLER_ROLES, CLEARANCES, HANDLINGS, ROLES_WITH_CONTENT


class Granted(Recorded):
    """Who may act: under which name, in which role, for which body, with which clearance, granted by whom.

    It is in force once it is confirmed; where a second person is needed, not by whoever asked for it. It is never
    altered: other rights are another grant.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)
    clearance: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(Text)
    second_needed: Mapped[bool] = mapped_column(server_default=false())
    confirmed_by: Mapped[str | None] = mapped_column(Text)

    def confirm(self, by: str) -> None:
        """Put it in force."""
        if self.confirmed_by is not None:
            raise Conflict("It is in force already.", self.subject())
        if self.second_needed and by == self.asked_by:
            raise Conflict("Whoever asked for it cannot confirm it: a second person has to.", self.subject())
        self.confirmed_by = by


def grant_checks() -> tuple[Any, ...]:
    """The checks of a table of grants."""
    roles, words = (", ".join(f"'{word}'" for word in words) for words in (CALLER_ROLES, HANDLINGS))
    most = " OR ".join(
        f"(role = '{role}' AND clearance = 'PUBLIC')" for role, top in CLEARANCES.items() if top == "PUBLIC"
    )
    bound = ", ".join(f"'{role}'" for role in ROLES_WITH_CONTENT)
    return (
        CheckConstraint(f"role IN ({roles})", name="role"),
        CheckConstraint(f"clearance IN ({words})", name="clearance"),
        CheckConstraint(f"role IN ({bound}) OR {most}", name="no_content"),
        CheckConstraint(f"(body IS NOT NULL) = (role IN ({bound}))", name="body"),
        CheckConstraint("NOT second_needed OR confirmed_by IS NULL OR confirmed_by <> asked_by", name="second"),
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name_length"),
        CheckConstraint("version >= 1", name="version"),
    )
