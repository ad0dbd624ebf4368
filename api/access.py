"""Who is calling, and the policy: which role may do what."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hmac import compare_digest


class Permission(StrEnum):
    """What an operation asks of its caller; every endpoint names one."""

    OPEN = "open"
    READ = "read"
    WRITE = "write"


@dataclass(frozen=True)
class Principal:
    """Who is calling: a name, a role, and the highest handling that this caller may see."""

    name: str
    role: str
    clearance: str


PUBLIC = Principal("public", "public", "PUBLIC")

# Deny by default: what is not here nobody may do.
POLICY: dict[str, frozenset[Permission]] = {
    "public": frozenset({Permission.OPEN, Permission.READ}),
    "writer": frozenset({Permission.OPEN, Permission.READ, Permission.WRITE}),
}


def may(principal: Principal, permission: Permission) -> bool:
    """Whether the policy has a row that lets this principal do it."""
    return permission in POLICY.get(principal.role, frozenset())


def principal_of(authorization: str | None, keys: Mapping[str, str]) -> Principal | None:
    """Who calls with this Authorization header; the public without one, None where the key is not known."""
    if authorization is None:
        return PUBLIC
    scheme, _, given = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    name = None
    for key, whose in keys.items():
        if compare_digest(key.encode(), given.strip().encode("utf-8", "surrogateescape")):
            name = whose
    return Principal(name, "writer", "PUBLIC") if name is not None else None
