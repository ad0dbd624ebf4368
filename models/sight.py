"""The second layer: on PostgreSQL a read runs as a role that owns nothing and is shown only what markings allow.

The lens decides what a reader sees; were a question ever to forget it, the database would not show the rows all the
same. SQLite has no such thing.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.orm import Session

from models.vocabulary import HANDLINGS

READER, PUBLIC = "mappa_reader", "mappa_public"
_SAFE = re.compile(r"[A-Za-z0-9._-]{0,120}")


@dataclass(frozen=True)
class Sight:
    """What a reader may see, as far as rows tell: up to which handling, for which body, and which of the record."""

    clearance: str = HANDLINGS[0]
    body: str | None = None
    record: str = "seen"

    def settings(self, today: date) -> dict[str, str]:
        """What the policies of the database are told."""
        cleared = ",".join(HANDLINGS[: HANDLINGS.index(self.clearance) + 1])
        return {"cleared": cleared, "body": self.body or "", "record": self.record, "today": today.isoformat()}


def confine(session: Session, sight: Sight) -> None:
    """Let the transaction of this session see no more; the role is left again by `beyond_sight` alone."""
    if sight == Sight():
        session.connection().exec_driver_sql(f"SET LOCAL ROLE {PUBLIC}")
        session.info["confined"] = PUBLIC
        return
    told = sight.settings(datetime.now(UTC).date())
    if not all(_SAFE.fullmatch(value.replace(",", "")) for value in told.values()):
        raise ValueError("A body has a reference that no body can have.")
    said = "; ".join(f"SET LOCAL mappa.{name} = '{value}'" for name, value in told.items())
    session.connection().exec_driver_sql(f"{said}; SET LOCAL ROLE {READER}")
    session.info["confined"] = READER


@contextmanager
def beyond_sight(session: Session) -> Iterator[None]:
    """Look at what the reader is not shown, to work out what he is: his numbers, where his list goes on, his stubs."""
    role = session.info.get("confined")
    if role is None:
        yield
        return
    session.execute(text("RESET ROLE"))
    try:
        yield
    finally:
        with suppress(PendingRollbackError):  # the connection is lost, and its transaction with it: the error tells why
            session.execute(text(f"SET LOCAL ROLE {role}"))
