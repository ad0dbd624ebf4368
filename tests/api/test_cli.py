"""The `mappa-trace` command as an operator runs it: its own process, its exit codes, the bytes it writes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from api.database import Database
from api.publishing import FILE, GUIDE
from api.settings import ROOT
from seed.load import MAPPA_2015, entries
from tests.conftest import Databases

Result = subprocess.CompletedProcess[bytes]
ALL = len(entries(MAPPA_2015))
# What the libraries leave to the end of the process (sockets of waitress, pooled connections) is no failure.
COMMAND = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-m", "api.cli"]


def _environ(url: str) -> dict[str, str]:
    """The environment of the command for one database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return kept | {"DATABASE_URL": url, "SECRET_KEY": "test", "PYTHONPATH": str(ROOT), "COLUMNS": "400"}


def _run(url: str, *arguments: str) -> Result:
    """Run the command to its end."""
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=_environ(url), capture_output=True, timeout=120, check=False
    )


def _url(database: Database) -> str:
    """The URL of a database."""
    return database.url.render_as_string(hide_password=False)


@pytest.fixture
def fresh(tmp_path: Path) -> str:
    """The URL of a file that is not there yet."""
    return f"sqlite:///{tmp_path / 'fresh.db'}"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_says_that_the_port_is_taken(fresh: str, taken: int) -> None:
    result = _run(fresh, "serve", "--port", str(taken))

    assert result.returncode == 3
    assert f"127.0.0.1:{taken}" in result.stderr.decode()
    assert "--port" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


def test_makes_no_database_when_the_port_is_taken(fresh: str, taken: int) -> None:
    _run(fresh, "serve", "--port", str(taken))

    assert not Path(fresh.removeprefix("sqlite:///")).exists()


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_says_that_the_folder_of_the_database_is_not_there(tmp_path: Path, command: list[str]) -> None:
    result = _run(f"sqlite:///{tmp_path / 'none' / 'mappa.db'}", *command)

    assert result.returncode == 5
    assert "DATABASE_URL" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_says_that_the_database_is_for_reading_only(tmp_path: Path, command: list[str]) -> None:
    file = tmp_path / "read-only.db"
    file.touch()

    result = _run(f"sqlite:///file:{file}?mode=ro&uri=true", *command)

    assert result.returncode == 5
    assert b"Traceback" not in result.stderr


def test_says_that_a_file_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("This is no database, however long it is.\n" * 100)

    result = _run(f"sqlite:///{file}", "seed")

    assert result.returncode == 5
    assert "not a database" in result.stderr.decode()


def test_says_that_no_server_answers() -> None:
    result = _run("postgresql+psycopg://nobody@127.0.0.1:1/none", "seed")

    assert result.returncode == 5
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    "url", ["mysql://root@localhost/x", "nonsense", "sqlite:///:memory:", "postgresql+psycopg://h:p/x"]
)
def test_says_that_a_database_url_cannot_be_used(url: str) -> None:
    result = _run(url, "seed")

    assert result.returncode == 2
    assert "DATABASE_URL" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["seed"], ["migrate"]], ids=lambda found: found[0])
