"""Checkpoints: signed statements of what the record holds, kept outside the database that could be tampered with."""

import base64
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from api.database import Database
from api.settings import BadSetting, Settings, for_owner
from models.changes import Change, moment, newest_change
from models.queries.export import ORIGIN
from models.verifier import START, canonical

# A checkpoint is written once so many seconds, or so many changes, after the one before it.
SECONDS, CHANGES = 60, 1_000
_LOOK_SECONDS = 1
log = logging.getLogger("mappa")
Checkpoint = dict[str, Any]


class Rewritten(Exception):
    """The record is no longer what the last checkpoint says that it was."""


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The key that signs checkpoints; made at its first use, for its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        with suppress(FileExistsError), open(path, "xb", opener=for_owner) as file:
            file.write(made)
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadSetting(f"SIGNING_KEY_FILE is no private key in PEM: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise BadSetting("SIGNING_KEY_FILE must hold an Ed25519 key")
    return key


def read_checkpoint(file: Path) -> Checkpoint | None:
    """The newest checkpoint that was written; None where there is none yet."""
    try:
        found: Checkpoint = json.loads(file.read_bytes())
        wrong = type(found["size"]) is not int or not isinstance(found["root"], str)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        raise BadSetting(f"CHECKPOINT_FILE {file.name} cannot be read as a checkpoint: {error!r}") from error
    if wrong:
        raise BadSetting(f"CHECKPOINT_FILE {file.name} holds something else than a checkpoint")
    return found


def write_checkpoint(database: Database, settings: Settings) -> Checkpoint:
    """Write a checkpoint of the record as it is, in place of the one before it, and give it.

    Refused where the record does not hold what the one before it says: a rewritten record is never signed.
    """
    before = read_checkpoint(settings.checkpoint_file)
    with database.reading() as session:
        size, _, root = newest_change(session)
        if before is not None:
            held = session.scalar(select(Change.hash).where(Change.seq == before["size"])) if before["size"] else START
            if held != before["root"]:
                raise Rewritten(
                    f"The record is not what its checkpoint of {before['at']} (change {before['size']}) says."
                )
    checkpoint = _signed({"origin": ORIGIN, "size": size, "root": root, "at": moment()}, settings.signing_key_file)
    _replace(settings.checkpoint_file, canonical(checkpoint).encode() + b"\n")
    return checkpoint


def _signed(statement: dict[str, Any], key_file: Path) -> Checkpoint:
    """A statement with its signature."""
    key = signing_key(key_file)
    signature = key.sign(canonical(statement).encode())
    return statement | {"key": _public(key), "signature": base64.b64encode(signature).decode()}


def _public(key: Ed25519PrivateKey) -> str:
    """The public half of a key, base64."""
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def public_key(settings: Settings) -> str:
    """The public key, base64, with which the checkpoints of these settings are to be checked."""
    return _public(signing_key(settings.signing_key_file))


def _replace(file: Path, content: bytes) -> None:
    """Put content in place of a file's, whole or not at all, also if the machine stops."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f"{file.name}.{os.getpid()}.new")
    with new.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    new.replace(file)


def _news(database: Database, settings: Settings) -> int:
    """How many changes there are that no checkpoint covers; one if there is no checkpoint at all."""
    before = read_checkpoint(settings.checkpoint_file)
    with database.reading() as session:
        return newest_change(session)[0] - int(before["size"]) if before is not None else 1


def _keep(database: Database, settings: Settings, stop: Event) -> None:
    """Write checkpoints as they fall due, until told to stop; what fails is logged and tried again."""
    last, refused = monotonic() - SECONDS, ""
    while not stop.wait(_LOOK_SECONDS):
        try:
            news = _news(database, settings)
            if news and (abs(news) >= CHANGES or monotonic() - last >= SECONDS):
                write_checkpoint(database, settings)
                last, refused = monotonic(), ""
        except (Rewritten, BadSetting, SQLAlchemyError, OSError, ValueError) as error:
            if str(error) != refused:
                log.exception("no checkpoint written")
            refused = str(error)


@contextmanager
def checkpoints_kept(database: Database, settings: Settings) -> Iterator[None]:
    """Write checkpoints while the service runs, and a last one at its end if anything changed since."""
    stop = Event()
    thread = Thread(target=_keep, args=(database, settings, stop), name="checkpoints", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)
        with suppress(Rewritten, BadSetting, SQLAlchemyError, OSError, ValueError):
            if _news(database, settings):
                write_checkpoint(database, settings)
