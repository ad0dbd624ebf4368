"""The service with its pages on the published record, and those who read it."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.call import Service
from api.database import Database
from api.settings import Settings
from explorer.app import create_app
from models.lens import Lens
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key
from tests.conftest import Databases

_NUMBERS = count(1)
# Pages are looked at on both engines by these; what pages are made of, the tests of the API ask both engines for.
_ON_BOTH = ("test_pages.py", "test_numbers.py", "test_readers.py", "test_statements_of_pages.py")
Opens = Callable[..., Flask]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Look at pages on one engine, unless both are to be looked at."""
    here = Path(__file__).parent
    once = [
        item
        for item in items
        if here in item.path.parents and "postgresql" in item.name and item.path.name not in _ON_BOTH
    ]
    if once:
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if item not in set(once)]


def give_key(database: Database, role: str, **granted: Any) -> str:
    """The secret of a new key of this role."""
    asked = {"name": f"{role}-{next(_NUMBERS)}", "role": role} | granted
    with database.writing("a test", "A key") as session:
        _ref, secret = add_key(session, Lens(HANDLINGS[-1], whole=True), asked, "a test", alone=True)
    return secret


@pytest.fixture(scope="session")
def explorer(databases: Databases) -> Iterator[Flask]:
    """The service with its pages on the published record; for reading only."""
    made = create_app(Settings(url_of(databases.copy("published")), "test"))
    made.testing = False
    yield made
    service: Service = made.extensions["mappa"]
    service.database.close()


@pytest.fixture
def reader(explorer: Flask) -> FlaskClient:
    """Somebody who reads the published record."""
    return explorer.test_client()


@pytest.fixture
def opens() -> Iterator[Opens]:
    """Makes the service with its pages on a database of the test's own."""
    made: list[Database] = []

    def make(database: Database, **settings: Any) -> Flask:
        app = create_app(Settings(url_of(database), "test", **settings))
        made.append(app.extensions["mappa"].database)
        return app

    yield make
    for opened in made:
        opened.close()


def url_of(database: Database) -> str:
    """Where a database is."""
    return database.url.render_as_string(hide_password=False)
