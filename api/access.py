"""The policy: which role may do what. The checks, the document, `/me` and the tests all ask this one table."""

from dataclasses import dataclass
from enum import StrEnum

from models.sight import Sight


class Permission(StrEnum):
    """What an operation asks of its caller; every endpoint names one, and a machine's scopes are some of them."""

    OPEN = "open"
    READ = "read"
    READ_RECORD = "read-record"
    READ_CHECKPOINT = "read-checkpoint"
    READ_METRICS = "read-metrics"
    WRITE_REVIEWS = "write-reviews"
    WRITE_BODIES = "write-bodies"
    WRITE_EVIDENCE = "write-evidence"
    PLAN_ACTIONS = "plan-actions"
    REVISE_ACTIONS = "revise-actions"
    REPORT_PROGRESS = "report-progress"
    RESPOND = "respond"
    PROPOSE_CLOSURE = "propose-closure"
    ASSESS = "assess"
    DECIDE_CLOSURE = "decide-closure"
    WITHDRAW = "withdraw"
    NAME_BASELINES = "name-baselines"
    RAISE_HANDLING = "raise-handling"
    LOWER_HANDLING = "lower-handling"
    REDACT = "redact"
    CHECK_TEXT = "check-text"
    OVERRIDE_GUARD = "override-guard"
    APPROVE = "approve"
    MANAGE_KEYS = "manage-keys"
    MANAGE_ACCOUNTS = "manage-accounts"


MEANINGS: dict[Permission, str] = {
    Permission.OPEN: "What everybody may ask: what the service is, and whether it is there.",
    Permission.READ: "Read what the caller sees: items, links, chains, graphs, matrices, gaps, exports.",
    Permission.READ_RECORD: "Read the changes of what the caller sees.",
    Permission.READ_CHECKPOINT: "Read the signed statement of how long the whole record is.",
    Permission.READ_METRICS: "Read what the service counts of its own work.",
    Permission.WRITE_REVIEWS: "Write reviews, recommendations, clauses and sources.",
    Permission.WRITE_BODIES: "Write bodies.",
    Permission.WRITE_EVIDENCE: "Write evidence and links of the caller's own body.",
    Permission.PLAN_ACTIONS: "Create, assign and change actions.",
    Permission.REVISE_ACTIONS: "Revise the due dates of actions of the caller's own body.",
    Permission.REPORT_PROGRESS: "Report progress on actions of the caller's own body.",
    Permission.RESPOND: "Answer recommendations in the name of the caller's own body.",
    Permission.PROPOSE_CLOSURE: "Propose to close recommendations that the caller's own body leads on.",
    Permission.ASSESS: "Give verdicts.",
    Permission.DECIDE_CLOSURE: "Return proposals of closure, discharge, close and reopen recommendations.",
    Permission.WITHDRAW: "Withdraw what the caller's own body has written.",
    Permission.NAME_BASELINES: "Give a point of the record a name.",
    Permission.RAISE_HANDLING: "Raise the marking of what the caller's own body owns.",
    Permission.LOWER_HANDLING: "Ask for a lower marking of what the caller's own body owns, or confirm it.",
    Permission.REDACT: "Ask for the texts of what the caller's own body or nobody owns to be erased, or confirm it.",
    Permission.CHECK_TEXT: "Ask whether a text looks like personal data.",
    Permission.OVERRIDE_GUARD: "Store a text that looks like personal data, with a reason.",
    Permission.APPROVE: "Read and decide what waits for a second person.",
    Permission.MANAGE_KEYS: "Create, list and revoke keys: of the caller's own body; an administrator, all.",
    Permission.MANAGE_ACCOUNTS: "Give people rights, and take them away.",
}

_P = Permission
_PUBLIC = {_P.OPEN, _P.READ, _P.READ_RECORD}
_BODY = {_P.WRITE_EVIDENCE, _P.WITHDRAW, _P.RAISE_HANDLING, _P.CHECK_TEXT, _P.MANAGE_KEYS}
_ADDRESSED = {_P.REVISE_ACTIONS, _P.REPORT_PROGRESS, _P.RESPOND, _P.PROPOSE_CLOSURE}
# Deny by default: what is not here nobody may do. No role implies another.
POLICY: dict[str, frozenset[Permission]] = {
    "public": frozenset(_PUBLIC),
    "inspector": frozenset(
        _PUBLIC
        | _BODY
        | {_P.WRITE_REVIEWS, _P.WRITE_BODIES, _P.ASSESS, _P.DECIDE_CLOSURE, _P.NAME_BASELINES}
        | {_P.APPROVE, _P.LOWER_HANDLING, _P.OVERRIDE_GUARD}
    ),
    "officer": frozenset(_PUBLIC | _BODY | _ADDRESSED),
    "programme_office": frozenset(
        _PUBLIC
        | _BODY
        | _ADDRESSED
        | {_P.WRITE_BODIES, _P.PLAN_ACTIONS, _P.NAME_BASELINES}
        | {_P.APPROVE, _P.LOWER_HANDLING, _P.REDACT, _P.OVERRIDE_GUARD}
    ),
    "auditor": frozenset(_PUBLIC | {_P.READ_CHECKPOINT}),
    "admin": frozenset(_PUBLIC | {_P.MANAGE_KEYS, _P.MANAGE_ACCOUNTS, _P.READ_METRICS}),
    "machine": frozenset(
        {_P.OPEN, _P.READ, _P.READ_METRICS, _P.WRITE_REVIEWS, _P.WRITE_EVIDENCE, _P.REPORT_PROGRESS, _P.CHECK_TEXT}
    ),
    # Who starts the service on his own machine with a DEVELOPMENT_KEY: everything but deciding with himself.
    "developer": frozenset(Permission),
}
# What a machine may do without its key naming it.
_UNSCOPED = {_P.OPEN, _P.READ}
SCOPES = tuple(sorted(POLICY["machine"] - _UNSCOPED))
# Which of the changes of what it sees the record shows to a role.
RECORD_OF = {"officer": "own", "programme_office": "plan", "admin": "accounts", "auditor": "hashed", "developer": "all"}


@dataclass(frozen=True)
class Principal:
    """Who is calling: a name, a role, the highest handling that he may see, his body, and a machine's scopes."""

    name: str
    role: str
    clearance: str
    body: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def record(self) -> str:
        """Which of the changes of what he sees the record shows him."""
        return RECORD_OF.get(self.role, "seen")

    @property
    def sight(self) -> Sight:
        """What the database may show him."""
        return Sight(self.clearance, self.body, self.record)

    def owns(self, owner: str | None) -> bool:
        """Whether a thing of this owner is the caller's to keep up; what nobody owns is the inspectorates'."""
        if self.role == "developer":
            return True
        return self.role == "inspector" if owner is None else owner == self.body


PUBLIC = Principal("public", "public", "PUBLIC")


def may(principal: Principal, permission: Permission) -> bool:
    """Whether the policy has a row that lets this principal do it."""
    if permission not in POLICY.get(principal.role, frozenset()):
        return False
    return principal.role != "machine" or permission in _UNSCOPED or permission.value in principal.scopes


def permissions_of(principal: Principal) -> list[Permission]:
    """Everything that this principal may do."""
    return [permission for permission in Permission if may(principal, permission)]
