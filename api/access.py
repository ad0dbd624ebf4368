"""Who is calling, and the policy: which role may do what."""

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What an operation asks of its caller; every endpoint names one."""

    OPEN = "open"
    READ = "read"


@dataclass(frozen=True)
class Principal:
    """Who is calling: a role, and the highest handling that this caller may see."""

    role: str
    clearance: str


PUBLIC = Principal("public", "PUBLIC")

# Deny by default: what is not here nobody may do.
POLICY: dict[str, frozenset[Permission]] = {"public": frozenset({Permission.OPEN, Permission.READ})}


def may(principal: Principal, permission: Permission) -> bool:
    """Whether the policy has a row that lets this principal do it."""
    return permission in POLICY.get(principal.role, frozenset())
