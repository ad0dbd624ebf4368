"""What the short forms stand on: a ground of each engine, with a PostgreSQL of their own, which they may stop."""

from collections.abc import Iterator

import pytest

from tests.faults.ground import ENGINES, Ground, ground_of


@pytest.fixture(scope="session")
def sqlite() -> Iterator[Ground]:
    """Files of SQLite."""
    with ground_of("sqlite") as ground:
        yield ground


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Ground]:
    """A PostgreSQL server that a test may stop and start."""
    with ground_of("postgresql") as ground:
        yield ground


@pytest.fixture(params=ENGINES)
def ground(request: pytest.FixtureRequest) -> Ground:
    """The ground of one engine; every test that uses it runs on both."""
    found: Ground = request.getfixturevalue(request.param)
    return found
