"""What can go wrong in the domain, in its own words; api/problems.py turns each into an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class DomainError(Exception):
    """A request that the domain refuses."""


class NotFound(DomainError):
    """There is no such thing, or this reader may not see it: both answer alike."""

    def __init__(self, kind: str, ref: str) -> None:
        """Name what was asked for."""
        super().__init__(f"No {kind} has the reference '{ref}' here.")


class Busy(DomainError):
    """What takes long is being worked out for somebody else."""

    wait = 30


class Conflict(DomainError):
    """What was asked for contradicts what is there; `with_whom` are the kinds and references of what it contradicts."""

    def __init__(self, why: str, *with_whom: tuple[str, str]) -> None:
        """Say what contradicts it, and name it."""
        super().__init__(why)
        self.with_whom = with_whom


class Unmet(Conflict):
    """What was asked for needs conditions to be met that are not; `conditions` are all of them, met or not."""

    def __init__(self, why: str, conditions: Sequence[Mapping[str, Any]]) -> None:
        """Keep every condition."""
        super().__init__(why)
        self.conditions = conditions


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with an input: where (a JSON pointer or a parameter) and what would be right."""

    pointer: str
    detail: str


class Invalid(DomainError):
    """The input breaks a rule; each fault says where and what would be right."""

    def __init__(self, *faults: Fault) -> None:
        """Keep every fault, not only the first."""
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults


class Suspected(NamedTuple):
    """What looks like personal data: in which field (a JSON pointer), what sort, from which character to which.

    `end` is the one after the last; the text itself is never told.
    """

    pointer: str
    type: str
    start: int
    end: int


class PersonalData(DomainError):
    """A text looks as if it told of an individual; it is not stored."""

    def __init__(self, *findings: Suspected) -> None:
        """Keep every finding."""
        told = ", ".join(f"{found.pointer} {found.type} {found.start}-{found.end}" for found in findings)
        super().__init__(f"This service holds no data about individuals; look at: {told}.")
        self.findings = findings
