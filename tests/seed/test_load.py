"""Loading a data set: once, whole, and alike on both engines."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from api.database import Database
from api.loading import bring_up_to_date, is_empty, prepare, seed
from models.base import Base
from models.errors import Invalid
from seed.load import MAPPA_2015, BadDataSet, Loaded, entries

COUNT = len(entries(MAPPA_2015))
Change = Callable[[list[dict[str, Any]]], Any]


class _PulledPlug(Exception):
    """The load was interrupted."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data set, to be broken."""
    return Path(shutil.copytree(MAPPA_2015, tmp_path / "mappa_2015"))


def _rewrite(folder: Path, name: str, change: Change) -> None:
    """Change one file of a data set."""
    file = folder / f"{name}.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    change(found)
    file.write_text(json.dumps(found), encoding="utf-8")


def _rows(database: Database) -> dict[str, int]:
    """How many rows each table has that a load writes to."""
    tables = [name for name in Base.metadata.tables if name != "link_rule"]
    with database.engine.connect() as connection:
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) or 0 for name in tables}  # noqa: S608


def _nothing(database: Database) -> bool:
    return set(_rows(database).values()) == {0}


def test_a_load_adds_every_entry(database: Database) -> None:
    loaded = seed(database, MAPPA_2015)

    rows = _rows(database)
    assert loaded == Loaded(COUNT, 0)
    assert rows["item"] + rows["link"] == rows["change"] == COUNT


def test_a_second_load_adds_nothing_and_records_nothing(database: Database) -> None:
    seed(database, MAPPA_2015)
    before = _rows(database)

    again = seed(database, MAPPA_2015)

    assert again == Loaded(0, COUNT)
    assert _rows(database) == before


def test_a_load_adds_what_is_missing_to_what_is_there(database: Database, folder: Path) -> None:
    _rewrite(folder, "links", lambda links: links.clear())
    without_links = seed(database, folder)

    rest = seed(database, MAPPA_2015)

    assert (rest.added, rest.present) == (COUNT - without_links.added, without_links.added)


def _unknown_word(found: list[dict[str, Any]]) -> None:
    found[-1]["confidence"] = "certain"


def _bad_period(found: list[dict[str, Any]]) -> None:
    found[-1]["period"] = "late 2016"


def _unknown_field(found: list[dict[str, Any]]) -> None:
    found[-1]["importance"] = "high"


def _unknown_parent(found: list[dict[str, Any]]) -> None:
    found[-1]["parent"] = "nowhere"


def _unknown_end(found: list[dict[str, Any]]) -> None:
    found[-1]["target"] = "nowhere"


def _wrong_kinds(found: list[dict[str, Any]]) -> None:
    found[-1].update(source="S01", type="supports", target="R1")


def _twice(found: list[dict[str, Any]]) -> None:
    found.append(found[-1] | {"ref": "another"})


@pytest.mark.parametrize(
    ("name", "change", "refusal"),
    [
        ("evidence", _unknown_word, IntegrityError),
        ("evidence", _twice, IntegrityError),
        ("evidence", _bad_period, Invalid),
        ("evidence", _unknown_field, TypeError),
        ("progress", _unknown_parent, BadDataSet),
        ("assessments", _unknown_parent, BadDataSet),
        ("links", _unknown_end, BadDataSet),
        ("links", _wrong_kinds, IntegrityError),
    ],
)
def test_a_broken_entry_leaves_the_database_empty(
    database: Database, folder: Path, name: str, change: Change, refusal: type[Exception]
) -> None:
    _rewrite(folder, name, change)

    with pytest.raises(refusal):
        seed(database, folder)

    assert _nothing(database)


@pytest.mark.parametrize(("name", "field"), [("links", "rationale"), ("evidence", "title"), ("bodies", "title")])
def test_two_entries_with_one_reference_that_say_different_things_leave_the_database_empty(
    database: Database, folder: Path, name: str, field: str
) -> None:
    _rewrite(folder, name, lambda found: found.append(found[0] | {field: "Something else"}))

    with pytest.raises((BadDataSet, IntegrityError)):
        seed(database, folder)

    assert _nothing(database)


def test_refuses_a_reference_that_belongs_to_something_else(database: Database, folder: Path) -> None:
    seed(database, MAPPA_2015)
    before = _rows(database)
    _rewrite(folder, "evidence", lambda found: found[0].update(external_id="F999"))

    with pytest.raises(BadDataSet, match="F013"):
        seed(database, folder)

    assert _rows(database) == before


@pytest.mark.parametrize("after", [1, COUNT // 2, COUNT])
def test_an_interrupted_load_leaves_nothing(database: Database, after: int) -> None:
    dealt_with: list[str] = []

    def advance(ref: str) -> None:
        dealt_with.append(ref)
        if len(dealt_with) == after:
            raise _PulledPlug

    with pytest.raises(_PulledPlug):
        seed(database, MAPPA_2015, advance)

    assert len(dealt_with) == after
    assert _nothing(database)


def test_a_load_after_an_interrupted_one_is_whole(database: Database) -> None:
    def pull(_ref: str) -> None:
        raise _PulledPlug

    with pytest.raises(_PulledPlug):
        seed(database, MAPPA_2015, pull)
    loaded = seed(database, MAPPA_2015)

    assert loaded == Loaded(COUNT, 0)


def test_each_reference_is_told_once_as_it_is_dealt_with(database: Database) -> None:
    told: list[str] = []

    seed(database, MAPPA_2015, told.append)

    assert len(told) == len(set(told)) == COUNT
    assert told[0] == "hmics"


def test_an_empty_database_is_prepared_and_one_with_something_is_left(database: Database) -> None:
    bring_up_to_date(database, "base")

    first = prepare(database, MAPPA_2015)
    second = prepare(database, MAPPA_2015)

    assert (first, second) == (Loaded(COUNT, 0), None)
    assert not is_empty(database)


def _dump(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table through its types, without the time of writing and what follows from it."""
    found = {}
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name not in {"at", "hash"}]
            rows = connection.execute(table.select().with_only_columns(*columns).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
    return found


def test_both_engines_hold_the_same(tmp_path: Path, postgres: Callable[[str], str]) -> None:
    server = Database(postgres("postgres"))
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE same"))
    server.close()
    dumps = []
    for url in (f"sqlite:///{tmp_path / 'same.db'}", postgres("same")):
        database = Database(url)
        prepare(database, MAPPA_2015)
        dumps.append(_dump(database))
        database.close()

    embedded, served = dumps

    assert len(embedded["item"]) + len(embedded["link"]) == COUNT
    for name, rows in embedded.items():
        assert rows == served[name]
