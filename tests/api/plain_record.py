"""What the service should hold after each write, in dicts and lists: no SQL, and none of the service's own queries."""

import hashlib
import json
import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from models.vocabulary import COLLECTIONS, CONTENT_FIELDS, LINK_TYPES

Row = dict[str, Any]
Key = tuple[str, str]

PARENT = {
    "recommendation": ("review", ("review",)),
    "clause": ("recommendation", ("recommendation",)),
    "progress": ("action", ("action",)),
    "assessment": ("subject", ("recommendation", "clause", "review")),
    "decision": ("recommendation", ("recommendation",)),
}
NUMBERED = ("recommendation", "clause", "progress")
ROLES = {
    "review": {"publishers": "publisher"},
    "recommendation": {"lead": "lead", "partners": "partner"},
    "action": {"partners": "partner"},
    "assessment": {"assessors": "assessor"},
}
OWN = {
    "review": ("published_on",),
    "recommendation": ("category", "short_name", "text", "roll_up"),
    "clause": ("span_start", "span_end"),
    "source": ("source_class", "method", "population", "sample", "sample_size", "statement"),
    "evidence": ("evidence_kind", "statement"),
    "action": (),
    "progress": ("claimed_status", "statement", "impact", "delay"),
    "assessment": ("verdict", "tally_fully_met", "tally_partially_met", "tally_not_met", "statement"),
    "decision": ("decision", "statement", "impact", "depends_on", "decided_by", "rules_version", "unmet"),
    "body": ("is_group",),
}
COMMON = (
    "effective_from",
    "effective_to",
    "effective_note",
    "period",
    "period_note",
    "url",
    "locator",
    "publisher",
    "publication_type",
    "confidence",
)
LINK_FIELDS = ("basis", "strength", "rationale", "asserted_by", "effective_from", "effective_to", "url", "locator")
REVIEWED = ("finding", "review_note", "reviewed_by", "reviewed_at")
TYPES = {link_type.type: link_type for link_type in LINK_TYPES}
# What may not be emptied, of any kind that has it.
NEEDED = {
    *("title", "published_on", "category", "short_name", "text", "span_start", "span_end", "source_class", "is_group"),
    *("evidence_kind", "basis", "rationale"),
}
_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


@dataclass(frozen=True)
class Thing:
    """One version of an item, link or baseline: the fields that are not empty, as the record tells them."""

    kind: str
    ref: str
    version: int
    held: Mapping[str, Any]

    @property
    def key(self) -> Key:
        """Its kind and reference."""
        return self.kind, self.ref


State = dict[Key, Thing]


def days_of(period: str) -> tuple[str, str] | None:
    """The first and last day of a published period; None where it is not one."""
    ends = []
    for part in period.split("/"):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        year, month, day = (int(group) if group else None for group in match.groups())
        try:
            first = date(year or 0, month or 1, day or 1)
            last_month = month or 12
            ends.append((first, date(first.year, last_month, day or monthrange(first.year, last_month)[1])))
        except ValueError:
            return None
    begins, finishes = ends[0][0], ends[-1][1]
    return (begins.isoformat(), finishes.isoformat()) if len(ends) <= 2 and begins <= finishes else None


def parts_of(held: Mapping[str, Any], role: str) -> list[str]:
    """The bodies that have a part in a thing, in their order."""
    return [part["body"] for part in held.get("bodies") or () if part["role"] == role]


def by_role(fields: Row | None) -> Row | None:
    """Fields of the record with the parts of bodies sorted by role: their order among other roles says nothing."""
    if fields is None or not fields.get("bodies"):
        return fields
    return fields | {"bodies": sorted(fields["bodies"], key=lambda part: part["role"])}


def content_of(thing: Thing) -> str:
    """The fingerprint of the fields by which a thing is what it says."""
    told = {name: thing.held.get(name) for name in CONTENT_FIELDS[thing.kind]}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def address(kind: str, ref: str) -> str:
    """Where a thing is."""
    return f"/api/v1/{COLLECTIONS.get(kind, f'{kind}s')}/{ref}"