def test_refuses_a_database_of_a_newer_version(database: Database, command: list[str]) -> None:
    with database.engine.connect() as connection:
        writing = connection.execution_options(writing=True)
        with writing.begin():
            writing.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    result = _run(_url(database), *command)

    assert result.returncode == 6
    assert "9999" in result.stderr.decode()
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("name", ["json", "csv", "xlsx", "markdown"])
def test_writes_the_matrix_that_the_api_answers_with(
    databases: Databases, client: FlaskClient, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "matrix"

    result = _run(databases.url("published"), "matrix", "--format", name, "-o", str(file))

    assert result.returncode == 0, result.stderr
    assert file.read_bytes() == client.get(f"/api/v1/matrix?format={name}").data


def test_writes_the_matrix_that_parameters_ask_for(databases: Databases, client: FlaskClient) -> None:
    result = _run(databases.url("published"), "matrix", "columns=source", "cell=refs", "via=supports", "via=qualifies")

    asked = "format=csv&columns=source&cell=refs&via=supports&via=qualifies"
    assert result.stdout == client.get(f"/api/v1/matrix?{asked}").data


@pytest.mark.parametrize("asked", [["rows=nothing"], ["--format", "pdf"], ["nonsense"]], ids=str)
def test_says_that_there_is_no_such_matrix(databases: Databases, asked: list[str]) -> None:
    result = _run(databases.url("published"), "matrix", *asked)

    assert result.returncode == 8
    assert result.stderr
    assert result.stdout == b""


def test_says_that_the_file_cannot_be_written_and_not_the_database(fresh: str, tmp_path: Path) -> None:
    result = _run(fresh, "openapi", "-o", str(tmp_path / "none" / "openapi.json"))

    assert result.returncode != 0
    assert b"Traceback" not in result.stderr
    assert "DATABASE_URL" not in result.stderr.decode()


def test_loads_the_published_record(database: Database) -> None:
    result = _run(_url(database), "seed")

    assert result.returncode == 0
    assert f"Added {ALL}; 0 were there already." in result.stderr.decode()


def test_adds_nothing_the_second_time(database: Database) -> None:
    _run(_url(database), "seed")

    result = _run(_url(database), "seed")

    assert result.returncode == 0
    assert f"Added 0; {ALL} were there already." in result.stderr.decode()


def test_loads_into_a_database_that_is_not_there_yet(fresh: str) -> None:
    result = _run(fresh, "seed")

    assert f"Added {ALL};" in result.stderr.decode()


def test_takes_the_schema_away_and_brings_it_back(database: Database) -> None:
    away = _run(_url(database), "migrate", "base")

    back = _run(_url(database), "migrate")

    assert (away.returncode, back.returncode) == (0, 0)
    assert _run(_url(database), "seed").returncode == 0


def test_writes_the_committed_document(fresh: str, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"

    result = _run(fresh, "openapi", "-o", str(file))

    assert result.returncode == 0
    assert file.read_bytes() == FILE.read_bytes()


def test_prints_the_committed_document(fresh: str) -> None:
    result = _run(fresh, "openapi")

    assert result.stdout == FILE.read_bytes()


def test_prints_the_committed_guide(fresh: str) -> None:
    result = _run(fresh, "guide")

    assert result.stdout == GUIDE.read_bytes()


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["serve", "--port", "many"], ["matrix", "--nothing"]], ids=str)
def test_tells_how_it_is_used(fresh: str, arguments: list[str]) -> None:
    result = _run(fresh, *arguments)

    assert result.returncode == 2
    assert "usage: mappa-trace" in result.stderr.decode()


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_says_that_there_is_no_such_port(fresh: str, port: str) -> None:
    result = _run(fresh, "serve", "--port", port)

    assert result.returncode in {2, 3}
    assert b"Traceback" not in result.stderr


def test_says_that_there_is_no_such_host(fresh: str) -> None:
    result = _run(fresh, "serve", "--host", "no-such-host.invalid")

    assert result.returncode == 3
    assert "no-such-host.invalid" in result.stderr.decode()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts `serve` on a free port and waits until it says where; ends what it started."""
    started: list[subprocess.Popen[bytes]] = []

    def start(url: str) -> subprocess.Popen[bytes]:
        log = tmp_path / f"{len(started)}.log"
        with log.open("wb") as told:
            process = subprocess.Popen(
                [*COMMAND, "serve", "--port", "0"], cwd=ROOT, env=_environ(url), stdout=told, stderr=told
            )
        started.append(process)
        deadline = time.monotonic() + 60
        while b"Docs " not in log.read_bytes():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait(10)


def _told(tmp_path: Path, number: int) -> str:
    """What a started server wrote."""
    return (tmp_path / f"{number}.log").read_text()


def test_loads_the_published_record_at_the_first_start(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    serving(fresh)

    assert f"Loaded {ALL} items and links" in _told(tmp_path, 0)


def test_loads_nothing_at_the_second_start(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]]
) -> None:
    serving(fresh).kill()

    serving(fresh)

    assert "Loaded" not in _told(tmp_path, 1)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=lambda asked: asked.name)
def test_stops_quietly_when_asked(
    fresh: str, tmp_path: Path, serving: Callable[[str], subprocess.Popen[bytes]], asked: signal.Signals
) -> None:
    process = serving(fresh)

    process.send_signal(asked)
    code = process.wait(10)

    assert code in {0, 130, -signal.SIGTERM}
    assert "Traceback" not in _told(tmp_path, 0)
