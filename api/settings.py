"""The settings, read from the environment once, at the start."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VERSION = "0.1.0"


class BadSetting(Exception):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What the service is told from outside: where its data is, and the key that signs its cursors."""

    database_url: str
    secret_key: str


def _for_owner(name: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(name, flags, 0o600)


def _kept_key(path: Path) -> str:
    """The signing key of an embedded installation: made at the first start, kept for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=_for_owner) as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment gives.

    `DATABASE_URL`: a SQLAlchemy URL, `sqlite:///FILE` (default: a file under var/) or `postgresql+psycopg://...`.
    `SECRET_KEY`: signs cursors; several servers behind one address need the same. Default: kept under var/.
    """
    url = environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'mappa.db'}"
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise BadSetting("DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://")
    try:
        make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadSetting(f"DATABASE_URL cannot be read: {error}") from error
    if url in {"sqlite:///", "sqlite:///:memory:"}:
        raise BadSetting("DATABASE_URL must name a file: what is held in memory alone would be lost")
    return Settings(url, environ.get("SECRET_KEY") or _kept_key(VAR / "secret-key"))
