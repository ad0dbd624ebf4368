"""Attacks on the constraints of keys, accounts, approvals and overrides: each a statement that one of them refuses."""

from tests.models.plain_sql import NOWHERE, Case, copied, put

KEY, WAITING_KEY, ACCOUNT, OPEN, DECIDED, PASSED = (
    f"ref = '{ref}'" for ref in ("key", "waiting-key", "account", "open", "declined", "passed")
)


def _another(table: str, where: str, /, **values: str) -> str:
    """A row once more under another name."""
    named = {"ref": "'another'", "name": "'another'", "secret_digest": "'another'", "subject_id": "'another'"}
    return copied(table, where, **named | values)


def _of_grants(table: str, where: str) -> list[Case]:
    """Attacks on what keys and accounts have in common."""

    def another(**values: str) -> str:
        return _another(table, where, **values)

    def to(role: str, **values: str) -> str:
        return another(role=f"'{role}'", **values)

    # No role that is none may have content, and none may do without: PostgreSQL, in its alphabet, says that first.
    others = (f"ck_{table}_no_content",)
    return [
        Case(f"pk_{table}", another(id=f"(SELECT id FROM {table} WHERE {where})")),  # noqa: S608 - names of ours
        Case(f"uq_{table}_ref", another(ref=where.removeprefix("ref = "))),
        Case(f"uq_{table}_name", another(name="name")),
        Case(f"fk_{table}_created_seq", another(created_seq=NOWHERE)),
        Case(f"fk_{table}_withdrawn_seq", another(withdrawn_seq=NOWHERE)),
        Case(f"ck_{table}_role", to("developer", body="NULL"), others),
        Case(f"ck_{table}_role", to("public", body="NULL"), others),
        Case(f"ck_{table}_clearance", another(clearance="'SECRET'")),
        Case(f"ck_{table}_no_content", to("admin", body="NULL", clearance="'OFFICIAL'")),
        Case(f"ck_{table}_no_content", to("auditor", body="NULL", clearance="'OFFICIAL-SENSITIVE'")),
        Case(f"ck_{table}_body", to("officer", body="NULL")),
        Case(f"ck_{table}_body", to("inspector", body="NULL")),
        Case(f"ck_{table}_body", to("programme_office", body="NULL")),
        Case(f"ck_{table}_body", to("admin")),
        Case(f"ck_{table}_body", to("auditor")),
        Case(f"ck_{table}_second", another(second_needed="true", confirmed_by="asked_by")),
        Case(f"ck_{table}_second", put(table, f"ref = 'waiting-{table}'", confirmed_by="asked_by")),
        Case(f"ck_{table}_name_length", another(name="''")),
        Case(f"ck_{table}_name_length", another(name="'" + "n" * 61 + "'")),
        Case(f"ck_{table}_version", another(version="0")),
    ]


def _recorded(table: str, where: str) -> list[Case]:
    """Attacks on what is recorded."""

    def another(**values: str) -> str:
        return _another(table, where, **values)

    return [
        Case(f"pk_{table}", another(id=f"(SELECT id FROM {table} WHERE {where})")),  # noqa: S608 - names of ours
        Case(f"uq_{table}_ref", another(ref=where.removeprefix("ref = "))),
        Case(f"fk_{table}_created_seq", another(created_seq=NOWHERE)),
        Case(f"fk_{table}_withdrawn_seq", another(withdrawn_seq=NOWHERE)),
        Case(f"ck_{table}_version", another(version="0")),
    ]


CASES = [
    *_of_grants("key", KEY),
    Case("ck_key_body", _another("key", KEY, role="'machine'", body="NULL")),
    Case("uq_key_secret_digest", _another("key", KEY, secret_digest="secret_digest")),
    Case("pk_key_use", copied("key_use", "key_id >= 1", used_at="'2026-01-02'")),
    Case("fk_key_use_key_id", copied("key_use", "key_id >= 1", key_id=NOWHERE)),
    *_of_grants("account", ACCOUNT),
    Case("ck_account_person", _another("account", ACCOUNT, role="'machine'")),
    Case("ck_account_subject_length", _another("account", ACCOUNT, subject_id="''")),
    Case("ck_account_subject_length", _another("account", ACCOUNT, subject_id="'" + "s" * 256 + "'")),
    Case("uq_account_subject_id", _another("account", ACCOUNT, subject_id="subject_id")),
    *_recorded("approval", OPEN),
    Case("ck_approval_action", _another("approval", OPEN, action="'promote'")),
    Case("ck_approval_state", _another("approval", DECIDED, state="'pending'")),
    Case("ck_approval_handling", _another("approval", OPEN, handling="'SECRET'")),
    Case("ck_approval_decided", put("approval", OPEN, decided_by="'second'")),
    Case("ck_approval_decided", put("approval", OPEN, state="'declined'")),
    Case("ck_approval_decided", put("approval", DECIDED, state="'open'")),
    Case("ck_approval_second", put("approval", OPEN, state="'confirmed'", decided_by="asked_by")),
    Case("ck_approval_erased", put("approval", OPEN, erased="'digest'")),
    Case("ck_approval_erased", put("approval", OPEN, action="'redact'", state="'confirmed'", decided_by="'second'")),
    Case("ck_approval_erased", put("approval", DECIDED, action="'redact'", erased="'digest'")),
    *_recorded("override", PASSED),
    Case("ck_override_why_length", _another("override", PASSED, why="''")),
    Case("ck_override_why_length", _another("override", PASSED, why="'" + "w" * 1001 + "'")),
]
