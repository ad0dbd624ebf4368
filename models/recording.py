"""The one mechanism by which every write enters the record; a new noun cannot forget it."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import event, insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.interfaces import MANYTOONE

from models.changes import CHANGES, Recorded, moment, newest_change
from models.guarding import guard
from models.items import Item
from models.verifier import hash_of
from models.versions import Left, keep_versions
from models.vocabulary import RECORDED_KINDS

# What a change says of its erasure until its texts are erased.
_NEVER_ERASED = {"erased": None, "erased_by": None}
# What the record itself keeps beside each row, and what follows from the other fields.
_BOOKKEEPING = {"id", "created_seq", "withdrawn_seq", "version", "content"}


def _plain(value: Any) -> Any:
    """A value as JSON holds it; a thing by its reference, parts as they are recorded."""
    if isinstance(value, list):
        return [part.recorded() for part in value] or None
    if isinstance(value, Item):
        return value.ref
    return value.isoformat() if isinstance(value, date) else value


def _fields(thing: Any) -> Iterator[str]:
    """The names of everything that describes a thing, its relations by reference; for any noun, known or new."""
    mapper = inspect(type(thing))
    foreign = {column.key for column in mapper.columns if column.foreign_keys} - {"kind", "type"}
    yield from (one.key for one in mapper.column_attrs if one.key not in _BOOKKEEPING | foreign)
    yield from (relation.key for relation in mapper.relationships)


def state_of(thing: Any) -> dict[str, Any]:
    """Everything that describes a thing and is not empty."""
    values = {name: _plain(getattr(thing, name)) for name in _fields(thing)}
    return {name: value for name, value in values.items() if value is not None}


def _differences(thing: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of a thing that were changed: as they were, and as they are; what was or is empty is null."""
    before, after = {}, {}
    for name in _fields(thing):
        if not inspect(thing).attrs[name].history.has_changes():
            continue
        was, is_ = _was(thing, name), _plain(getattr(thing, name))
        if was != is_:
            before[name], after[name] = was, is_
    return before, after


def restate(session: Session, thing: Any, names: Iterable[str]) -> None:
    """Record at the next flush what a thing says in these fields as what it says and what it said: so it is erased."""
    session.info["restated"] = (thing, tuple(names))
    flag_modified(thing, "version")


def _restated(session: Session, thing: Any) -> dict[str, Any] | None:
    """What a thing is to say and to have said, where that is so."""
    restated, names = session.info.get("restated", (None, ()))
    return {name: _plain(getattr(thing, name)) for name in names} if restated is thing else None


def _was(thing: Any, name: str) -> Any:
    """What a field that was changed held before, as JSON holds it; read, if it was not when it was changed."""
    history = inspect(thing).attrs[name].history
    if isinstance(getattr(thing, name), list):
        parts = [*(history.unchanged or ()), *(history.deleted or ())]
        return _plain(sorted(parts, key=lambda part: part.place()))
    if history.deleted:
        return _plain(history.deleted[0])
    if name in inspect(type(thing)).relationships:
        return None  # a relation keeps its history from the start (active_history), and held nothing
    column = inspect(type(thing)).columns[name]
    one = zip(column.table.primary_key, inspect(thing).identity, strict=True)
    stored = select(column).where(*(key == value for key, value in one))
    return _plain(inspect(thing).session.execute(stored).scalar())


def _parts(thing: Any) -> Iterator[Any]:
    """What a thing is stored with, in tables of many rows: its due dates, the parts of bodies in it."""
    for relation in inspect(type(thing)).relationships:
        if relation.direction is not MANYTOONE:
            yield from getattr(thing, relation.key)
            yield from inspect(thing).attrs[relation.key].history.deleted or ()


def _take_away(session: Session, thing: Any) -> None:
    """Delete the parts that a thing no longer has, before others take their place: one body leads at a time."""
    for relation in inspect(type(thing)).relationships:
        if relation.direction is MANYTOONE:
            continue
        history = inspect(thing).attrs[relation.key].history
        kept = [part.recorded() for part in getattr(thing, relation.key)]
        for part in history.deleted or ():
            if part.recorded() not in kept:
                table = inspect(type(part)).local_table
                key = zip(table.primary_key, inspect(part).identity, strict=True)
                session.connection().execute(table.delete().where(*(column == value for column, value in key)))


