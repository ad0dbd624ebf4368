"""The export: everything that a reader sees at a point of the record, in a form that is the same bytes each time."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.baselines import BASELINE_FIELDS, list_baselines
from models.queries.graph import link_row, links_shown
from models.queries.numbers import numbers_of
from models.queries.paging import Wanted
from models.queries.record import change_row
from models.queries.rows import Row, complete, shown
from models.record_lens import changes
from models.verifier import START, canonical

FORMAT = "mappa-trace/1"
ORIGIN = "mappa-trace"
_CHUNK = 1_000


def export(session: Session, lens: Lens) -> Iterator[bytes]:
    """The lines of the export at the lens's point of the record, which must be named; NDJSON, each line canonical.

    First what it is, then the items and the links in the order in which they were recorded, the baselines, the changes,
    and last a manifest: how many of each, the SHA-256 of all lines before it, and the point with the hash of its last
    change. The same point gives the same bytes, on either engine. A few statements for each thousand lines.

    Who does not see everything gets his part of it: his own numbers, no hashes, and a header that says so.
    """
    digest, counts, root = hashlib.sha256(), Counter[str](), START if lens.sees_record else None
    known_at = numbers_of(session, lens).of(lens.known_at or 0)
    for sort, row in _lines(session, lens):
        line = canonical(_plain(row) if sort == "header" else {sort: _plain(row)}).encode() + b"\n"
        digest.update(line)
        counts[sort] += 1
        root = row["hash"] if sort == "change" else root
        yield line
    manifest = {
        "known_at": known_at,
        "counts": {f"{sort}s": counts[sort] for sort in ("item", "link", "baseline", "change")},
        "sha256": digest.hexdigest(),
        "checkpoint": {"origin": ORIGIN, "size": known_at, "root": root},
    }
    yield canonical({"manifest": manifest}).encode() + b"\n"


def digest_of(lines: Iterable[bytes]) -> str:
    """The SHA-256, in hexadecimal, of an export without its manifest."""
    digest, last = hashlib.sha256(), b""
    for line in lines:
        digest.update(last)
        last = line
    return digest.hexdigest()


def _lines(session: Session, lens: Lens) -> Iterator[tuple[str, Row]]:
    """Every line but the manifest, with what sort it is."""
    part = {} if lens.whole else {"whole": False}
    yield "header", {"format": FORMAT, "known_at": numbers_of(session, lens).of(lens.known_at or 0), **part}
    yield from (("item", row) for row in _items(session, lens))
    yield from (("link", row) for row in _links(session, lens))
    yield from (("baseline", row) for row in _baselines(session, lens))
    yield from (("change", row) for row in _changes(session, lens))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Some ids at a time."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _items(session: Session, lens: Lens) -> Iterator[Row]:
    """The items as shown, the oldest first."""
    item = lens.items()
    ids = lens.read(session, select(item.c.id).order_by(item.c.created_seq)).scalars().all()
    statement, seen = shown(lens)
    for chunk in _chunks(ids):
        within = statement.where(seen.c.id.in_(chunk)).order_by(seen.c.created_seq)
        yield from complete(session, lens, lens.read(session, within).mappings().all())


def _links(session: Session, lens: Lens) -> Iterator[Row]:
    """The links as shown, the oldest first."""
    statement, link = links_shown(lens)
    ids = lens.read(session, select(link.c.id).order_by(link.c.created_seq)).scalars().all()
    for chunk in _chunks(ids):
        within = statement.where(link.c.id.in_(chunk)).order_by(link.c.created_seq)
        yield from (link_row(raw) for raw in lens.read(session, within).mappings())


def _baselines(session: Session, lens: Lens) -> Iterator[Row]:
    """The baselines, the oldest first."""
    after = None
    while True:
        page = list_baselines(session, lens, Wanted(after=after, limit=_CHUNK))
        yield from ({name: row[name] for name in BASELINE_FIELDS} for row in page.rows)
        if page.after is None:
            return
        after = page.after


def _changes(session: Session, lens: Lens) -> Iterator[Row]:
    """The changes in order."""
    change, numbers, last = changes(lens), numbers_of(session, lens), 0
    while True:
        further = select(change).where(change.c.seq > last).order_by(change.c.seq).limit(_CHUNK)
        raws = lens.read(session, further).mappings().all()
        if not raws:
            return
        yield from (change_row(lens, numbers, raw) | _erasure(lens, raw) for raw in raws)
        last = raws[-1]["seq"]


def _erasure(lens: Lens, raw: Any) -> Row:
    """What shows that a change was erased, for whoever sees the whole record; nothing of one that was not."""
    erased = lens.sees_record and raw["erased"] is not None
    return {name: raw[name] for name in ("erased", "erased_by")} if erased else {}


def _plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
