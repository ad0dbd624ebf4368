"""The migrations: they make exactly the schema that the classes describe, there and back, and keep what is stored."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Inspector, func, inspect, select, text

from api.database import Database
from api.loading import bring_up_to_date
from api.transfer import read_export, write_export
from models.base import Base
from models.baselines import Baseline
from models.changes import FOREVER, Change
from models.items import Item
from models.lens import Lens
from models.links import LINK_RULES
from models.queries.listing import Wanted, list_items, list_links
from models.replies import Reply
from models.schema import TooNew, current, newest
from models.verifier import START, canonical, hash_of, verify
from models.versions import VERSIONS
from models.vocabulary import KINDS
from tests.conftest import Databases

assert {Baseline.__tablename__, Reply.__tablename__} <= set(Base.metadata.tables)  # the metadata is whole
TABLES = sorted(Base.metadata.tables)
# The index on an expression cannot be read back on SQLite; its text is compared instead.
UNREADABLE = r"(Skipped unsupported reflection of|autogenerate skipping metadata-specified) expression-based index"


def _plain(index: Any) -> dict[str, Any]:
    """An index whose conditions can be compared."""
    return {**index, "dialect_options": {name: str(value) for name, value in index["dialect_options"].items()}}


def _described(inspector: Inspector, table: str) -> dict[str, Any]:
    """Everything that the database says of a table."""
    columns = sorted(inspector.get_columns(table), key=lambda column: column["name"])
    return {
        "columns": [{**column, "type": str(column["type"])} for column in columns],
        "primary": inspector.get_pk_constraint(table),
        "foreign": sorted(inspector.get_foreign_keys(table), key=lambda key: str(key["name"])),
        "unique": sorted(inspector.get_unique_constraints(table), key=lambda key: str(key["name"])),
        "checks": sorted(inspector.get_check_constraints(table), key=lambda check: str(check["name"])),
        "indexes": sorted(map(_plain, inspector.get_indexes(table)), key=lambda index: str(index["name"])),
    }


def _everything(database: Database) -> dict[str, dict[str, Any]]:
    """What the database says of all of its tables."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        inspector = inspect(database.engine)
        return {table: _described(inspector, table) for table in TABLES}


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_the_migrated_schema_differs_in_nothing_that_alembic_compares(database: Database) -> None:
    with database.engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", UNREADABLE)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert differences == []


def test_the_migrated_schema_has_every_constraint_as_the_classes_have_it(database: Database) -> None:
    migrated = _everything(database)

    bring_up_to_date(database, "base")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        Base.metadata.create_all(connection)
    described = _everything(database)

    assert len(migrated["item"]["checks"]) == 13
    for table in TABLES:
        assert migrated[table] == described[table]


def test_the_index_on_an_expression_is_there(database: Database) -> None:
    where = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'uq_item_external_id'",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE indexname = 'uq_item_external_id'",
    }

    with database.engine.connect() as connection:
        defined = connection.scalar(text(where[connection.dialect.name])) or ""

    assert defined.startswith("CREATE UNIQUE INDEX")
    assert "coalesce(owner_id, 0), external_id)" in defined.lower()


def test_going_back_leaves_no_table_and_coming_again_makes_the_same(database: Database) -> None:
    before = _everything(database)

    bring_up_to_date(database, "base")
    nothing = _tables(database)
    bring_up_to_date(database)

    assert nothing == set()
    assert _tables(database) == set(TABLES)
    assert _everything(database) == before


def test_going_back_and_coming_again_brings_every_guard(database: Database) -> None:
    before = _guards(database)

    bring_up_to_date(database, "base")
    none = _guards(database)
    bring_up_to_date(database)

    assert none == set()
    assert _guards(database) == before
    assert len(before) > len(VERSIONS)


def _guards(database: Database) -> set[tuple[str, str]]:
    """The triggers of the database, with what each does."""
    triggers = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    }
    with database.engine.connect() as connection:
        return {(name, sql) for name, sql in connection.execute(text(triggers[connection.dialect.name]))}


def test_a_database_that_is_up_to_date_stays_as_it_is(database: Database) -> None:
    before = _everything(database)

    bring_up_to_date(database)

    assert _everything(database) == before
    with database.engine.connect() as connection:
        assert current(connection) == newest()


