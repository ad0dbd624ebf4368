# ruff: noqa: S311, S608 - what is drawn has to be drawn again; statements are made of names of ours
"""Whatever is done to a database behind the service's back, the verifier finds, given the last checkpoint.

`python3 -m tests.models.test_tampering 10000` makes so many tamperings on SQLite; number n is always the same one.
"""

import base64
import hashlib
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from rich.console import Console
from rich.progress import track
from sqlalchemy import Boolean, Column, Date, Integer, event, text
from sqlalchemy.orm import Session

from api.database import Database
from api.loading import bring_up_to_date
from models import verifier
from models.actions import Action, DueDate
from models.base import Base
from models.baselines import Baseline
from models.evidence import Evidence
from models.items import Involvement, Item
from models.links import Link
from models.verifier import CONTENT_FIELDS, FOREVER, SIGNED, START, Fault, canonical, hash_of, signature_holds, verify
from models.versions import VERSIONS
from tests.conftest import Databases
from tests.factories import an, link

Rows = list[dict[str, Any]]
TABLES = ("change", "baseline", *(name for kept in VERSIONS for name in (kept, f"{kept}_version")))
# What the record does not tell: a baseline's number in its table, to which nothing refers.
UNTOLD = {("baseline", "id")}
SECRET, OTHER_SECRET = b"\x01" * 32, b"\x02" * 32


def _encoded(point: tuple[int, int]) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def signature_of(secret: bytes, message: bytes) -> tuple[bytes, bytes]:
    """The public key of a secret, and its Ed25519 signature over a message."""
    digest = hashlib.sha512(secret).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    key = _encoded(verifier._times(scalar, verifier._point(verifier._BASE)))
    nonce = int.from_bytes(hashlib.sha512(digest[32:] + message).digest(), "little") % verifier._L
    commitment = _encoded(verifier._times(nonce, verifier._point(verifier._BASE)))
    challenge = int.from_bytes(hashlib.sha512(commitment + key + message).digest(), "little") % verifier._L
    return key, commitment + ((nonce + challenge * scalar) % verifier._L).to_bytes(32, "little")


def checkpoint_of(size: int, root: str, secret: bytes = SECRET) -> dict[str, Any]:
    """A signed checkpoint of a record."""
    signed = {"origin": "test", "size": size, "root": root, "at": "2026-01-01T00:00:00.000000Z"}
    key, signature = signature_of(secret, canonical(signed).encode())
    return {
        **signed,
        "key": base64.b64encode(key).decode(),
        "signature": base64.b64encode(signature).decode(),
    }


KEY = checkpoint_of(0, START)["key"]


def one_of_everything(session: Session) -> None:
    """A small record: every kind of thing created, most of them changed, some withdrawn, links reviewed."""
    bodies = [an("body", session, url=f"https://example.org/{name}", is_group=name == "b") for name in "abc"]
    parts = [Involvement(role="publisher", body=body, position=at) for at, body in enumerate(bodies[:2], start=1)]
    review = an("review", session, published_on=date(2020, 1, 1), bodies=parts, locator="p. 1")
    lead = Involvement(role="lead", body=bodies[0], position=1)
    partner = Involvement(role="partner", body=bodies[1], position=2)
    asked = an("recommendation", session, parent=review, number=1, bodies=[lead, partner], url="https://example.org")
    clause = an("clause", session, parent=asked, number=1, locator="line 1")
    source = an("source", session, period="2019", period_from=date(2019, 1, 1), period_to=date(2019, 12, 31))
    evidence = [an("evidence", session, publisher="A press", locator=f"p. {page}") for page in (3, 4)]
    due = DueDate(number=1, due_on=date(2021, 1, 1), note=None)
    helper = Involvement(role="partner", body=bodies[2], position=1)
    action = an("action", session, owner=bodies[0], due_dates=[due], bodies=[helper], effective_note="as told")
    other = an("action", session, effective_from=date(2020, 5, 1), effective_to=date(2021, 5, 1))
    an("progress", session, parent=action, number=1, claimed_status="under_way", effective_from=date(2020, 6, 1))
    assessor = Involvement(role="assessor", body=bodies[1], position=1)
    an("assessment", session, parent=asked, statement="Not as yet.", bodies=[assessor])
    an("assessment", session, parent=review, verdict=None, tally_fully_met=1, tally_partially_met=0, tally_not_met=2)
    decision = an("decision", session, parent=asked, owner=bodies[2])
    baseline = Baseline(name="First", seq=3, digest="0" * 64, description="The first of them.")
    session.add(baseline)
    links = [
        link(session, evidence[0], "derived_from", source),
        link(session, evidence[0], "supports", asked, strength="strong"),
        link(session, evidence[1], "contradicts", clause, url="https://example.org/x", owner=bodies[0]),
        link(session, action, "addresses", asked, effective_from=date(2020, 1, 1)),
        link(session, action, "depends_on", other),
    ]
    assert isinstance(evidence[0], Evidence)
    evidence[0].statement = "Another thing was observed, “so it is said”."
    session.flush()
    for reviewed, finding in zip(links[:2], ("valid", "invalid"), strict=True):
        session.refresh(reviewed)  # what it was has to be known
        reviewed.remember()
        reviewed.finding, reviewed.review_note, reviewed.reviewed_by = finding, "Looked at again.", "an inspector"
        session.flush()
    assert isinstance(action, Action)
    action.due_dates.append(DueDate(number=2, due_on=date(2022, 1, 1), note="moved"))
    session.flush()
    asked.bodies = [
        Involvement(role="partner", body=bodies[2], position=1),
        Involvement(role="lead", body=bodies[0], position=2),
    ]
    session.flush()
    baseline.description = "The first."
    decision.owner = None
    for thing in (baseline, links[4], other, evidence[1]):
        session.flush()
        thing.withdraw()
    session.add(Baseline(name="Second", seq=30, digest="f" * 64))
    session.flush()


