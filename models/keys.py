"""Keys: by which machines, and people where there is no identity provider, say who they are."""

import hashlib
import secrets

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.grants import Granted, grant_checks

# By this, scanners for leaked secrets know one of ours.
PREFIX = "mtr_"
_RANDOM_BYTES = 32
MOST_DAYS = 365


def new_secret() -> str:
    """A secret that nobody can guess: the prefix and 256 random bits."""
    return PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest(secret: str) -> str:
    """By what a secret is known without being kept; it has 256 random bits, so nobody finds it from this."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


class Key(Granted, Base):
    """A key: whoever holds its secret acts with its rights until it expires or is revoked (withdrawn).

    `scopes` are the permissions of a machine, with a space between. `expires_at` is UTC in the form of the record.
    """

    __tablename__ = "key"

    scopes: Mapped[str | None] = mapped_column(Text)
    secret_digest: Mapped[str] = mapped_column(Text, unique=True)
    expires_at: Mapped[str] = mapped_column(Text)

    __table_args__ = (*grant_checks(), Base.__table_args__)


class KeyUse(Base):
    """When a key was last used, to the minute; no part of the record."""

    __tablename__ = "key_use"

    key_id: Mapped[int] = mapped_column(ForeignKey("key.id"), primary_key=True)
    used_at: Mapped[str] = mapped_column(Text)

    __table_args__ = (Base.__table_args__,)
