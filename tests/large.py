"""As if a programme were large: more is there than is judged at once, and a page has no time for a second look."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from api.database import Database
from models.actions import Action, DueDate
from models.queries import looking, sifting, stretches


def as_if_large(patch: pytest.MonkeyPatch, stretch: int) -> None:
    """Let more than three things make a programme large, and a stretch be so many of them (one more for all of it)."""
    for name, size in (("SMALL", 3), ("STRETCH", stretch), ("LONG_STRETCH", stretch + 1)):
        patch.setattr(stretches, name, size)
    patch.setattr(sifting, "STRETCH", stretch)
    patch.setattr(sifting, "MOST_COUNTED", stretch)
    patch.setattr(looking, "LOOKING_MS", 0)


def give_due_dates(database: Database) -> None:
    """Let four of five actions fall due, each on one of a thousand days, and every third of them on another since."""
    with database.writing("test", "test") as session:
        rows = []
        for place, action_id in enumerate(session.scalars(select(Action.id).order_by(Action.id))):
            if place % 5 == 0:
                continue
            for number in range(1, 2 + (place % 3 == 0)):
                day = date(2020, 1, 1) + timedelta(days=place * number * 7 % 1_000)
                rows.append({"action_id": action_id, "number": number, "due_on": day, "note": "It was moved."})
        session.execute(insert(DueDate), rows)
