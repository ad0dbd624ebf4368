"""Real server processes for each engine: one that nobody writes to, and two that take writes."""

import os
from collections.abc import Iterator

import pytest

from tests.conftest import Databases
from tests.contract.alike import FOLDER
from tests.contract.neutral_items import add_grants, add_neutral_items
from tests.contract.server import Server, serving


@pytest.fixture(scope="session", autouse=True)
def _told(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder in which all processes of this run keep what they were answered."""
    mine = tmp_path_factory.getbasetemp()
    folder = (mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine) / "alike"
    folder.mkdir(exist_ok=True)
    os.environ[FOLDER] = str(folder)


@pytest.fixture(scope="session")
def server(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the published record and a few neutral items: nobody writes to it."""
    database = databases.copy("empty")
    with serving(database, tmp_path_factory.mktemp("server")) as made:
        add_neutral_items(database)
        add_grants(database)
        made.wait_for("/api/v1/changes/checkpoint")
        yield made


@pytest.fixture(scope="session")
def writable(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the published record; the tests that write share it, each with things of its own."""
    database = databases.copy("empty")
    with serving(database, tmp_path_factory.mktemp("writable")) as made:
        add_grants(database)
        yield made


@pytest.fixture(scope="session")
def scratch(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nothing need be left on of what is published."""
    with serving(databases.copy("empty"), tmp_path_factory.mktemp("scratch")) as made:
        yield made