def _refuse_what_goes_around(session: Session, things: Iterable[Any]) -> None:
    """Refuse rows that are written, altered or deleted on their own, without the thing that they belong to."""
    parts = {id(part) for thing in things for part in _parts(thing)}
    loose = [thing for thing in session.new if not isinstance(thing, Recorded) and id(thing) not in parts]
    altered = [thing for thing in session.dirty if not isinstance(thing, Recorded) and session.is_modified(thing)]
    deleted = [thing for thing in session.deleted if id(thing) not in parts]
    if loose or altered or deleted:
        raise RuntimeError("Nothing is deleted, and nothing altered but through the thing that it belongs to.")


def _entry(session: Session, thing: Any, *, new: bool) -> dict[str, Any] | None:
    """What the record is to say of a thing; None where nothing about it has changed."""
    kind, ref = thing.subject()
    told: dict[str, Any] = {"kind": kind, "ref": ref, "before": None, "after": None}
    if new:
        return told | {"action": "created", "after": state_of(thing)}
    if (restated := _restated(session, thing)) is not None:
        return told | {"action": "updated", "before": restated, "after": restated}
    before, after = _differences(thing)
    withdrawn = inspect(thing).attrs.withdrawn_seq.history.has_changes()
    if withdrawn and after:
        raise RuntimeError("A thing is either changed or withdrawn.")
    if withdrawn:
        return told | {"action": "withdrawn"}
    return told | {"action": "updated", "before": before, "after": after} if after else None


def _record(session: Session, _context: UOWTransaction, _instances: Any) -> None:
    """Before anything is written, append a change for each thing and stamp the thing with its number."""
    session.info.pop("recorded", None)  # of a flush that failed
    new = [thing for thing in session.new if isinstance(thing, Recorded)]
    changed = [thing for thing in session.dirty if isinstance(thing, Recorded) and _is_changed(session, thing)]
    _refuse_what_goes_around(session, [*new, *changed])
    for thing in sorted([*new, *changed], key=lambda thing: not isinstance(thing, Item)):
        thing.settle()
    found = [(thing, _entry(session, thing, new=True)) for thing in new] + [
        (thing, _entry(session, thing, new=False)) for thing in changed
    ]
    session.info.pop("restated", None)
    entries = [(thing, entry) for thing, entry in found if entry is not None]
    if not entries:
        return
    if "author" not in session.info:
        raise RuntimeError("A write needs an author: call author(session, principal, reason) first.")
    if "told" not in session.info:
        guard(session, [entry for _thing, entry in entries])
    for thing in changed:
        _take_away(session, thing)
    last, at, previous = newest_change(session)
    told = session.info.pop("told", None)
    at = told["at"] if told else max(at, moment())
    rows = []
    for seq, (thing, entry) in enumerate(entries, start=last + 1):
        row = {**session.info["author"], **entry, **_NEVER_ERASED, "seq": seq, "at": at} | _as_told(entry, told)
        previous = row["hash"] = row.get("hash") or hash_of(row, previous)
        rows.append(row)
        _stamp(thing, entry["action"], seq)
    session.connection().execute(insert(CHANGES), rows)
    session.info["recorded"] = [
        (thing, entry["action"], row["seq"]) for (thing, entry), row in zip(entries, rows, strict=True)
    ]


def _is_changed(session: Session, thing: Any) -> bool:
    """Whether a thing has changed, or is to be told anew."""
    return session.is_modified(thing) or session.info.get("restated", (None,))[0] is thing


def _as_told(entry: dict[str, Any], told: dict[str, Any] | None) -> dict[str, Any]:
    """What a change that is done again says it changed: the fields that it told, when fewer were recorded than now.

    One that was erased says what is told, with the hash that it had before.
    """
    if told is not None and told.get("erased") is not None:
        return {name: told[name] for name in ("before", "after", "hash", "erased", "erased_by")}
    if told is None or entry["after"] is None:
        return {}
    return {"after": {name: value for name, value in entry["after"].items() if name in told["after"]}}


def _stamp(thing: Any, action: str, seq: int) -> None:
    """Say on the thing at which change it came or went, and that it has one more version."""
    if action == "created":
        thing.created_seq = seq
        return
    thing.version += 1
    if action == "withdrawn":
        thing.withdrawn_seq = seq


def _keep(session: Session, _context: UOWTransaction) -> None:
    """After everything is written, keep each thing as its change left it."""
    recorded = session.info.pop("recorded", ())
    left = [Left(thing.subject()[0], thing.id, seq, action == "created") for thing, action, seq in recorded]
    keep_versions(session, [thing for thing in left if thing.kind not in RECORDED_KINDS])


def record_writes(session_class: Any) -> None:
    """Make every session of this class write the record; called once where sessions are made."""
    event.listen(session_class, "before_flush", _record)
    event.listen(session_class, "after_flush", _keep)
