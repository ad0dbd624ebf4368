"""Filling an empty database with a programme, in minutes even with a million items: in bulk, with a whole record.

The rows are those that the one write path would have left, the chained record included: a test does the record again
through that path. While a database is filled it has no triggers, and its indexes are made last (bench/bulk.py).
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table, select

from api.database import Database
from bench.bulk import Bulk, bulk
from bench.programme import Size, Thing, Tie, things, ties
from models.base import Base
from models.changes import FOREVER
from models.links import Link
from models.nouns import NOUNS
from models.verifier import START, hash_of
from models.versions import VERSIONS

_BATCH = 5_000
_AT = "2020-01-01T00:00:00.000000Z"
_AUTHOR, _REASON, _BECAUSE = "bench", "Fill", "Because of the measurement."
# How much is changed afterwards through the write path: a tenth of the evidence, and never more than this.
_MOST_CHANGED = 2_000
_DONE = ("item", *NOUNS, "link")


class _Known(NamedTuple):
    """What later rows need to know of an item: its id, its kind, and the fingerprint of what it says."""

    id: int
    kind: str
    content: str


def _table(name: str) -> Table:
    """A table of the schema."""
    return Base.metadata.tables[name]


class _Record:
    """The chained record as it grows: one change for each thing that is made."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seq, self._previous = 0, START

    def created(self, kind: str, ref: str, after: dict[str, Any]) -> dict[str, Any]:
        """The row of the change by which a thing is created."""
        self.seq += 1
        change: dict[str, Any] = {"seq": self.seq, "at": _AT, "principal": _AUTHOR, "reason": _REASON}
        change |= {"request_id": None, "action": "created", "kind": kind, "ref": ref, "before": None, "after": after}
        self._previous = change["hash"] = hash_of(change, self._previous)
        return change | {"after": orjson.dumps(after, option=orjson.OPT_SORT_KEYS).decode()}


def _row(values: dict[str, Any], columns: Iterable[str]) -> tuple[Any, ...]:
    """The row of a table that these values are, in the order of its columns; what is not there is NULL."""
    return tuple(map(values.get, columns))


def _of_item(number: int, thing: Thing, known: dict[str, _Known], record: _Record) -> dict[str, dict[str, Any]]:
    """The rows of a new item, by the table that each is for."""
    content = thing.content
    told = {"ref": thing.ref, "kind": thing.kind, "external_id": thing.ref, "title": thing.title}
    told |= {"handling": "PUBLIC", "effective_from": thing.day} | thing.says
    ends = {role: end for role, end in (("parent", thing.parent), ("owner", thing.owner)) if end is not None}
    change = record.created(thing.kind, thing.ref, told | ends)
    row = told | {"id": number, "content": content, "version": 1, "created_seq": record.seq, "is_group": False}
    for role, end in ends.items():
        row |= {f"{role}_id": known[end].id, f"{role}_kind": known[end].kind}
    known[thing.ref] = _Known(number, thing.kind, content)
    return {"change": change, "item": row, thing.kind: row}


def _of_link(number: int, tie: Tie, known: dict[str, _Known], record: _Record) -> dict[str, dict[str, Any]]:
    """The rows of a new link, by the table that each is for."""
    source, target = known[tie.source], known[tie.target]
    told = {"ref": "-".join(tie), "type": tie.type, "basis": "stated", "rationale": _BECAUSE, "handling": "PUBLIC"}
    told |= {"asserted_by": _AUTHOR, "source_content": source.content, "target_content": target.content}
    change = record.created("link", told["ref"], told | {"source": tie.source, "target": tie.target})
    row: dict[str, Any] = told | {"id": number, "version": 1, "created_seq": record.seq}
    row |= {"source_id": source.id, "source_kind": source.kind, "target_id": target.id, "target_kind": target.kind}
    return {"change": change, "link": row}


def _rows(size: Size) -> Iterator[dict[str, dict[str, Any]]]:
    """The rows of each thing of a programme, by the table that each is for."""
    known: dict[str, _Known] = {}
    record = _Record()
    yield from (_of_item(number, thing, known, record) for number, thing in enumerate(things(size), start=1))
    yield from (_of_link(number, tie, known, record) for number, tie in enumerate(ties(size), start=1))


def _load(into: Bulk, size: Size, advance: Callable[[int], None]) -> None:
    """Write every row, some thousand things at a time."""
    columns = {name: tuple(column.name for column in _table(name).columns) for name in ("change", *_DONE)}
    waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for place, rows in enumerate(_rows(size), start=1):
        for name, row in rows.items():
            waiting[name].append(_row(row, columns[name]))
        if place % _BATCH == 0 or place == size.things:
            for name, found in waiting.items():
                into.insert(name, columns[name], found)
            waiting.clear()
            advance(_BATCH)
    for name in _DONE:
        into.execute(_versions(name))


def _versions(name: str) -> str:
    """The statement that keeps every row of a table as its first version."""
    columns = [column.name for column in _table(name).columns]
    made = "created_seq" if "created_seq" in columns else "(SELECT created_seq FROM item WHERE item.id = old.id)"
    names = ", ".join(columns)
    return (
        f"INSERT INTO {VERSIONS[name].name} ({names}, from_seq, until_seq) "  # noqa: S608 - names of ours
        f"SELECT {', '.join(f'old.{column}' for column in columns)}, {made}, {FOREVER} FROM {name} AS old"
    )


def fill(database: Database, size: Size, advance: Callable[[int], None], *, changed: float = 0.1) -> None:
    """Fill an empty database with a programme, then change some of its evidence and withdraw some links.

    `advance` is told how many more things are written; they are `size.things` in all. `changed` is the share of the
    evidence that is changed.
    """
    with bulk(database) as into:
        _load(into, size, advance)
    _change(database, size, min(int(size.evidence * changed), _MOST_CHANGED))
    database.take_stock()


def _change(database: Database, size: Size, changed: int) -> None:
    """Through the write path: change so many pieces of evidence, and withdraw a tenth as many links."""
    chosen = random.Random(size.evidence)  # noqa: S311 - the same each time
    first = min(100, size.evidence // 2)
    refs = [f"evidence-{number}" for number in chosen.sample(range(first, size.evidence + 1), changed)]
    for begin in range(0, len(refs), 1_000):
        with database.writing(_AUTHOR, "Change") as session:
            some = NOUNS["evidence"].ref.in_(refs[begin : begin + 1_000])
            for item in session.scalars(select(NOUNS["evidence"]).where(some)):
                item.title = f"{item.title}, looked at again"
    with database.writing(_AUTHOR, "Withdraw") as session:
        last = select(Link).where(Link.type == "qualifies").order_by(Link.id.desc()).limit(changed // 10)
        for link in session.scalars(last).all():
            link.withdraw()
