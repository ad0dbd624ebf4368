"""Keys: their secret is told once and kept nowhere, and whoever holds it is known, or is told why not."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import inspect, select, text

from api.database import Database
from models.changes import Change, last_seq
from models.keys import MOST_DAYS, PREFIX, Key, KeyUse, digest, new_secret
from models.lens import Lens
from models.queries.grants import find_grant, holder_of_key, list_grants
from models.queries.paging import Wanted
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key, confirm_grant, end_grant
from tests.factories import an

OPERATOR = Lens(HANDLINGS[-1], whole=True)
MACHINE = {
    "name": "feed",
    "role": "machine",
    "body": "own",
    "clearance": "OFFICIAL",
    "scopes": ["write-evidence", "report-progress"],
}


@pytest.fixture
def filled(database: Database) -> Database:
    """A database with a body."""
    with database.writing("an administrator", "begin") as session:
        an("body", session, ref="own")
    return database


def _add(database: Database, *, alone: bool = True, **values: Any) -> tuple[str, str]:
    """Add a key: its reference and its secret."""
    with database.writing("an administrator", "add a key") as session:
        return add_key(session, OPERATOR, MACHINE | values, "an administrator", alone=alone)


def _holder(database: Database, secret: str) -> Any:
    with database.reading() as session:
        return holder_of_key(session, secret)


def _everything(database: Database) -> str:
    """Every value of every row of every table, as text."""
    told = []
    with database.engine.connect() as connection:
        for table in inspect(connection).get_table_names():
            told += [repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{table}"'))]  # noqa: S608 - ours
    return "\n".join(told)


def test_a_secret_has_a_prefix_and_256_bits_and_is_never_the_same() -> None:
    secrets = {new_secret() for _ in range(1_000)}

    assert len(secrets) == 1_000
    for secret in secrets:
        assert secret.startswith(PREFIX)
        assert len(base64.urlsafe_b64decode(f"{secret.removeprefix(PREFIX)}=")) == 32


def test_a_key_is_known_by_a_hash_of_its_secret_which_is_nowhere_in_the_database(filled: Database) -> None:
    _ref, secret = _add(filled)

    told = _everything(filled)

    assert hashlib.sha256(secret.encode()).hexdigest() == digest(secret)
    assert digest(secret) in told
    for part in (secret, secret.removeprefix(PREFIX), secret[8:40]):
        assert part not in told
    if filled.file is not None:
        kept = b"".join(path.read_bytes() for path in filled.file.parent.glob(f"{filled.file.name}*"))
        assert digest(secret).encode() in kept
        assert secret[8:40].encode() not in kept


def test_the_record_of_a_key_tells_what_it_lets_do_and_not_its_secret(filled: Database) -> None:
    ref, secret = _add(filled, alone=False)
    with filled.writing("another administrator", "confirm") as session:
        confirm_grant(session, "key", ref, "another administrator")
    with filled.writing("an administrator", "revoke") as session:
        end_grant(session, "key", ref)

    with filled.reading() as session:
        changes = session.scalars(select(Change).where(Change.kind == "key").order_by(Change.seq)).all()
    created, confirmed, revoked = changes
    assert [(one.principal, one.action, one.ref) for one in changes] == [
        ("an administrator", "created", ref),
        ("another administrator", "updated", ref),
        ("an administrator", "withdrawn", ref),
    ]
    assert created.after is not None
    ends = datetime.fromisoformat(created.after.pop("expires_at"))
    assert timedelta(0) <= datetime.now(UTC) + timedelta(days=MOST_DAYS) - ends < timedelta(minutes=5)
    assert created.after == {
        "ref": ref,
        "name": "feed",
        "role": "machine",
        "body": "own",
        "clearance": "OFFICIAL",
        "scopes": "report-progress write-evidence",
        "asked_by": "an administrator",
        "second_needed": True,
        "secret_digest": digest(secret),
    }
    assert (confirmed.before, confirmed.after) == ({"confirmed_by": None}, {"confirmed_by": "another administrator"})
    assert (revoked.before, revoked.after) == (None, None)


def test_whoever_holds_the_secret_is_who_the_key_says(filled: Database) -> None:
    ref, secret = _add(filled)

    holder = _holder(filled, secret)

    assert (holder.ref, holder.name, holder.role, holder.body) == (ref, "feed", "machine", "own")
    assert (holder.clearance, holder.scopes) == ("OFFICIAL", frozenset({"write-evidence", "report-progress"}))
    assert (holder.refused, holder.used_at) == (None, None)


@pytest.mark.parametrize(
    "alter", [str.upper, lambda secret: secret[:-1], lambda secret: f"{secret} ", digest, lambda _: ""]
)
def test_nobody_is_known_by_another_secret(filled: Database, alter: Any) -> None:
    _ref, secret = _add(filled)

    assert _holder(filled, alter(secret)) is None


def test_a_key_that_waits_for_a_second_person_says_so(filled: Database) -> None:
    ref, secret = _add(filled, alone=False)
    waiting = _holder(filled, secret).refused
    with filled.writing("another administrator", "confirm") as session:
        confirm_grant(session, "key", ref, "another administrator")

    assert (waiting, _holder(filled, secret).refused) == ("not confirmed", None)


@pytest.mark.parametrize("alone", [True, False])
def test_a_key_that_was_revoked_says_so_at_once(filled: Database, alone: bool) -> None:
    ref, secret = _add(filled, alone=alone)
    with filled.writing("an administrator", "revoke") as session:
        end_grant(session, "key", ref)

    assert _holder(filled, secret).refused == "revoked"


def test_a_key_that_has_expired_says_so_from_that_moment_on(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    ref, secret = _add(filled, expires_in_days=1)
    with filled.reading() as session:
        ends = datetime.fromisoformat(session.scalars(select(Key.expires_at)).one())

    told = []
    for late in (-1, 0, 1):
        at = (ends + timedelta(microseconds=late)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        monkeypatch.setattr("models.queries.grants.moment", lambda at=at: at)
        with filled.reading() as session:
            told.append((_holder(filled, secret).refused, find_grant(session, "key", ref)["state"]))

    assert told == [(None, "in force"), ("expired", "expired"), ("expired", "expired")]


@pytest.mark.parametrize(("asked", "days"), [(None, MOST_DAYS), (1, 1), (90, 90)])
def test_a_key_ends_after_so_many_days(filled: Database, asked: int | None, days: int) -> None:
    before = datetime.now(UTC)

    _add(filled, expires_in_days=asked)

    with filled.reading() as session:
        ends = datetime.fromisoformat(session.scalars(select(Key.expires_at)).one())
    assert before + timedelta(days=days) <= ends <= datetime.now(UTC) + timedelta(days=days)


def test_the_use_of_a_key_is_noted_and_is_no_part_of_the_record(filled: Database) -> None:
    ref, secret = _add(filled)
    holder = _holder(filled, secret)
    with filled.reading() as session:
        before = last_seq(session)

    for _ in range(2):
        filled.note_use(holder.id)

    with filled.reading() as session:
        used = session.scalars(select(KeyUse.used_at)).one()
        assert last_seq(session) == before
        assert find_grant(session, "key", ref)["last_used_at"] == used
    assert _holder(filled, secret).used_at == used
    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(used) < timedelta(minutes=5)


def test_nothing_that_shows_keys_shows_what_they_are_known_by(filled: Database) -> None:
    ref, secret = _add(filled)

    with filled.reading() as session:
        shown = [find_grant(session, "key", ref), *list_grants(session, "key", Wanted(count=True)).rows]

    for row in shown:
        assert secret not in str(row)
        assert digest(secret) not in str(row)
        assert (row["ref"], row["name"], row["scopes"]) == (ref, "feed", ["report-progress", "write-evidence"])