def random_changes(session: Session, rng: Random, steps: int) -> None:
    """So many more changes at random to what is there."""
    for step in range(steps):
        item = rng.choice([found for found in session.query(Item).order_by(Item.id) if found.withdrawn_seq is None])
        ties = [tie for tie in session.query(Link).order_by(Link.id) if tie.withdrawn_seq is None]
        match rng.randrange(7):
            case 0:
                item.title = f"Title {step}"
            case 1:
                item.url, item.period_note = f"https://example.org/{step}", rng.choice(["a\u2028note", 'é\\"', None])
            case 2 if isinstance(item, Action):
                number = len(item.due_dates) + 1
                item.due_dates.append(DueDate(number=number, due_on=date(2023, 1, number), note="late"))
            case 3 if ties:
                tie = rng.choice(ties)
                tie.remember()
                tie.review_note, tie.finding = f"Note {step}", rng.choice(["valid", "invalid"])
            case 4 if ties:
                rng.choice(ties).withdraw()
            case 5 if item.owner is not None:
                bodies = list(session.query(Item).filter_by(kind="body", withdrawn_seq=None).order_by(Item.id))
                item.owner = rng.choice([None, *bodies])
            case _:
                fresh, target = an("evidence", session), an("recommendation", session, parent=_a_review(session))
                link(session, fresh, rng.choice(["supports", "qualifies"]), target)
        session.flush()


def _a_review(session: Session) -> Item:
    return session.query(Item).filter_by(kind="review").order_by(Item.id).limit(1).one()


