"""What was stored at an earlier revision: it is brought along whole, and back again."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from api.database import Database
from api.loading import bring_up_to_date
from api.transfer import read_export, write_export
from models.changes import FOREVER, Change
from models.items import Item
from models.lens import Lens
from models.queries.listing import list_items, list_links
from models.queries.paging import Wanted
from models.verifier import START, canonical, hash_of, verify
from models.versions import VERSIONS
from models.vocabulary import KINDS
from tests.conftest import Databases
from tests.models.database_described import TABLES, everything_of, guards_of, indexes_of, rows_of, tables_of
from tests.models.old_record import AT, STORED, TIES, filled_of_old


@pytest.fixture
def old(database: Database) -> Database:
    """A database at the first revision, with a small record, for one test alone."""
    return filled_of_old(database)


@pytest.fixture
def public(database: Database) -> Database:
    """A database at the first revision, with a small record of which everything is for everybody."""
    return filled_of_old(database, "PUBLIC")


@pytest.fixture(scope="module")
def brought(databases: Databases) -> Database:
    """The same record, brought to the newest revision; for reading only."""
    database = filled_of_old(databases.copy("empty"))
    bring_up_to_date(database)
    return database


def test_the_changes_of_the_first_revision_are_chained(brought: Database) -> None:
    changes = rows_of(brought, "change")

    previous = START
    for change in changes:
        assert change["hash"] == hash_of(change, previous)
        previous = change["hash"]
    assert [change["seq"] for change in changes] == list(range(1, len(STORED) + len(TIES) + 1))


def test_the_changes_of_the_first_revision_keep_their_moment(brought: Database) -> None:
    changes = rows_of(brought, "change")

    assert {change["at"] for change in changes} == {AT}


def test_the_states_of_the_first_revision_are_made_canonical_and_say_the_same(old: Database) -> None:
    with old.engine.connect() as connection:
        before = [json.loads(str(after)) for after in connection.scalars(text(AFTER))]

    bring_up_to_date(old)

    with old.engine.connect() as connection:
        states = connection.execute(text('SELECT "before", "after" FROM change ORDER BY seq')).all()
    assert [(None, canonical(state)) for state in before] == states
    assert any("“" in state.after for state in states)


AFTER = 'SELECT CAST("after" AS TEXT) FROM change ORDER BY seq'


@pytest.mark.parametrize("table", VERSIONS)
def test_everything_of_the_first_revision_has_the_one_version_that_it_is(brought: Database, table: str) -> None:
    owner = {"involvement": "item_id", "due_date": "action_id"}.get(table, "id")
    since = len(STORED) if table == "link" else 0

    versions = rows_of(brought, f"{table}_version")

    rows = rows_of(brought, table)
    assert versions == [row | {"from_seq": row[owner] + since, "until_seq": FOREVER} for row in rows]
    assert rows


def test_what_items_of_the_first_revision_say_is_worked_out_as_it_is_now(brought: Database) -> None:
    with brought.reading() as session, session.no_autoflush:
        items = list(session.scalars(select(Item)))
        kept = {item.ref: item.content for item in items}
        for item in items:
            item.settle()

    assert kept == {item.ref: item.content for item in items}
    assert {len(content) for content in kept.values()} == {32}
    assert len(set(kept.values())) == len(STORED)


def test_no_link_of_the_first_revision_is_suspect(brought: Database) -> None:
    with brought.reading() as session:
        now, then = (list_links(session, Lens(known_at=seq), Wanted()).rows for seq in (None, len(STORED) + len(TIES)))

    assert now == then
    assert [(row["id"], row["suspect"], row["changed_ends"]) for row in now] == [
        ("-".join(tie), False, []) for tie in TIES
    ]


def test_the_items_of_the_first_revision_are_known_from_the_change_on_that_made_them(brought: Database) -> None:
    with brought.reading() as session:
        seen = [
            [len(list_items(session, Lens("OFFICIAL", known_at=seq), kind, Wanted()).rows) for kind in KINDS]
            for seq in range(len(STORED) + 1)
        ]

    assert [sum(counts) for counts in seen] == list(range(len(STORED) + 1))
    assert seen[-1] == [1] * len(KINDS)


def test_the_verifier_finds_nothing_in_what_was_brought_from_the_first_revision(brought: Database) -> None:
    with brought.engine.connect() as connection:

        def execute(sql: str) -> tuple[list[str], list[Any]]:
            result = connection.exec_driver_sql(sql)
            return list(result.keys()), list(result.all())

        faults = list(verify(execute))

    assert faults == []


def test_what_was_brought_from_the_first_revision_can_be_written_on(old: Database) -> None:
    bring_up_to_date(old)

    with old.writing("test", "test") as session:
        evidence: Any = session.scalars(select(Item).where(Item.ref == "E")).one()
        assert evidence.statement
        evidence.statement = "Another thing was observed."

    with old.reading() as session:
        suspect = [row["id"] for row in list_links(session, Lens(), Wanted()).rows if row["suspect"]]
        last = session.scalars(select(Change).order_by(Change.seq.desc()).limit(1)).one()
    assert suspect == ["E-supports-R", "E-derived_from-S"]
    assert (last.seq, last.action, last.ref) == (len(STORED) + len(TIES) + 1, "updated", "E")


def test_what_was_brought_from_the_first_revision_can_be_exported_and_imported(
    brought: Database, databases: Databases, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    other = databases.copy("empty")

    with first.open("wb") as file:
        write_export(brought, None, file)
    read_export(other, first, lambda _seq: None)
    with second.open("wb") as file:
        write_export(other, None, file)

    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_going_back_and_coming_again_gives_the_same_rows_schema_and_guards(public: Database, revision: str) -> None:
    bring_up_to_date(public)
    before = {table: rows_of(public, table) for table in TABLES}
    schema, indexes, guards = everything_of(public), indexes_of(public), guards_of(public)

    bring_up_to_date(public, revision)
    tables = tables_of(public)
    bring_up_to_date(public)

    assert bool(tables & {"baseline", "reply", "item_version"}) is (revision > "0001")
    assert bool(tables & {"key", "key_use", "account", "approval", "override"}) is (revision > "0002")
    assert {table: rows_of(public, table) for table in TABLES} == before
    assert (everything_of(public), indexes_of(public), guards_of(public)) == (schema, indexes, guards)


def test_the_first_revision_is_gone_back_to_as_it_was(public: Database) -> None:
    stored = {table: _counted(public, table) for table in ("item", "link", "change", "involvement", "due_date")}

    bring_up_to_date(public)
    bring_up_to_date(public, "0001")

    assert {table: _counted(public, table) for table in stored} == stored
    assert stored["change"] == len(STORED) + len(TIES)


def _counted(database: Database, table: str) -> int | None:
    with database.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(text(table)))
