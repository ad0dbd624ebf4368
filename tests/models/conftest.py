"""A database in which every test may write, because nothing that it writes is kept."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import pytest
from sqlalchemy.orm import Session

from api.database import Database
from models.items import Item
from tests.conftest import Databases
from tests.factories import an

Scratch = Callable[[], AbstractContextManager[Session]]


class _Enough(Exception):
    """Raised to roll back."""


def rolled_back(database: Database) -> Scratch:
    """Opens a transaction on a database, to write and to ask in; it is rolled back at the end."""

    @contextmanager
    def opened() -> Iterator[Session]:
        try:
            with database.writing("test", "test") as session:
                yield session
                raise _Enough  # noqa: TRY301 - the way out of a transaction without keeping it
        except _Enough:
            pass

    return opened


@pytest.fixture(scope="module")
def scratch(databases: Databases) -> Iterator[Scratch]:
    """Opens such a transaction on an empty database."""
    database = databases.copy("empty")
    yield rolled_back(database)
    database.close()


@pytest.fixture
def session(scratch: Scratch) -> Iterator[Session]:
    """A transaction to write and to ask in, of one test alone."""
    with scratch() as opened:
        yield opened


@pytest.fixture
def review(session: Session) -> Item:
    """A review."""
    return an("review", session, ref="V", published_on=date(2020, 1, 1))


@pytest.fixture
def asked(session: Session, review: Item) -> Item:
    """A recommendation."""
    return an("recommendation", session, ref="R", number=1, parent=review)


@pytest.fixture
def clause(session: Session, asked: Item) -> Item:
    """A clause of it."""
    return an("clause", session, ref="R.1", number=1, parent=asked)


@pytest.fixture
def evidence(session: Session) -> Item:
    """Some evidence, which bears on nothing as yet."""
    return an("evidence", session, ref="E")


@pytest.fixture
def action(session: Session) -> Item:
    """An action, which addresses nothing as yet."""
    return an("action", session, ref="A")
