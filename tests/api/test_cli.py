"""The `mappa-trace` command as an operator runs it: its exit codes and the bytes it writes.

A process of its own where it would serve, and once for what it reads, writes and loads; in this process for the rest.
"""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from api.database import Database
from api.publishing import FILE, GUIDE
from tests.api.command import ALL, run, url_of
from tests.api.conftest import RunHere
from tests.conftest import Databases


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_says_that_the_folder_of_the_database_is_not_there(tmp_path: Path, command: list[str]) -> None:
    result = run(f"sqlite:///{tmp_path / 'none' / 'mappa.db'}", *command)

    assert result.returncode == 5
    assert "DATABASE_URL" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_says_that_the_database_is_for_reading_only(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "read-only.db"
    file.touch()

    result = run(f"sqlite:///file:{file}?mode=ro&uri=true", *command)

    assert result.returncode == 5
    assert b"Traceback" not in result.stderr


def test_says_that_a_file_is_no_database(tmp_path: Path, run_here: RunHere) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("This is no database, however long it is.\n" * 100)

    result = run_here(f"sqlite:///{file}", "seed")

    assert result.returncode == 5
    assert "not a database" in result.stderr.decode()


def test_says_that_no_server_answers(run_here: RunHere) -> None:
    result = run_here("postgresql+psycopg://nobody@127.0.0.1:1/none", "seed")

    assert result.returncode == 5
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/x", "nonsense", "sqlite:///:memory:", "postgresql+psycopg://h:p/x"]
)
def test_says_that_a_database_url_cannot_be_used(url: str, run_here: RunHere) -> None:
    result = run_here(url, "seed")

    assert result.returncode == 2
    assert "DATABASE_URL" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_refuses_a_database_of_a_newer_version(database: Database, command: list[str]) -> None:
    with database.engine.connect() as connection:
        writing = connection.execution_options(writing=True)
        with writing.begin():
            writing.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    result = run(url_of(database), *command)

    assert result.returncode == 6
    assert "9999" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["json", "csv", "xlsx", "markdown"])
def test_writes_the_matrix_that_the_api_answers_with(
    databases: Databases, client: FlaskClient, tmp_path: Path, name: str, run_here: RunHere
) -> None:
    file = tmp_path / "matrix"

    result = run_here(databases.url("published"), "matrix", "--format", name, "-o", str(file))

    assert result.returncode == 0, result.stderr
    assert file.read_bytes() == client.get(f"/api/v1/matrix?format={name}").data


def test_writes_the_matrix_that_parameters_ask_for(databases: Databases, client: FlaskClient) -> None:
    result = run(databases.url("published"), "matrix", "columns=source", "cell=refs", "via=supports", "via=qualifies")

    asked = "format=csv&columns=source&cell=refs&via=supports&via=qualifies"
    assert result.stdout == client.get(f"/api/v1/matrix?{asked}").data


@pytest.mark.parametrize("asked", [["rows=nothing"], ["--format", "pdf"], ["nonsense"]], ids=str)
def test_says_that_there_is_no_such_matrix(databases: Databases, asked: list[str], run_here: RunHere) -> None:
    result = run_here(databases.url("published"), "matrix", *asked)

    assert result.returncode == 8
    assert result.stderr
    assert result.stdout == b""


def test_says_that_the_file_cannot_be_written_and_not_the_database(
    fresh: str, tmp_path: Path, run_here: RunHere
) -> None:
    result = run_here(fresh, "openapi", "-o", str(tmp_path / "none" / "openapi.json"))

    assert result.returncode != 0
    assert b"Traceback" not in result.stderr
    assert "DATABASE_URL" not in result.stderr.decode()


def test_loads_the_published_record(database: Database) -> None:
    result = run(url_of(database), "seed")

    assert result.returncode == 0
    assert f"Added {ALL}; 0 were there already." in result.stderr.decode()


def test_adds_nothing_the_second_time(database: Database, run_here: RunHere) -> None:
    run_here(url_of(database), "seed")

    result = run_here(url_of(database), "seed")

    assert result.returncode == 0
    assert f"Added 0; {ALL} were there already." in result.stderr.decode()


def test_loads_into_a_database_that_is_not_there_yet(fresh: str, run_here: RunHere) -> None:
    result = run_here(fresh, "seed")

    assert f"Added {ALL};" in result.stderr.decode()


def test_takes_the_schema_away_and_brings_it_back(database: Database, run_here: RunHere) -> None:
    away = run_here(url_of(database), "migrate", "base")

    back = run_here(url_of(database), "migrate")

    assert (away.returncode, back.returncode) == (0, 0)
    assert run_here(url_of(database), "seed").returncode == 0


def test_writes_the_committed_document(fresh: str, tmp_path: Path, run_here: RunHere) -> None:
    file = tmp_path / "openapi.json"

    result = run_here(fresh, "openapi", "-o", str(file))

    assert result.returncode == 0
    assert file.read_bytes() == FILE.read_bytes()


def test_prints_the_committed_document(fresh: str) -> None:
    result = run(fresh, "openapi")

    assert result.stdout == FILE.read_bytes()


def test_prints_the_committed_guide(fresh: str, run_here: RunHere) -> None:
    result = run_here(fresh, "guide")

    assert result.stdout == GUIDE.read_bytes()


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["serve", "--port", "many"], ["matrix", "--nothing"]], ids=str)
def test_tells_how_it_is_used(fresh: str, arguments: list[str], run_here: RunHere) -> None:
    result = run_here(fresh, *arguments)

    assert result.returncode == 2
    assert "usage: mappa-trace" in result.stderr.decode()
