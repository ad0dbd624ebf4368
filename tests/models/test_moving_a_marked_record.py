"""A record with markings, keys, accounts, approvals and overrides is taken from one database to another, whole."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select, text

from api.database import Database
from api.loading import bring_up_to_date
from api.transfer import read_export, write_export
from models.changes import Change, last_seq
from models.errors import PersonalData
from models.guarding import override
from models.keys import digest
from models.lens import Lens
from models.queries.export import export
from models.queries.grants import holder_of_key
from models.verifier import SINGLE, verify
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key, confirm_grant
from models.writing.items import add_item
from models.writing.markings import approval_of, ask_release, confirm_release, raise_marking
from models.writing.overrides import record_overrides
from models.writing.replay import BadRecord
from tests.conftest import ENGINES, Databases
from tests.models.database_described import TABLES, rows_of
from tests.models.small_records import one_of_everything, random_changes

OPERATOR = Lens(HANDLINGS[-1], body="a-body", whole=True)
BORN = {"title": "Seen", "evidence_kind": "observation", "statement": "Date of birth: 01/02/1980, as an example."}


def _write(database: Database) -> str:
    """Write a record by way of the service's own writing; the secret of a key in it."""
    with database.writing("an inspector", "begin") as session:
        one_of_everything(session)
        random_changes(session, Random(5), 20)  # noqa: S311 - to be drawn again
    with database.writing("an inspector", "store it all the same") as session:
        override(session, "An example out of a manual.")
        ref = add_item(session, OPERATOR, "evidence", BORN)
        record_overrides(session, "an inspector")
    with database.writing("an inspector", "raise") as session:
        values = {"handling": "OFFICIAL-SENSITIVE", "limited_to": ["a-body"]}
        raise_marking(session, OPERATOR, "evidence", ref, values)
    with database.writing("an inspector", "ask") as session:
        asked = {"kind": "evidence", "ref": ref, "handling": "OFFICIAL"}
        approval = ask_release(session, OPERATOR, asked, "an inspector")
    with database.writing("another inspector", "confirm") as session:
        confirm_release(session, OPERATOR, approval_of(session, approval), "another inspector")
    grant = {"name": "a feed", "role": "machine", "body": "a-body", "clearance": "OFFICIAL"}
    with database.writing("an administrator", "grant") as session:
        key, secret = add_key(session, OPERATOR, grant, "an administrator", alone=False)
    with database.writing("another administrator", "confirm") as session:
        confirm_grant(session, "key", key, "another administrator")
    return secret


class Written:
    """A database with a record, and the secret of a key in it."""

    def __init__(self, database: Database) -> None:
        self.database, self.secret = database, _write(database)


@pytest.fixture(scope="module")
def written(databases: Databases) -> Written:
    """A record of everything; for reading only."""
    return Written(databases.copy("empty"))


def _empty_sqlite(folder: Path, _postgres: Callable[[str], str]) -> Database:
    return Database(f"sqlite:///{folder / 'other.db'}")


def _empty_postgresql(folder: Path, postgres: Callable[[str], str]) -> Database:
    name, server = folder.name.replace("-", "_"), Database(postgres("postgres"))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    server.close()
    return Database(postgres(name))


@pytest.fixture(params=ENGINES)
def other(request: pytest.FixtureRequest, tmp_path: Path, postgres: Callable[[str], str]) -> Iterator[Database]:
    """A database of either engine with nothing in it, not even the schema."""
    made = {"sqlite": _empty_sqlite, "postgresql": _empty_postgresql}[request.param](tmp_path, postgres)
    yield made
    made.close()


def _exported(database: Database, file: Path, known_at: str | None = None) -> bytes:
    with file.open("wb") as opened:
        write_export(database, known_at, opened)
    return file.read_bytes()


def _plain(row: dict[str, Any], table: str) -> dict[str, Any]:
    """A row without the number that it has in its table, where nothing refers to it."""
    return {name: value for name, value in row.items() if name != "id" or table not in SINGLE}


