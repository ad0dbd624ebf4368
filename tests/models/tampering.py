# ruff: noqa: S311, S608 - what is drawn has to be drawn again; statements are made of names of ours
"""Ways to tamper with a database behind the service's back; number n is always the same one."""

import base64
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from random import Random
from typing import Any

import psycopg
from sqlalchemy import Boolean, Column, Date, Integer

from models import verifier
from models.base import Base
from models.verifier import CONTENT_FIELDS, FOREVER, SIGNED, SINGLE, START, canonical, verify
from tests.models.attack import OTHER_SECRET, TABLES, UNTOLD, Attack, Rows, checkpoint_of


class AnotherDraw(Exception):
    """What was drawn would alter nothing."""


def _another(rng: Random, column: Column[Any], old: Any, others: Sequence[Any]) -> Any:
    """Another value for a column: nothing, one of its other rows, or a made-up one."""
    if rng.random() < 0.5:
        return rng.choice([None, *others])
    if isinstance(column.type, Boolean):
        return type(old)(not old)
    if isinstance(column.type, Integer):
        return rng.choice([0, -1, FOREVER, rng.randrange(100), (old or 0) + 1, (old or 0) - 1])
    if isinstance(column.type, Date):
        return date(2000 + rng.randrange(30), rng.randrange(1, 13), rng.randrange(1, 28)).isoformat()
    word = old or "tampered"
    at = rng.randrange(len(word))
    altered = [word[:at] + chr(rng.randrange(32, 127)) + word[at + 1 :], word[:at] + word[at + 1 :], word[::-1]]
    return rng.choice([*altered, "", "null", "{}", f"{word} ", word.upper(), word[:at] + "é" + word[at:]])


def _drawn(attack: Attack, rng: Random) -> tuple[str, dict[str, Any], Rows]:
    table = rng.choice(TABLES)
    rows = attack.rows(table)
    return table, rng.choice(rows), rows


def edited(attack: Attack, rng: Random, table: str, name: str) -> str:
    rows = attack.rows(table)
    row = rng.choice(rows)
    new = _another(rng, Base.metadata.tables[table].c[name], row[name], [other[name] for other in rows])
    sql = f"UPDATE {table} SET {name} = ? {attack.where} RETURNING {name} AS new"
    if attack.run(sql, new, row["place"])[0]["new"] == row[name]:
        raise AnotherDraw
    return f"{table}.{name} from {row[name]!r} to {new!r}"


def edit(attack: Attack, rng: Random) -> str:
    """Another value in any column of any row."""
    table = rng.choice(TABLES)
    return edited(attack, rng, table, rng.choice([name for name in columns_of(table) if (table, name) not in UNTOLD]))


def columns_of(table: str) -> list[str]:
    return [column.name for column in Base.metadata.tables[table].c]


def delete(attack: Attack, rng: Random) -> str:
    """A row less."""
    table, row, _rows = _drawn(attack, rng)
    attack.run(f"DELETE FROM {table} {attack.where}", row["place"])
    return f"{table} {row}"


def make_up(attack: Attack, rng: Random) -> str:
    """A row more, most like another; where it is a change, its hash may even fit."""
    table, row, rows = _drawn(attack, rng)
    columns = list(Base.metadata.tables[table].c)
    for column in {*rng.sample(columns, min(2, len(columns))), *(one for one in columns if one.unique)}:
        row[column.name] = _another(rng, column, row[column.name], [other[column.name] for other in rows])
    if "id" in row and rng.random() < 0.7:
        row["id"] = 1000
    for name in {"ref", "external_id", "name"} & row.keys():
        row[name] = rng.choice([row[name], "made-up"])
    if table == "change":
        row["seq"] = len(rows) + 1
    attack.insert(table, [row])
    if table == "change" and rng.random() < 0.5:
        with suppress(ValueError):  # a state that is no JSON has no hash
            attack.rehash(len(rows) + 1)
    return f"{table} {row}"


def truncate(attack: Attack, rng: Random) -> str:
    """The last changes gone."""
    size = rng.choice([size for size in (0, *attack.earlier) if size < max(attack.earlier)])
    attack.run("DELETE FROM change WHERE seq > ?", size)
    return f"to {size}"


def truncate_all(attack: Attack, rng: Random) -> str:
    """The last changes gone, and everything as it was before them."""
    size = rng.choice([size for size in attack.earlier if size < max(attack.earlier)])
    for table in TABLES:
        attack.run(f"DELETE FROM {table}")
        attack.insert(table, attack.earlier[size][table])
    return f"to {size}"


def rewrite(attack: Attack, rng: Random) -> str:
    """Who wrote, why, when, or what, altered in the record alone, and every hash from there on made to fit."""
    row = rng.choice(attack.rows("change"))
    name = rng.choice(["principal", "reason", "request_id", "action", "kind", "ref", "before", "after"])
    new = f"{row[name] or ''} " if name not in {"before", "after"} else canonical({"title": f"T{rng.random()}"})
    attack.run(f"UPDATE change SET {name} = ? {attack.where}", new, row["place"])
    attack.rehash(row["seq"])
    return f"change {row['seq']}: {name} from {row[name]!r} to {new!r}"


def rewrite_who(attack: Attack, rng: Random) -> str:
    """Who wrote, or why, altered, of which the tables say nothing, and every hash from there on made to fit."""
    row, name = rng.choice(attack.rows("change")), rng.choice(["principal", "reason", "request_id"])
    attack.run(f"UPDATE change SET {name} = 'another' {attack.where}", row["place"])
    attack.rehash(row["seq"])
    return f"change {row['seq']}: {name}"


