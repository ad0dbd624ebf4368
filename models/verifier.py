"""Checking the record of changes with nothing but Python: the canonical form, the hashes, and what they prove.

It needs no other file of the project: `python3 verifier.py DATABASE_OR_EXPORT [--checkpoint FILE] [--key BASE64]`.
"""

import argparse
import base64
import hashlib
import json
import sqlite3
import sys
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, Any]
# Runs a query: the names of its columns, and its rows.
Execute = Callable[[str], tuple[Sequence[str], Iterable[Sequence[Any]]]]

# What stands before the first change.
START = "0" * 64
# What a change's hash is made of, besides the hash before it.
HASHED = ("seq", "at", "principal", "reason", "request_id", "action", "kind", "ref", "before", "after")
# What a checkpoint's signature is made over, and what a checkpoint has.
SIGNED = ("origin", "size", "root", "at")
CHECKPOINT = {*SIGNED, "key", "signature"}
FORMAT = "mappa-trace/1"
UNSEEN = "Without a checkpoint, changes cut off at the end, or a record re-hashed from some point on, cannot be seen."
# A version that no later one has taken the place of.
FOREVER = 2**31 - 1
# The fields by which an item of each kind is what it says, and the values of fields that were not given.
CONTENT_FIELDS: dict[str, tuple[str, ...]] = {
    "review": ("title", "published_on"),
    "recommendation": ("category", "text"),
    "clause": ("span_start", "span_end"),
    "source": ("title", "source_class", "method", "population", "sample", "sample_size", "statement"),
    "evidence": ("evidence_kind", "statement", "period", "url", "locator"),
    "action": ("title",),
    "progress": ("statement",),
    "assessment": ("statement",),
    "decision": ("statement",),
    "body": ("title",),
}
DEFAULTS = {"handling": "PUBLIC", "is_group": False}
# The tables that are kept in versions, and the columns by which a row is found where that is not `id`.
KEPT = ("item", *CONTENT_FIELDS, "involvement", "due_date", "link")
# What is recorded besides items and links, in a table of its own without versions, with the column that names a row.
SINGLE = {"baseline": "name", "key": "ref", "account": "ref", "approval": "ref", "override": "ref"}
MARKING = {"handling", "limited_to", "embargo_until", "embargo_bodies"}
_KEYS: dict[str, tuple[str, ...]] = {"item": ("ref",), "link": ("ref",)}
_KEYS |= {table: (name,) for table, name in SINGLE.items()}
_KEYS |= {"involvement": ("item_id", "role", "body_id"), "due_date": ("action_id", "number")}
# What kind of thing a change is of, also where the thing itself says of what kind something else is.
_SORT = "is a"
# What is told of a thing beside the columns of its own tables.
_NO_COLUMNS = {"kind", _SORT, "bodies", "due_dates", "from_seq", "until_seq", *DEFAULTS}
_UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)
# Ed25519 (RFC 8032): the field, the order of the base point, the curve, and the base point.
_P, _L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_D, _BASE = -121665 * pow(121666, -1, _P) % _P, bytes.fromhex("58" + "66" * 31)
Point = tuple[int, int]


class Fault(NamedTuple):
    """One thing that is wrong: where (a change, a row, a line, the checkpoint), and what."""

    where: str
    what: str


def canonical(value: Any) -> str:
    """A JSON value in its one canonical form (RFC 8785 for values without fractions): sorted keys, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of(change: Mapping[str, Any], previous: str) -> str:
    """The hash of a change: SHA-256, in hexadecimal, of its canonical form with the hash of the change before it."""
    told = {name: change[name] for name in HASHED} | {"previous": previous}
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def erased_digest(change: Mapping[str, Any]) -> str:
    """The digest of a change whose texts were erased, as it says now, with the hash that it had and has."""
    told = {name: change[name] for name in (*HASHED, "hash")}
    return hashlib.sha256(canonical(told).encode()).hexdigest()


def erasure_digest(digests: Iterable[str]) -> str:
    """The digest of everything that one approval erased: of the digests of the changes, in their order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def _sum(one: Point, other: Point) -> Point:
    """The sum of two points of the curve."""
    (a, b), (c, d) = one, other
    both = _D * a * b * c * d
    return (a * d + b * c) * pow(1 + both, -1, _P) % _P, (b * d + a * c) * pow(1 - both, -1, _P) % _P


