"""A small record with a word of its own in every text of every thing, and the erasing of one of them.

A test module takes the fixtures by name: `written, filled = redacting.written, redacting.filled`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import String, select
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import Action, DueDate
from models.base import Base
from models.evidence import Evidence
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.redaction import TEXTS
from models.verifier import Fault, verify
from models.writing.markings import approval_of
from models.writing.redaction import ask_redaction, confirm_redaction
from tests.conftest import Databases
from tests.factories import an, link

ASKER, SECOND = "an office", "another person of it"
WHY = "It told of a person"
WHOLE = Lens(whole=True)
# Everything whose texts can be erased, by its reference; the last two were withdrawn.
THINGS = {
    "B": "body",
    "V": "review",
    "R": "recommendation",
    "C": "clause",
    "S": "source",
    "E": "evidence",
    "A": "action",
    "P": "progress",
    "J": "assessment",
    "D": "decision",
    "T": "link",
    "G": "source",
    "U": "link",
}


def word(ref: str) -> str:
    """The word that stands in every text of a thing, and in the reason of each of its changes."""
    return f"word-of-{ref.lower()}-alone"


def _texts(kind: str, ref: str) -> dict[str, Any]:
    """Every text that a thing of a kind has, with its word in it."""
    names = TEXTS["link"] if kind == "link" else (*TEXTS["item"], *TEXTS.get(kind, ()))
    said = {name: f"{name} {word(ref)}" for name in names}
    return said | ({"short_name": word(ref)} if kind == "recommendation" else {})


def _writing(database: Database, ref: str) -> Any:
    """A transaction for one thing alone, whose reason has its word."""
    return database.writing("a writer", f"because of {word(ref)}")


def _add(database: Database, made: dict[str, int], ref: str, /, **values: Any) -> None:
    """Add an item; bodies and wholes are named by their references."""
    with _writing(database, ref) as session:
        found = {
            name: session.get_one(Item, made[value])
            for name, value in values.items()
            if isinstance(value, str) and value in made
        }
        item = an(THINGS[ref], session, **{"ref": ref, **_texts(THINGS[ref], ref), **values, **found})
        made[ref] = item.id


def _tie(database: Database, made: dict[str, int], ref: str, type_: str, ends: str) -> None:
    """Add a link between two items."""
    with _writing(database, ref) as session:
        source, target = (session.get_one(Item, made[end]) for end in ends)
        made[ref] = link(session, source, type_, target, ref=ref, **_texts("link", ref)).id


def fill(database: Database) -> None:
    """Write the record: everything added, some of it changed and reviewed, two of it withdrawn."""
    made: dict[str, int] = {}
    _add(database, made, "B")
    _add(database, made, "V", published_on=date(2020, 1, 1))
    _add(database, made, "R", parent="V", number=1)
    _add(database, made, "C", parent="R", number=1)
    _add(database, made, "S")
    _add(database, made, "G")
    _add(database, made, "E")
    due = DueDate(number=1, due_on=date(2021, 1, 1), note=f"note {word('A')}")
    _add(database, made, "A", owner="B", due_dates=[due])
    _add(database, made, "P", parent="A", number=1)
    _add(database, made, "J", parent="R")
    _add(database, made, "D", parent="R")
    _tie(database, made, "T", "supports", "ER")
    _tie(database, made, "U", "derived_from", "EG")
    with _writing(database, "E") as session:
        seen = session.get_one(Evidence, made["E"])
        assert seen.statement
        seen.statement = f"another statement {word('E')}"
    with _writing(database, "A") as session:
        action = session.get_one(Action, made["A"])
        action.due_dates.append(DueDate(number=2, due_on=date(2022, 1, 1), note=f"later {word('A')}"))
    with _writing(database, "T") as session:
        review(session, f"reviewed {word('T')}")
    for ref, of in (("U", Link), ("G", Item)):
        with _writing(database, ref) as session:
            thing: Any = session.get_one(of, made[ref])
            thing.withdraw()


@pytest.fixture(scope="module")
def written(databases: Databases) -> Database:
    """The small record, of which each test has a copy."""
    database = databases.copy("empty")
    fill(database)
    return database


@pytest.fixture
def filled(written: Database, databases: Databases) -> Iterator[Database]:
    """The small record, for one test alone."""
    made = databases.copy_of(written)
    yield made
    made.close()


def review(session: Session, note: str) -> None:
    """Look at the link again, and find it valid."""
    tie = session.scalars(select(Link).where(Link.ref == "T")).one()
    session.refresh(tie)  # what it was has to be known
    tie.remember()
    tie.finding, tie.review_note = "valid", note
    session.flush()


def ask(database: Database, ref: str, kind: str | None = None) -> str:
    """Ask for a thing to be erased; the reference of the approval."""
    with database.writing(ASKER, WHY) as session:
        return ask_redaction(session, WHOLE, {"kind": kind or THINGS[ref], "ref": ref}, ASKER)


def confirm(database: Database, approval: str) -> str:
    """Confirm it; the reference of the approval again."""
    with database.writing(SECOND, WHY) as session:
        confirm_redaction(session, WHOLE, approval_of(session, approval), SECOND)
    return approval


def redact(database: Database, *refs: str) -> list[str]:
    """Erase things, one after another; the references of the approvals."""
    return [confirm(database, ask(database, ref)) for ref in refs]


def faults_of(database: Database) -> list[Fault]:
    """What the verifier finds."""
    with database.reading() as session:
        connection = session.connection()

        def execute(sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
            found = connection.exec_driver_sql(sql)
            return list(found.keys()), [tuple(row) for row in found]

        return verify(execute)


def rows_of(database: Database, table: Any) -> list[dict[str, Any]]:
    """The rows of a table; changes in their order."""
    order = [table.c.seq] if "seq" in table.c and table.name == "change" else []
    with database.reading() as session:
        return [dict(row) for row in session.execute(select(table).order_by(*order)).mappings()]


def texts_of(database: Database) -> Iterator[tuple[str, str]]:
    """Every text of every table, with the table's name."""
    with database.reading() as session:
        for name, table in Base.metadata.tables.items():
            texts = [column for column in table.columns if isinstance(column.type, String)]
            for row in session.execute(select(*texts)) if texts else ():
                yield from ((name, str(value)) for value in row if value is not None)


def holding(database: Database, what: str) -> set[str]:
    """The tables that hold a word."""
    return {name for name, value in texts_of(database) if what in value}