def rewrite_all(attack: Attack, rng: Random) -> str:
    """What a thing is, altered in the record and in every table, and every hash from there on made to fit."""
    free = {"title", "url", "locator", "publisher", "effective_note", "period_note", "rationale", "asserted_by"}
    free |= {"short_name", "review_note", "description", "reviewed_by", "why"}
    rows = attack.rows("change")
    row = rng.choice([row for row in rows if row["after"]])
    kind, ref, after = row["kind"], row["ref"], json.loads(row["after"])
    later = [json.loads(one["after"]) for one in rows if one["seq"] > row["seq"] and one["ref"] == ref and one["after"]]
    names = [name for name in sorted(free & after.keys() - {*CONTENT_FIELDS.get(kind, ())}) if after[name]]
    names = [name for name in names if not any(name in state for state in later)]
    if not names:
        raise AnotherDraw
    name = rng.choice(names)
    after[name] = after[name][:-1] + ("x" if after[name][-1] != "x" else "y")
    attack.run(f"UPDATE change SET after = ? {attack.where}", canonical(after), row["place"])
    table = kind if name in Base.metadata.tables[kind].c else "item"
    found, called = (kind, SINGLE.get(kind, "ref")) if kind in {"link", *SINGLE} else ("item", "ref")
    (number,) = (one["id"] for one in attack.run(f"SELECT id FROM {found} WHERE {called} = ?", ref))
    attack.run(f"UPDATE {table} SET {name} = ? WHERE id = ?", after[name], number)
    if kind not in SINGLE:
        since = f"UPDATE {table}_version SET {name} = ? WHERE id = ? AND from_seq >= ?"
        attack.run(since, after[name], number, row["seq"])
    attack.rehash(row["seq"])
    return f"change {row['seq']}: {name} to {after[name]!r}"


def swap(attack: Attack, rng: Random) -> str:
    """Two changes in each other's place, with hashes that fit or as they were."""
    one, other = rng.sample(attack.rows("change"), 2)
    attack.run("UPDATE change SET seq = ? WHERE seq = ?", FOREVER, one["seq"])
    attack.run("UPDATE change SET seq = ? WHERE seq = ?", one["seq"], other["seq"])
    attack.run("UPDATE change SET seq = ? WHERE seq = ?", other["seq"], FOREVER)
    if rng.random() < 0.5:
        attack.rehash(min(one["seq"], other["seq"]))
    return f"changes {one['seq']} and {other['seq']}"


def forge(attack: Attack, rng: Random) -> str:
    """Another checkpoint: a character of its file, another record's, an older one's words, another signer's."""
    old = attack.checkpoint
    size = rng.choice(list(attack.earlier))
    root = next((row["hash"] for row in attack.earlier[size]["change"] if row["seq"] == size), START)
    written = json.dumps(old)
    at = rng.randrange(len(written))
    character = written[:at] + chr(rng.randrange(32, 127)) + written[at + 1 :]
    late = int.from_bytes(base64.b64decode(old["signature"])[32:], "little") + verifier._L
    beyond = base64.b64decode(old["signature"])[:32] + late.to_bytes(32, "little")
    ways: list[Callable[[], Any]] = [
        lambda: character,
        lambda: {**old, "size": size, "root": root},
        lambda: {**old, rng.choice(SIGNED): rng.choice([0, 7, "", START, None, "x"])},
        lambda: checkpoint_of(size, root, OTHER_SECRET),
        lambda: {**checkpoint_of(size, root, OTHER_SECRET), "key": old["key"]},
        lambda: {**old, "signature": base64.b64encode(beyond).decode()},
        lambda: dict(rng.sample(list(old.items()), len(old) - 1)),
    ]
    drawn = rng.choice(ways)()
    try:
        attack.checkpoint = json.loads(drawn) if isinstance(drawn, str) else drawn
    except ValueError:
        attack.checkpoint = {}
    if attack.checkpoint == old:
        raise AnotherDraw
    return f"{attack.checkpoint}"


Tampering = Callable[[Attack, Random], str]
OFTEN: dict[Tampering, int] = {
    edit: 45,
    delete: 10,
    make_up: 12,
    truncate: 5,
    truncate_all: 4,
    rewrite: 5,
    rewrite_who: 3,
    rewrite_all: 6,
    swap: 5,
    forge: 5,
}
# Those that nothing but a checkpoint shows.
HIDDEN = (truncate_all, rewrite_who, rewrite_all)


def done(attack: Attack, tampering: Tampering, rng: Random) -> str | None:
    """Begin, and tamper; what was done, None where nothing was or the database refuses it."""
    attack.begin()
    try:
        return tampering(attack, rng)
    except (AnotherDraw, sqlite3.Error, psycopg.Error):
        attack.connection.rollback()
        return None


def seen_and_taken_back(attack: Attack, told: str, tampering: Tampering | None = None) -> None:
    """See that what was done is found, and take it back."""
    try:
        assert attack.faults(), f"it is not found: {told}"
        if tampering in HIDDEN:
            assert verify(attack.execute) == [], f"it is seen without the checkpoint: {told}"
    finally:
        attack.connection.rollback()


def tamper(attack: Attack, number: int) -> Tampering:
    """Make the tampering of this number, see that it is found, and take it back; what kind it was of."""
    rng, kept, told = Random(number), attack.checkpoint, None
    while told is None:
        tampering = rng.choices(list(OFTEN), list(OFTEN.values()))[0]
        told = done(attack, tampering, rng)
    seen_and_taken_back(attack, f"number {number}, {tampering.__name__}, {told}", tampering)
    attack.checkpoint = kept
    return tampering
