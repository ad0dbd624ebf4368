"""A page is made by as much work in a large programme as in a small one: it shows a part, and looks at no more."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from api.database import Database
from api.settings import Settings
from bench.filling import fill
from bench.pages import PAGES
from bench.programme import FIXED, Size
from explorer.app import create_app
from models.queries import counting, unchanged
from tests.conftest import Databases
from tests.explorer.conftest import url_of
from tests.explorer.tables import look
from tests.large import as_if_large, give_due_dates

# Instructions of SQLite's machine that are counted at once.
_AT_ONCE = 100
# More recommendations than any page shows or offers, and three times as many.
FEW, MANY = 210, 630


def _programme(recommendations: int) -> Size:
    """A programme of so many recommendations, as closely linked as any other."""
    evidence = 10 * recommendations
    return Size("grown", recommendations, evidence, evidence + recommendations + FIXED + 18 * recommendations)


@pytest.fixture(scope="module")
def programmes(databases: Databases) -> Iterator[list[Flask]]:
    """The service on a programme, and on one of three times its size."""
    made = []
    for recommendations in (FEW, MANY):
        database = databases.copy("empty")
        fill(database, _programme(recommendations), lambda _count: None, changed=0)
        give_due_dates(database)
        made.append(create_app(Settings(url_of(database), "test")))
        database.close()
    yield made
    for app in made:
        app.extensions["mappa"].database.close()


class Work:
    """How much a database's machine has done."""

    def __init__(self, database: Database) -> None:
        """Count what every connection does from now on."""
        self.done, self._database = 0, database
        for engine in database.engines:
            event.listen(engine, "checkout", self._count)

    def end(self) -> None:
        """Count no more on connections that are taken from now on."""
        for engine in self._database.engines:
            event.remove(engine, "checkout", self._count)

    def _count(self, connection: Any, *_rest: Any) -> None:
        connection.set_progress_handler(self._step, _AT_ONCE)

    def _step(self) -> int:
        self.done += 1
        return 0


@pytest.mark.parametrize("address", [*PAGES, "/action-plan?sort=-due_on"])
def test_a_page_is_no_more_work_in_a_programme_of_three_times_the_size(
    programmes: list[Flask], monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    as_if_large(monkeypatch, 20)
    monkeypatch.setattr(counting, "MOST_COUNTED", 50)
    monkeypatch.setattr(unchanged, "MOST", 0)
    done = []
    for app in programmes:
        look(app.test_client(), address)
        work = Work(app.extensions["mappa"].database)
        again = app.test_client().get(address, headers={"Accept": "text/html, text/x-not-asked-so-before"})
        assert again.status_code == HTTPStatus.OK
        done.append(work.done)
        work.end()

    assert done[1] <= 1.2 * done[0]
