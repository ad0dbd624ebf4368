"""Grants: which key or account somebody calls with, and the lists of them. They are no part of the graph."""

from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, select
from sqlalchemy.orm import Session

from models.accounts import Account
from models.changes import Change, moment
from models.errors import NotFound
from models.keys import Key, KeyUse, digest
from models.queries.paging import Page, Wanted, page_of
from models.queries.rows import Row
from models.sight import beyond_sight

GRANT_FIELDS = ("ref", "kind", "name", "role", "body", "clearance", "asked_by", "asked_at", "confirmed_by", "state")
KEY_FIELDS = (*GRANT_FIELDS, "scopes", "expires_at", "last_used_at")
ACCOUNT_FIELDS = (*GRANT_FIELDS, "subject_id")
_TABLES: dict[str, Any] = {"key": Key.__table__, "account": Account.__table__}
_FIELDS = {"key": KEY_FIELDS, "account": ACCOUNT_FIELDS}


class Holder(NamedTuple):
    """Whoever calls with a grant: what the grant says, and why it is not in force, if it is not."""

    id: int
    ref: str
    name: str
    role: str
    body: str | None
    clearance: str
    scopes: frozenset[str]
    refused: str | None
    used_at: str | None = None


def holder_of_key(session: Session, secret: str) -> Holder | None:
    """Whoever holds this secret; None where no key has it. One statement, by the digest of the secret."""
    key = _TABLES["key"]
    found = (
        session.execute(
            select(key, KeyUse.used_at)
            .outerjoin(KeyUse, KeyUse.key_id == key.c.id)
            .where(key.c.secret_digest == digest(secret))
        )
        .mappings()
        .one_or_none()
    )
    if found is None:
        return None
    refused = _refused(found) or ("expired" if found["expires_at"] <= moment() else None)
    return _holder(found, refused, frozenset((found["scopes"] or "").split()), found["used_at"])


def holder_of_account(session: Session, subject_id: str) -> Holder | None:
    """Whom the identity provider knows by this subject; None where nobody gave that person any right. One statement."""
    account = _TABLES["account"]
    wanted = select(account).where(account.c.subject_id == subject_id, account.c.withdrawn_seq.is_(None))
    found = session.execute(wanted).mappings().one_or_none()
    return None if found is None else _holder(found, _refused(found), frozenset(), None)


def _refused(found: Any) -> str | None:
    """Why a grant is not in force."""
    if found["withdrawn_seq"] is not None:
        return "revoked"
    return "not confirmed" if found["confirmed_by"] is None else None


def _holder(found: Any, refused: str | None, scopes: frozenset[str], used_at: str | None) -> Holder:
    """A row as the holder of what it grants."""
    named = {name: found[name] for name in ("id", "ref", "name", "role", "body", "clearance")}
    return Holder(**named, scopes=scopes, refused=refused, used_at=used_at)


def _shown(kind: str, body: str | None) -> tuple[Select[Any], Table]:
    """The statement that reads grants of a kind; of one body's machines, where it is named."""
    table = _TABLES[kind]
    statement = select(table, Change.at.label("asked_at")).join(Change, Change.seq == table.c.created_seq)
    if kind == "key":
        statement = statement.add_columns(KeyUse.used_at.label("last_used_at")).outerjoin(
            KeyUse, KeyUse.key_id == table.c.id
        )
    return (statement if body is None else statement.where(table.c.body == body)), table


def _row(kind: str, raw: Any) -> Row:
    """A grant as shown; never with what its secret is known by."""
    told: Row = {"kind": kind, "state": _refused(raw) or "in force"}
    if kind == "key":
        expired = told["state"] == "in force" and raw["expires_at"] <= moment()
        told |= {"scopes": sorted((raw["scopes"] or "").split()), "state": "expired" if expired else told["state"]}
    return {name: told[name] if name in told else raw[name] for name in _FIELDS[kind]}


def list_grants(session: Session, kind: str, wanted: Wanted, body: str | None = None) -> Page:
    """One page of the keys or accounts, in the order in which they were asked for. At most three statements."""
    statement, _table = _shown(kind, body)
    with beyond_sight(session):
        return page_of(session.execute, statement, wanted, partial(_row, kind))


def find_grant(session: Session, kind: str, ref: str, body: str | None = None) -> Row:
    """One key or account as shown."""
    statement, table = _shown(kind, body)
    with beyond_sight(session):
        raw = session.execute(statement.where(table.c.ref == ref)).mappings().one_or_none()
    if raw is None:
        raise NotFound(kind, ref)
    return _row(kind, raw)
