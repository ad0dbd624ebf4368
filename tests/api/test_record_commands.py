"""The commands that keep the record: what was exported can be imported, and what was tampered with is found."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from api.database import Database
from api.loading import bring_up_to_date
from models.changes import last_seq
from tests.api.conftest import Run
from tests.conftest import Databases
from tests.factories import an, link


@pytest.fixture
def written(databases: Databases) -> Iterator[Database]:
    """The published record with a few writes after it: changed, withdrawn, reviewed parts and all."""
    database = databases.copy("published")
    with database.writing("a test", "Write") as session:
        body = an("body", session, ref="T-b")
        action = an("action", session, ref="T-a", owner=body)
        evidence = an("evidence", session, ref="T-e", statement="One “thing”, naïve\nand more")
        tie = link(session, evidence, "demonstrates", action)
        action.title = "Another title"
        session.flush()
        tie.withdraw()
        session.flush()
    yield database
    database.close()


@pytest.mark.parametrize("other", ["sqlite", "postgresql"])
def test_an_import_of_an_export_exports_the_same_on_either_engine(
    written: Database, other: str, tmp_path: Path, run: Run, postgres: Callable[[str], str], databases: Databases
) -> None:
    first, second = tmp_path / "first.ndjson", tmp_path / "second.ndjson"
    if other == "sqlite":
        empty = Database(f"sqlite:///{tmp_path / 'other.db'}")
    else:
        name = f"other_{databases.engine}"
        server = Database(postgres("postgres"))
        with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        server.close()
        empty = Database(postgres(name))

    codes = [
        run(written, "export", "-o", str(first)),
        run(empty, "import", str(first)),
        run(empty, "export", "-o", str(second)),
        run(empty, "verify", "--no-checkpoint"),
    ]
    empty.close()

    assert codes == [0, 0, 0, 0]
    assert first.read_bytes() == second.read_bytes()


def test_the_export_of_an_earlier_point_stays_the_same(written: Database, tmp_path: Path, run: Run) -> None:
    before, after = tmp_path / "before.ndjson", tmp_path / "after.ndjson"

    run(written, "export", "--known-at", "424", "-o", str(before))
    with written.writing("a test", "Write") as session:
        an("source", session)
    run(written, "export", "--known-at", "424", "-o", str(after))

    assert before.read_bytes() == after.read_bytes()
    assert json.loads(before.read_text().splitlines()[-1])["manifest"]["counts"] == {
        "baselines": 0,
        "changes": 424,
        "items": 188,
        "links": 236,
    }


def test_an_export_cannot_be_imported_where_something_is(written: Database, tmp_path: Path, run: Run) -> None:
    file = tmp_path / "export.ndjson"
    run(written, "export", "-o", str(file))
    with written.reading() as session:
        before = last_seq(session)

    code = run(written, "import", str(file))

    assert code == 7
    with written.reading() as session:
        assert last_seq(session) == before


@pytest.mark.parametrize("line", [0, 50, 300, -2, -1])
def test_an_export_that_lacks_a_line_is_refused_whole(
    written: Database, database: Database, tmp_path: Path, run: Run, line: int
) -> None:
    file = tmp_path / "export.ndjson"
    run(written, "export", "-o", str(file))
    lines = file.read_bytes().splitlines(keepends=True)
    del lines[line]
    file.write_bytes(b"".join(lines))

    code = run(database, "import", str(file))

    assert code == 7
    with database.reading() as session:
        assert last_seq(session) == 0


@pytest.mark.parametrize("command", [("import", "nothing.ndjson"), ("export", "-o", "no-such-folder/export.ndjson")])
def test_says_which_file_cannot_be_used(database: Database, run: Run, command: tuple[str, ...]) -> None:
    assert run(database, *command) == 9


@pytest.mark.parametrize("point", ["999999", "2999-01-01", "no-such-baseline"])
def test_refuses_to_export_a_point_that_is_none(written: Database, tmp_path: Path, run: Run, point: str) -> None:
    file = tmp_path / "export.ndjson"

    code = run(written, "export", "--known-at", point, "-o", str(file))

    assert code == 2
    assert list(tmp_path.glob("export*")) == []


def test_a_sound_record_is_verified_against_its_checkpoint(written: Database, run: Run) -> None:
    codes = run(written, "checkpoint"), run(written, "verify")

    assert codes == (0, 0)


def test_the_record_that_went_on_after_its_checkpoint_is_sound(written: Database, run: Run) -> None:
    run(written, "checkpoint")
    with written.writing("a test", "Write") as session:
        an("source", session)

    codes = run(written, "verify"), run(written, "checkpoint"), run(written, "verify")

    assert codes == (0, 0, 0)


def test_verifying_asks_for_a_checkpoint(written: Database, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(written, "verify")

    assert code == 9
    assert "--no-checkpoint" in capsys.readouterr().err


def test_without_a_checkpoint_it_says_what_it_cannot_see(
    written: Database, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(written, "verify", "--no-checkpoint")

    assert code == 0
    assert "cannot be seen" in capsys.readouterr().err


def test_a_checkpoint_of_another_key_is_not_believed(written: Database, run: Run, tmp_path: Path) -> None:
    run(written, "checkpoint")
    (tmp_path / "kept" / "key.pem").unlink()
    kept = tmp_path / "kept" / "checkpoint.json"
    kept.rename(tmp_path / "old.json")
    run(written, "checkpoint")

    code = run(written, "verify", "--checkpoint", str(tmp_path / "old.json"))

    assert code == 10


def test_a_record_that_was_cut_off_is_found_and_not_signed(tmp_path: Path, run: Run) -> None:
    database = Database(f"sqlite:///{tmp_path / 'cut.db'}")
    bring_up_to_date(database)
    with database.writing("a test", "Write") as session:
        an("source", session)
        an("source", session)
    run(database, "checkpoint")
    database.close()
    _tamper(
        tmp_path / "cut.db",
        "DELETE FROM source WHERE id = 2",
        "DELETE FROM item WHERE id = 2",
        "DELETE FROM source_version WHERE id = 2",
        "DELETE FROM item_version WHERE id = 2",
        "DELETE FROM change WHERE seq = 2",
    )
    kept = (tmp_path / "kept" / "checkpoint.json").read_bytes()

    codes = run(database, "verify"), run(database, "checkpoint"), run(database, "verify", "--no-checkpoint")
    database.close()

    assert codes == (10, 10, 0)
    assert (tmp_path / "kept" / "checkpoint.json").read_bytes() == kept


def test_a_title_edited_in_its_table_is_found(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    database = Database(f"sqlite:///{tmp_path / 'edited.db'}")
    bring_up_to_date(database)
    with database.writing("a test", "Write") as session:
        an("source", session, ref="T-edited")
    run(database, "checkpoint")
    database.close()
    _tamper(tmp_path / "edited.db", "UPDATE item SET title = 'Another'")

    code = run(database, "verify")
    database.close()

    assert code == 10
    assert "T-edited" in capsys.readouterr().err


def test_the_signing_key_is_for_its_owner_alone(written: Database, run: Run, tmp_path: Path) -> None:
    run(written, "checkpoint")

    assert os.stat(tmp_path / "kept" / "key.pem").st_mode & 0o777 == 0o600  # noqa: PTH116 - as an operator would look


def _tamper(file: Path, *statements: str) -> None:
    """Alter a database behind the service's back."""
    with sqlite3.connect(file) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        for statement in statements:
            connection.execute(statement)
    connection.close()
