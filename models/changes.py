"""The record of changes, and the one mechanism by which every write enters it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, UOWTransaction, declared_attr, mapped_column
from sqlalchemy.orm.interfaces import MANYTOONE

from models.base import Base, Text

ACTIONS = ("created", "updated", "withdrawn")
# What the record itself keeps beside each row, and what only stores a relation that is recorded by reference.
_BOOKKEEPING = {"id", "created_seq", "withdrawn_seq", "version"}


class Change(Base):
    """One row of the record: who did what to which item or link, when, why, and how it stood before and after.

    The subject is named by kind and reference, not by foreign key, so that the record stands by itself.
    """

    __tablename__ = "change"

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    principal: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    request_id: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    ref: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)

    __table_args__ = (
        CheckConstraint("seq >= 1", name="seq"),
        CheckConstraint("action IN ('created', 'updated', 'withdrawn')", name="action"),
        Index("ix_change_subject", "kind", "ref", "seq"),
        Base.__table_args__,
    )


class Recorded:
    """What items and links have because they are recorded: when they entered and left the record, and a version."""

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr
    def created_seq(self) -> Mapped[int]:
        """The change at which it entered the record."""
        return mapped_column(ForeignKey("change.seq"))

    @declared_attr
    def withdrawn_seq(self) -> Mapped[int | None]:
        """The change at which it was withdrawn from the record, if it was."""
        return mapped_column(ForeignKey("change.seq"))


def author(session: Session, principal: str, reason: str, request_id: str | None = None) -> None:
    """Say who writes in this session and why; without it, writing is refused.

    Takes the record's lock on PostgreSQL, so that sequence numbers have no gap; SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE change IN SHARE ROW EXCLUSIVE MODE"))
    session.info["author"] = {"principal": principal, "reason": reason, "request_id": request_id}


def last_seq(session: Session) -> int:
    """The sequence number of the newest change, 0 for an empty record."""
    return session.scalar(select(func.max(Change.seq))) or 0


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    return value.isoformat() if isinstance(value, date) else value


def _state(thing: Any) -> dict[str, Any]:
    """Everything that describes a thing, its relations by reference; works for any noun, known or new."""
    mapper = inspect(type(thing))
    foreign = {column.key for column in mapper.columns if column.foreign_keys} - {"kind", "type"}
    state = {
        attribute.key: _plain(getattr(thing, attribute.key))
        for attribute in mapper.column_attrs
        if attribute.key not in _BOOKKEEPING | foreign
    }
    for relation in mapper.relationships:
        value = getattr(thing, relation.key)
        if relation.direction is MANYTOONE:
            state[relation.key] = value.ref if value is not None else None
        else:
            state[relation.key] = [part.recorded() for part in value]
    return {name: value for name, value in state.items() if value not in (None, [])}


def _parts(thing: Any) -> Iterator[Any]:
    """What a thing is stored with, in tables of many rows: its due dates, the parts of bodies in it."""
    for relation in inspect(type(thing)).relationships:
        if relation.direction is not MANYTOONE:
            yield from getattr(thing, relation.key)


def _record(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Before anything is written, append a change for each new thing and stamp the thing with its number."""
    things = [thing for thing in session.new if isinstance(thing, Recorded)]
    parts = {id(part) for thing in things for part in _parts(thing)}
    loose = [thing for thing in session.new if not isinstance(thing, Recorded) and id(thing) not in parts]
    if loose or session.deleted or any(session.is_modified(thing) for thing in session.dirty):
        raise RuntimeError("The record knows only new things as yet: nothing may be altered or deleted.")
    if not things:
        return
    if "author" not in session.info:
        raise RuntimeError("A write needs an author: call author(session, principal, reason) first.")
    first = last_seq(session) + 1
    now = datetime.now(UTC).replace(microsecond=0)
    rows = []
    for seq, thing in enumerate(things, start=first):
        after = _state(thing)
        rows.append(
            {**session.info["author"], "seq": seq, "at": now, "action": "created", "before": None, "after": after}
            | {"kind": after.get("kind", "link"), "ref": after["ref"]}
        )
        thing.created_seq = seq
    session.execute(insert(Change), rows)


def record_writes(session_class: Any) -> None:
    """Make every session of this class write the record; called once where sessions are made."""
    event.listen(session_class, "before_flush", _record)
