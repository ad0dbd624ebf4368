"""The second layer: PostgreSQL shows a confined read no row that its reader may not see; SQLite has no such thing."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.database import Database
from models.lens import Lens
from models.markings import Marking, listed
from models.queries.numbers import numbers_of
from models.queries.paging import Wanted
from models.queries.record import list_changes
from models.sight import Sight, beyond_sight
from models.vocabulary import HANDLINGS
from tests.conftest import Databases
from tests.factories import an, link

TODAY = datetime.now(UTC).date()
SOON, PAST = TODAY + timedelta(days=30), TODAY - timedelta(days=30)
LIMITS = (None, frozenset({"own"}), frozenset({"other"}), frozenset({"other", "own"}), frozenset[str]())
EMBARGOES: tuple[tuple[date | None, frozenset[str] | None], ...] = (
    (None, None),
    (PAST, frozenset({"other"})),
    (SOON, frozenset({"other"})),
    (SOON, frozenset({"own"})),
)
MARKINGS = [Marking(*one, *when) for one, when in product(product(HANDLINGS, LIMITS), EMBARGOES)]
SIGHTS = [Sight(clearance, body) for clearance in HANDLINGS for body in (None, "own", "third")]
# Where the text of a thing stands, and how a row of it is known to be the thing's.
TEXTS = {
    "item": "ref",
    "item_version": "ref",
    "evidence": "statement",
    "evidence_version": "statement",
    "change": "ref",
}


def _columns(marking: Marking) -> dict[str, object]:
    return {
        "handling": marking.handling,
        "limited_to": listed(marking.limited_to),
        "embargo_until": marking.embargo_until,
        "embargo_bodies": listed(marking.until_then),
    }


@pytest.fixture(scope="module")
def marked(databases: Databases) -> Iterator[Database]:
    """A database with a piece of evidence of each marking, which its reference and statement name."""
    database = databases.copy("empty")
    with database.writing("a test", "Mark in every way") as session:
        action = an("action", session, ref="action")
        for number, marking in enumerate(MARKINGS):
            told = _columns(marking)
            evidence = an("evidence", session, ref=f"e{number}", statement=f"e{number}", **told)
            link(session, evidence, "demonstrates", action, ref=f"l{number}", **told)
    yield database
    database.close()


def _found(session: Session, table: str, column: str, prefix: str) -> set[str]:
    rows = session.execute(text(f"SELECT {column} FROM {table} WHERE {column} LIKE '{prefix}%'")).scalars()  # noqa: S608
    return {row for row in rows if row[1:].isdecimal()}


@pytest.mark.parametrize("sight", SIGHTS, ids=str)
def test_raw_sql_finds_no_more_than_the_marking_allows(marked: Database, sight: Sight) -> None:
    allowed = {f"e{n}" for n, one in enumerate(MARKINGS) if one.shows_to(sight.clearance, sight.body, TODAY)}
    every = {f"e{number}" for number in range(len(MARKINGS))}

    with marked.reading(sight) as session:
        found = {table: _found(session, table, column, "e") for table, column in TEXTS.items()}
        ties = _found(session, "link", "ref", "l")

    expected = every if marked.is_sqlite else allowed
    assert found == dict.fromkeys(TEXTS, expected)
    assert ties == {f"l{ref[1:]}" for ref in expected}


def test_the_reader_looks_beyond_his_sight_only_where_the_service_says_so(marked: Database) -> None:
    with marked.reading(Sight("OFFICIAL", "own")) as session:
        before = len(_found(session, "item", "ref", "e"))
        with beyond_sight(session):
            beyond = len(_found(session, "item", "ref", "e"))
        after = len(_found(session, "item", "ref", "e"))

    assert beyond == len(MARKINGS)
    assert before == after
    assert (before < beyond) != marked.is_sqlite


def test_a_confined_read_numbers_the_changes_as_any_other(marked: Database) -> None:
    lens = Lens("OFFICIAL", body="own")

    with marked.reading() as session:
        plain = list_changes(session, lens, Wanted(limit=1_000)).rows, numbers_of(session, lens)
    with marked.reading(Sight("OFFICIAL", "own")) as session:
        confined = list_changes(session, lens, Wanted(limit=1_000)).rows, numbers_of(session, lens)

    assert confined == plain
    assert [row["seq"] for row in plain[0]] == list(range(1, len(plain[0]) + 1))
    assert plain[1].hidden


def test_a_confined_read_neither_writes_nor_looks_at_keys(marked: Database) -> None:
    refused = ["UPDATE item SET title = 'x'", "DELETE FROM change"]
    refused += [] if marked.is_sqlite else ["SELECT secret_digest FROM key", "SELECT body FROM reply"]

    for statement in refused:
        with marked.reading(Sight()) as session, pytest.raises(DBAPIError):
            session.execute(text(statement))


def test_no_body_can_have_a_reference_that_says_more(marked: Database) -> None:
    if marked.is_sqlite:
        with marked.reading(Sight(body="x'; RESET ROLE; --")) as session:
            assert session.execute(text("SELECT 1")).scalar() == 1
        return

    with pytest.raises(ValueError, match="no body can have"), marked.reading(Sight(body="x'; RESET ROLE; --")):
        pass
