"""A statement that takes too long is stopped, and nothing else is; what is said of an error tells no row."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from api.database import Database
from api.logs import of_database, stopped
from tests.conftest import Databases
from tests.factories import an

ENDLESS = text(
    "WITH RECURSIVE counted(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 2000000000) "
    "SELECT count(*) FROM counted"
)

SECONDS = 0.5


@pytest.fixture
def hasty(databases: Databases) -> Iterator[Database]:
    """A database of which a statement may take half a second."""
    copied = databases.copy("empty")
    database = Database(copied.url.render_as_string(hide_password=False), seconds=SECONDS)
    yield database
    database.close()


def test_stops_a_question_that_takes_too_long(hasty: Database) -> None:
    started = time.monotonic()

    with pytest.raises(DBAPIError) as told, hasty.reading() as session:
        session.execute(ENDLESS).scalar()

    assert stopped(told.value)
    assert time.monotonic() - started >= SECONDS


def test_answers_the_next_question_on_the_same_connection(hasty: Database) -> None:
    for _ in range(3):
        with pytest.raises(DBAPIError), hasty.reading() as session:
            session.execute(ENDLESS).scalar()
        with hasty.reading() as session:
            assert session.execute(text("SELECT 1")).scalar() == 1


def test_counts_the_time_of_each_statement_and_not_of_all(hasty: Database) -> None:
    with hasty.reading() as session:
        for _ in range(3):
            time.sleep(0.4 * SECONDS)
            assert session.execute(text("SELECT 1")).scalar() == 1


def test_writes_nothing_of_a_write_that_was_stopped(hasty: Database) -> None:
    with pytest.raises(DBAPIError), hasty.writing("a writer", "a test") as session:
        an("body", session, ref="B")
        session.execute(ENDLESS).scalar()

    with hasty.reading() as session:
        assert session.execute(text("SELECT count(*) FROM item")).scalar() == 0


def test_takes_nothing_else_for_a_statement_that_was_stopped(hasty: Database) -> None:
    with pytest.raises(DBAPIError) as told, hasty.reading() as session:
        session.execute(text("SELECT nothing FROM nowhere"))

    assert not stopped(told.value)
    assert not stopped(ValueError("interrupted"))


def test_says_of_an_error_what_it_is_and_not_what_was_in_the_row(hasty: Database) -> None:
    with pytest.raises(IntegrityError) as told, hasty.writing("a writer", "a test") as session:
        an("evidence", session, ref="E", title="hellebore", handling="SECRET")

    said = of_database(told.value)

    assert "ck_item_handling" in str(said)
    assert "hellebore" not in str(said)
