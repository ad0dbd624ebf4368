"""Handling: how sensitive an answer is, found by asking who else would get the same one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from api.call import Call
from models.errors import DomainError
from models.lens import Lens
from models.queries.sight import sees_restricted
from models.vocabulary import HANDLINGS


def at_most(call: Call, *, whole: bool) -> tuple[str, bool]:
    """What bounds the handling of an answer that is not compared: what its reader is cleared for, if he sees such.

    What tells of the `whole` record is marked by the record.
    """
    lens = replace(call.lens, whole=True) if whole else call.lens
    if not sees_restricted(call.session, lens):
        return HANDLINGS[0], False
    return (HANDLINGS[-1], True) if whole else (lens.clearance, lens.body is not None)


def handled(call: Call, ask: Callable[[Call], Any], result: Any) -> tuple[str, bool]:
    """The lowest clearance with which a reader gets this result, and whether only some bodies' readers get it.

    So an answer is marked by what went into it, counts and gaps included, and no higher. Whoever sees nothing but what
    is public costs nothing; whoever sees more, but no thing that is not public, one statement; others their question
    again, once for each lower sight.
    """
    lens = call.lens
    if (lens.clearance == HANDLINGS[0] and lens.body is None) or not sees_restricted(call.session, lens):
        return HANDLINGS[0], False
    for body in dict.fromkeys((None, lens.body)):
        for clearance in HANDLINGS[: HANDLINGS.index(lens.clearance) + 1]:
            weaker = replace(lens, clearance=clearance, body=body)
            if weaker != lens and _same(call, ask, result, weaker):
                return clearance, body is not None
    return lens.clearance, lens.body is not None


def _same(call: Call, ask: Callable[[Call], Any], result: Any, lens: Lens) -> bool:
    """Whether a reader with this sight gets the same."""
    try:
        return bool(ask(replace(call, lens=lens)) == result)
    except DomainError:
        return False
