"""The schema goes back and comes again: `python -m tests.faults.migrating 10000` on a record of so many changes.

The record goes back to every earlier revision and comes again, and its export is the same bytes each time. The control
alters one title while it is back.
"""

import argparse
import hashlib
import sys
from contextlib import closing
from io import BytesIO
from typing import NamedTuple

from sqlalchemy import text

from api.database import Database
from api.loading import bring_up_to_date
from api.transfer import write_export
from models.verifier import verify
from tests.faults.ground import ENGINES, Ground, ground_of
from tests.faults.ledger import runs_on
from tests.faults.records import filled
from tests.faults.tally import CONSOLE, Advance, shown

REVISIONS, FIRST = ("0005", "0004", "0003", "0002"), "0001"


class Migrated(NamedTuple):
    """How many changes there were, and what was not the same after going back to which revision."""

    changes: int
    revisions: int
    differences: list[str]

    def __str__(self) -> str:
        """Everything in a line."""
        return (
            f"{self.changes:,} changes, back to each of {self.revisions} revisions and up again, "
            f"{len(self.differences)} differences"
        )


def _digest(database: Database) -> str:
    """The SHA-256 of the export."""
    content = BytesIO()
    write_export(database, None, content)
    return hashlib.sha256(content.getvalue()).hexdigest()


def migrated(ground: Ground, changes: int, advance: Advance) -> Migrated:
    """Go back to every revision and come again, with a record that was altered and with one that was only added to.

    Going back to the first revision would lose what altered things were, and has to be refused.
    """
    url, _place = ground.nothing()
    count, found = filled(url, changes), list[str]()
    with closing(Database(url)) as database:
        before = _digest(database)
        for revision in REVISIONS:
            found += _back_and_forth(database, revision, before)
            advance()
        try:
            bring_up_to_date(database, FIRST)
            found.append(f"{FIRST} lost what altered things were")
        except RuntimeError:
            found += _differences(database, "after a refusal", before)
        advance()
    url, _place = ground.nothing()
    count += filled(url, changes // 2, altered=0)
    with closing(Database(url)) as database:
        found += _back_and_forth(database, FIRST, _digest(database))
    advance()
    return Migrated(count, len(REVISIONS) + 1, found)


def altered(ground: Ground, advance: Advance) -> Migrated:
    """The control: a title is altered while the schema is back."""
    url, _place = ground.nothing()
    count = filled(url, 200, altered=0)
    with closing(Database(url)) as database:
        before = _digest(database)
        bring_up_to_date(database, FIRST)
        _alter(database)
        bring_up_to_date(database)
        found = _differences(database, FIRST, before)
    advance()
    return Migrated(count, 1, found)


def _back_and_forth(database: Database, revision: str, before: str) -> list[str]:
    """Go back to a revision and come again: what is then another."""
    bring_up_to_date(database, revision)
    bring_up_to_date(database)
    return _differences(database, revision, before)


def _differences(database: Database, called: str, before: str) -> list[str]:
    """Whether the export differs, and the first fault that the verifier finds."""
    found = [] if _digest(database) == before else [f"{called}: the export differs"]
    with database.reading() as session:
        faults = verify(runs_on(session.connection()))
    return found + [f"{called}: {fault.where}: {fault.what}" for fault in faults[:1]]


def _alter(database: Database) -> None:
    """Alter one title behind the record's back."""
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE item SET title = 'Another title' WHERE ref = 'evidence-1'"))


def main() -> None:
    """Read what is asked for, go back and forth, and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.migrating", description=__doc__)
    parser.add_argument("changes", type=int, nargs="?", default=10_000)
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0])
    args = parser.parse_args()
    with ground_of(args.engine) as ground:
        with shown(f"Going back and coming again on {args.engine}", len(REVISIONS) + 2) as advance:
            found = migrated(ground, args.changes, advance)
        with shown("The control, which alters a title", 1) as advance:
            control = altered(ground, advance)
    sys.stdout.write(f"migrations on {args.engine}: {found}\n  control: {control}\n")
    if not control.differences:
        CONSOLE.print("The control was found to be the same: this proves nothing.")
    if found.differences or not control.differences:
        CONSOLE.print(str(found.differences), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
