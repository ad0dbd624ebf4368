"""Writing grants: give a machine a key or a person an account, put it in force, take it away again."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.errors import Conflict, Fault, Invalid, NotFound
from models.grants import Granted
from models.keys import MOST_DAYS, Key, digest, new_secret
from models.lens import Lens
from models.vocabulary import CLEARANCES, HANDLINGS, ROLES_WITH_CONTENT
from models.writing.naming import Named, new_ref

Secret = str


def add_key(session: Session, lens: Lens, values: Mapping[str, Any], by: str, *, alone: bool) -> tuple[str, Secret]:
    """Add a key: its reference, and its secret, which is told this once and not kept.

    `alone` says that whoever asks for it may put it in force alone; otherwise it waits for a second person.
    """
    days = values.get("expires_in_days") or MOST_DAYS
    expires = datetime.now(UTC) + timedelta(days=days)
    secret = new_secret()
    key = Key(
        ref=new_ref("key"),
        asked_by=by,
        second_needed=not alone,
        scopes=" ".join(sorted(values.get("scopes") or ())) or None,
        secret_digest=digest(secret),
        expires_at=expires.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    )
    _grant(session, lens, key, values)
    return key.ref, secret


def add_account(session: Session, lens: Lens, values: Mapping[str, Any], by: str, *, alone: bool) -> str:
    """Add an account for a person whom the identity provider knows; its reference."""
    there = select(Account.ref).where(Account.subject_id == values["subject_id"], Account.withdrawn_seq.is_(None))
    if (taken := session.scalar(there)) is not None:
        raise Conflict("This person has an account: end it before giving another.", ("account", taken))
    account = Account(ref=new_ref("person"), subject_id=values["subject_id"], asked_by=by, second_needed=not alone)
    _grant(session, lens, account, values)
    return account.ref


def _grant(session: Session, lens: Lens, grant: Granted, values: Mapping[str, Any]) -> None:
    """Fill in what every grant has, and add it; `asked_by` and whether a second person is needed are on it already."""
    role, clearance = values["role"], values.get("clearance") or "PUBLIC"
    if HANDLINGS.index(clearance) > HANDLINGS.index(CLEARANCES[role]):
        raise Invalid(Fault("/clearance", f"is at most {CLEARANCES[role]} for the role '{role}'"))
    if values.get("body") is None and role in ROLES_WITH_CONTENT:
        raise Invalid(Fault("/body", f"is needed for the role '{role}'"))
    if values.get("body") is not None and role not in ROLES_WITH_CONTENT:
        raise Invalid(Fault("/body", f"is not for the role '{role}', which sees what is public alone"))
    if values.get("body") is not None:
        Named(session, lens, [values["body"]]).at("/body", values["body"], ("body",))
    for kind in (Key, Account):
        if session.scalar(select(kind.id).where(kind.name == values["name"])) is not None:
            raise Conflict("There is, or was, a key or an account of this name: the record knows it by it.")
    grant.name, grant.role, grant.body, grant.clearance = values["name"], role, values.get("body"), clearance
    grant.confirmed_by = None if grant.second_needed else grant.asked_by
    session.add(grant)
    session.flush()


def _found(session: Session, kind: str, ref: str) -> Granted:
    """A key or account that is not taken away."""
    of: Any = {"key": Key, "account": Account}[kind]
    found: Granted | None = session.scalars(select(of).where(of.ref == ref)).one_or_none()
    if found is None:
        raise NotFound(kind, ref)
    if found.withdrawn_seq is not None:
        raise Conflict("It was taken away already.", (kind, ref))
    return found


def confirm_grant(session: Session, kind: str, ref: str, by: str) -> None:
    """Put a grant in force, as a second person."""
    _found(session, kind, ref).confirm(by)
    session.flush()


def end_grant(session: Session, kind: str, ref: str) -> None:
    """Take a grant away; from the next request on it lets nobody act."""
    _found(session, kind, ref).withdraw()
    session.flush()