def _value_of(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@dataclass
class Attack:
    """A connection that may do anything, to a record of which every earlier state is known."""

    connection: Any
    is_sqlite: bool
    earlier: dict[int, dict[str, Rows]] = field(default_factory=dict)
    checkpoint: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Begin what will be rolled back, with nothing that guards."""
        self.run("BEGIN" if self.is_sqlite else "SET LOCAL session_replication_role = replica")

    def run(self, sql: str, *values: Any) -> Rows:
        """Run a statement; the rows that it gives."""
        cursor = self.connection.execute(sql if self.is_sqlite else sql.replace("?", "%s"), values)
        if cursor.description is None:
            return []
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str) -> tuple[Sequence[str], Sequence[Sequence[Any]]]:
        """What the verifier runs its queries with."""
        cursor = self.connection.execute(sql)
        return [column[0] for column in cursor.description], cursor.fetchall()

    def rows(self, table: str) -> Rows:
        """The rows of a table, each with its place."""
        place = "rowid" if self.is_sqlite else "ctid::text"
        return self.run(f"SELECT {place} AS place, {table}.* FROM {table} ORDER BY 1")

    @property
    def where(self) -> str:
        """The condition that a row has a place."""
        return "WHERE rowid = ?" if self.is_sqlite else "WHERE ctid = ?::tid"

    def insert(self, table: str, rows: Rows) -> None:
        """Add rows to a table."""
        for row in rows:
            names = [name for name in row if name != "place"]
            marks = ", ".join("?" * len(names))
            self.run(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", *(row[name] for name in names))

    def rehash(self, start: int) -> None:
        """Work out the hashes anew from a change on."""
        previous = START
        for row in self.run("SELECT * FROM change ORDER BY seq"):
            if row["seq"] >= start:
                read = {name: json.loads(row[name]) if row[name] else None for name in ("before", "after")}
                row["hash"] = hash_of({**row, **read}, previous)
                self.run("UPDATE change SET hash = ? WHERE seq = ?", row["hash"], row["seq"])
            previous = row["hash"]

    def faults(self) -> list[Fault]:
        """What the verifier finds with the checkpoint and the trusted key."""
        return verify(self.execute, self.checkpoint, KEY)


def attack_on(database: Database) -> Attack:
    """Write the small record, keep each state of it and its last checkpoint, and take every guard off."""
    earlier: dict[int, dict[str, Rows]] = {}

    def remember(session: Session, *_told: Any) -> None:
        every = {
            name: [dict(row) for row in session.execute(text(f"SELECT * FROM {name}")).mappings()] for name in TABLES
        }
        earlier[len(every["change"])] = every

    with database.writing("an inspector", "to try it") as session:
        event.listen(session, "after_flush_postexec", remember)
        one_of_everything(session)
        random_changes(session, Random(1), 8)
    last = max(earlier)
    root = next(row["hash"] for row in earlier[last]["change"] if row["seq"] == last)
    if database.file is not None:
        connection: Any = sqlite3.connect(database.file, isolation_level=None)
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
    else:
        connection = psycopg.connect(database.url.set(drivername="postgresql").render_as_string(hide_password=False))
        checks = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        for table, name in connection.execute(checks).fetchall():
            connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        connection.commit()
    return Attack(connection, database.file is not None, earlier, checkpoint_of(last, root))


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


def _edited(attack: Attack, rng: Random, table: str, name: str) -> str:
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
    return _edited(attack, rng, table, rng.choice([name for name in _columns(table) if (table, name) not in UNTOLD]))


def _columns(table: str) -> list[str]:
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
    free |= {"short_name", "review_note", "description", "reviewed_by"}
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
    found, called = ("item", "ref") if kind not in {"link", "baseline"} else (kind, "ref" if kind == "link" else "name")
    (number,) = (one["id"] for one in attack.run(f"SELECT id FROM {found} WHERE {called} = ?", ref))
    attack.run(f"UPDATE {table} SET {name} = ? WHERE id = ?", after[name], number)
    if kind != "baseline":
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


def _told(attack: Attack, tampering: Tampering, rng: Random) -> str | None:
    """Begin, and tamper; what was done, None where nothing was or the database refuses it."""
    attack.begin()
    try:
        return tampering(attack, rng)
    except (AnotherDraw, sqlite3.Error, psycopg.Error):
        attack.connection.rollback()
        return None


def _found(attack: Attack, told: str, tampering: Tampering | None = None) -> None:
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
        told = _told(attack, tampering, rng)
    _found(attack, f"number {number}, {tampering.__name__}, {told}", tampering)
    attack.checkpoint = kept
    return tampering


@pytest.fixture(scope="module")
def attack(databases: Databases) -> Iterator[Attack]:
    made = attack_on(databases.copy("empty"))
    with closing(made.connection):
        yield made


def test_the_record_that_is_tampered_with_is_sound(attack: Attack) -> None:
    created = {row["kind"] for row in attack.run("SELECT kind FROM change")}

    assert attack.faults() == []
    assert verify(attack.execute) == []
    assert created == {*CONTENT_FIELDS, "link", "baseline"}
    assert all(attack.rows(table) for table in TABLES)


def test_every_tampering_is_found_by_the_last_checkpoint_and_some_by_nothing_else(attack: Attack) -> None:
    made = Counter(tamper(attack, number) for number in range(1000 if attack.is_sqlite else 150))

    assert set(made) == set(OFTEN)
    assert attack.faults() == []


def test_every_column_of_every_table_counts(attack: Attack) -> None:
    columns = [(table, name) for table in TABLES for name in _columns(table) if (table, name) not in UNTOLD]

    for table, name in columns if attack.is_sqlite else columns[::10]:
        draws = (_told(attack, lambda attack, rng: _edited(attack, rng, table, name), Random(at)) for at in range(50))  # noqa: B023 - used at once
        told = next((told for told in draws if told is not None), None)
        assert told is not None, f"{table}.{name} cannot be edited"
        _found(attack, told)


def test_a_signature_is_of_one_message_and_one_key() -> None:
    (key, signature), (other, _) = signature_of(SECRET, b"a"), signature_of(OTHER_SECRET, b"a")

    assert signature_holds(key, b"a", signature)
    assert not signature_holds(key, b"b", signature)
    assert not signature_holds(other, b"a", signature)


def main(total: int) -> None:
    """Make so many tamperings on SQLite, and tell how many of which kind were found."""
    console, begun = Console(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'record.db'}")
        bring_up_to_date(database)
        attack = attack_on(database)
        made = Counter(tamper(attack, number) for number in track(range(total), "Tampering", console=console))
        attack.connection.close()
        database.close()
    for tampering, count in made.most_common():
        seen = ", and by nothing else" if tampering in HIDDEN else ""
        console.print(f"{count:>7,} {tampering.__name__}: all found by the last checkpoint{seen}")
    console.print(
        f"{total:>7,} tamperings of {max(attack.earlier)} changes in {time.monotonic() - begun:.1f} s, all found"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
