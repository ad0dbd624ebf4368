"""Checkpoints: signed statements of the record, which are never made of a record that was rewritten."""

import base64
import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text

from api import checkpoints
from api.call import Service
from api.checkpoints import Rewritten, checkpoints_kept, write_checkpoint
from api.database import Database
from api.settings import Settings
from models.verifier import START, canonical
from tests.api import writing
from tests.api.writing import Caller, Row

alone = writing.alone
PATH = "/api/v1/changes/checkpoint"


def _of(caller: Caller) -> tuple[Database, Settings]:
    """What a checkpoint is made of."""
    service: Service = caller.app.extensions["mappa"]
    return service.database, service.settings


def _verify(checkpoint: Row) -> None:
    """Refuse a checkpoint whose signature is not that of its key."""
    signed = canonical({name: checkpoint[name] for name in ("origin", "size", "root", "at")}).encode()
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(checkpoint["key"]))
    key.verify(base64.b64decode(checkpoint["signature"]), signed)


def _until(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _tamper(database: Database, *statements: str) -> None:
    """Write to the record behind the service's back, with nothing that would keep anybody from it."""
    with database.engine.connect().execution_options(writing=True) as connection, connection.begin():
        if database.is_sqlite:
            names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
            for name in names:
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def test_has_no_checkpoint_before_one_was_written(alone: Caller) -> None:
    assert alone.get(PATH).status_code == 404


def test_states_how_long_the_record_is_and_what_it_holds(alone: Caller) -> None:
    for _ in range(3):
        alone.a("body")

    written = write_checkpoint(*_of(alone))

    last = alone.read("/api/v1/changes/3")
    assert alone.read(PATH) == written
    assert (written["size"], written["root"]) == (3, last["hash"])
    _verify(written)


def test_states_an_empty_record(alone: Caller) -> None:
    written = write_checkpoint(*_of(alone))

    assert (written["size"], written["root"]) == (0, START)
    _verify(written)


@pytest.mark.parametrize("change", [{"size": 2}, {"root": START}, {"at": "2020-01-01T00:00:00.000000Z"}])
def test_signs_all_that_it_states(alone: Caller, change: Row) -> None:
    alone.a("body")
    written = write_checkpoint(*_of(alone))

    with pytest.raises(InvalidSignature):
        _verify(written | change)


def test_keeps_its_key_for_its_owner_and_for_the_next_checkpoint(alone: Caller) -> None:
    database, settings = _of(alone)

    keys = {write_checkpoint(database, settings)["key"] for _ in range(2)}

    assert len(keys) == 1
    assert settings.signing_key_file.stat().st_mode & 0o077 == 0


REWRITES = [
    ("UPDATE change SET hash = 'another' WHERE seq = 2",),
    (
        "DELETE FROM body",
        "DELETE FROM body_version",
        "DELETE FROM item",
        "DELETE FROM item_version",
        "DELETE FROM change",
    ),
]


@pytest.mark.parametrize("statements", REWRITES, ids=["altered", "cut off"])
def test_signs_no_record_that_was_rewritten(alone: Caller, statements: tuple[str, ...]) -> None:
    for _ in range(2):
        alone.a("body")
    database, settings = _of(alone)
    written = write_checkpoint(database, settings)
    _tamper(database, *statements)

    with pytest.raises(Rewritten):
        write_checkpoint(database, settings)

    assert json.loads(settings.checkpoint_file.read_bytes()) == written


def test_leaves_nothing_half_written(alone: Caller) -> None:
    database, settings = _of(alone)

    write_checkpoint(database, settings)

    folder: Path = settings.checkpoint_file.parent
    assert {file.name for file in folder.glob("checkpoint*")} == {"checkpoint.json"}


@pytest.mark.parametrize(
    ("seconds", "changes"), [(0.05, 1_000), (3_600, 2)], ids=["after a while", "after some changes"]
)
def test_writes_a_checkpoint_when_one_is_due(
    alone: Caller, monkeypatch: pytest.MonkeyPatch, seconds: float, changes: int
) -> None:
    monkeypatch.setattr(checkpoints, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(checkpoints, "SECONDS", seconds)
    monkeypatch.setattr(checkpoints, "CHANGES", changes)
    database, settings = _of(alone)

    with checkpoints_kept(database, settings):
        _until(settings.checkpoint_file.exists)
        for _ in range(2):
            alone.a("body")
        _until(lambda: alone.read(PATH)["size"] == 2)


def test_waits_until_one_is_due_and_writes_the_last_at_the_end(alone: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "_LOOK_SECONDS", 0.01)
    database, settings = _of(alone)

    with checkpoints_kept(database, settings):
        _until(settings.checkpoint_file.exists)
        alone.a("body")
        time.sleep(0.1)
        during = alone.read(PATH)["size"]

    assert (during, alone.read(PATH)["size"]) == (0, 1)


def test_writes_none_where_nothing_changed(alone: Caller) -> None:
    database, settings = _of(alone)
    written = write_checkpoint(database, settings)

    with checkpoints_kept(database, settings):
        pass

    assert alone.read(PATH) == written


def test_goes_on_and_says_once_that_a_record_was_rewritten(
    alone: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(checkpoints, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(checkpoints, "SECONDS", 0)
    alone.a("body")
    database, settings = _of(alone)
    written = write_checkpoint(database, settings)
    _tamper(database, "UPDATE change SET hash = 'another' WHERE seq = 1")
    alone.a("body")

    with caplog.at_level(logging.ERROR), checkpoints_kept(database, settings):
        _until(lambda: bool(caplog.records))
        time.sleep(0.1)

    assert len(caplog.records) == 1
    assert alone.read(PATH) == written
