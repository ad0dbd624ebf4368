"""The policy matrix: each cell called over HTTP against a real server process, and held against the table.

Here every operation is called by every caller on each engine, and in every group of operations every caller meets
things of every owner in every marking (what a limit or an embargo lets through: of one owner) on one engine or the
other. The whole product is called by `python -m tests.policy.matrix`.
"""

from collections import Counter

import pytest

from tests.conftest import ENGINES, Databases
from tests.policy.calling import Called
from tests.policy.cells import NO_MATTER, Cell, every_cell, published, some_cells, sorts, writes
from tests.policy.expecting import expected
from tests.policy.operations import GROUP_OF, GROUPS
from tests.policy.table import LET_THROUGH, MARKINGS, OWNERS, ROLES, callers

CALLERS = callers()
ON = {engine: some_cells(CALLERS, engine) for engine in ENGINES}
SOME, EVERY = [cell for cells in ON.values() for cell in cells], every_cell(CALLERS)


def test_every_published_operation_stands_in_the_table_once() -> None:
    listed = Counter(operation for group in GROUPS for operation in group.operations.split())

    assert {name.partition(":")[0] for name in listed} == set(published())
    assert set(listed.values()) == {1}


def test_every_role_calls() -> None:
    assert {caller.role for caller in CALLERS} == set(ROLES)
    assert [len(caller.scopes) for caller in CALLERS if caller.role == "machine"] == [5, 0]


def test_the_whole_product_has_every_operation_with_every_caller_owner_and_marking() -> None:
    wanted = {Cell(name, caller, *sort) for name in GROUP_OF for caller in CALLERS for sort in sorts(GROUP_OF[name])}

    assert set(EVERY) == wanted
    assert len(EVERY) == len(wanted) == 17_361


def test_each_engine_has_every_operation_with_every_caller() -> None:
    for cells in ON.values():
        assert {(cell.operation, cell.caller) for cell in cells} == {(name, by) for name in GROUP_OF for by in CALLERS}
    assert (len(published()), len(GROUP_OF), len(CALLERS)) == (136, 143, 9)


def test_the_suite_has_every_group_with_every_caller_owner_and_marking() -> None:
    met = {(cell.group.name, cell.caller, cell.owner, cell.marking) for cell in SOME}

    wanted = {(group.name, caller, *sort) for group in GROUPS for caller in CALLERS for sort in sorts(group)}
    let_through = {(name, caller, marking) for name, caller, _owner, marking in wanted if marking in LET_THROUGH}
    assert {found for found in met if found[3] not in LET_THROUGH} == {
        found for found in wanted if found[3] not in LET_THROUGH
    }
    assert {(name, caller, marking) for name, caller, _owner, marking in met if marking in LET_THROUGH} == let_through
    assert (len(met), len(wanted)) == (5_643, 6_831)


def test_an_engine_calls_no_cell_twice_and_none_that_the_product_has_not() -> None:
    assert {engine: len(cells) for engine, cells in ON.items()} == {"sqlite": 3_634, "postgresql": 3_629}
    assert {engine: len(set(cells)) for engine, cells in ON.items()} == {"sqlite": 3_634, "postgresql": 3_629}
    assert len(set(SOME)) == 5_976
    assert set(SOME) <= set(EVERY)


def test_the_engines_share_nothing_but_every_operation_with_every_caller() -> None:
    shared = set(ON["sqlite"]) & set(ON["postgresql"])

    assert len(shared) == len(GROUP_OF) * len(CALLERS)


def test_things_are_met_of_every_owner_in_every_marking() -> None:
    met = {(cell.owner, cell.marking) for cell in SOME} - {NO_MATTER}

    assert met == {(owner, marking) for owner in OWNERS for marking in MARKINGS}


def test_every_status_of_the_policy_is_expected_of_every_sort_of_caller() -> None:
    statuses = {role: {expected(cell).status for cell in SOME if cell.caller.role == role} for role in ROLES}

    assert statuses == {
        "public": {200, 401, 404},
        "inspector": {200, 201, 204, 403, 404, 409, 422},
        "officer": {200, 201, 204, 403, 404, 409, 422},
        "programme_office": {200, 201, 204, 403, 404, 409, 422},
        "auditor": {200, 403, 404},
        "admin": {200, 201, 204, 403, 404},
        "machine": {200, 201, 403, 404, 422},
        "developer": {200, 201, 204, 404, 409, 422},
    }


def test_every_cell_was_called(called: Called, databases: Databases) -> None:
    assert Counter(one.cell for one in called.outcomes) == Counter(ON[databases.engine])


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.name)
def test_every_answer_is_what_the_policy_says(called: Called, caller: object) -> None:
    assert [told for one, told in called.wrong if one.cell.caller == caller] == []


def test_nothing_was_written_where_nothing_was_to_be(called: Called) -> None:
    assert called.disturbed == []


def test_everything_was_written_that_was_to_be(called: Called, databases: Databases) -> None:
    to_write = [cell for cell in ON[databases.engine] if writes(cell) and expected(cell).status < 400]

    assert called.written == len(to_write) == {"sqlite": 410, "postgresql": 436}[databases.engine]
    assert called.grown >= called.written
