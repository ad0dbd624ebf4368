"""Arranging writes: what each operation that writes needs to succeed, and how it comes to be refused."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import requests

from tests.contract.document import BY_NAME, WRITES, Operation
from tests.contract.server import BEARER, BEARER_OF_SECOND, Server

REASON = "?reason=A+test"
ADDING = {
    operation.collection: operation for operation in WRITES if operation.method == "post" and not operation.has_ref
}
# What needs a second person.
CONFIRMING = {"confirm_key", "confirm_account", "confirm_approval"}
ADDING["progress"] = BY_NAME["report_progress"]
_NUMBERS = count(1)


@dataclass(frozen=True)
class Ready:
    """A write that will succeed: where, with what body, and by whom."""

    path: str
    body: Any = None
    bearer: str = BEARER


def perform(
    server: Server, operation: Operation, ready: Ready, query: str = REASON, **headers: str | bytes | None
) -> requests.Response:
    """The answer to a write."""
    usual = {"Authorization": ready.bearer}
    return server.write(operation.method.upper(), ready.path + query, ready.body, **(usual | headers))


def ready(server: Server, operation: Operation) -> Ready:
    """What an operation needs to succeed, on things of its own."""
    body = operation.body if operation.takes is not None else None
    if operation.name in _STANDING:
        return Ready(operation.of(_STANDING[operation.name](server)), body)
    if operation.has_ref:
        bearer = BEARER_OF_SECOND if operation.name in CONFIRMING else BEARER
        return Ready(operation.of(ref_of(added(server, operation.collection))), body, bearer)
    if operation.name in _FRESH:
        body |= _FRESH[operation.name](server)
    return Ready(operation.path, body)


def _marked(server: Server) -> dict[str, Any]:
    """A thing that is marked, so that to lower its marking can be asked for."""
    return {"ref": ref_of(added(server, "evidence", handling="OFFICIAL"))}


def _a_name() -> str:
    """A name that nothing has yet."""
    return f"name-{next(_NUMBERS)}"


def _open(server: Server) -> str:
    """A recommendation whose closure nobody has proposed."""
    return ref_of(added(server, "recommendations"))


def _proposed(server: Server) -> str:
    """A recommendation whose closure another person has proposed."""
    ref = _open(server)
    _step(server, "propose_closure", ref)
    return ref


def _demonstrated_by_another(server: Server) -> str:
    """A recommendation whose closure is proposed, and of which evidence demonstrates the only clause."""
    ref = _proposed(server)
    clause = ref_of(added(server, "clauses", recommendation=ref))
    evidence = ref_of(added(server, "evidence", BEARER_OF_SECOND))
    added(server, "links", BEARER_OF_SECOND, type="demonstrates", source=evidence, target=clause, basis="stated")
    return ref


def _ended(server: Server) -> str:
    """A recommendation that is closed."""
    ref = _open(server)
    _step(server, "end_closure", ref)
    return ref


def _step(server: Server, name: str, ref: str) -> None:
    """Have another person take a step of closure."""
    operation = BY_NAME[name]
    answer = perform(server, operation, Ready(operation.of(ref), operation.body, BEARER_OF_SECOND))
    assert answer.status_code == 200, answer.text


# How the recommendation stands that a step of closure is done to.
_STANDING: dict[str, Callable[[Server], str]] = {
    "propose_closure": _open,
    "return_closure": _proposed,
    "override_closure": _proposed,
    "discharge_closure": _demonstrated_by_another,
    "end_closure": _open,
    "reopen_closure": _ended,
}
# What a thing is added with that is not as in the documented example: what there can be one of, or must be there.
_FRESH: dict[str, Callable[[Server], dict[str, Any]]] = {
    "add_link": lambda server: {"source": ref_of(added(server, "evidence"))},
    "name_baseline": lambda _server: {"name": _a_name()},
    "add_key": lambda _server: {"name": _a_name()},
    "add_account": lambda _server: {"name": _a_name(), "subject_id": _a_name()},
    "ask_approval": _marked,
}


def added(server: Server, collection: str, bearer: str = BEARER, **also: Any) -> dict[str, Any]:
    """A new thing of a collection, as the answer shows it; also a report of progress, on an action of its own."""
    operation = ADDING[collection]
    wanted = ready(server, operation)
    answer = perform(server, operation, Ready(wanted.path, wanted.body | also, bearer))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ref_of(thing: dict[str, Any]) -> str:
    """The reference of a thing, a link or a baseline."""
    return str(thing["self"]).rpartition("/")[2]


def _same_id_twice(server: Server, operation: Operation) -> requests.Response:
    """Add two things under one external id."""
    wanted = ready(server, operation)
    again = Ready(wanted.path, wanted.body | {"external_id": f"x-{next(_NUMBERS)}"})
    perform(server, operation, again)
    return perform(server, operation, again)


def _same_twice(server: Server, operation: Operation) -> requests.Response:
    """Do the same thing twice."""
    wanted = ready(server, operation)
    perform(server, operation, wanted)
    return perform(server, operation, wanted)


def _parts_of_one_id(server: Server, operation: Operation) -> requests.Response:
    """Split an action into two parts of one external id."""
    part = {"title": "A part", "external_id": f"x-{next(_NUMBERS)}"}
    return perform(server, operation, Ready(ready(server, operation).path, {"parts": [part, part]}))


def _another_text(server: Server, operation: Operation) -> requests.Response:
    """Change a text that was published."""
    return perform(server, operation, Ready(ready(server, operation).path, {"text": "Another text."}))


def _owner_with_this_id(server: Server, operation: Operation) -> requests.Response:
    """Give a thing to an owner who has something else of the same external id."""
    name = f"x-{next(_NUMBERS)}"
    added(server, operation.collection, external_id=name, owner="hmics")
    other = added(server, operation.collection, external_id=name, owner="care-inspectorate")
    return perform(server, operation, Ready(operation.of(ref_of(other)), {"owner": "hmics"}))


def _stood_on(server: Server, operation: Operation) -> requests.Response:
    """Withdraw what something published stands on."""
    return perform(server, operation, Ready(operation.place))


def _demonstrated(server: Server, operation: Operation) -> requests.Response:
    """Withdraw progress that evidence demonstrates."""
    ref = ref_of(added(server, "progress"))
    added(server, "links", type="demonstrates", target=ref)
    return perform(server, operation, Ready(operation.of(ref)))


def _supported(server: Server, operation: Operation) -> requests.Response:
    """Withdraw a clause that evidence supports."""
    ref = ref_of(added(server, "clauses"))
    added(server, "links", target=ref)
    return perform(server, operation, Ready(operation.of(ref)))


def _by_the_first(server: Server, operation: Operation) -> requests.Response:
    """Confirm what one has asked for oneself."""
    return perform(server, operation, ready(server, operation), Authorization=BEARER)


# How each operation comes to contradict what is there. The others can do so only by a key that is in use at the moment.
CONFLICTS: dict[str, Callable[[Server, Operation], requests.Response]] = {
    "add_link": _same_twice,
    "name_baseline": _same_twice,
    "report_progress": _same_id_twice,
    "split_action": _parts_of_one_id,
    **dict.fromkeys(_STANDING, _same_twice),
    "change_recommendation": _another_text,
    "withdraw_progress": _demonstrated,
    "withdraw_clause": _supported,
    **dict.fromkeys(CONFIRMING, _by_the_first),
    **dict.fromkeys(
        ("ask_approval", "decline_approval", "add_key", "end_key", "add_account", "end_account"), _same_twice
    ),
    **{
        f"add_{kind}": _same_id_twice
        for kind in ("review", "recommendation", "clause", "source", "evidence", "action", "assessment", "body")
    },
    **{f"change_{kind}": _owner_with_this_id for kind in ("review", "clause", "source", "evidence", "action", "body")},
    **{f"withdraw_{kind}": _stood_on for kind in ("review", "recommendation", "source", "evidence", "action", "body")},
}
