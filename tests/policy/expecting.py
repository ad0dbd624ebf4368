"""With which status an operation is to be answered, by the policy alone."""

from typing import NamedTuple

from tests.policy.cells import Cell, writes
from tests.policy.operations import (
    ACCOUNT,
    APPROVAL,
    APPROVAL_OF_ERASURE,
    BODY,
    CHANGE,
    ERASURE,
    HISTORY,
    KEY,
    NEW,
    NEW_ACCOUNT,
    NEW_KEY,
    NEW_PART,
    RELEASE,
    THING,
    UNDER,
)
from tests.policy.table import (
    HANDLINGS,
    LASTING,
    MANAGES,
    MARKINGS,
    NOBODYS,
    OTHER,
    OWN,
    PUBLIC,
    cleared,
    keeps,
    manages,
    may,
    sees,
    shown_in_record,
)

_NAMED_IN_PATH = {THING, BODY, KEY, ACCOUNT, APPROVAL, APPROVAL_OF_ERASURE}


class Expected(NamedTuple):
    """A status; `hidden`, where the answer is to be that to a reference which never was."""

    status: int
    hidden: bool = False


def expected(cell: Cell) -> Expected:
    """How a call is to be answered.

    Who may not do it: 401 without a key; 404 where he does not even see the thing that he would change; otherwise 403.
    Who may: 404 where he does not see the thing (422 where his body names it); 403 where it is not his own body's and
    has to be, is done in another body's name, or gives more than he has; 422 where what he asks for cannot be;
    otherwise the status of success.
    """
    group, hidden = cell.group, not _seen(cell)
    if not may(cell.caller, f"{group.asks} {group.within}"):
        if cell.caller == PUBLIC:
            return Expected(401)
        unseen = hidden and writes(cell) and group.to in _NAMED_IN_PATH
        return Expected(404, hidden=True) if unseen else Expected(403)
    if hidden:
        return Expected(422 if group.to == NEW_PART else 404, hidden=True)
    if not (_is_own(cell) and _gives_what_he_has(cell)):
        return Expected(403)
    return Expected(422 if _cannot_be(cell) else group.answers)


def _seen(cell: Cell) -> bool:
    """Whether the caller sees what the call is done to."""
    to = cell.group.to
    if to in {THING, UNDER, NEW_PART, RELEASE, APPROVAL, ERASURE, APPROVAL_OF_ERASURE}:
        return sees(cell.caller, cell.owner, MARKINGS[cell.marking])
    if to in {HISTORY, CHANGE}:
        kind = "evidence" if to == CHANGE else cell.address.kind
        granted = may(cell.caller, cell.group.asks)
        return granted and shown_in_record(cell.caller, kind, cell.owner, MARKINGS[cell.marking])
    if to in {KEY, ACCOUNT}:
        return manages(cell.caller, cell.group.asks, cell.owner)
    return True


def _is_own(cell: Cell) -> bool:
    """Whether the thing is the caller's to keep up, where it has to be, or he acts in the name of his own body.

    A new thing that names no owner will be his.
    """
    group = cell.group
    if group.acts and cell.caller.role != "developer":
        return group.acts == cell.caller.body
    if not group.own or (group.unless and may(cell.caller, group.unless)):
        return True
    if group.to == NEW:
        return cell.owner != OTHER or cell.caller.role == "developer"
    return keeps(cell.caller, cell.owner) or (group.nobodys and cell.owner == NOBODYS)


def _gives_what_he_has(cell: Cell) -> bool:
    """Whether a new key is for a machine of the caller's own body, cleared no higher than he; an administrator's is."""
    if cell.group.to not in {NEW_KEY, NEW_ACCOUNT} or MANAGES[cell.caller.role] == "all":
        return True
    return cell.owner == OWN and cleared(cell.caller, cell.marking)


def _cannot_be(cell: Cell) -> bool:
    """Whether the caller would not see what he wrote; an embargo, too, needs a body that sees it until then."""
    caller, to = cell.caller, cell.group.to
    if to == NEW:
        asked = MARKINGS[cell.marking]
        blind = asked.limited_to not in {None, caller.body} or (asked.embargo == LASTING and caller.body is None)
        nobodys = asked.embargo is not None and caller.body is None and cell.owner == NOBODYS
        return blind or nobodys or not cleared(caller, asked.handling)
    if cell.operation.startswith("mark_"):
        return caller.body is None and cell.owner == NOBODYS and MARKINGS[cell.marking].handling == HANDLINGS[-1]
    return False