@pytest.mark.parametrize("revision", ["head", "base", "0001"])
def test_refuses_a_database_of_a_newer_version(database: Database, revision: str) -> None:
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(TooNew, match="9999"):
        bring_up_to_date(database, revision)

    assert _tables(database) == set(TABLES)
    with database.engine.connect() as connection:
        assert current(connection) == "9999"


def test_the_rules_of_links_in_the_database_are_those_of_the_code(database: Database) -> None:
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT type, source_kind, target_kind FROM link_rule")).mappings().all()

    def order(rule: Any) -> tuple[str, ...]:
        return tuple(rule.values())

    assert sorted(map(dict, rows), key=order) == sorted(LINK_RULES, key=order)


def test_every_table_of_sqlite_is_strict(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'strict.db'}")
    bring_up_to_date(database)

    with database.engine.connect() as connection:
        rows = connection.execute(text("PRAGMA table_list")).mappings().all()
    database.close()

    assert {row["name"] for row in rows if row["strict"]} == set(TABLES)


LED, PUBLISHED = {"role": "lead", "body": "B"}, {"role": "publisher", "body": "B"}
DUE = {"number": 1, "due_on": "2021-01-01", "note": None}
# What was stored at the first revision, in the order of the record: kind, fields of every kind, fields of its own.
STORED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("body", {"ref": "B", "title": "A “body”"}, {"is_group": False}),
    ("review", {"ref": "V", "title": "A review", "bodies": [PUBLISHED]}, {"published_on": "2020-01-01"}),
    (
        "recommendation",
        {"ref": "R", "title": "Asked", "parent": "V", "number": 1, "bodies": [LED]},
        {"category": "recommendation", "text": "It should – say they – do the thing.", "short_name": "Thing"},
    ),
    ("clause", {"ref": "R.1", "title": "Asked", "parent": "R", "number": 1}, {"span_start": 0, "span_end": 9}),
    ("source", {"ref": "S", "title": "Talks", "period": "2019"}, {"source_class": "fieldwork", "sample_size": 12}),
    (
        "evidence",
        {"ref": "E", "title": "Seen", "effective_from": "2019-05-01", "url": "https://example.org/é"},
        {"evidence_kind": "observation", "statement": 'A thing\nwas "observed".'},
    ),
    ("action", {"ref": "A", "title": "To do", "owner": "B", "due_dates": [DUE]}, {}),
    (
        "progress",
        {"ref": "P", "title": "Done", "parent": "A", "number": 1, "effective_from": "2021-02-01"},
        {"claimed_status": "under_way", "statement": "It was begun."},
    ),
    ("assessment", {"ref": "J", "title": "Judged", "parent": "R", "handling": "OFFICIAL"}, {"verdict": "not_met"}),
    ("decision", {"ref": "D", "title": "Decided", "parent": "R"}, {"decision": "proposed", "statement": "Not yet."}),
]
TIES = [("E", "supports", "R"), ("E", "derived_from", "S"), ("A", "addresses", "R")]
AT = "2026-01-02T03:04:05.000678Z"


def _insert(table: str, **values: Any) -> str:
    """A statement with its values in it, as either engine reads them."""

    def literal(value: Any) -> str:
        quoted = str(value).replace("'", "''")
        return "NULL" if value is None else str(value) if isinstance(value, int) else f"'{quoted}'"

    columns = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(map(literal, values.values()))})"  # noqa: S608 - our own


def _old_change(seq: int, kind: str, after: dict[str, Any], *, sqlite: bool) -> str:
    """A change as the first revision kept it: a time in the engine's own form, a state with spaces and escapes."""
    at = "2026-01-02 03:04:05.000678" if sqlite else "2026-01-02 05:04:05.000678+02"
    told = {"action": "created", "kind": kind, "ref": after["ref"], "before": "null" if seq == 1 else None}
    return _insert("change", seq=seq, at=at, principal="loader", reason="“Load”", **told, after=json.dumps(after))


