"""Redaction: what two persons have erased is nowhere any more, and the record still proves what it proved."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, select

from api.database import Database
from api.loading import bring_up_to_date
from models.actions import DueDate
from models.approvals import Approval
from models.errors import Conflict, NotFound
from models.items import Item
from models.lens import Lens
from models.links import Link
from models.nouns import NOUNS
from models.redaction import TEXTS
from models.replies import Reply, Told, keep_reply
from models.versions import VERSIONS
from models.writing.markings import approval_of, decline
from models.writing.redaction import ask_redaction, confirm_redaction
from tests.conftest import Databases
from tests.models import redacting
from tests.models.redacting import (
    ASKER,
    SECOND,
    THINGS,
    WHOLE,
    WHY,
    ask,
    faults_of,
    fill,
    holding,
    redact,
    review,
    rows_of,
    word,
)

# Texts that stay: what a thing is called, whose it is, who may see it, words of the vocabulary, and who and when.
KEPT = {
    "kind",
    "ref",
    "external_id",
    "parent_kind",
    "owner_kind",
    "period",
    "publication_type",
    "confidence",
    "content",
    "handling",
    "limited_to",
    "embargo_bodies",
    "new_handling",
    "stubs_for",
    "category",
    "source_class",
    "method",
    "evidence_kind",
    "claimed_status",
    "verdict",
    "decision",
    "decided_by",
    "unmet",
    "roll_up",
    "delay",
    "set_by",
    "type",
    "source_kind",
    "target_kind",
    "basis",
    "strength",
    "asserted_by",
    "source_content",
    "target_content",
    "finding",
    "reviewed_by",
    "reviewed_at",
}


written, filled = redacting.written, redacting.filled


@pytest.fixture(scope="module")
def erased(databases: Databases) -> Iterator[Database]:
    """The small record with everything in it erased; for reading only."""
    database = databases.copy("empty")
    fill(database)
    redact(database, *THINGS)
    yield database
    database.close()


def test_every_text_of_every_table_of_things_is_either_erased_or_said_to_stay() -> None:
    tables: Any = [Item.__table__, Link.__table__, DueDate.__table__, *(noun.__table__ for noun in NOUNS.values())]

    texts = {(table.name, column.name) for table in tables for column in table.c if isinstance(column.type, String)}

    assert {name for table, name in texts if name not in TEXTS.get(table, ())} == KEPT
    assert {(table, name) for table, names in TEXTS.items() for name in names} <= texts


@pytest.mark.parametrize("ref", THINGS, ids=lambda ref: f"{THINGS[ref]}-{ref}")
def test_what_is_erased_is_in_no_table_and_everything_else_still_is(filled: Database, ref: str) -> None:
    before = {other: holding(filled, word(other)) for other in THINGS}

    redact(filled, ref)

    assert {"change"} < before[ref]
    assert holding(filled, word(ref)) == set()
    assert {other: holding(filled, word(other)) for other in THINGS} == before | {ref: set()}
    assert faults_of(filled) == []


def test_everything_can_be_erased_and_the_record_is_sound(erased: Database) -> None:
    found = {ref: holding(erased, word(ref)) for ref in THINGS}

    assert found == {ref: set() for ref in THINGS}
    assert faults_of(erased) == []


def test_the_file_of_sqlite_does_not_hold_it_either(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'one.db'}")) as database:
        bring_up_to_date(database)
        fill(database)

        redact(database, *THINGS)

        held = b"".join(file.read_bytes() for file in sorted(tmp_path.glob("one.db*")))
    assert len(held) > 100_000
    assert [ref for ref in THINGS if word(ref).encode() in held] == []


def test_the_fingerprints_of_what_it_said_are_gone(filled: Database) -> None:
    said = {row["content"] for row in rows_of(filled, VERSIONS["item"]) if row["ref"] == "E"}

    redact(filled, "E")

    assert len(said) == 2
    assert {content: holding(filled, content) for content in said} == {content: set() for content in said}


def test_the_links_at_it_are_suspect_until_somebody_reviews_them(filled: Database) -> None:
    def suspects() -> dict[str, bool]:
        with filled.reading() as session:
            link = WHOLE.links()
            return {ref: bool(suspect) for ref, suspect in WHOLE.read(session, select(link.c.ref, link.c.suspect))}

    before = suspects()
    redact(filled, "R")
    after = suspects()
    with filled.writing("a reader", "Read again") as session:
        review(session, "It still holds.")

    assert (before, after, suspects()) == ({"T": False}, {"T": True}, {"T": False})
    assert faults_of(filled) == []


def test_a_link_that_is_changed_without_a_review_stays_suspect(filled: Database) -> None:
    redact(filled, "R")

    with filled.writing("a reader", "Weaker") as session:
        tie = session.scalars(select(Link).where(Link.ref == "T")).one()
        assert tie.strength is None
        session.refresh(tie)
        tie.strength = "weak"

    assert {(row["source_content"], row["target_content"]) for row in rows_of(filled, Link.__table__)} >= {("", "")}
    assert faults_of(filled) == []


def test_an_answer_that_was_kept_is_forgotten_if_it_names_the_thing(filled: Database) -> None:
    with filled.writing("a writer", "Keep") as session:
        for key, body in (("of it", f'{{"ref":"E","title":"{word("E")}"}}'), ("of another", '{"ref":"E2"}')):
            keep_reply(session, "a writer", key, Told("request", 201, None, None, body))

    redact(filled, "E")

    assert [row["key"] for row in rows_of(filled, Reply.__table__)] == ["of another"]


def test_what_says_nothing_more_cannot_be_erased_again(filled: Database) -> None:
    redact(filled, "E")

    with pytest.raises(Conflict, match="erased already"):
        ask(filled, "E")


def test_whoever_asked_cannot_confirm_and_nothing_is_erased(filled: Database) -> None:
    approval = ask(filled, "E")

    with filled.writing(ASKER, WHY) as session, pytest.raises(Conflict, match="a second person has to"):
        confirm_redaction(session, WHOLE, approval_of(session, approval), ASKER)

    assert "evidence" in holding(filled, word("E"))


def test_what_was_declined_is_not_erased(filled: Database) -> None:
    approval = ask(filled, "E")
    with filled.writing(SECOND, WHY) as session:
        decline(session, approval_of(session, approval), SECOND)

    with filled.writing(SECOND, WHY) as session, pytest.raises(Conflict, match="declined already"):
        confirm_redaction(session, WHOLE, approval_of(session, approval), SECOND)

    assert "evidence" in holding(filled, word("E"))
    assert {row["erased"] for row in rows_of(filled, Approval.__table__)} == {None}


def test_what_the_asker_does_not_see_cannot_be_asked_for(filled: Database) -> None:
    with filled.writing("a writer", "Hide") as session:
        session.scalars(select(Item).where(Item.ref == "S")).one().handling = "OFFICIAL"

    with filled.writing(ASKER, WHY) as session, pytest.raises(NotFound):
        ask_redaction(session, Lens(), {"kind": "source", "ref": "S"}, ASKER)
