"""The plain record as the API shows it, at any point: rows of items and links, and what differs between two points."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from models.vocabulary import COLLECTIONS
from tests.api.plain_record import (
    COMMON,
    LINK_FIELDS,
    NUMBERED,
    OWN,
    PARENT,
    REVIEWED,
    ROLES,
    Row,
    State,
    Thing,
    address,
    content_of,
    parts_of,
)

ITEM_KINDS = tuple(COLLECTIONS)
_MARKING = ("handling", "limited_to", "embargo_until")
_HEAD = ("ref", "kind", "title", "external_id", *_MARKING)
# What a kind is shown with that nothing here is given.
_UNSET: Mapping[str, tuple[str, ...]] = {"review": ("new_handling", "stubs_for")}
_TIED = ("source", "evidence", "action")
_NO_TIE = ("derived_from", "supersedes", "depends_on", "contributes_to")
# What follows from other things, and so is no difference of the thing itself.
_DERIVED = {"version", "claimed_status", "claimed_on", "claimed_by", "suspect", "changed_ends"}
_DERIVED |= {"source_content", "target_content", "ties"}


class Shown:
    """One state of the plain record as the API shows it."""

    def __init__(self, state: State) -> None:
        """Sort the things of the state, so that each row finds what it needs."""
        self.things = {thing.ref: thing for thing in state.values() if thing.kind != "baseline"}
        self._ties: dict[str, list[Row]] = defaultdict(list)
        self._claims: dict[str, list[tuple[str, int, Thing]]] = defaultdict(list)
        for place, thing in enumerate(state.values()):
            if thing.kind == "link" and thing.held["type"] not in _NO_TIE:
                self._ties[thing.held["source"]].append(_tie(thing))
            if thing.kind == "progress" and thing.held.get("claimed_status"):
                claim = (thing.held.get("effective_from", ""), place, thing)
                self._claims[thing.held["parent"]].append(claim)

    def rows(self, kind: str) -> list[Row]:
        """Every thing of a kind, in the order of the record."""
        return [self.row(thing) for thing in self.things.values() if thing.kind == kind]

    def row(self, thing: Thing) -> Row:
        """One thing as a GET shows it; a recommendation without its status and what is told beside it."""
        return self._link(thing) if thing.kind == "link" else self._item(thing)

    def suspect(self) -> list[str]:
        """The links that are suspect, in the order of the record."""
        return [row["id"] for row in self.rows("link") if row["suspect"]]

    def _link(self, link: Thing) -> Row:
        """A link: suspect where an end says something else than at its last review, or that found it invalid."""
        said = {end: content_of(self.things[link.held[end]]) for end in ("source", "target")}
        changed = [end for end, content in said.items() if content != link.held[f"{end}_content"]]
        names = ("type", "source", "target", *_MARKING, *LINK_FIELDS, *REVIEWED)
        row = {name: link.held.get(name) for name in names}
        return row | {
            "id": link.ref,
            "suspect": bool(changed) or link.held.get("finding") == "invalid",
            "changed_ends": changed,
            "source_content": said["source"],
            "target_content": said["target"],
            "version": link.version,
            "self": address("link", link.ref),
        }

    def _item(self, item: Thing) -> Row:
        """An item with the fields of its kind."""
        kind, held = item.kind, item.held
        row = {name: held.get(name) for name in (*_HEAD, "owner", *COMMON, "period_from", "period_to", *OWN[kind])}
        row |= {"ref": item.ref, "version": item.version, "self": address(kind, item.ref)}
        row |= dict.fromkeys(_UNSET.get(kind, ()))
        if kind in PARENT:
            row[PARENT[kind][0]] = held["parent"]
        if kind in NUMBERED:
            row["number"] = held["number"]
        if kind == "assessment":
            row["subject_kind"] = self.things[held["parent"]].kind
        if kind == "clause":
            row["text"] = self.things[held["parent"]].held["text"][held["span_start"] : held["span_end"]]
        for name, role in ROLES.get(kind, {}).items():
            refs = parts_of(held, role)
            row[name] = refs if name != "lead" else refs[0] if refs else None
        if kind in _TIED:
            row["ties"] = self._ties.get(item.ref, [])
        return row | self._plan(item) if kind == "action" else row

    def _plan(self, action: Thing) -> Row:
        """The due dates of an action, and what the latest progress on it claims."""
        dates = action.held.get("due_dates") or []
        claims = self._claims.get(action.ref)
        latest = max(claims, key=lambda claim: claim[:2])[2] if claims else None
        return {
            "due_on": dates[-1]["due_on"] if dates else None,
            "due_dates": [{"delay": None} | due for due in dates],
            "claimed_status": latest and latest.held["claimed_status"],
            "claimed_on": latest and latest.held.get("effective_from"),
            "claimed_by": latest and latest.ref,
        }


def _tie(link: Thing) -> Row:
    """A link as it stands on its source."""
    told = {name: link.held.get(name) for name in ("type", "target", "basis", "strength")}
    return {"id": link.ref, **told}


def _difference(change: str, thing: Thing, name: str | None, before: Any, after: Any) -> Row:
    """One difference of an item or a link."""
    what = "link" if thing.kind == "link" else "item"
    values = {"field": name, "before": before, "after": after, "self": address(thing.kind, thing.ref)}
    return {"change": change, "what": what, "kind": thing.kind, "ref": thing.ref, **values}


def _called(thing: Thing) -> str:
    """What a thing is called in one line."""
    held = thing.held
    return str(held["title"]) if "title" in held else f"{held['source']} {held['type']} {held['target']}"


def differences_of_things(before: State, after: State) -> Iterator[Row]:
    """The items and links that came, went, or changed field by field."""
    was, is_ = Shown(before), Shown(after)
    for ref in dict.fromkeys([*was.things, *is_.things]):
        old, new = was.things.get(ref), is_.things.get(ref)
        if new is None and old is not None:
            yield _difference("withdrawn", old, None, _called(old), None)
        elif old is None and new is not None:
            yield _difference("added", new, None, None, _called(new))
        elif old is not None and new is not None and old is not new:
            left, right = was.row(old), is_.row(new)
            for name in left.keys() - _DERIVED:
                if left[name] != right[name]:
                    yield _difference("changed", new, name, left[name], right[name])


def differences_of_words(what: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[Row]:
    """The words that appeared, went or moved: statuses by recommendation and way, or gaps by reason and thing."""
    for key in dict.fromkeys([*before, *after]):
        was, is_ = before.get(key), after.get(key)
        if was != is_:
            name, kind, ref = key
            change = "appeared" if was is None else "went" if is_ is None else "moved"
            told = "verdict" if what == "status" and name == "verified" else what
            values = {"field": name, "before": was, "after": is_, "self": address(kind, ref)}
            yield {"change": change, "what": told, "kind": kind, "ref": ref, **values}


def without_hashes(change: Row) -> Row:
    """A change as it is told to whoever may not see every change: without what covers others too."""
    after = change["after"]
    if change["kind"] == "baseline":
        after = {name: value for name, value in after.items() if name != "digest"}
    return change | {"hash": None, "after": after}
