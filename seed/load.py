"""Loading a data set: every item and link of its files, through the one write path, all or nothing."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actions import DueDate
from models.items import Involvement, Item
from models.links import Link
from models.nouns import NOUNS
from models.periods import span_of
from models.vocabulary import COLLECTIONS

MAPPA_2015 = Path(__file__).parent / "mappa_2015"
# Bodies first, because everything else names them; then each kind after those that it stands under.
ORDER = ("body", "review", "recommendation", "clause", "source", "evidence", "action", "progress", "assessment")
_DAYS = ("effective_from", "effective_to", "published_on", "due_on")


class BadDataSet(Exception):
    """A data set contradicts itself or what is in the database."""


@dataclass(frozen=True)
class Loaded:
    """How many items and links were added, and how many were there already."""

    added: int
    present: int


def entries(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every entry of a data set with its kind, in the order in which it has to be loaded; links last."""
    found = []
    named: set[str] = set()
    for kind in (*ORDER, "link"):
        file = folder / f"{COLLECTIONS.get(kind, 'links')}.json"
        for entry in json.loads(file.read_text(encoding="utf-8")):
            ref = link_ref(entry) if kind == "link" else entry["ref"]
            if ref in named:
                raise BadDataSet(f"'{ref}' is there twice.")
            named.add(ref)
            found.append((kind, entry))
    return found


def load(session: Session, folder: Path, advance: Callable[[str], None] = lambda _ref: None) -> Loaded:
    """Add what the data set has and the database has not; run it again and it adds nothing.

    An entry is known by its reference, and must then have the same external id. The caller's transaction makes it
    all or nothing. `advance` is told each reference as it is dealt with.
    """
    things = {item.ref: item for item in session.scalars(select(Item))}
    links = {link.ref for link in session.scalars(select(Link))}
    added = present = 0
    for kind, entry in entries(folder):
        ref = link_ref(entry) if kind == "link" else entry["ref"]
        if kind == "link" and ref in links:
            present += 1
        elif kind == "link":
            session.add(_link(entry, things))
            added += 1
        elif ref in things:
            _same(things[ref], entry)
            present += 1
        else:
            things[ref] = _item(kind, entry, things)
            session.add(things[ref])
            session.flush()  # one by one, so that the record has the order of the files
            added += 1
        advance(ref)
    session.flush()
    return Loaded(added, present)


def link_ref(entry: dict[str, Any]) -> str:
    """The reference of a published link: its ends and its type, which are unique together."""
    return f"{entry['source']}-{entry['type']}-{entry['target']}"


def _same(item: Item, entry: dict[str, Any]) -> None:
    """Refuse an entry whose reference belongs to something else."""
    if item.external_id != entry["external_id"]:
        raise BadDataSet(f"'{item.ref}' is in the database as '{item.external_id}', not '{entry['external_id']}'.")


def _named(things: dict[str, Item], ref: str, by: str) -> Item:
    """The item that an entry names."""
    if ref not in things:
        raise BadDataSet(f"'{by}' names '{ref}', which is not in the data set.")
    return things[ref]


def _plain(entry: dict[str, Any], without: Iterable[str]) -> dict[str, Any]:
    """The values that go into columns as they are; days as dates."""
    kept = {name: value for name, value in entry.items() if name not in without}
    return {name: date.fromisoformat(value) if name in _DAYS else value for name, value in kept.items()}


def _item(kind: str, entry: dict[str, Any], things: dict[str, Item]) -> Item:
    """An item of an entry, with what it stands under, whose it is, and who has a part in it."""
    values = _plain(entry, ("parent", "owner", "bodies", "due_dates", "tally", "traces_to"))
    values |= {f"tally_{name}": count for name, count in entry.get("tally", {}).items()}
    if "period" in entry:
        values["period_from"], values["period_to"] = span_of(entry["period"])
    if "due_dates" in entry:
        plan = [_plain(due, ()) for due in entry["due_dates"]]
        values["due_dates"] = [DueDate(number=number, **due) for number, due in enumerate(plan, start=1)]
    for name in ("parent", "owner"):
        if name in entry:
            values[name] = _named(things, entry[name], entry["ref"])
    parts = [
        Involvement(role=part["role"], body=_named(things, part["body"], entry["ref"]), position=position)
        for position, part in enumerate(entry.get("bodies", []), start=1)
    ]
    return NOUNS[kind](handling="PUBLIC", bodies=parts, **values)


def _link(entry: dict[str, Any], things: dict[str, Item]) -> Link:
    """A link of an entry."""
    ref = link_ref(entry)
    ends = {name: _named(things, entry[name], ref) for name in ("source", "target")}
    return Link(ref=ref, handling="PUBLIC", **ends, **_plain(entry, ("source", "target", "traces_to")))
