"""`mappa-trace backup` and `restore`: a copy is whole and sound, or there is none; what is there is kept."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from api.database import Database
from models.changes import last_seq
from models.verifier import verify
from tests.api.conftest import Run
from tests.conftest import Databases
from tests.faults.ledger import runs_on


@pytest.fixture
def published(databases: Databases) -> Database:
    """The published record, for one test alone."""
    return databases.copy("published")


@pytest.fixture
def copy(published: Database, tmp_path: Path, run: Run) -> Path:
    """A copy of it."""
    file = tmp_path / "copy"
    assert run(published, "backup", str(file)) == 0
    return file


def _changes(database: Database) -> int:
    with database.reading() as session:
        return last_seq(session)


def test_a_copy_restores_as_what_it_is_a_copy_of(
    published: Database, copy: Path, database: Database, tmp_path: Path, run: Run
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"

    code = run(database, "restore", str(copy))

    run(published, "export", "-o", str(before))
    run(database, "export", "-o", str(after))
    with database.reading() as session:
        assert verify(runs_on(session.connection())) == []
    assert code == 0
    assert before.read_bytes() == after.read_bytes()


def test_a_copy_is_for_its_owner_alone_and_nothing_is_left_beside_it(copy: Path) -> None:
    assert os.stat(copy).st_mode & 0o777 == 0o600  # noqa: PTH116 - as an operator would look
    assert [file.name for file in copy.parent.iterdir() if file.name.startswith("copy")] == ["copy"]


def test_a_file_that_is_there_is_kept_unless_it_is_to_be_replaced(
    published: Database, tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "there"
    file.write_bytes(b"something else")

    codes = [run(published, "backup", str(file))]
    kept = file.read_bytes()
    codes.append(run(published, "backup", str(file), "--replace"))

    assert codes == [9, 0]
    assert kept == b"something else"
    assert file.stat().st_size > 100_000


def test_a_copy_is_not_restored_over_what_is_there(published: Database, copy: Path, run: Run) -> None:
    before = _changes(published)

    code = run(published, "restore", str(copy))

    assert code == 7
    assert _changes(published) == before


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_part_of_a_copy_is_refused_whole(copy: Path, database: Database, run: Run, share: float) -> None:
    content = copy.read_bytes()
    copy.write_bytes(content[: int(share * len(content))])

    code = run(database, "restore", str(copy))

    assert code == 7
    assert _changes(database) == 0


def test_restoring_leaves_the_copy_as_it_is(copy: Path, database: Database, run: Run) -> None:
    before = copy.read_bytes()

    run(database, "restore", str(copy))

    assert copy.read_bytes() == before


def test_a_file_that_is_not_there_is_told(database: Database, tmp_path: Path, run: Run) -> None:
    assert run(database, "restore", str(tmp_path / "none")) == 9


def test_a_copy_of_sqlite_that_was_tampered_with_is_refused(
    every_engine: Callable[[str], Databases], tmp_path: Path, run: Run
) -> None:
    databases = every_engine("sqlite")
    source, empty, file = databases.copy("published"), databases.copy("empty"), tmp_path / "copy"
    run(source, "backup", str(file))
    with sqlite3.connect(file) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute("UPDATE item SET title = 'Another' WHERE ref = 'R3'")
    connection.close()

    code = run(empty, "restore", str(file))

    assert code == 7
    assert _changes(empty) == 0


def test_a_database_of_something_else_is_no_copy(
    every_engine: Callable[[str], Databases], tmp_path: Path, run: Run
) -> None:
    file, empty = tmp_path / "other.db", every_engine("sqlite").copy("empty")
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE something (else_ TEXT)")
    connection.close()

    assert run(empty, "restore", str(file)) == 7


def test_a_copy_of_sqlite_does_not_restore_to_postgresql(
    every_engine: Callable[[str], Databases], tmp_path: Path, run: Run
) -> None:
    file = tmp_path / "copy"
    run(every_engine("sqlite").copy("published"), "backup", str(file))
    empty = every_engine("postgresql").copy("empty")

    code = run(empty, "restore", str(file))

    assert code == 7
    assert _changes(empty) == 0
