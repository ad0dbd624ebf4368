"""The cells of the matrix: an operation, a caller, whose thing it is done to, and how that is marked."""

import re
from functools import cache
from typing import NamedTuple

from api.app import create_app
from api.publishing import declarations
from api.settings import Settings
from models.vocabulary import COLLECTIONS
from tests.policy.operations import (
    ACCOUNT,
    APPROVAL,
    BODY,
    GROUP_OF,
    GROUPS,
    KEY,
    NEW_ACCOUNT,
    NEW_BODY,
    NEW_KEY,
    NOTHING,
    RELEASE,
    Group,
    changes_nothing,
)
from tests.policy.table import HANDLINGS, LET_THROUGH, MARKINGS, NOBODYS, OTHER, OWN, OWNERS, Caller
from tests.spreading import ENGINES

# Whose it is and how it is marked, where an operation is done to nothing in particular.
NO_MATTER = ("-", "-")
_GRANTS = {KEY, ACCOUNT, NEW_KEY, NEW_ACCOUNT}
_KIND_OF = {collection: kind for kind, collection in COLLECTIONS.items()} | {"links": "link"}


class Cell(NamedTuple):
    """One call: of an operation, by a caller, done to a thing of this owner and marking."""

    operation: str
    caller: Caller
    owner: str
    marking: str

    @property
    def address(self) -> "Address":
        """Where the operation is."""
        return published()[self.operation.partition(":")[0]]

    @property
    def group(self) -> Group:
        """What the policy says of the operation."""
        return GROUP_OF[self.operation]

    def __str__(self) -> str:
        """The cell as a person says it."""
        about = "" if self.owner == "-" else f" of {self.owner} thing, {self.marking}"
        return f"{self.operation}{about}, by {self.caller.name}"


class Address(NamedTuple):
    """Where an operation is: its method and path."""

    method: str
    path: str

    @property
    def kind(self) -> str:
        """The kind of what it is about."""
        return _KIND_OF.get(self.path.split("/")[3], "")

    def of(self, ref: str) -> str:
        """The path for one thing."""
        return re.sub(r"<\w+>", ref, self.path)


@cache
def published() -> dict[str, Address]:
    """Every published operation of the application, by name, in the order of registration."""
    app = create_app(Settings("sqlite:///never-opened.db", "test"))
    return {found.name: Address(found.method, found.path) for found in declarations(app)}


def sorts(group: Group) -> list[tuple[str, str]]:
    """Every owner and marking that a thing can have to which the operations of a group are done.

    Bodies are PUBLIC; the marking of a grant is its clearance, and what nobody owns (auditors and administrators) is
    cleared for PUBLIC alone; there is nothing to release of what is PUBLIC without ado.
    """
    if group.to == NOTHING:
        return [NO_MATTER]
    if group.to in {BODY, NEW_BODY}:
        return [(owner, "PUBLIC") for owner in OWNERS]
    if group.to in _GRANTS:
        return [(owner, handling) for owner in (OWN, OTHER) for handling in HANDLINGS] + [(NOBODYS, "PUBLIC")]
    markings = [marking for marking in MARKINGS if marking != "PUBLIC" or group.to not in {RELEASE, APPROVAL}]
    return [(owner, marking) for owner in OWNERS for marking in markings]


def every_cell(callers: tuple[Caller, ...]) -> list[Cell]:
    """The whole product."""
    return [
        Cell(operation, caller, *sort)
        for group in GROUPS
        for operation in group.operations.split()
        for caller in callers
        for sort in sorts(group)
    ]


def some_cells(callers: tuple[Caller, ...], engine: str) -> list[Cell]:
    """Of the product, every operation with every caller; every group with every caller, owner and marking by turns.

    The operations of a group take turns at its owners and markings, each caller beginning with another. What a limit or
    an embargo lets through has one owner with each caller, in turn. Of what is met beyond every operation with every
    caller, each engine has every second, and no other has it.
    """
    return [
        Cell(operations[(place + turn) % len(operations)], caller, *met[place % len(met)])
        for group in GROUPS
        for turn, caller in enumerate(callers)
        for operations, met in [(group.operations.split(), some_sorts(group, turn))]
        for place in range(max(len(operations), len(met)))
        if place < len(operations) or (place + turn) % len(ENGINES) == ENGINES.index(engine)
    ]


def some_sorts(group: Group, turn: int) -> list[tuple[str, str]]:
    """The owners and markings that the caller whose turn it is meets in a group."""
    owner_of = {marking: OWNERS[(turn + place) % len(OWNERS)] for place, marking in enumerate(LET_THROUGH)}
    return [(owner, marking) for owner, marking in sorts(group) if owner_of.get(marking, owner) == owner]


def writes(cell: Cell) -> bool:
    """Whether the operation would write."""
    return not changes_nothing(cell.operation)