def test_what_is_read_back_is_the_same_bytes_rows_and_record(written: Written, other: Database, tmp_path: Path) -> None:
    first = _exported(written.database, tmp_path / "first.ndjson")

    count = read_export(other, tmp_path / "first.ndjson", lambda _seq: None)

    assert _exported(other, tmp_path / "second.ndjson") == first
    for table in set(TABLES) - {"key_use"}:
        there, here = (
            [_plain(row, table) for row in rows_of(database, table)] for database in (written.database, other)
        )
        assert there == here, table
    with other.engine.connect() as connection:
        faults = verify(lambda sql: (list((rows := connection.exec_driver_sql(sql)).keys()), rows.all()))
    assert faults == []
    with other.reading() as session:
        assert count == last_seq(session)


def test_whoever_had_a_key_has_it_in_the_other_database_too(written: Written, other: Database, tmp_path: Path) -> None:
    exported = _exported(written.database, tmp_path / "first.ndjson")

    read_export(other, tmp_path / "first.ndjson", lambda _seq: None)

    with other.reading() as session:
        holder = holder_of_key(session, written.secret)
    assert holder is not None
    assert (holder.name, holder.refused, holder.clearance) == ("a feed", None, "OFFICIAL")
    assert written.secret.encode() not in exported
    assert digest(written.secret).encode() in exported


@pytest.mark.parametrize("earlier", [5, 40])
def test_an_earlier_point_is_read_back_as_it_was(
    written: Written, other: Database, tmp_path: Path, earlier: int
) -> None:
    with written.database.reading() as session:
        point = f"{last_seq(session) - earlier}"
    first = _exported(written.database, tmp_path / "first.ndjson", point)

    read_export(other, tmp_path / "first.ndjson", lambda _seq: None)

    assert _exported(other, tmp_path / "second.ndjson") == first


def test_the_record_that_is_moved_has_everything_in_it(written: Written) -> None:
    with written.database.reading() as session:
        kinds = set(map(tuple, session.execute(select(Change.kind, Change.action))))
        told = session.scalars(select(Change.after).where(Change.action == "updated").order_by(Change.seq)).all()

    assert {(kind, "created") for kind in SINGLE} <= kinds
    assert {("key", "updated"), ("account", "updated"), ("approval", "updated"), ("approval", "withdrawn")} <= kinds
    assert [after["handling"] for after in told if "handling" in after][-2:] == ["OFFICIAL-SENSITIVE", "OFFICIAL"]


def test_the_text_that_was_let_pass_would_be_refused_otherwise(written: Written) -> None:
    def store() -> None:
        with written.database.writing("an inspector", "try") as session:
            add_item(session, OPERATOR, "evidence", BORN)

    with pytest.raises(PersonalData) as refused:
        store()

    assert [(found.pointer, found.type) for found in refused.value.findings] == [("/statement", "date_of_birth")]


@pytest.mark.parametrize("lens", [Lens(), Lens(HANDLINGS[-1], body="a-body"), Lens(record="hashed")])
def test_the_part_that_a_reader_sees_is_not_read_back(
    written: Written, database: Database, tmp_path: Path, lens: Lens
) -> None:
    file = tmp_path / "part.ndjson"
    with written.database.reading() as session:
        known = Lens(lens.clearance, known_at=last_seq(session), body=lens.body, record=lens.record)
        file.write_bytes(b"".join(export(session, known)))

    with pytest.raises(BadRecord, match="the part of the record that one reader sees"):
        read_export(database, file, lambda _seq: None)

    assert rows_of(database, "change") == []


def test_a_release_that_nobody_confirmed_is_not_read_back(written: Written, database: Database, tmp_path: Path) -> None:
    bring_up_to_date(database)
    exported = _exported(written.database, tmp_path / "first.ndjson")
    altered = exported.replace(b'"decided_by":"another inspector"', b'"decided_by":"an inspector"')
    (tmp_path / "altered.ndjson").write_bytes(altered)

    with pytest.raises(BadRecord, match=r"its hash does not match|the digest of the manifest"):
        read_export(database, tmp_path / "altered.ndjson", lambda _seq: None)

    assert altered != exported
    assert rows_of(database, "change") == []
