"""The policy of access.md, written down once more as plain data: who may do what, to whose things, and who sees what.

Nothing here asks the product; test_table.py compares the two. Besides the table of access.md it has what was decided:

- what nobody owns is the inspectorates' to keep up;
- an officer revises only due dates, of actions of his own body; whoever plans actions plans them for every body;
- bodies are written by inspectors and the programme office, for every body, and are always PUBLIC;
- whoever answers a recommendation, or takes a step of its closure, does so in the name of his own body; the body that
  leads on it proposes closure (another is told that it does not), and inspectors decide, whosever it is;
- inspectors and the programme office name baselines; the checkpoint is the auditor's;
- auditors and administrators see content that is PUBLIC, and no other;
- whoever holds a development key may do everything, acts for no body, and so sees nothing that only some bodies see.
"""

from typing import NamedTuple

HANDLINGS = ("PUBLIC", "OFFICIAL", "OFFICIAL-SENSITIVE")
ROLES = ("public", "inspector", "officer", "programme_office", "auditor", "admin", "machine", "developer")
_EVERYBODY = "public inspector officer programme_office auditor admin machine"
_BODIES = "inspector officer programme_office"
# Which roles have a permission, besides the developer, who has all; a machine has it if its key names it.
MAY = {
    "open": _EVERYBODY,
    "read": _EVERYBODY,
    "read-record": "public inspector officer programme_office auditor admin",
    "read-checkpoint": "auditor",
    "read-metrics": "admin machine",
    "write-reviews": "inspector machine",
    "write-bodies": "inspector programme_office",
    "write-evidence": f"{_BODIES} machine",
    "plan-actions": "programme_office",
    "revise-actions": "officer programme_office",
    "report-progress": "officer programme_office machine",
    "respond": "officer programme_office",
    "propose-closure": "officer programme_office",
    "assess": "inspector",
    "decide-closure": "inspector",
    "withdraw": _BODIES,
    "name-baselines": "inspector programme_office",
    "raise-handling": _BODIES,
    "lower-handling": "inspector programme_office",
    "redact": "programme_office",
    "check-text": f"{_BODIES} machine",
    "override-guard": "inspector programme_office",
    "approve": "inspector programme_office",
    "manage-keys": f"{_BODIES} admin",
    "manage-accounts": "admin",
}
# What a machine may do without its key naming it, and what its key can name.
UNSCOPED = {"open", "read"}
SCOPES = frozenset(permission for permission, roles in MAY.items() if "machine" in roles.split()) - UNSCOPED
# Who has to do with content, acts for a body, and can be cleared for more than PUBLIC.
CONTENT = {"inspector", "officer", "programme_office", "machine"}
# Which changes the record shows to a role: of what everybody sees, of what it sees, of what its body owns (and sees),
# of the actions that it sees, of keys and accounts, all.
RECORD = {
    "public": {"public"},
    "inspector": {"public", "seen"},
    "officer": {"public", "own"},
    "programme_office": {"public", "own", "actions"},
    "auditor": {"all"},
    "admin": {"public", "grants"},
    "developer": {"all"},
}
# Whose keys (and accounts, where it may manage any) a role manages.
MANAGES = {"inspector": "own", "officer": "own", "programme_office": "own", "admin": "all", "developer": "all"}

OWN, OTHER, NOBODYS = OWNERS = ("own", "other", "nobody's")


class Marking(NamedTuple):
    """How a thing is marked: its handling, the body that it is limited to, and its embargo."""

    handling: str = "PUBLIC"
    limited_to: str | None = None
    embargo: str | None = None


LASTING, PASSED = "lasting", "passed"
MARKINGS = {
    "PUBLIC": Marking(),
    "OFFICIAL": Marking("OFFICIAL"),
    "OFFICIAL-SENSITIVE": Marking("OFFICIAL-SENSITIVE"),
    "limited to another": Marking(limited_to=OTHER),
    "limited to own": Marking(limited_to=OWN),
    "under embargo": Marking(embargo=LASTING),
    "embargo passed": Marking(embargo=PASSED),
}
# Those by which a limit and an embargo let a thing be seen after all.
LET_THROUGH = ("limited to own", "embargo passed")


class Caller(NamedTuple):
    """Who calls: under which name, in which role, cleared for what, for which body, with which scopes."""

    name: str
    role: str
    clearance: str = "PUBLIC"
    body: str | None = None
    scopes: frozenset[str] = frozenset()


def callers(clearance: str = "OFFICIAL") -> tuple[Caller, ...]:
    """One caller of each role; those that have to do with content are cleared so far, and act for the same body."""
    return (
        PUBLIC,
        Caller("inspector", "inspector", clearance, OWN),
        Caller("officer", "officer", clearance, OWN),
        Caller("programme office", "programme_office", clearance, OWN),
        Caller("auditor", "auditor"),
        Caller("admin", "admin"),
        Caller("machine with every scope", "machine", clearance, OWN, SCOPES),
        Caller("machine with no scope", "machine", clearance, OWN),
        Caller("developer", "developer", HANDLINGS[-1]),
    )


PUBLIC = Caller("public", "public")


def permissions_of(caller: Caller) -> set[str]:
    """Everything that a caller may do."""
    if caller.role == "developer":
        return set(MAY)
    granted = {permission for permission, roles in MAY.items() if caller.role in roles.split()}
    return granted & (UNSCOPED | caller.scopes) if caller.role == "machine" else granted


def may(caller: Caller, permissions: str) -> bool:
    """Whether a caller may do all of this (permissions with spaces between)."""
    return set(permissions.split()) <= permissions_of(caller)


def keeps(caller: Caller, owner: str) -> bool:
    """Whether a thing of this owner is the caller's own to keep up."""
    if caller.role == "developer":
        return True
    return caller.role == "inspector" if owner == NOBODYS else owner == caller.body


def cleared(caller: Caller, handling: str) -> bool:
    """Whether a caller is cleared for a handling."""
    return HANDLINGS.index(handling) <= HANDLINGS.index(caller.clearance)


def sees(caller: Caller, owner: str, marking: Marking) -> bool:
    """Whether a caller sees a thing; under an embargo its owner's body does; what nobody owns, another body wrote."""
    among = marking.limited_to is None or marking.limited_to == caller.body
    free = marking.embargo != LASTING or owner == caller.body
    return cleared(caller, marking.handling) and among and free


def shown_in_record(caller: Caller, kind: str, owner: str, marking: Marking) -> bool:
    """Whether the record shows a caller the changes of a thing of this kind."""
    shown, seen = RECORD[caller.role], sees(caller, owner, marking)
    if kind in {"key", "account"}:
        return bool(shown & {"all", "grants"})
    return (
        "all" in shown
        or ("public" in shown and sees(PUBLIC, owner, marking))
        or ("seen" in shown and seen)
        or ("own" in shown and seen and owner == caller.body)
        or ("actions" in shown and seen and kind == "action")
    )


def manages(caller: Caller, permission: str, owner: str) -> bool:
    """Whether a caller manages, and so sees, the keys or accounts (by the permission) of a body."""
    return may(caller, permission) and (MANAGES[caller.role] == "all" or owner == caller.body)
