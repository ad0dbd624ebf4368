# ruff: noqa: S311, S608 - what is drawn has to be drawn again; statements are made of names of ours
"""An attack on a database behind the service's back, by somebody who may do anything, with the last checkpoint kept."""

import base64
import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from api.database import Database
from models import verifier
from models.verifier import SINGLE, START, Fault, canonical, hash_of, verify
from models.versions import VERSIONS
from tests.models.small_records import one_of_everything, random_changes

Rows = list[dict[str, Any]]
TABLES = ("change", *SINGLE, *(name for kept in VERSIONS for name in (kept, f"{kept}_version")))
# What the record does not tell: the number in its table of what nothing refers to.
UNTOLD = {(table, "id") for table in SINGLE}
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
