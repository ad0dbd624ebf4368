# ruff: noqa: S608 - statements are made of names of ours
"""Whoever erases or alters behind the service's back is found, whatever he makes fit."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from api.database import Database
from models.redaction import REDACTED
from models.verifier import Fault, canonical, chain_faults, erased_digest, erasure_digest, verify
from tests.conftest import Databases
from tests.models.attack import Attack, checkpoint_of
from tests.models.redacting import ASKER, ask, fill, redact

Row = dict[str, Any]
OF_E, DONE, OPEN = "kind = 'evidence' AND ref = 'E'", "E", "R"


def _attack_on(database: Database) -> Attack:
    """A connection that may do anything to a record in which one thing was erased, and another is to be."""
    if database.file is None:
        url = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        return Attack(psycopg.connect(url), is_sqlite=False)
    connection: Any = sqlite3.connect(database.file, isolation_level=None)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    return Attack(connection, is_sqlite=True)


@pytest.fixture(scope="module")
def approvals() -> dict[str, str]:
    """The approval of each thing."""
    return {}


@pytest.fixture(scope="module")
def standing(databases: Databases, approvals: dict[str, str]) -> Iterator[Attack]:
    database = databases.copy("empty")
    fill(database)
    approvals |= {DONE: redact(database, DONE)[0], OPEN: ask(database, OPEN)}
    attack = _attack_on(database)
    with closing(attack.connection):
        yield attack


@pytest.fixture
def attack(standing: Attack) -> Iterator[Attack]:
    """The same; what a test does to it is rolled back."""
    standing.begin()
    if not standing.is_sqlite:
        standing.run("ALTER TABLE approval DROP CONSTRAINT ck_approval_second")
    yield standing
    standing.connection.rollback()


def _changes(attack: Attack, where: str) -> list[Row]:
    """Changes, with their states as values."""
    rows = attack.run(f"SELECT * FROM change WHERE {where} ORDER BY seq")
    return [row | {name: row[name] and json.loads(row[name]) for name in ("before", "after")} for row in rows]


def _put(attack: Attack, change: Row, **values: Any) -> Row:
    """Let a change say something else, and its last digest fit."""
    told = change | values
    if told["erased"] is not None:
        told["erased"] = " ".join([*str(told["erased"]).split(" ")[:-1], erased_digest(told)])
    states = {name: told[name] and canonical(told[name]) for name in ("before", "after")}
    names = ("reason", "before", "after", "hash", "erased", "erased_by")
    given = ", ".join(f"{name} = ?" for name in names)
    attack.run(f"UPDATE change SET {given} WHERE seq = ?", *((told | states)[name] for name in names), change["seq"])
    return told


def _rehash(attack: Attack, start: int) -> None:
    """Make the hashes fit from a change on; those of what was erased are taken as they are."""
    kept = {row["seq"]: row["hash"] for row in _changes(attack, "erased IS NOT NULL")}
    attack.rehash(start)
    for seq, old in kept.items():
        attack.run("UPDATE change SET hash = ? WHERE seq = ?", old, seq)
    last = max(kept, default=0)
    if last >= start:
        attack.rehash(last + 1)


def _confirm(attack: Attack, approval: str, **values: Any) -> None:
    """Let the confirmation of an approval say something else, in its change and in its row, and make hashes fit."""
    (change,) = _changes(attack, f"kind = 'approval' AND ref = '{approval}' AND action = 'updated'")
    _put(attack, change, after=change["after"] | values)
    given = ", ".join(f"{name} = ?" for name in values)
    attack.run(f"UPDATE approval SET {given} WHERE ref = ?", *values.values(), approval)
    _rehash(attack, change["seq"])


def _make_fit(attack: Attack, approval: str) -> None:
    """Let an approval confirm whatever was erased by it."""
    erased = _changes(attack, f"erased_by = '{approval}'")
    _confirm(attack, approval, erased=erasure_digest(str(row["erased"]) for row in erased))


def _what(attack: Attack) -> list[str]:
    return [fault.what for fault in verify(attack.execute)]


def _alter(attack: Attack, approvals: dict[str, str]) -> None:
    """Another text in what was erased."""
    attack.run(f"UPDATE change SET reason = 'another' WHERE {OF_E} AND action = 'created'")


def _alter_and_fit(attack: Attack, approvals: dict[str, str]) -> None:
    """The same, with a digest that fits."""
    _put(attack, _changes(attack, OF_E)[0], reason="another")


def _alter_a_hash(attack: Attack, approvals: dict[str, str]) -> None:
    """Another hash of what it said before."""
    _put(attack, _changes(attack, OF_E)[0], hash="0" * 64)


def _unmark(attack: Attack, approvals: dict[str, str]) -> None:
    """As if nothing had been erased."""
    attack.run("UPDATE change SET erased = NULL, erased_by = NULL")


def _unmark_half(attack: Attack, approvals: dict[str, str]) -> None:
    """Without saying by whom."""
    attack.run(f"UPDATE change SET erased_by = NULL WHERE {OF_E} AND action = 'created'")


def _mark_twice(attack: Attack, approvals: dict[str, str]) -> None:
    """More approvals than digests."""
    attack.run(f"UPDATE change SET erased_by = erased_by || ' ' || erased_by WHERE {OF_E} AND erased IS NOT NULL")


def _forge(by: str) -> Callable[[Attack, dict[str, str]], None]:
    """Erase a decision in the name of an approval, with a digest that fits."""

    def forge(attack: Attack, approvals: dict[str, str]) -> None:
        (change,) = _changes(attack, "kind = 'decision'")
        _put(attack, change, reason=REDACTED, erased="", erased_by=approvals.get(by, by))

    return forge


def _forge_and_fit(attack: Attack, approvals: dict[str, str]) -> None:
    """Erase a decision by the approval of something else, and let that confirm it."""
    _forge(DONE)(attack, approvals)
    _make_fit(attack, approvals[DONE])


def _erase_less(attack: Attack, approvals: dict[str, str]) -> None:
    """Another digest in the confirmation."""
    _confirm(attack, approvals[DONE], erased="0" * 64)


def _erase_later(attack: Attack, approvals: dict[str, str]) -> None:
    """Erase what was recorded after the confirmation."""
    _put(attack, _changes(attack, OF_E)[-1], reason=REDACTED, erased="", erased_by=approvals[DONE])


def _alone(attack: Attack, approvals: dict[str, str]) -> None:
    """One person in the place of two."""
    _confirm(attack, approvals[DONE], decided_by=ASKER)


def _another_link(attack: Attack, approvals: dict[str, str]) -> None:
    """Erase a link that is not at the thing, and let the approval confirm it."""
    row = _changes(attack, "kind = 'link' AND ref = 'T' AND action = 'created'")[0]
    _put(attack, row, after=row["after"] | {"source": "B", "target": "V"})
    _make_fit(attack, approvals[DONE])


TAMPERINGS: dict[Callable[[Attack, dict[str, str]], None], str] = {
    _alter: "it was erased, and does not say what it said then",
    _alter_and_fit: "what was erased is not what it confirms",
    _alter_a_hash: "its hash does not match what it says and the hash before it",
    _unmark: "its hash does not match what it says and the hash before it",
    _unmark_half: "it cannot be read",
    _mark_twice: "it cannot be read",
    _forge("nobody"): "no two persons did so",
    _forge(OPEN): "no two persons did so",
    _forge(DONE): "is of another thing",
    _forge_and_fit: "is of another thing",
    _erase_less: "what was erased is not what it confirms",
    _erase_later: "no two persons did so",
    _alone: "without two persons",
    _another_link: "is of another thing",
}


def test_the_record_that_is_tampered_with_is_sound(attack: Attack) -> None:
    assert verify(attack.execute) == []


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda one: one.__qualname__.split(".")[0].strip("_"))
def test_what_was_tampered_with_is_found(
    attack: Attack, approvals: dict[str, str], tampering: Callable[[Attack, dict[str, str]], None]
) -> None:
    tampering(attack, approvals)

    found = _what(attack)

    assert len(found) >= 1
    assert TAMPERINGS[tampering] in found[0]


@pytest.mark.parametrize("table", ["item", "item_version"])
def test_a_text_that_comes_back_in_a_table_is_found(attack: Attack, table: str) -> None:
    attack.run(f"UPDATE {table} SET title = 'another' WHERE ref = 'E'")

    found = _what(attack)

    assert f"title is 'another', by the record {REDACTED!r}" in found[0]


def test_what_fits_throughout_is_found_by_the_checkpoint_alone(attack: Attack, approvals: dict[str, str]) -> None:
    last = _changes(attack, "seq > 0")[-1]
    checkpoint = checkpoint_of(last["seq"], last["hash"])
    _alter_and_fit(attack, approvals)
    _make_fit(attack, approvals[DONE])

    assert verify(attack.execute) == []
    assert "re-hashed" in verify(attack.execute, checkpoint)[0].what


def test_a_checkpoint_from_before_the_erasure_still_holds(attack: Attack) -> None:
    (early,) = _changes(attack, "seq = 18")

    found = verify(attack.execute, checkpoint_of(early["seq"], early["hash"]))

    assert found == []


def test_a_chain_that_ends_before_the_confirmation_says_what_it_lacks(attack: Attack) -> None:
    found = list(chain_faults(_changes(attack, "seq <= 18")))

    assert found == [Fault("change 7", "it was erased, and up to the last change here no two persons did so")]
