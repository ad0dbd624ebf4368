"""Replies: what a write was answered with, kept under the key of its caller so that a repeated request acts once."""

from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Text
from models.changes import moment


class Reply(Base):
    """The answer to a write, under the name of its caller and the key that the caller gave it.

    It stands in the transaction of the write: there is a reply exactly when the write is done.
    """

    __tablename__ = "reply"

    principal: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    request: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    location: Mapped[str | None] = mapped_column(Text)
    etag: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[str] = mapped_column(Text)

    __table_args__ = (Base.__table_args__,)


@dataclass(frozen=True)
class Told:
    """What is told in a reply; `request` is the fingerprint of the request that it answers."""

    request: str
    status: int
    location: str | None
    etag: str | None
    body: str


def reply_to(session: Session, principal: str, key: str) -> Told | None:
    """What a caller was told under this key; None where the key is new."""
    columns = (Reply.request, Reply.status, Reply.location, Reply.etag, Reply.body)
    found = session.execute(select(*columns).where(Reply.principal == principal, Reply.key == key)).one_or_none()
    return Told(*found) if found else None


def keep_reply(session: Session, principal: str, key: str, told: Told) -> None:
    """Keep what a caller is told under this key."""
    session.execute(insert(Reply), [{"principal": principal, "key": key, "at": moment(), **vars(told)}])