def _times(factor: int, point: Point) -> Point:
    """A point added to itself so many times."""
    result = (0, 1)
    while factor:
        result = _sum(result, point) if factor & 1 else result
        point, factor = _sum(point, point), factor >> 1
    return result


def _point(encoded: bytes) -> Point:
    """The point that 32 bytes stand for (RFC 8032, 5.1.3); refuses bytes that are no point, or not its one encoding."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & (2**255 - 1), number >> 255
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    x = x if x * x % _P == square else x * pow(2, (_P - 1) // 4, _P) % _P
    if y >= _P or x * x % _P != square or (x == 0 and sign):
        raise ValueError("it is no point of the curve")
    return (x if x & 1 == sign else _P - x), y


@lru_cache(maxsize=64)
def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether an Ed25519 signature over a message was made with the secret of this public key (RFC 8032, 5.1.7)."""
    answer = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or answer >= _L:  # noqa: PLR2004 - the lengths are the standard's
        return False
    try:
        own, commitment = _point(key), _point(signature[:32])
    except ValueError:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % _L
    fits = _times(answer, _point(_BASE)) == _sum(commitment, _times(challenge, own))
    return fits and _times(8, own) != (0, 1)


def _decoded(text: str) -> bytes:
    """Bytes from base64; refuses any other writing of them than the usual one."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("it is not base64 as usual")
    return decoded


def _wrong_with_checkpoint(checkpoint: Mapping[str, Any], key: str | None) -> str | None:
    """What is wrong with a checkpoint in itself, if anything is; `key` is the one that is trusted."""
    try:
        if checkpoint.keys() != CHECKPOINT or type(checkpoint["size"]) is not int or checkpoint["size"] < 0:
            return f"it is not made of {', '.join(sorted(CHECKPOINT))}"
        if key is not None and checkpoint["key"] != key:
            return "its key is not the key that is trusted"
        signed = canonical({name: checkpoint[name] for name in SIGNED}).encode()
        if not signature_holds(_decoded(checkpoint["key"]), signed, _decoded(checkpoint["signature"])):
            return "its signature does not hold"
    except _UNREADABLE as error:
        return f"it cannot be read: {error}"
    return "the root of no change is not the start" if checkpoint["size"] == 0 and checkpoint["root"] != START else None


def _parsed(change: Mapping[str, Any]) -> Row:
    """A change with its states as values; refuses one whose text is not the canonical form of an object."""
    read = dict(change)
    for name in ("before", "after"):
        if isinstance(read[name], str):
            read[name] = json.loads(read[name])
            if not isinstance(read[name], dict) or canonical(read[name]) != change[name]:
                raise ValueError(f"'{name}' is not in the canonical form")
    return read


def _wrong_with_change(change: Row, last: Row) -> str | None:
    """What is wrong with a change that stands after another, if anything is."""
    if change["seq"] != last["seq"] + 1:
        return f"it is not there: after number {last['seq']} stands number {change['seq']}"
    if change["at"] < last["at"]:
        return f"time goes back: from {last['at']} to {change['at']}"
    if change["action"] not in {"created", "updated", "withdrawn"}:
        return f"there is no action {change['action']!r}"
    if _is_erased(change):
        stands = str(change["erased"]).split(" ")[-1] == erased_digest(change)
        return None if stands else "it was erased, and does not say what it said then"
    fits = change["hash"] == hash_of(change, last["hash"])
    return None if fits else "its hash does not match what it says and the hash before it"


def _is_erased(change: Mapping[str, Any]) -> bool:
    """Whether texts of a change were erased: its hash is then that of what it said before."""
    return change.get("erased") is not None or change.get("erased_by") is not None


class Erasing(NamedTuple):
    """What is known so far of erasures: who asked for which, what each erased, and the ends of links in it."""

    asked: dict[str, Row]
    erased: dict[str, list[tuple[Row, str]]]
    ends: dict[str, set[str]]


def _wrong_with_erasure(change: Row, known: Erasing) -> str | None:
    """What is wrong with a change that was erased, or that confirms what was, if anything is; adds to what is known."""
    kind, ref, after = change["kind"], change["ref"], change["after"]
    if _is_erased(change):
        for approval, digest in zip(change["erased_by"].split(" "), change["erased"].split(" "), strict=True):
            known.erased.setdefault(approval, []).append((change, digest))
        if kind == "link" and change["action"] == "created":
            known.ends[ref] = {after["source"], after["target"]}
    elif kind == "approval" and change["action"] == "created" and after["action"] == "redact":
        known.asked[ref] = after
    elif kind == "approval" and change["action"] == "updated" and after.get("erased") is not None:
        return _wrong_with_confirmation(after, known.asked.pop(ref, None), known.erased.pop(ref, []), known.ends)
    return None


def _wrong_with_confirmation(
    after: Row, asked: Row | None, erased: Sequence[tuple[Row, str]], ends: Mapping[str, set[str]]
) -> str | None:
    """What is wrong with the confirmation of what somebody asked to be erased: by whom, of what, and what it said."""
    if asked is None or after.get("state") != "confirmed" or after.get("decided_by") in {None, asked["asked_by"]}:
        return "it lets something be erased without two persons"
    of, thing = asked["of_ref"], (asked["kind"], asked["of_ref"])
    for change, _digest in erased:
        tied = change["kind"] == "link" and asked["kind"] != "link" and of in ends.get(change["ref"], ())
        if (change["kind"], change["ref"]) != thing and not tied:
            return f"change {change['seq']} was erased by it, and is of another thing"
    fits = after["erased"] == erasure_digest(digest for _change, digest in erased)
    return None if fits else "what was erased is not what it confirms"


def chain_faults(
    changes: Iterable[Mapping[str, Any]], checkpoint: Mapping[str, Any] | None = None, key: str | None = None
) -> Iterator[Fault]:
    """What is wrong with a checkpoint, the first change that is wrong, and what of the checkpoint is not there."""
    wrong = None if checkpoint is None else _wrong_with_checkpoint(checkpoint, key)
    if wrong:
        yield Fault("checkpoint", wrong)
    size, root = (0, START) if checkpoint is None or wrong else (checkpoint["size"], checkpoint["root"])
    last: Row = {"seq": 0, "at": "", "hash": START}
    known = Erasing({}, {}, {})
    for change in changes:
        try:
            read = _parsed(change)
            wrong = _wrong_with_change(read, last) or _wrong_with_erasure(read, known)
        except _UNREADABLE as error:
            wrong = f"it cannot be read: {error}"
        if wrong:
            yield Fault(f"change {last['seq'] + 1}", wrong)
            return
        last = read
        if last["seq"] == size and last["hash"] != root:
            yield Fault(
                f"change {size}", "re-hashed: its hash is not the checkpoint's, so it or one before was altered"
            )
    if last["seq"] < size:
        yield Fault(
            f"change {last['seq'] + 1}", f"truncated: the checkpoint has {size} changes, here are {last['seq']}"
        )
    for alone, _digest in (found[0] for found in known.erased.values()):
        yield Fault(f"change {alone['seq']}", "it was erased, and up to the last change here no two persons did so")


def _changes(execute: Execute) -> Iterator[Row]:
    """The changes of a database in the order of their numbers."""
    names, rows = execute("SELECT * FROM change ORDER BY seq")
    return (dict(zip(names, row, strict=True)) for row in rows)


def _first_state(change: Row, things: Mapping[str, Sequence[Row]]) -> Row:
    """A new thing as its change tells it; a link from before links remembered what their ends say, as it was filled."""
    kind, state = change["kind"], change["after"]
    if state[SINGLE.get(kind, "ref")] != change["ref"] or (kind not in SINGLE and state.get("kind", kind) != kind):
        raise ValueError("it tells of another thing than it names")
    if kind not in {"link", *SINGLE, *CONTENT_FIELDS}:
        raise ValueError(f"there is no kind {kind!r}")
    filled: Row = {} if kind in SINGLE else DEFAULTS
    if kind == "link" and "source_content" not in state:
        filled = filled | {f"{end}_content": things[f"item {state[end]}"][0]["content"] for end in ("source", "target")}
    return {
        "kind": kind,
        **filled,
        **state,
        _SORT: kind,
        "version": 0,
        "created_seq": change["seq"],
        "withdrawn_seq": None,
    }


def _replay(change: Row, things: dict[str, list[Row]]) -> None:
    """Add to the things the version of one that a change makes; refuses a change that cannot follow what was."""
    kind, action, before, after = (change[name] for name in ("kind", "action", "before", "after"))
    versions = things.setdefault(f"{'item' if kind in CONTENT_FIELDS else kind} {change['ref']}", [])
    if bool(versions) == (action == "created"):
        raise ValueError("it is created a second time" if versions else "it was never created")
    last = versions[-1] if versions else _first_state(change, things)
    marked = action == "updated" and after is not None and (after.keys() <= MARKING or after == before)
    if last[_SORT] != kind or (last["withdrawn_seq"] is not None and not marked):
        raise ValueError("it is of another kind, or was withdrawn")
    if (before is None) != (action != "updated") or (after is None) != (action == "withdrawn"):
        raise ValueError("it lacks what was, or what is, or has too much")
    if before is not None and (before.keys() != after.keys() or any(last.get(name) != before[name] for name in before)):
        raise ValueError("what it says was, was not")
    new = {**last, **(after or {}), "version": last["version"] + 1, "from_seq": change["seq"], "until_seq": FOREVER}
    if action == "withdrawn":
        new["withdrawn_seq"] = change["seq"]
    if kind in CONTENT_FIELDS:
        says = canonical({name: new.get(name) for name in CONTENT_FIELDS[kind]})
        new["content"] = hashlib.sha256(says.encode()).hexdigest()[:32]
    last["until_seq"] = change["seq"]
    versions.append(new)


def _rows(table: str, version: Row) -> list[Row]:
    """The rows of a table that a version of a thing has; parts of bodies are placed from 1."""
    span = {"from_seq": version["from_seq"], "until_seq": version["until_seq"]}
    if table == "involvement":
        parts = enumerate(version.get("bodies") or (), start=1)
        return [{"item": version["ref"], "position": position, **part, **span} for position, part in parts]
    if table == "due_date":
        return [{"action": version["ref"], **due, **span} for due in version.get("due_dates") or ()]
    return [version]


def _told(things: Mapping[str, Sequence[Row]]) -> dict[str, list[Row]]:
    """The rows that each table has by the record."""
    told: dict[str, list[Row]] = defaultdict(list)
    for versions in things.values():
        kind = versions[0][_SORT]
        for table in ("item", kind, "involvement", "due_date") if kind in CONTENT_FIELDS else (kind,):
            told[table] += _rows(table, versions[-1])
            told[f"{table}_version"] += [row for version in versions for row in _rows(table, version)]
    return told


def _plain(value: Any) -> Any:
    """A value as both engines and the record have it."""
    return value.isoformat() if isinstance(value, date) else int(value) if isinstance(value, bool) else value


def _compared(table: str, execute: Execute, told: Iterable[Row], named: Mapping[str, Row]) -> Iterator[Fault]:
    """How the rows of a table differ from those that the record tells of; `named` has id and kind of each reference."""
    columns, rows = execute(f"SELECT * FROM {table}")  # noqa: S608 - a name of ours
    keys = [name for name in (*_KEYS.get(table.removesuffix("_version"), ("id",)), "from_seq") if name in columns]
    split = [(name, *name.rpartition("_")[::2]) for name in columns]
    expected = {}
    for row in told:
        value = {
            name: _plain(row[name] if name in row else named.get(row.get(stem, ""), {}).get(end))
            for name, stem, end in split
        }
        expected[tuple(value[name] for name in keys)] = value
    for values in rows:
        there = dict(zip(columns, map(_plain, values), strict=True))
        key = tuple(there[name] for name in keys)
        where, should = f"{table} {dict(zip(keys, key, strict=True))}", expected.pop(key, None)
        if should is None:
            yield Fault(where, "the record knows no such row")
        elif should != there:
            wrong = next(name for name in columns if should[name] != there[name])
            yield Fault(where, f"{wrong} is {there[wrong]!r}, by the record {should[wrong]!r}")
    yield from (Fault(f"{table} {dict(zip(keys, key, strict=True))}", "the row is missing") for key in expected)


def _without_column(execute: Execute, things: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """What the record tells of things of a kind and the tables of the kind have no column for."""
    told: dict[str, set[str]] = defaultdict(set)
    for versions in things.values():
        told[versions[0][_SORT]].update(*versions)
    for kind, names in told.items():
        for end in ("",) if kind in SINGLE else ("", "_version"):
            tables = [f"{table}{end}" for table in (("item", kind) if kind in CONTENT_FIELDS else (kind,))]
            columns = {name for table in tables for name in execute(f"SELECT * FROM {table} WHERE 1 = 0")[0]}  # noqa: S608
            lost = sorted(name for name in names - _NO_COLUMNS if not {name, f"{name}_id"} & columns)
            yield from (Fault(f"{kind} in {' and '.join(tables)}", f"no column holds {name!r}") for name in lost)


def table_faults(execute: Execute) -> Iterator[Fault]:
    """How the tables differ from what the record tells: things as they are, and as each of their changes left them."""
    things: dict[str, list[Row]] = {}
    ids: Row = {}
    for table, name in (("item", "ref"), ("link", "ref"), *SINGLE.items()):
        ids |= {f"{table} {ref}": number for ref, number in execute(f"SELECT {name}, id FROM {table}")[1]}  # noqa: S608
    where = "change 1"
    try:
        for change in _changes(execute):
            where = f"change {change['seq']}"
            _replay(_parsed(change), things)
        for thing, versions in things.items():
            for version in versions:
                version["id"] = ids.get(thing)
        yield from _without_column(execute, things)
        named = {thing[5:]: versions[-1] for thing, versions in things.items() if thing.startswith("item ")}
        told = _told(things)
        for where in (*SINGLE, *(f"{table}{end}" for table in KEPT for end in ("", "_version"))):
            yield from _compared(where, execute, told[where], named)
    except _UNREADABLE as error:
        yield Fault(where, f"it cannot be followed: {error}")


def verify(execute: Execute, checkpoint: Mapping[str, Any] | None = None, key: str | None = None) -> list[Fault]:
    """Everything that is wrong with a database: its record first, and by a sound record its tables."""
    found = list(chain_faults(_changes(execute), checkpoint, key))
    return found if found and found[-1].where != "checkpoint" else found + list(table_faults(execute))


def _named(number: int, line: bytes) -> tuple[str, Any]:
    """What a line of an export is, and what it holds; refuses one that is not as the format has it."""
    value = json.loads(line)
    if f"{canonical(value)}\n".encode() != line:
        raise ValueError("it is not in the canonical form")
    if number == 1:
        if value.get("whole") is False:
            raise ValueError("it is the part of the record that one reader sees; only a whole export can be checked")
        return value["format"], value["known_at"]
    ((name, content),) = value.items()
    return name, content


def _lines(lines: Iterable[bytes], faults: list[Fault]) -> Iterator[Row]:
    """The changes of an export; adds to the faults what is wrong with its lines, its first and its last."""
    digest, counts, number, name, known_at, content = hashlib.sha256(), Counter[str](), 0, "", None, None
    for number, line in enumerate(lines, start=1):
        if name == "manifest":
            faults.append(Fault(f"line {number}", "it stands after the manifest"))
            return
        try:
            name, content = _named(number, line)
        except _UNREADABLE as error:
            faults.append(Fault(f"line {number}", f"it cannot be read: {error}"))
            return
        if name == "change":
            yield content
        known_at = content if number == 1 and name == FORMAT else known_at
        counts[name] += 1
        digest.update(line if name != "manifest" else b"")
    wrong = _wrong_with_manifest(content if name == "manifest" else None, known_at, counts, digest.hexdigest())
    if wrong:
        faults.append(Fault(f"line {number}", wrong))


def _wrong_with_manifest(manifest: Any, known_at: Any, counts: Mapping[str, int], digest: str) -> str | None:
    """What is wrong with the last line of an export, if anything is; `counts` and `digest` are of the lines before."""
    if not isinstance(manifest, dict):
        return "the last line, the manifest, is missing"
    if not known_at == manifest.get("known_at") == counts["change"]:
        return f"known_at is {known_at} and {manifest.get('known_at')}, and there are {counts['change']} changes"
    if manifest.get("sha256") != digest:
        return "the digest of the manifest is not that of the lines before it"
    told = manifest.get("counts", {})
    kinds = ("item", "link", "baseline", "change")
    wrong = [kind for kind in kinds if told.get(kind, told.get(f"{kind}s", counts[kind])) != counts[kind]]
    return f"the manifest counts another number of {wrong[0]} lines" if wrong else None


def export_faults(
    lines: Iterable[bytes], checkpoint: Mapping[str, Any] | None = None, key: str | None = None
) -> list[Fault]:
    """Everything that is wrong with an export: its lines, its manifest, and the record in it."""
    faults: list[Fault] = []
    changes = _lines(lines, faults)
    chain = list(chain_faults(changes, checkpoint, key))
    deque(changes, maxlen=0)  # what stands after a bad change belongs to the digest all the same
    return faults + chain


def not_seen(checkpoint: Mapping[str, Any] | None, key: str | None) -> list[str]:
    """What a check with this checkpoint and this trusted key cannot see, in words for the reader of its result."""
    if checkpoint is None:
        return [UNSEEN]
    size = checkpoint.get("size") if isinstance(checkpoint, dict) else None
    said = [f"Changes after number {size} are later than the checkpoint: the chain alone holds them."]
    own = "Without --key, the checkpoint is believed on the key that it names itself, which anyone can replace."
    return said if key else [*said, own]


def run_on(connection: sqlite3.Connection) -> Execute:
    """Runs queries on an SQLite connection; text that is no text is read all the same, to be found wrong."""
    connection.text_factory = lambda text: text.decode("utf-8", "surrogateescape")

    def execute(query: str) -> tuple[Sequence[str], Iterable[Sequence[Any]]]:
        """The names of the columns, and the rows."""
        cursor = connection.execute(query)
        return [column[0] for column in cursor.description], cursor

    return execute


def _checked(file: Path, checkpoint: Mapping[str, Any] | None, key: str | None) -> tuple[str, list[Fault]]:
    """What a file is, with the number of its changes, and everything that is wrong with it."""
    with file.open("rb") as opened:
        if opened.read(16) != b"SQLite format 3\0":
            opened.seek(0)
            size = sum(line.startswith(b'{"change":') for line in opened)
            opened.seek(0)
            return f"an export with {size} changes, whose items and links are held by its digest alone", export_faults(
                opened, checkpoint, key
            )
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        execute = run_on(connection)
        connection.execute("BEGIN")
        ((size,),) = execute("SELECT count(*) FROM change")[1]
        return f"a database with {size} changes, and its tables", verify(execute, checkpoint, key)


def _checkpoint_in(file: Path) -> Row:
    """The checkpoint in a file; one without anything where it holds none, to be found wrong."""
    try:
        value = json.loads(file.read_bytes())
    except (RecursionError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def main(arguments: Sequence[str] | None = None) -> int:
    """Check a file and say what was checked and what is wrong: 0 where it is sound, 1 where not, 2 if not checked."""
    parser = argparse.ArgumentParser(description="Checks the record of changes in a database or an export.")
    parser.add_argument("file", type=Path, metavar="DATABASE_OR_EXPORT")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="the signed checkpoint, kept elsewhere")
    parser.add_argument("--key", metavar="BASE64", help="the public key that is trusted to sign checkpoints")
    given = parser.parse_args(arguments)
    if given.key and not given.checkpoint:
        parser.error("--key is for a checkpoint")
    try:
        checkpoint = _checkpoint_in(given.checkpoint) if given.checkpoint else None
        what, faults = _checked(given.file, checkpoint, given.key)
    except (OSError, ValueError) as error:
        sys.stdout.write(f"It cannot be read: {error}\n")
        return 2
    except sqlite3.Error as error:
        sys.stdout.write(f"This Python's SQLite, {sqlite3.sqlite_version}, cannot read it (3.37 is needed): {error}\n")
        return 2
    said = [f"Checked: {what}."]
    if checkpoint is not None:
        said.append(f"Checkpoint: of {checkpoint.get('size')} changes, {checkpoint.get('at')}.")
    said += [f"Wrong, first: {faults[0].where}: {faults[0].what}"] if faults else ["Nothing is wrong."]
    said += [f"Wrong, too: {where}: {what}" for where, what in faults[1:20]]
    said += [f"In all {len(faults)} places."] if faults else []
    sys.stdout.write("\n".join([*said, *not_seen(checkpoint, given.key), ""]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
