"""Bare connections of either engine, without SQLAlchemy between."""

from importlib import import_module
from typing import Any

from sqlalchemy import make_url

from api.database import Database
from bench.raw import Asker


def connected(url: str) -> Asker:
    """A bare connection for reading the database of an SQLAlchemy URL."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        driver: Any = Database(url).engine.dialect.dbapi
        connection: Any = driver.connect(str(parts.database), check_same_thread=False)
        return Asker(connection, is_sqlite=True)
    psycopg: Any = import_module("psycopg")  # only where PostgreSQL is asked for
    plain = parts.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg.connect(plain, autocommit=True)
    connection.execute("SET jit = off")
    return Asker(connection, is_sqlite=False)


def version_of(asker: Asker) -> str:
    """The engine and its version."""
    if asker.is_sqlite:
        return f"SQLite {asker.all('SELECT sqlite_version()')[0][0]}"
    return f"PostgreSQL {asker.all('SHOW server_version')[0][0]}"
