"""Accounts: what the people may do whom an identity provider knows by their subject."""

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Text
from models.grants import Granted, grant_checks


class Account(Granted, Base):
    """An account: `subject` is the identity provider's name of a person; nothing else of the person is kept."""

    __tablename__ = "account"

    subject_id: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        *grant_checks(),
        CheckConstraint("role <> 'machine'", name="person"),
        CheckConstraint("length(subject_id) BETWEEN 1 AND 255", name="subject_length"),
        Base.__table_args__,
    )


_ACTIVE = Account.withdrawn_seq.is_(None)
Index("uq_account_subject_id", Account.subject_id, unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)
