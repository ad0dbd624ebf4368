"""Which cells of the matrix the suite calls on an engine."""

from tests.policy.cells import Cell, some_cells, writes
from tests.policy.expecting import expected
from tests.policy.table import Caller


def cells_on(engine: str, callers: tuple[Caller, ...]) -> list[Cell]:
    """What the suite calls on an engine: few on PostgreSQL, where the same policy decides and a call takes longer."""
    return some_cells(callers) if engine == "sqlite" else few_cells(callers)


def few_cells(callers: tuple[Caller, ...]) -> list[Cell]:
    """Every operation with every caller once: done, where there is something to which he may do what it writes.

    Together they meet every owner and marking.
    """
    chosen: dict[tuple[str, Caller], Cell] = {}
    for cell in some_cells(callers):
        there = chosen.get((cell.operation, cell.caller))
        if there is None or not writes(cell) or expected(cell).status < expected(there).status:
            chosen[cell.operation, cell.caller] = cell
    return list(chosen.values())
