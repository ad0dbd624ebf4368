"""A database that is filled in bulk is one that the write path would have made."""

from pathlib import Path

from sqlalchemy import inspect, text

from api.database import Database
from api.transfer import read_export, write_export
from bench.filling import fill
from bench.programme import FIXED, M, S, ties
from models.verifier import chain_faults, table_faults
from tests.conftest import Databases


def _whole(database: Database) -> list[object]:
    """What is wrong with the record of a database, and with its tables by the record."""
    with database.reading() as session:

        def execute(query: str) -> object:
            found = session.connection().exec_driver_sql(query)
            return list(found.keys()), found

        names, rows = execute("SELECT * FROM change ORDER BY seq")
        changes = (dict(zip(names, row, strict=True)) for row in rows)
        return [*chain_faults(changes), *table_faults(execute)]


def _made(database: Database) -> set[str]:
    """The names of the indexes and triggers of a database."""
    listed = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger')"
    if not database.is_sqlite:
        listed = "SELECT indexname FROM pg_indexes UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    with database.reading() as session:
        return set(session.scalars(text(listed)))


def test_the_record_of_a_filled_database_holds(database: Database) -> None:
    fill(database, S, lambda _more: None)

    assert _whole(database) == []


def test_a_filled_database_has_every_index_and_trigger_again(database: Database) -> None:
    before = _made(database)

    fill(database, S, lambda _more: None)

    assert _made(database) == before
    assert inspect(database.engine).has_table("link")


def test_its_record_can_be_done_again_through_the_write_path(
    database: Database, databases: Databases, tmp_path: Path
) -> None:
    fill(database, S, lambda _more: None)
    with (tmp_path / "export.ndjson").open("wb") as file:
        written = write_export(database, None, file)

    count = read_export(databases.copy("empty"), tmp_path / "export.ndjson", lambda _seq: None)

    assert count == written


def test_has_as_many_links_as_its_size_says_none_of_them_twice() -> None:
    for size in (S, M):
        found = list(ties(size))

        assert len(found) == len(set(found)) == size.links
        assert sum(tie.target == "recommendation-1" and tie.type != "addresses" for tie in found) == FIXED
