"""Servers for the tests of the policy, with keys of every caller; and the matrix, called once on each engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tests.conftest import Databases
from tests.policy.arranging import Arranged, begin
from tests.policy.calling import Called, call_all
from tests.policy.cells import some_cells
from tests.policy.running import Server, serving
from tests.policy.table import MAY, OWN, Caller, callers

SECOND_ADMIN = Caller("second admin", "admin")
SECOND_INSPECTOR = Caller("second inspector", "inspector", "OFFICIAL", OWN)
# A machine whose key names everything that there is, which no key that is asked for can.
GREEDY = Caller("greedy machine", "machine", "OFFICIAL", OWN, frozenset(MAY))


class Served(NamedTuple):
    """A server, and what stands in its database."""

    server: Server
    arranged: Arranged


@contextmanager
def _served(databases: Databases, folders: pytest.TempPathFactory) -> Iterator[Served]:
    """A server on a database with the callers' keys, until the end."""
    arranged = Arranged(databases.copy("empty"))
    begin(arranged.database, (*callers(), SECOND_ADMIN, SECOND_INSPECTOR, GREEDY))
    with serving(arranged.database, folders.mktemp("policy")) as server:
        yield Served(server, arranged)
    arranged.database.close()


@pytest.fixture(scope="session")
def served(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server for the tests of what the matrix does not ask, each with things of its own."""
    with _served(databases, tmp_path_factory) as made:
        yield made


@pytest.fixture(scope="session")
def called(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Called:
    """What came of the calls of the matrix that the suite makes, on a server of their own."""
    with _served(databases, tmp_path_factory) as made:
        return call_all(made.server, made.arranged, some_cells(callers(), databases.engine))
