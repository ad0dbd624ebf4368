"""Redaction in the record: what it proved it still proves, and an export of it makes the same record again."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from api.database import Database
from api.loading import bring_up_to_date
from api.transfer import read_export, write_export
from models.changes import Change
from models.evidence import Evidence
from models.items import Item
from models.links import Link
from models.redaction import REDACTED, TEXTS
from models.verifier import export_faults, run_on, verify
from models.writing.replay import BadRecord
from tests.conftest import Databases
from tests.models import redacting
from tests.models.redacting import (
    SECOND,
    THINGS,
    WHY,
    ask,
    confirm,
    faults_of,
    fill,
    holding,
    redact,
    review,
    rows_of,
    word,
)
from tests.models.small_records import one_of_everything, random_changes

written, filled = redacting.written, redacting.filled


@pytest.fixture(scope="module")
def erased(databases: Databases) -> Iterator[Database]:
    """The small record with everything in it erased; for reading only."""
    database = databases.copy("empty")
    fill(database)
    redact(database, *THINGS)
    yield database
    database.close()


def _exported(database: Database, file: Path, known_at: str | None = None) -> Path:
    with file.open("wb") as opened:
        write_export(database, known_at, opened)
    return file


def test_the_thing_has_one_more_version_whose_change_tells_no_text(filled: Database) -> None:
    (before,) = (row for row in rows_of(filled, Item.__table__) if row["ref"] == "E")

    (approval,) = redact(filled, "E")

    (after,) = (row for row in rows_of(filled, Item.__table__) if row["ref"] == "E")
    last = rows_of(filled, select(Change.__table__).order_by(Change.seq.desc()).limit(1).subquery())[0]
    assert (after["version"], after["title"]) == (before["version"] + 1, REDACTED)
    assert (last["action"], last["kind"], last["ref"], last["principal"]) == ("updated", "evidence", "E", SECOND)
    assert last["reason"] == WHY
    assert last["before"] == last["after"] == dict.fromkeys((*TEXTS["item"], "statement"), REDACTED)
    assert last["erased"] is None
    assert [row["erased_by"] for row in rows_of(filled, Change.__table__) if row["kind"] == "evidence"][:-1] == (
        [approval] * 2
    )


def test_hashes_times_and_names_in_the_record_stay_as_they_were(filled: Database) -> None:
    kept = ("seq", "at", "principal", "request_id", "action", "kind", "ref", "hash")
    before = [[row[name] for name in kept] for row in rows_of(filled, Change.__table__)]

    redact(filled, *THINGS)

    assert [[row[name] for name in kept] for row in rows_of(filled, Change.__table__)][: len(before)] == before


def test_export_and_import_and_export_are_the_same_bytes(
    erased: Database, databases: Databases, tmp_path: Path
) -> None:
    first = _exported(erased, tmp_path / "first.ndjson")
    other = databases.copy("empty")

    read_export(other, first, lambda _seq: None)

    second = _exported(other, tmp_path / "second.ndjson")
    with first.open("rb") as lines:
        assert export_faults(lines) == []
    assert second.read_bytes() == first.read_bytes()
    assert faults_of(other) == []
    other.close()


def test_an_export_of_a_point_before_its_confirmation_shows_no_two_persons(filled: Database, tmp_path: Path) -> None:
    redact(filled, "E")

    early = _exported(filled, tmp_path / "early.ndjson", known_at="18")

    with early.open("rb") as lines:
        (fault,) = export_faults(lines)
    assert "no two persons" in fault.what
    assert word("E").encode() not in early.read_bytes()
    with pytest.raises(BadRecord):
        read_export(filled, early, lambda _seq: None)


def test_texts_that_come_later_can_be_erased_as_well(filled: Database) -> None:
    redact(filled, "E", "R", "T")
    with filled.writing("a writer", f"again {word('E')}") as session:
        seen = session.scalars(select(Evidence).where(Evidence.ref == "E")).one()
        assert seen.statement == REDACTED
        seen.statement = f"once more {word('E')}"
    with filled.writing("a writer", f"reviewed {word('T')}") as session:
        review(session, f"again {word('T')}")
    assert faults_of(filled) == []

    approvals = redact(filled, "E", "T", "S")

    told = {row["erased_by"] for row in rows_of(filled, Change.__table__)}
    assert any(set(approvals[:2]) <= set(str(by).split()) for by in told)
    assert holding(filled, word("E")) | holding(filled, word("T")) == set()
    assert faults_of(filled) == []


def test_the_verifier_alone_checks_what_was_erased(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'one.db'}")) as database:
        bring_up_to_date(database)
        fill(database)
        redact(database, "E", "R")

    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        found = verify(run_on(connection))

    assert found == []


def test_the_reason_goes_of_a_change_that_told_of_nothing_but_what_was_erased_before(filled: Database) -> None:
    with filled.writing("a writer", "Another statement") as session:
        seen = session.scalars(select(Evidence).where(Evidence.ref == "E")).one()
        assert seen.statement
        seen.statement = "It was seen otherwise."
    with filled.writing("a reader", f"remembered {word('T')}") as session:
        tie = session.scalars(select(Link).where(Link.ref == "T")).one()
        session.refresh(tie)  # what it was has to be known
        tie.remember()

    redact(filled, "E", "T")

    assert holding(filled, word("T")) == set()
    assert faults_of(filled) == []


@pytest.mark.parametrize("seed", range(3))
def test_a_record_that_is_made_and_erased_at_random_is_sound_and_is_made_again(
    database: Database, databases: Databases, tmp_path: Path, seed: int
) -> None:
    rng, erased = Random(seed), list[tuple[str, str]]()  # noqa: S311 - to be drawn again
    with database.writing("an inspector", "to try it") as session:
        one_of_everything(session)
    for turn in range(4):
        with database.writing("a clerk", "to try it") as session:
            random_changes(session, Random(f"{seed} {turn}"), 6)  # noqa: S311 - as above
        of: Any = rng.choice([Item, Item, Link])
        things = sorted((row.get("kind", "link"), row["ref"]) for row in rows_of(database, of.__table__))
        erased.append(rng.choice([thing for thing in things if thing not in erased]))
        confirm(database, ask(database, erased[-1][1], erased[-1][0]))

    first = _exported(database, tmp_path / "first.ndjson")
    other = databases.copy("empty")
    read_export(other, first, lambda _seq: None)

    assert faults_of(database) == faults_of(other) == []
    assert _exported(other, tmp_path / "second.ndjson").read_bytes() == first.read_bytes()
    other.close()
