# ruff: noqa: S608 - statements are made of names of ours
"""The verifier on keys, accounts, approvals, overrides and markings: it finds whatever was altered of them."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from api.database import Database
from api.loading import bring_up_to_date
from models.markings import MARKING_FIELDS
from models.verifier import MARKING, SINGLE, Fault, canonical, verify
from models.vocabulary import RECORDED_KINDS
from tests.conftest import Databases
from tests.models.attack import KEY, Attack, attack_on


@pytest.fixture(scope="module")
def attacked(databases: Databases) -> Iterator[Attack]:
    made = attack_on(databases.copy("empty"))
    with closing(made.connection):
        yield made


@pytest.fixture
def attack(attacked: Attack) -> Iterator[Attack]:
    attacked.begin()
    yield attacked
    attacked.connection.rollback()


def test_the_verifier_knows_what_is_recorded_and_what_a_marking_is() -> None:
    assert set(SINGLE) == set(RECORDED_KINDS)
    assert set(MARKING_FIELDS) == MARKING


def test_a_record_with_grants_and_markings_is_sound(attack: Attack) -> None:
    kinds = {(row["kind"], row["action"]) for row in attack.run("SELECT kind, action FROM change")}

    assert attack.faults() == []
    assert {
        (kind, action) for kind in ("key", "account", "approval") for action in ("created", "updated", "withdrawn")
    } <= kinds
    assert ("override", "created") in kinds


@pytest.mark.parametrize(
    ("sql", "where", "what"),
    [
        (
            "UPDATE key SET role = 'inspector' WHERE ref = 'key-a'",
            "key {'ref': 'key-a'}",
            "role is 'inspector', by the record 'officer'",
        ),
        ("UPDATE key SET clearance = 'OFFICIAL-SENSITIVE' WHERE ref = 'key-a'", "key {'ref': 'key-a'}", "clearance is"),
        ("UPDATE key SET body = 'another' WHERE ref = 'key-a'", "key {'ref': 'key-a'}", "body is 'another'"),
        ("UPDATE key SET scopes = 'write-reviews' WHERE ref = 'key-d'", "key {'ref': 'key-d'}", "scopes is"),
        ("UPDATE key SET expires_at = '9999' WHERE ref = 'key-a'", "key {'ref': 'key-a'}", "expires_at is '9999'"),
        (
            "UPDATE key SET secret_digest = 'mine' WHERE ref = 'key-a'",
            "key {'ref': 'key-a'}",
            "secret_digest is 'mine'",
        ),
        ("UPDATE key SET confirmed_by = 'x' WHERE ref = 'key-a'", "key {'ref': 'key-a'}", "confirmed_by is 'x'"),
        (
            "UPDATE key SET second_needed = NOT second_needed WHERE ref = 'key-a'",
            "key {'ref': 'key-a'}",
            "second_needed is",
        ),
        ("UPDATE key SET withdrawn_seq = NULL WHERE ref = 'key-b'", "key {'ref': 'key-b'}", "withdrawn_seq is None"),
        ("UPDATE key SET asked_by = 'x' WHERE ref = 'key-a'", "key {'ref': 'key-a'}", "asked_by is 'x'"),
        ("DELETE FROM key WHERE ref = 'key-c'", "key {'ref': 'key-c'}", "the row is missing"),
        (
            "UPDATE account SET role = 'admin', clearance = 'PUBLIC' WHERE ref = 'person-a'",
            "account {'ref': 'person-a'}",
            "role is 'admin'",
        ),
        (
            "UPDATE account SET subject_id = 'mine' WHERE ref = 'person-a'",
            "account {'ref': 'person-a'}",
            "subject_id is 'mine'",
        ),
        (
            "UPDATE account SET confirmed_by = 'x' WHERE ref = 'person-c'",
            "account {'ref': 'person-c'}",
            "confirmed_by is 'x'",
        ),
        (
            "UPDATE account SET withdrawn_seq = NULL, version = 2 WHERE ref = 'person-b'",
            "account {'ref': 'person-b'}",
            "version is 2",
        ),
        ("UPDATE approval SET decided_by = 'x' WHERE state = 'confirmed'", "approval {'ref'", "decided_by is 'x'"),
        (
            "UPDATE approval SET state = 'confirmed', decided_by = 'x' WHERE state = 'open'",
            "approval {'ref'",
            "state is 'confirmed'",
        ),
        (
            "UPDATE approval SET applied_version = 9 WHERE state = 'confirmed'",
            "approval {'ref'",
            "applied_version is 9",
        ),
        ("UPDATE approval SET handling = 'PUBLIC' WHERE state = 'open'", "approval {'ref'", "handling is 'PUBLIC'"),
        ("UPDATE approval SET asked_by = 'x' WHERE state = 'declined'", "approval {'ref'", "asked_by is 'x'"),
        (
            "UPDATE override SET why = 'x'",
            "override {'ref': 'passed'}",
            "why is 'x', by the record 'An example of none.'",
        ),
        ("UPDATE override SET found = ''", "override {'ref': 'passed'}", "found is ''"),
        (
            "UPDATE item SET handling = 'PUBLIC' WHERE handling = 'OFFICIAL-SENSITIVE'",
            "item {'ref'",
            "handling is 'PUBLIC'",
        ),
        ("UPDATE item SET limited_to = NULL WHERE limited_to = 'a-body'", "item {'ref'", "limited_to is None"),
        (
            "UPDATE item SET embargo_until = '2000-01-01' WHERE embargo_until IS NOT NULL",
            "item {'ref'",
            "embargo_until is '2000-01-01'",
        ),
        (
            "UPDATE item SET embargo_bodies = 'x' WHERE embargo_until IS NOT NULL",
            "item {'ref'",
            "embargo_bodies is 'x'",
        ),
        ("UPDATE link SET limited_to = NULL WHERE limited_to = ''", "link {'ref'", "limited_to is None"),
        (
            "UPDATE item_version SET handling = 'PUBLIC' WHERE handling = 'OFFICIAL'",
            "item_version {'ref'",
            "handling is 'PUBLIC'",
        ),
        (
            "UPDATE link_version SET limited_to = NULL WHERE limited_to IS NOT NULL",
            "link_version {'ref'",
            "limited_to is None",
        ),
    ],
)
def test_what_was_altered_by_plain_sql_is_found(attack: Attack, sql: str, where: str, what: str) -> None:
    attack.run(sql)

    first = verify(attack.execute)[0]

    assert first.where.startswith(where)
    assert what in first.what


def test_two_keys_that_swapped_their_secrets_are_found(attack: Attack) -> None:
    digests = {row["ref"]: row["secret_digest"] for row in attack.run("SELECT ref, secret_digest FROM key")}
    for ref, digest in (("key-a", "for the moment"), ("key-d", digests["key-a"]), ("key-a", digests["key-d"])):
        attack.run("UPDATE key SET secret_digest = ? WHERE ref = ?", digest, ref)

    faults = verify(attack.execute)

    assert {(fault.where, fault.what.partition(" is ")[0]) for fault in faults} == {
        ("key {'ref': 'key-a'}", "secret_digest"),
        ("key {'ref': 'key-d'}", "secret_digest"),
    }


@pytest.mark.parametrize("table", ["key", "account", "approval", "override"])
def test_a_row_that_nobody_asked_for_is_found(attack: Attack, table: str) -> None:
    row = attack.run(f"SELECT * FROM {table} ORDER BY id LIMIT 1")[0]
    unique = {"ref": "made-up", "name": "made up", "secret_digest": "made up", "subject_id": "made up"}
    attack.insert(table, [row | {name: word for name, word in unique.items() if name in row} | {"id": 1000}])

    assert verify(attack.execute) == [Fault(f"{table} {{'ref': 'made-up'}}", "the record knows no such row")]


def _rewrite(attack: Attack, kind: str, action: str, **after: Any) -> None:
    """Alter what a change tells, in the record alone, and make every hash from there on fit."""
    where = "kind = ? AND action = ? AND after IS NOT NULL"
    row = attack.run(f"SELECT * FROM change WHERE {where} ORDER BY seq LIMIT 1", kind, action)[0]
    attack.run("UPDATE change SET after = ? WHERE seq = ?", canonical(json.loads(row["after"]) | after), row["seq"])
    attack.rehash(row["seq"])


@pytest.mark.parametrize(
    ("kind", "action", "after"),
    [
        ("key", "created", {"role": "inspector"}),
        ("key", "updated", {"confirmed_by": "nobody"}),
        ("account", "created", {"clearance": "OFFICIAL-SENSITIVE"}),
        ("approval", "created", {"asked_by": "another"}),
        ("approval", "updated", {"decided_by": "another"}),
        ("override", "created", {"why": "Another."}),
    ],
)
def test_a_record_that_was_altered_is_found_by_its_rows_and_by_the_checkpoint(
    attack: Attack, kind: str, action: str, after: dict[str, Any]
) -> None:
    _rewrite(attack, kind, action, **after)

    by_rows, by_checkpoint = verify(attack.execute), verify(attack.execute, attack.checkpoint, KEY)

    assert by_rows[0].where.startswith(f"{kind} ")
    assert "re-hashed" in by_checkpoint[0].what


def test_what_was_withdrawn_can_be_marked_afterwards_and_nothing_else(attack: Attack) -> None:
    size = max(attack.earlier)
    (marked,) = attack.run(
        "SELECT * FROM change WHERE action = 'updated' AND kind = 'link' AND after = ?", canonical({"limited_to": ""})
    )
    altered = {"after": canonical({"rationale": "x"}), "before": canonical({"rationale": "Because of the test."})}
    attack.insert("change", [marked | altered | {"seq": size + 1, "at": "2999"}])
    attack.rehash(size + 1)

    (found,) = verify(attack.execute, attack.checkpoint, KEY)

    assert found == Fault(f"change {size + 1}", "it cannot be followed: it is of another kind, or was withdrawn")


def test_the_use_of_a_key_is_nothing_that_the_record_tells(attack: Attack) -> None:
    attack.run("INSERT INTO key_use (key_id, used_at) SELECT id, '2026' FROM key")

    assert attack.faults() == []


def test_an_empty_record_of_the_newest_schema_is_sound(database: Database) -> None:
    bring_up_to_date(database)

    with database.engine.connect() as connection:
        result = verify(lambda sql: (list((rows := connection.exec_driver_sql(sql)).keys()), rows.all()))

    assert result == []
