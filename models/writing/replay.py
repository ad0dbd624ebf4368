"""Replaying a record: the changes of an export done again, one by one, so that the database becomes what it was."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.interfaces import MANYTOONE

from models.accounts import Account
from models.actions import DueDate
from models.approvals import Approval
from models.baselines import Baseline
from models.changes import author, newest_change
from models.items import Involvement, Item
from models.keys import Key
from models.links import Link
from models.nouns import NOUNS
from models.overrides import Override
from models.recording import restate
from models.verifier import canonical

_CLASSES: dict[str, Any] = {
    **NOUNS,
    "link": Link,
    "baseline": Baseline,
    "key": Key,
    "account": Account,
    "approval": Approval,
    "override": Override,
}


class BadRecord(Exception):
    """The changes of a record cannot be done again as they are told."""


class _Things:
    """The things of the record that is being replayed, found by what the record calls them."""

    def __init__(self, session: Session) -> None:
        """Begin with none."""
        self._session = session
        self._ids: dict[tuple[str, str], tuple[str, int]] = {}

    def keep(self, kind: str, ref: str, thing: Any) -> None:
        """Remember a thing that is in the database now."""
        self._ids[_sort(kind), ref] = (kind, thing.id)

    def found(self, kind: str, ref: str) -> Any:
        """The thing of this name; of an item the kind need not be known."""
        if (_sort(kind), ref) not in self._ids:
            raise BadRecord(f"it names the {kind} '{ref}', which no change before it created")
        known, thing_id = self._ids[_sort(kind), ref]
        return self._session.get_one(_CLASSES[known], thing_id)


def _sort(kind: str) -> str:
    """What shares its references: all items, all links, all of one other kind."""
    return "item" if kind in NOUNS else kind


def replay(session: Session, changes: Iterable[Mapping[str, Any]], advance: Callable[[int], None]) -> int:
    """Do every change again in its author's name, at its time; how many there were.

    Each must come out with the hash that it has in the record, so what is made is what was recorded, or nothing: the
    caller's transaction makes it all or nothing. `advance` is told each number.
    """
    things, count = _Things(session), 0
    for change in changes:
        try:
            _redo(session, change, things)
        except (KeyError, TypeError, ValueError) as error:
            raise BadRecord(f"Change {change.get('seq')} cannot be read: {error}") from error
        except BadRecord as error:
            raise BadRecord(f"Change {change['seq']} cannot be done again: {error}.") from error
        if newest_change(session)[2] != change["hash"]:
            raise BadRecord(f"Change {change['seq']} comes out different from what the record says of it.")
        count += 1
        advance(change["seq"])
    return count


def _redo(session: Session, change: Mapping[str, Any], things: _Things) -> None:
    """Do one change again."""
    kind, ref = change["kind"], change["ref"]
    author(session, change["principal"], change["reason"], change["request_id"])
    session.info["told"] = change
    with session.no_autoflush:
        if change["action"] == "created":
            thing = _CLASSES[kind]()
            said = {"kind"} if kind in NOUNS else set()
            _fill(thing, {name: value for name, value in change["after"].items() if name not in said}, things)
            session.add(thing)
        else:
            thing = things.found(kind, ref)
            if change["action"] == "withdrawn":
                thing.withdraw()
            else:
                _fill(thing, change["after"], things)
                if change.get("erased") is not None or change["before"] == change["after"]:
                    restate(session, thing, change["after"])
    session.flush()
    if change["action"] == "created":
        things.keep(kind, ref, thing)


def _fill(thing: Any, values: Mapping[str, Any], things: _Things) -> None:
    """Give a thing the fields that the record tells, references as the things that they name."""
    mapper = inspect(type(thing))
    for name, value in values.items():
        if name in mapper.relationships:
            relation = mapper.relationships[name]
            if relation.direction is MANYTOONE:
                setattr(thing, name, things.found("item", value) if value is not None else None)
            else:
                setattr(thing, name, _parts(thing, name, value or [], things))
        elif isinstance(mapper.columns[name].type, Date) and value is not None:
            setattr(thing, name, date.fromisoformat(value))
        else:
            setattr(thing, name, value)


def _parts(thing: Any, name: str, told: Sequence[Mapping[str, Any]], things: _Things) -> list[Involvement | DueDate]:
    """The parts of a thing, as the record tells them; those that are there already stay the rows that they are."""
    there = {(part.place(), canonical(part.recorded())): part for part in getattr(thing, name)}
    return [
        there.get((place, canonical(part))) or _part(name, part, place, things) for place, part in enumerate(told, 1)
    ]


def _part(name: str, part: Mapping[str, Any], place: int, things: _Things) -> Involvement | DueDate:
    """A part of a thing, as the record tells it."""
    if name == "bodies":
        body: Item = things.found("body", part["body"])
        return Involvement(role=part["role"], body=body, position=place)
    days = {name: date.fromisoformat(part[name]) for name in ("due_on", "set_on") if name in part}
    return DueDate(**{**part, **days})
