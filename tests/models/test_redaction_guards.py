# ruff: noqa: S608 - statements are made of names of our own
"""What the triggers let through of an erasure: what two persons have confirmed, while it is done, and nothing else."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from api.database import Database
from models.items import Item
from models.redaction import without_fingerprints, without_words
from tests.conftest import Databases
from tests.models.half_redacted import DIGEST, Enough, Ground, confirm_only
from tests.models.plain_sql import further, put
from tests.models.redacting import SECOND, WHY, ask, fill, redact

ERASED = "'[redacted]'"
# Confirmed, and about to be erased; asked for, and no more; erased some time ago.
ABOUT_TO, OPEN, DONE = ("E", "R", "A", "P", "T", "G"), "J", "S"


@pytest.fixture(scope="module")
def filled(databases: Databases) -> Iterator[tuple[Database, dict[str, str]]]:
    """The small record with approvals; one thing of it was erased."""
    database = databases.copy("empty")
    fill(database)
    (done,) = redact(database, DONE)
    yield database, {ref: ask(database, ref) for ref in (*ABOUT_TO, OPEN)} | {DONE: done}
    database.close()


@pytest.fixture
def ground(filled: tuple[Database, dict[str, str]]) -> Iterator[Ground]:
    """The same with some approvals confirmed; what a test does to it is rolled back."""
    database, approvals = filled
    with suppress(Enough), database.writing(SECOND, WHY) as session:
        for ref in ABOUT_TO:
            confirm_only(session, approvals[ref])
        yield Ground(session.connection(), approvals)
        raise Enough


def _of(ref: str) -> str:
    return f"id = (SELECT id FROM item WHERE ref = '{ref}')"


def _due(ref: str) -> str:
    return _of(ref).replace("id =", "action_id =", 1)


BLANK = {"source_content": "''", "target_content": "''"}
# What is done to the tables when something is erased.
DONE_TO_TABLES = {
    "the text of a version": put("evidence_version", _of("E"), statement=ERASED),
    "what versions have in common": put("item_version", _of("E"), title=ERASED, content="'another'"),
    "the notes of due dates": put("due_date", _due("A"), note=ERASED),
    "the notes of due dates in versions": put("due_date_version", _due("A"), note=ERASED),
    "what was only appended to": put("progress", _of("P"), statement=ERASED),
    "published text": put("recommendation", _of("R"), text=ERASED, short_name=ERASED),
    "the texts of a link in its versions": put("link_version", "ref = 'T'", rationale=ERASED, review_note=ERASED),
    "what a link remembers": put("link", "ref = 'T'", **BLANK),
    "what a withdrawn link remembers": put("link", "ref = 'U'", **BLANK),
    "what a link remembered": put("link_version", "ref = 'T'", **BLANK),
    "what was withdrawn": further("item", "ref = 'G'", title=ERASED, url=ERASED, content="'another'"),
}
# What is not, though two persons have confirmed that the texts of the thing are to be erased.
NEVER_DONE = {
    "another text": put("evidence_version", _of("E"), statement="'another'"),
    "a word of the vocabulary": put("evidence_version", _of("E"), evidence_kind="'document'"),
    "a text where there was none": put("source_version", _of("G"), method="'survey'", statement=ERASED),
    "who": put("item_version", _of("E"), owner_id="1"),
    "its name": put("item_version", _of("E"), ref="'another'"),
    "the end of a version": put("item_version", _of("E"), title=ERASED, until_seq="until_seq + 1"),
    "a due date": put("due_date", _due("A"), due_on="'2030-01-01'"),
    "a claim": put("progress", _of("P"), statement=ERASED, claimed_status="'complete'"),
    "another report": put("progress", _of("P"), statement="'another'"),
    "another published text": put("recommendation", _of("R"), text="'another'"),
    "another published name": put("recommendation", _of("R"), text=ERASED, id="id + 1000"),
    "another fingerprint": put("link", "ref = 'T'", source_content="'another'", target_content="''"),
    "the strength of a link": put("link", "ref = 'T'", strength="'weak'", **BLANK),
    "the strength of a link in its versions": put("link_version", "ref = 'T'", strength="'weak'", **BLANK),
    "the days of what was withdrawn": further("item", "ref = 'G'", title=ERASED, effective_from="'2020-01-01'"),
    "that it was withdrawn": further("item", "ref = 'G'", title=ERASED, withdrawn_seq="NULL"),
    "two versions at once": put("item", "ref = 'G'", title=ERASED, version="version + 2"),
}
# What nobody has confirmed: nobody has asked for it, or only one has; and what was done is not done again.
NOT_CONFIRMED = {
    "the version of what is only asked for": put("assessment_version", _of("J"), statement=ERASED),
    "what is only asked for": put("assessment", _of("J"), statement=ERASED),
    "the version of what nobody asked for": put("decision_version", _of("D"), statement=ERASED),
    "what nobody asked for": put("decision", _of("D"), statement=ERASED),
    "a title that nobody asked for": put("item_version", _of("D"), title=ERASED),
    "a link that nobody asked for": put("link_version", "ref = 'U'", rationale=ERASED),
    "a version since it was done": put("source_version", f"{_of(DONE)} AND from_seq > 19", method="'survey'"),
    "a title since it was done": put("item_version", f"{_of(DONE)} AND from_seq > 19", title=ERASED, locator="NULL"),
}


@pytest.mark.parametrize("what", DONE_TO_TABLES)
def test_what_is_confirmed_is_erased_from_the_tables(ground: Ground, what: str) -> None:
    refused = ground.refuses(DONE_TO_TABLES[what])

    assert not refused


@pytest.mark.parametrize("what", NEVER_DONE)
def test_nothing_else_of_what_is_confirmed_is_altered(ground: Ground, what: str) -> None:
    refused = ground.refuses(NEVER_DONE[what])

    assert refused


@pytest.mark.parametrize("what", NOT_CONFIRMED)
def test_what_is_not_confirmed_is_not_erased(ground: Ground, what: str) -> None:
    refused = ground.refuses(NOT_CONFIRMED[what])

    assert refused


@pytest.mark.parametrize("what", [*DONE_TO_TABLES, *NEVER_DONE])
def test_before_it_is_confirmed_nothing_is_altered(filled: tuple[Database, dict[str, str]], what: str) -> None:
    database, approvals = filled
    statement = (DONE_TO_TABLES | NEVER_DONE)[what]

    with suppress(Enough), database.writing(SECOND, WHY) as session:
        refused = Ground(session.connection(), approvals).refuses(statement)
        raise Enough

    assert refused


def _erased(ground: Ground, ref: str, where: str, **values: Any) -> dict[str, Any]:
    """What a change of a thing is to say when it is erased."""
    change = ground.change(f"ref = '{ref}' AND kind <> 'approval' AND {where}")
    told = without_words(change) if ref != "U" else without_fingerprints(change)
    approval = ground.approvals["G" if ref == "U" else ref]
    return {**told, "erased": DIGEST, "erased_by": approval, **values}


@pytest.mark.parametrize("ref", [*ABOUT_TO, "U"])
def test_what_is_confirmed_is_erased_from_how_it_came(ground: Ground, ref: str) -> None:
    refused = ground.refuses_change(_erased(ground, ref, "action = 'created'"))

    assert not refused


@pytest.mark.parametrize(("ref", "action"), [("E", "updated"), ("A", "updated"), ("T", "updated"), ("G", "withdrawn")])
def test_what_is_confirmed_is_erased_from_what_came_later(ground: Ground, ref: str, action: str) -> None:
    refused = ground.refuses_change(_erased(ground, ref, f"action = '{action}'"))

    assert not refused


@pytest.mark.parametrize(
    "values",
    [
        {"seq": 999},
        {"at": "2999-01-01T00:00:00.000000Z"},
        {"principal": "another"},
        {"request_id": "another"},
        {"action": "withdrawn"},
        {"kind": "source"},
        {"ref": "another"},
        {"hash": "0" * 64},
        {"reason": "another"},
        {"after": None},
        {"after": {}},
        {"after": {"kind": "evidence"}},
        {"before": {"title": "[redacted]"}},
        {"erased": None},
        {"erased": "f" * 63},
        {"erased": f"{DIGEST} {DIGEST}"},
        {"erased_by": None},
        {"erased_by": "another"},
    ],
    ids=str,
)
def test_nothing_else_of_a_change_is_altered(ground: Ground, values: dict[str, Any]) -> None:
    told = _erased(ground, "E", "action = 'created'")

    refused = ground.refuses_change(told, **values)

    assert refused


@pytest.mark.parametrize("name", ["title", "evidence_kind", "ref", "handling", "source_content", "new"])
def test_no_field_of_a_change_gets_another_value(ground: Ground, name: str) -> None:
    told = _erased(ground, "E", "action = 'created'")

    refused = [ground.refuses_change(told, after=told["after"] | {name: value}) for value in ("another", None, 1)]

    assert refused == [True, True, True]


@pytest.mark.parametrize(
    "due",
    [
        {"number": 1, "due_on": "2021-01-02", "note": "[redacted]"},
        {"number": 2, "due_on": "2021-01-01", "note": "[redacted]"},
        {"number": 1, "due_on": "2021-01-01", "note": "another"},
        {"number": 1, "due_on": "2021-01-01", "note": None},
        None,
    ],
    ids=str,
)
def test_no_due_date_in_a_change_gets_another_day(ground: Ground, due: dict[str, Any] | None) -> None:
    told = _erased(ground, "A", "action = 'created'")

    refused = ground.refuses_change(told, after=told["after"] | {"due_dates": [due] if due else []})

    assert refused


def test_the_change_of_a_link_at_it_keeps_its_texts_and_its_reason(ground: Ground) -> None:
    told = _erased(ground, "U", "action = 'created'")

    refused = [
        ground.refuses_change(told, reason="[redacted]"),
        ground.refuses_change(told, after=told["after"] | {"rationale": "[redacted]"}),
        ground.refuses_change(told, after=told["after"] | {"source_content": "another"}),
    ]

    assert refused == [True, True, True]


@pytest.mark.parametrize(
    ("ref", "by", "where"),
    [
        ("D", "E", "action = 'created'"),
        ("J", "J", "action = 'created'"),
        ("E", "R", "action = 'created'"),
        ("S", "S", "action = 'created'"),
        ("S", "S", "seq > 20"),
    ],
)
def test_no_change_is_erased_by_what_is_not_its_own_approval(ground: Ground, ref: str, by: str, where: str) -> None:
    change = ground.change(f"ref = '{ref}' AND kind <> 'approval' AND {where}")
    told = {**without_words(change), "erased": DIGEST, "erased_by": ground.approvals[by]}

    refused = ground.refuses_change(told)

    assert change
    assert refused


def test_what_was_erased_is_open_no_more(filled: tuple[Database, dict[str, str]]) -> None:
    database, _approvals = filled
    with database.reading() as session:
        item = session.scalars(select(Item).where(Item.ref == DONE)).one()

    with suppress(Enough), database.writing(SECOND, WHY) as session:
        ground = Ground(session.connection(), {})
        refused = [
            ground.refuses(put("source_version", f"id = {item.id}", statement="'another'")),
            ground.refuses(put("item_version", f"id = {item.id}", title="'another'")),
            ground.refuses(put("change", f"ref = '{DONE}'", reason="'another'")),
            ground.refuses(put("change", f"ref = '{DONE}'", erased="NULL", erased_by="NULL")),
        ]
        raise Enough

    assert refused == [True] * 4
