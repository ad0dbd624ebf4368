"""The record of changes: one row for each thing that was created, changed or withdrawn, chained by hashes."""

import json
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, TypeDecorator, select, text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column

from models.base import Base, Text, first
from models.verifier import START, canonical

ACTIONS = ("created", "updated", "withdrawn")
# A version that no later one has taken the place of.
FOREVER = 2**31 - 1
# How long a writer waits for the one before it, as on SQLite.
PATIENCE_SECONDS = 5


class Canonical(TypeDecorator[Any]):
    """A JSON value kept as its canonical text, so that what is hashed is what is stored."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """The value as text."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The text as a value."""
        return None if value is None else json.loads(value)


class Change(Base):
    """One row of the record: who did what to which item, link or baseline, when, why, and what it changed.

    `before` and `after` hold the fields that changed, references in place of ids; `after` of what was created holds
    all of them. The subject is named by kind and reference, not by foreign key, so that the record stands by itself.
    `at` is UTC, ISO 8601 with microseconds and Z, and never goes back; `hash` covers the row and the hash before it.
    Of a row whose texts were erased it covers what the row said before: `erased_by` names the approvals by which that
    was done, in their order, and `erased` has for each the digest of the row as it left it.
    """

    __tablename__ = "change"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(Text)
    principal: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(Canonical)
    after: Mapped[dict[str, Any] | None] = mapped_column(Canonical)
    hash: Mapped[str] = mapped_column(Text, server_default="")
    erased: Mapped[str | None] = mapped_column(Text)
    erased_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("action IN ('created', 'updated', 'withdrawn')", name="action"),
        Index("ix_change_subject", "kind", "ref", "seq"),
        Index("ix_change_at", "at", "seq"),
        Base.__table_args__,
    )


class Recorded:
    """What items, links and baselines have because they are recorded: a version, and when they came and went."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr
    def created_seq(self) -> Mapped[int]:
        """The change at which it entered the record."""
        return mapped_column(ForeignKey("change.seq"))

    @declared_attr
    def withdrawn_seq(self) -> Mapped[int | None]:
        """The change at which it was withdrawn from the record, if it was."""
        return mapped_column(ForeignKey("change.seq"))

    def subject(self) -> tuple[str, str]:
        """The kind and reference by which the record names it; the kind is its table's name unless told otherwise."""
        named: Any = self
        return named.__tablename__, named.ref

    def settle(self) -> None:
        """Work out what follows from its fields, before they are recorded."""

    def withdraw(self) -> None:
        """Take it out of what is so; the record puts the number of its change in this place."""
        self.withdrawn_seq = FOREVER


def author(session: Session, principal: str, reason: str, request_id: str | None = None) -> None:
    """Say who writes in this session and why; without it, writing is refused.

    Takes the record's lock on PostgreSQL, so that sequence numbers have no gap; SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'"))
        session.execute(text("LOCK TABLE change IN SHARE ROW EXCLUSIVE MODE"))
    session.info["author"] = {"principal": principal, "reason": reason, "request_id": request_id}


# The record by its rows, which take less to read and to append than entities.
CHANGES = Change.metadata.tables[Change.__tablename__]
_NEWEST = select(CHANGES.c.seq, CHANGES.c.at, CHANGES.c.hash).order_by(CHANGES.c.seq.desc()).limit(first(1))


def newest_change(session: Session) -> tuple[int, str, str]:
    """Number, time and hash of the newest change; 0, an empty time and the start's hash for an empty record."""
    found = session.execute(_NEWEST).one_or_none()
    if found is not None and "author" not in session.info:
        session.info["version"] = (found.seq, found.hash)
    return (found.seq, found.at, found.hash) if found else (0, "", START)


def version_known(session: Session) -> tuple[int, str] | None:
    """Number and hash of the newest change, if this session has read it and only reads: it sees one and the same state.

    Two states of a database with the same newest change are the same, since whatever is changed is on record.
    """
    version: tuple[int, str] | None = session.info.get("version")
    return None if "author" in session.info else version


def last_seq(session: Session) -> int:
    """The sequence number of the newest change, 0 for an empty record."""
    return newest_change(session)[0]


def today() -> date:
    """The day, by the clock of the record (UTC)."""
    return datetime.now(UTC).date()


def moment() -> str:
    """Now, as the record writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
