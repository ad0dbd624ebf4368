"""The settings, read from the environment once, at the start."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VERSION = "0.2.0"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_KEY = re.compile(r"[A-Za-z0-9._~+/=-]{16,200}")


class BadSetting(Exception):
    """A setting has a value that cannot be used."""


@dataclass(frozen=True)
class Settings:
    """What the service is told from outside: where its data is, its keys, and who may write.

    `development_keys` names the caller of each key; without any the service is read-only. The checkpoint of the record
    is written to `checkpoint_file`, signed with the Ed25519 key in `signing_key_file`.
    """

    database_url: str
    secret_key: str = field(repr=False)
    development_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    checkpoint_file: Path = VAR / "checkpoint.json"
    signing_key_file: Path = VAR / "signing-key.pem"


def for_owner(name: str, flags: int) -> int:
    """Open a file that only its owner may read."""
    return os.open(name, flags, 0o600)


def _kept_key(path: Path) -> str:
    """The signing key of an embedded installation: made at the first start, kept for its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=for_owner) as file:
            file.write(secrets.token_urlsafe(32))
    except FileExistsError:
        pass
    return path.read_text()


def _development_keys(text: str) -> dict[str, str]:
    """The name of the caller for each key of `NAME:KEY,NAME:KEY`."""
    keys: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, key = pair.partition(":")
        if not _NAME.fullmatch(name) or not _KEY.fullmatch(key):
            raise BadSetting(
                "DEVELOPMENT_KEY must be NAME:KEY, or several of them with commas between; a name has letters, digits, "
                ". _ -, a key at least 16 letters, digits, . _ ~ + / = -"
            )
        if key in keys:
            raise BadSetting(f"DEVELOPMENT_KEY gives '{keys[key]}' and '{name}' the same key")
        keys[key] = name
    return keys


def settings_from(environ: Mapping[str, str]) -> Settings:
    """The settings that an environment gives.

    `DATABASE_URL`: a SQLAlchemy URL, `sqlite:///FILE` (default: a file under var/) or `postgresql+psycopg://...`.
    `SECRET_KEY`: signs cursors; several servers behind one address need the same. Default: kept under var/.
    `DEVELOPMENT_KEY`: `NAME:KEY` of callers who may write, with commas between; without it nobody may.
    `CHECKPOINT_FILE`, `SIGNING_KEY_FILE`: where the signed checkpoint of the record is written, and the key of its
    signature. Default: under var/; better on another machine's disk.
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
    return Settings(
        url,
        environ.get("SECRET_KEY") or _kept_key(VAR / "secret-key"),
        _development_keys(environ.get("DEVELOPMENT_KEY", "")),
        Path(environ.get("CHECKPOINT_FILE") or VAR / "checkpoint.json"),
        Path(environ.get("SIGNING_KEY_FILE") or VAR / "signing-key.pem"),
    )
