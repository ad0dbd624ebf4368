"""Waiting: for a connection, and for another's write, only so long; then 503, with when to try again."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest

from api.limits import POOL_WAIT, WRITE_WAIT
from tests.api.people import problem
from tests.api.writing import Caller, calling
from tests.conftest import Databases
from tests.factories import an


@pytest.fixture
def service(databases: Databases, tmp_path: Path) -> Iterator[Caller]:
    """A service of the test's own."""
    with calling(databases.copy("empty"), tmp_path) as caller:
        yield caller


def test_tells_who_waits_for_a_connection_to_try_again(service: Caller) -> None:
    pool = service.database.reader.pool
    with ExitStack() as taken:
        for _ in range(pool.size() + pool._max_overflow):
            taken.enter_context(service.database.reader.connect())
        begun = monotonic()

        answer = service.holding(None).get("/api/v1/bodies")
        waited = monotonic() - begun

    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert waited >= POOL_WAIT.most
    assert service.get("/api/v1/bodies").status_code == 200


def test_tells_who_waits_for_anothers_write_to_try_again_and_answers_reads_meanwhile(service: Caller) -> None:
    before = service.count()
    with service.database.writing("another", "takes long") as session:
        an("body", session, ref="B")
        begun = monotonic()

        answer = service.adding("body")
        waited = monotonic() - begun
        read = service.holding(None).get("/api/v1/bodies?count=true").get_json()["total"]

    problem(answer, 503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert waited >= WRITE_WAIT.most - 0.5
    assert (read, service.count()) == (0, before + 1)
    assert service.adding("body").status_code == 201
