"""How many statements a page takes does not grow with what it shows."""

from datetime import date

import pytest

from api.database import Database
from tests.conftest import Databases
from tests.explorer.conftest import Opens
from tests.explorer.tables import look
from tests.factories import an, link
from tests.statements import counted

FEW, MANY = 3, 40


def _filled(database: Database, many: int) -> Database:
    """A record with so many recommendations, each with evidence, an action and progress on it."""
    with database.writing("a test", "A record") as session:
        review = an("review", session, published_on=date(2020, 1, 1))
        for number in range(many):
            asked = an("recommendation", session, parent=review, ref=f"R{number}", number=number + 1)
            link(session, an("evidence", session, ref=f"E{number}"), "supports", asked)
            action = an("action", session, ref=f"A{number}")
            link(session, action, "addresses", asked)
            for _time in range(many):
                an("progress", session, parent=action, number=_time + 1)
    return database


@pytest.fixture(scope="module")
def records(databases: Databases) -> dict[int, Database]:
    """A small and a larger record."""
    return {many: _filled(databases.copy("empty"), many) for many in (FEW, MANY)}


@pytest.mark.parametrize(
    "address",
    [
        *("/", "/matrix", "/matrix?basis=stated", "/matrix?view=recommendations", "/matrix?view=links"),
        *("/gaps", "/gaps?reason=single_source", "/action-plan", "/action-plan?recommendation=R1", "/actions/A1"),
    ],
)
def test_a_page_of_much_takes_no_more_statements_than_one_of_little(
    records: dict[int, Database], opens: Opens, address: str
) -> None:
    ran = {}
    for many, record in records.items():
        app = opens(record)
        with counted(*app.extensions["mappa"].database.engines) as statements:
            look(app.test_client(), address)
        ran[many] = len(statements)

    assert 0 < ran[MANY] <= ran[FEW]
