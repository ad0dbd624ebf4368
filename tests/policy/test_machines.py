"""A machine never decides, withdraws, marks or gives keys: whatever its scopes, even such as no key can be given."""

import pytest

from tests.policy.arranging import secret_of
from tests.policy.asking import request_of
from tests.policy.calling import thing_of
from tests.policy.cells import Cell, every_cell
from tests.policy.conftest import GREEDY, Served
from tests.policy.table import MAY, SCOPES, UNSCOPED, callers

NEVER = {
    "assess",
    "withdraw",
    "raise-handling",
    "lower-handling",
    "redact",
    "approve",
    "respond",
    "propose-closure",
    "decide-closure",
    "manage-keys",
    "manage-accounts",
}


def _asked(cell: Cell) -> set[str]:
    """Everything that an operation asks for."""
    return {*cell.group.asks.split(), *cell.group.within.split()}


INSPECTOR = next(caller for caller in callers() if caller.role == "inspector")
# Of each operation that asks for one of these, the first cell: done to the machine's own body's things.
FORBIDDEN = {cell.operation: cell for cell in reversed(every_cell((GREEDY,))) if NEVER & _asked(cell)}


def test_there_is_an_operation_for_everything_that_a_machine_never_does() -> None:
    asked = set().union(*map(_asked, FORBIDDEN.values()))

    assert asked >= NEVER
    assert len(FORBIDDEN) == 49


@pytest.mark.parametrize("cell", FORBIDDEN.values(), ids=lambda cell: cell.operation)
def test_a_machine_is_refused_what_it_never_does(served: Served, cell: Cell) -> None:
    thing = thing_of(cell)
    ref = served.arranged.arrange([thing])[0] if thing else ""
    before = served.server.newest()

    answer = served.server.send(secret_of(GREEDY), request_of(cell, ref))

    assert answer.status_code in {403, 404}
    assert served.server.newest() == before


def test_a_machine_is_told_that_it_may_not(served: Served) -> None:
    told = served.server.get(secret_of(GREEDY), "/api/v1/me").json()

    assert set(told["permissions"]) == UNSCOPED | SCOPES


@pytest.mark.parametrize("scope", sorted(set(MAY) - SCOPES))
def test_no_key_can_be_asked_for_with_such_a_scope(served: Served, scope: str) -> None:
    asked = {"name": f"machine-that-would-{scope}", "role": "machine", "scopes": [scope]}

    answer = served.server.write(secret_of(INSPECTOR), "POST", "/api/v1/keys", asked)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/scopes/0"]