@dataclass
class PlainRecord:
    """What there is now and was after every change, and what the record should tell of each."""

    now: State = field(default_factory=dict)
    ever: State = field(default_factory=dict)
    points: list[State] = field(default_factory=lambda: [{}])
    changes: list[Row] = field(default_factory=list)

    @property
    def seq(self) -> int:
        """The number of the newest change."""
        return len(self.changes)

    def of(self, *kinds: str) -> list[Thing]:
        """The things of these kinds that are there, in the order of the record."""
        return [thing for thing in self.now.values() if thing.kind in kinds]

    def gone(self) -> list[Thing]:
        """The things that were withdrawn, as they were last."""
        return [thing for key, thing in self.ever.items() if key not in self.now]

    def _put(self, thing: Thing) -> None:
        self.now[thing.key] = self.ever[thing.key] = thing

    def _told(self, said: Row, **change: Any) -> None:
        """Add a change, and keep the state after it."""
        self.changes.append(said | {"seq": self.seq + 1, "before": None, "after": None} | change)
        self.points.append(dict(self.now))

    def create(self, kind: str, ref: str, fields: Row, said: Row) -> Thing:
        """Add a thing."""
        held = {name: value for name, value in fields.items() if value not in (None, [])}
        thing = Thing(kind, ref, 1, by_role(held) or {})
        assert thing.key not in self.ever
        self._put(thing)
        self._told(said, action="created", kind=kind, ref=ref, after=dict(thing.held))
        return thing

    def update(self, thing: Thing, fields: Row, said: Row) -> Thing:
        """Change fields of a thing; where all are as they were, nothing happens."""
        told = by_role({name: value if value != [] else None for name, value in fields.items()}) or {}
        after = {name: value for name, value in told.items() if value != thing.held.get(name)}
        if not after:
            return thing
        held = {name: value for name, value in {**thing.held, **after}.items() if value is not None}
        new = Thing(thing.kind, thing.ref, thing.version + 1, held)
        self._put(new)
        before = {name: thing.held.get(name) for name in after}
        self._told(said, action="updated", kind=thing.kind, ref=thing.ref, before=before, after=after)
        return new

    def withdraw(self, thing: Thing, said: Row) -> None:
        """Take a thing out of what is so."""
        del self.now[thing.key]
        self._told(said, action="withdrawn", kind=thing.kind, ref=thing.ref)

    # What a write makes of a thing, and whether it is refused.

    def fields_of_new(self, kind: str, given: Row, by: str = "") -> Row:
        """The fields that a new item has, but for its reference."""
        fields: Row = {"kind": kind, "handling": "PUBLIC", "external_id": given.get("external_id")}
        fields |= {name: given.get(name) for name in ("title", "owner", *COMMON, *OWN[kind])}
        if kind == "body":
            fields["is_group"] = given.get("is_group", False)
        if kind in PARENT:
            fields["parent"] = given[PARENT[kind][0]]
        if kind in NUMBERED:
            taken = [0, *(thing.held["number"] for thing in self._siblings(kind, fields["parent"]))]
            fields["number"] = given.get("number") or max(taken) + 1
        return fields | self._following(Thing(kind, "", 0, {}), given, by)

    def fields_of_patch(self, thing: Thing, given: Row, by: str = "") -> Row:
        """The fields that a change gives an item."""
        plain = {"title", "owner", *COMMON, *OWN[thing.kind]}
        return {name: value for name, value in given.items() if name in plain} | self._following(thing, given, by)

    def _following(self, thing: Thing, given: Row, by: str) -> Row:
        """The fields that follow from those given: the days of the period, the parts of bodies, the due dates."""
        fields: Row = {}
        if "period" in given:
            days = days_of(given["period"]) if given["period"] else None
            fields["period_from"], fields["period_to"] = days or (None, None)
        roles = ROLES.get(thing.kind, {})
        if roles.keys() & given.keys():
            had = list(thing.held.get("bodies") or ())
            fields["bodies"] = [
                part
                for name, role in roles.items()
                for part in (
                    [{"role": role, "body": ref} for ref in listed(given.get(name))]
                    if name in given
                    else [part for part in had if part["role"] == role]
                )
            ]
        dates = list(thing.held.get("due_dates") or ())
        if given.get("due_on") and (not dates or dates[-1]["due_on"] != given["due_on"]):
            due = {"number": len(dates) + 1, "due_on": given["due_on"], "note": given.get("due_note")}
            sort = {"delay": given["due_delay"]} if given.get("due_delay") else {}
            fields["due_dates"] = [*dates, due | sort | {"set_on": datetime.now(UTC).date().isoformat(), "set_by": by}]
        return fields

    def _siblings(self, kind: str, parent: str) -> Iterator[Thing]:
        """What stands or stood under a parent: a number is given once."""
        return (thing for thing in self.ever.values() if thing.kind == kind and thing.held["parent"] == parent)

    def refusal_of_new(self, kind: str, given: Row) -> int | None:
        """The status by which a new item is refused; None where it is taken."""
        if kind in PARENT and not any((of, given[PARENT[kind][0]]) in self.now for of in PARENT[kind][1]):
            return 422
        if kind == "action" and _due_date_refused(Thing(kind, "", 0, {}), given):
            return 422
        fields = self.fields_of_new(kind, given)
        if self._breaks_a_rule(kind, {}, given, fields):
            return 422
        number = fields.get("number")
        if kind in NUMBERED and number in [thing.held["number"] for thing in self._siblings(kind, fields["parent"])]:
            return 409
        return 409 if self._id_taken("", fields.get("owner"), given.get("external_id")) else None

    def refusal_of_patch(self, thing: Thing, given: Row) -> int | None:
        """The status by which a change of an item is refused; None where it is taken."""
        fields = self.fields_of_patch(thing, given)
        if any(value is None and name in NEEDED for name, value in given.items()):
            return 422
        if thing.kind == "evidence" and given.get("statement", "") is None:
            return 422
        if thing.kind == "action" and _due_date_refused(thing, given):
            return 422
        if given.get("owner") == thing.ref or self._breaks_a_rule(thing.kind, thing.held, given, fields):
            return 422
        owner = given.get("owner", thing.held.get("owner"))
        return 409 if self._id_taken(thing.ref, owner, thing.held["external_id"]) else None

    def _breaks_a_rule(self, kind: str, was: Mapping[str, Any], given: Row, fields: Row) -> bool:
        """Whether what is given names something that is not there, or contradicts itself."""
        will = {**was, **fields}
        lists = [listed(given.get(name)) for name in ("owner", *ROLES.get(kind, ()))]
        if any(("body", ref) not in self.now for refs in lists for ref in refs):
            return True
        if any(len(set(refs)) < len(refs) for refs in lists):
            return True
        if given.get("period") and days_of(given["period"]) is None:
            return True
        begins, ends = will.get("effective_from"), will.get("effective_to")
        if ends is not None and (begins is None or ends <= begins):
            return True
        return self._own_rule_broken(kind, will)

    def _own_rule_broken(self, kind: str, will: Mapping[str, Any]) -> bool:
        """Whether an item would break a rule of its kind."""
        if kind == "clause":
            text = self.now["recommendation", will["parent"]].held["text"]
            return not will["span_start"] < will["span_end"] <= len(text)
        if kind == "assessment":
            tally = [will.get(name) for name in OWN[kind] if name.startswith("tally")]
            if ("review", will["parent"]) in self.now:
                return will.get("verdict") is not None or None in tally
            return will.get("verdict") is None or tally != [None] * 3
        return kind == "progress" and will.get("claimed_status") == "complete" and will.get("delay") is not None

    def _id_taken(self, ref: str, owner: str | None, external_id: str | None) -> bool:
        """Whether something of the same owner has or had this external id."""
        return external_id is not None and any(
            thing.held.get("external_id") == external_id and thing.held.get("owner") == owner and thing.ref != ref
            for thing in self.ever.values()
        )

    def fields_of_link(self, given: Row, by: str) -> Row:
        """The fields that a new link has, but for its reference."""
        ends = {f"{end}_content": content_of(self.item(given[end])) for end in ("source", "target")}
        fields = {name: given.get(name) for name in ("type", "source", "target", *LINK_FIELDS)}
        return {"handling": "PUBLIC", **fields, **ends, "asserted_by": given.get("asserted_by") or by}

    def item(self, ref: str) -> Thing:
        """An item that is there, by its reference alone."""
        return next(thing for thing in self.now.values() if thing.ref == ref and thing.kind in COLLECTIONS)

    def refusal_of_link(self, given: Row) -> int | None:
        """The status by which a new link is refused; None where it is taken."""
        kinds = {thing.ref: thing.kind for thing in self.of(*COLLECTIONS)}
        source, target, type_ = given["source"], given["target"], given["type"]
        if source not in kinds or target not in kinds or source == target:
            return 422
        if (kinds[source], kinds[target]) not in TYPES[type_].pairs:
            return 422
        near = [(link.held["source"], link.held["target"]) for link in self.of("link") if link.held["type"] == type_]
        if (source, target) in near or (TYPES[type_].acyclic and source in _reached(near, target)):
            return 409
        return 422 if _ends_too_soon(given) else None

    def refusal_of_link_patch(self, link: Thing, given: Row) -> int | None:
        """The status by which a change of a link is refused; None where it is taken."""
        emptied = any(value is None and name in NEEDED for name, value in given.items())
        return 422 if emptied or _ends_too_soon({**link.held, **given}) else None

    def standing_on(self, thing: Thing) -> set[Key]:
        """What would be left hanging without a thing."""
        if thing.kind == "link":
            return set()
        found = set()
        for other in self.now.values():
            named = [other.held.get(name) for name in ("parent", "owner", "source", "target")]
            named += [part["body"] for part in other.held.get("bodies") or ()]
            if thing.ref in named:
                found.add(other.key)
        return found


def listed(value: Any) -> list[str]:
    """A field that holds one reference, several or none, as a list."""
    return value if isinstance(value, list) else [value] if value is not None else []


def _due_date_refused(action: Thing, given: Row) -> bool:
    """Whether a due date is taken away, revised without a reason, or a reason given, or sorted, for no revision."""
    dates = action.held.get("due_dates")
    latest = dates[-1]["due_on"] if dates else None
    day = given.get("due_on")
    if day in {None, latest}:
        said = bool(given.get("due_note") or given.get("due_delay"))
        return said or ("due_on" in given and day is None and latest is not None)
    return not given.get("due_note") if latest is not None else bool(given.get("due_delay"))


def _ends_too_soon(link: Mapping[str, Any]) -> bool:
    """Whether a link would end before it begins."""
    begins, ends = link.get("effective_from"), link.get("effective_to")
    return begins is not None and ends is not None and ends <= begins


def _reached(near: list[tuple[str, str]], start: str) -> set[str]:
    """Everything that is reached from a start."""
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        onward = {target for source, target in near if source == here} - found
        found |= onward
        waiting += onward
    return found
