# ruff: noqa: S608 - statements are made of names of our own
"""A database in the middle of an erasure: what two persons have confirmed is about to be done, and can be undone."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.changes import Change
from models.verifier import canonical
from models.writing.markings import approval_of
from tests.models.redacting import SECOND

DIGEST = "f" * 64


class Enough(Exception):
    """Raised to roll back."""


class Ground(NamedTuple):
    """A database in the middle of an erasure, and the approval of each thing."""

    connection: Connection
    approvals: dict[str, str]

    def change(self, where: str) -> dict[str, Any]:
        """A change of the record."""
        rows = self.connection.execute(select(Change.__table__).where(text(where)).order_by(Change.seq)).mappings()
        return dict(rows.first() or {})

    def refuses(self, statement: str, **values: Any) -> bool:
        """Whether the database refuses a statement that would alter something."""
        attempt = self.connection.begin_nested()
        try:
            done = self.connection.execute(text(statement.replace(":", r"\:") if not values else statement), values)
            assert done.rowcount >= 1, statement
        except IntegrityError:
            return True
        finally:
            attempt.rollback()
        return False

    def refuses_change(self, change: dict[str, Any], **values: Any) -> bool:
        """Whether the database refuses to let a change say something else."""
        told = change | values
        states = {name: None if told[name] is None else canonical(told[name]) for name in ("before", "after")}
        names = [name for name in told if name != "seq"] + (["seq"] if "seq" in values else [])
        put_ = ", ".join(f"{name} = :{name}" for name in names)
        return self.refuses(f"UPDATE change SET {put_} WHERE seq = :place", **told | states, place=change["seq"])


def confirm_only(session: Session, ref: str) -> None:
    """Confirm an erasure, and do not do it."""
    approval = approval_of(session, ref)
    versions = f"SELECT version FROM {'link' if approval.kind == 'link' else 'item'} WHERE ref = :ref"
    version = session.scalar(text(versions), {"ref": approval.of_ref}) or 0
    approval.decide("confirmed", SECOND)
    approval.applied_version, approval.erased = version + 1, DIGEST
    session.flush()