def _old_item(seq: int, kind: str, fields: dict[str, Any], own: dict[str, Any]) -> Iterator[str]:
    """An item as the first revision kept it."""
    ids = {item["ref"]: (number, kind) for number, (kind, item, _) in enumerate(STORED, start=1)}
    row = {name: value for name, value in fields.items() if name not in {"parent", "owner", "bodies", "due_dates"}}
    for role in ("parent", "owner"):
        if role in fields:
            row[f"{role}_id"], row[f"{role}_kind"] = ids[fields[role]]
    stamps = {"id": seq, "kind": kind, "external_id": fields["ref"], "version": 1, "created_seq": seq}
    yield _insert("item", **{"handling": "PUBLIC"} | row | stamps)
    yield _insert(kind, id=seq, **own)
    for part in fields.get("bodies", ()):
        body = ids[part["body"]][0]
        yield _insert("involvement", item_id=seq, item_kind=kind, role=part["role"], body_id=body, position=1)
    for due in fields.get("due_dates", ()):
        yield _insert("due_date", action_id=seq, **due)


def _old_statements(*, sqlite: bool) -> Iterator[str]:
    """Everything that was stored at the first revision."""
    for seq, (kind, fields, own) in enumerate(STORED, start=1):
        told = {"kind": kind, "handling": "PUBLIC", "external_id": fields["ref"]} | fields
        told |= own if kind != "body" else {}  # what was not given was not told
        yield _old_change(seq, kind, told, sqlite=sqlite)
        yield from _old_item(seq, kind, fields, own)
    ids = {item["ref"]: (number, kind) for number, (kind, item, _) in enumerate(STORED, start=1)}
    for number, (source, type_, target) in enumerate(TIES, start=1):
        seq = len(STORED) + number
        said = {"basis": "stated", "rationale": "“Because”", "asserted_by": "a test", "handling": "PUBLIC"}
        said |= {"ref": f"{source}-{type_}-{target}", "type": type_}
        yield _old_change(seq, "link", {"source": source, "target": target, **said}, sqlite=sqlite)
        ends = {
            f"{end}_{part}": ids[ref][place]
            for end, ref in (("source", source), ("target", target))
            for place, part in enumerate(("id", "kind"))
        }
        yield _insert("link", id=number, **said, **ends, version=1, created_seq=seq)


def _filled_of_old(database: Database) -> Database:
    """A database put back to the first revision, with a small record."""
    bring_up_to_date(database, "base")
    bring_up_to_date(database, "0001")
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        for statement in _old_statements(sqlite=database.is_sqlite):
            connection.exec_driver_sql(statement)
    return database


@pytest.fixture
def old(database: Database) -> Database:
    """A database at the first revision, with a small record, for one test alone."""
    return _filled_of_old(database)


@pytest.fixture(scope="module")
def brought(databases: Databases) -> Database:
    """The same record, brought to the newest revision; for reading only."""
    database = _filled_of_old(databases.copy("empty"))
    bring_up_to_date(database)
    return database


def _rows(database: Database, table: str) -> list[dict[str, Any]]:
    """The rows of a table, in the order of its key."""
    kept = Base.metadata.tables[table]
    with database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(kept).order_by(*kept.primary_key)).mappings()]


def test_the_changes_of_the_first_revision_are_chained(brought: Database) -> None:
    changes = _rows(brought, "change")

    previous = START
    for change in changes:
        assert change["hash"] == hash_of(change, previous)
        previous = change["hash"]
    assert [change["seq"] for change in changes] == list(range(1, len(STORED) + len(TIES) + 1))


def test_the_changes_of_the_first_revision_keep_their_moment(brought: Database) -> None:
    changes = _rows(brought, "change")

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

    versions = _rows(brought, f"{table}_version")

    rows = _rows(brought, table)
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


def test_going_back_to_the_first_revision_and_coming_again_gives_the_same_rows(old: Database) -> None:
    bring_up_to_date(old)
    before = {table: _rows(old, table) for table in TABLES}
    schema = _everything(old)

    bring_up_to_date(old, "0001")
    tables = _tables(old)
    bring_up_to_date(old)

    assert not tables & {"baseline", "reply", "item_version"}
    assert {table: _rows(old, table) for table in TABLES} == before
    assert _everything(old) == schema


def test_the_first_revision_is_gone_back_to_as_it_was(old: Database) -> None:
    stored = {table: _counted(old, table) for table in ("item", "link", "change", "involvement", "due_date")}

    bring_up_to_date(old)
    bring_up_to_date(old, "0001")

    assert {table: _counted(old, table) for table in stored} == stored
    assert stored["change"] == len(STORED) + len(TIES)


def _counted(database: Database, table: str) -> int | None:
    with database.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(text(table)))
