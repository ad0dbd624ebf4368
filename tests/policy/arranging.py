"""Arranging: the callers' keys, and things of every owner and marking, put into the database as its operator does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from models.accounts import Account
from models.approvals import Approval
from models.items import Involvement, Item
from models.keys import Key, digest
from models.links import Link
from models.nouns import NOUNS
from models.overrides import Override
from models.writing.baselines import add_baseline
from tests.factories import an
from tests.policy.operations import CLOSED, DEMONSTRATED, LED, LED_BY_ANOTHER, PROPOSED
from tests.policy.table import LASTING, MARKINGS, NOBODYS, OTHER, OWN, PASSED, Caller

BASELINE = "p-baseline"
BODY_OF = {OWN: "P-own", OTHER: "P-other", NOBODYS: None}
DAYS = {LASTING: date(2998, 1, 1), PASSED: date(2000, 1, 1)}
ASKED_BY = "somebody-else"
_ENDS = "2999-12-31T00:00:00.000000Z"
_MOST = 500
_NUMBERS = count(1)
# What the parts stand under and the links lead to: nobody's, and PUBLIC.
REVIEW, RECOMMENDATION, ACTION = "P-review", "P-recommendation", "P-action"
_WHOLES = {
    "recommendation": REVIEW,
    "clause": RECOMMENDATION,
    "progress": ACTION,
    "assessment": RECOMMENDATION,
    "decision": RECOMMENDATION,
    "link": RECOMMENDATION,
}
_NEEDED: dict[str, dict[str, Any]] = {
    "review": {"published_on": date(2020, 1, 1)},
    "recommendation": {"category": "recommendation", "text": "The body should do the thing.", "short_name": "Thing"},
    "clause": {"span_start": 0, "span_end": 8},
    "source": {"source_class": "fieldwork"},
    "evidence": {"evidence_kind": "observation", "statement": "A thing was observed."},
    "progress": {"statement": "A thing was done."},
    "assessment": {"verdict": "not_met"},
    "decision": {"decision": "noted"},
}
# Which body leads on a recommendation that stands so; by which step of closure it stands so.
_LED = {LED: OWN, LED_BY_ANOTHER: OTHER}
_STEPS = {PROPOSED: "proposed", DEMONSTRATED: "proposed", CLOSED: "no_longer_relevant"}
_SAID = {"statement": "The thing was done.", "impact": "There is less of it."}


class Thing(NamedTuple):
    """What is to be there: its kind (an item's, or that of what stands beside the graph), whose, and how marked."""

    kind: str
    owner: str
    marking: str


def secret_of(caller: Caller) -> str | None:
    """The secret of a caller's key; the public has none."""
    return None if caller.role == "public" else f"mtr_the-secret-of-the-{caller.name.replace(' ', '-')}"


def new_ref() -> str:
    """A reference; all have the same length."""
    return f"P-{next(_NUMBERS):06}"


# A reference of that length which never was.
NEVER = "P-xxxxxx"


def begin(database: Database, callers: Iterable[Caller]) -> None:
    """Put two bodies, a review, a recommendation, an action, a baseline and the callers' keys into the database."""
    with database.writing("operator", "Begin") as session:
        for ref in filter(None, BODY_OF.values()):
            an("body", session, ref=ref, title=f"The body {ref}")
        review = an("review", session, ref=REVIEW, **_NEEDED["review"])
        an("recommendation", session, ref=RECOMMENDATION, parent=review, number=1)
        an("action", session, ref=ACTION)
        for caller in callers:
            if caller.role not in {"public", "developer"}:
                session.add(key_of(caller))
        add_baseline(session, BASELINE, None, 1)


def key_of(caller: Caller, **also: Any) -> Key:
    """A caller's key, in force."""
    return Key(
        **{
            "ref": new_ref(),
            "name": caller.name.replace(" ", "-"),
            "role": caller.role,
            "body": BODY_OF[caller.body] if caller.body else None,
            "clearance": caller.clearance,
            "scopes": " ".join(sorted(caller.scopes)) or None,
            "secret_digest": digest(secret_of(caller) or ""),
            "expires_at": _ENDS,
            "asked_by": ASKED_BY,
            "confirmed_by": "operator",
        }
        | also
    )


@dataclass(frozen=True)
class Arranged:
    """The database of a matrix, and what stands in it: all that was arranged, by reference."""

    database: Database
    things: dict[str, Thing] = field(default_factory=dict)

    def arrange(self, wanted: Sequence[Thing]) -> list[str]:
        """Put these things into the database, each a new one; their references, in this order."""
        refs: list[str] = []
        for place in range(0, len(wanted), _MOST):
            with self.database.writing("operator", "Arrange things") as session:
                made = _Making(session, self.things)
                refs += [made.make(thing) for thing in wanted[place : place + _MOST]]
        return refs


class _Making:
    """One transaction in which things are made; they are written together at its end."""

    def __init__(self, session: Session, things: dict[str, Thing]) -> None:
        """Find the bodies that own them, and what they stand under or lead to; `things` is to name what was made."""
        self._session, self._things = session, things
        named = {*filter(None, BODY_OF.values()), *_WHOLES.values()}
        self._items = {item.ref: item for item in session.scalars(select(Item).where(Item.ref.in_(named)))}
        self._owners = {owner: self._items[ref] if ref else None for owner, ref in BODY_OF.items()}

    def make(self, thing: Thing) -> str:
        """Make one; its reference."""
        ref = self._made(thing)
        self._things[ref] = thing
        return ref

    def _made(self, thing: Thing) -> str:
        """The reference of what was made."""
        if thing.kind in {"key", "account"}:
            return self._grant(thing)
        if thing.kind == "link":
            return self._link(thing)
        if thing.kind in _LED or thing.kind in _STEPS:
            return self._standing(thing)
        if thing.kind in {"approval", "erasure", "override"}:
            return self._about(thing)
        return self._item(thing.kind, thing).ref

    def _item(self, kind: str, thing: Thing, **given: Any) -> Item:
        """Make an item, under a whole that is PUBLIC unless another is given."""
        ref, more = new_ref(), _NEEDED.get(kind, {}) | given
        if kind in _WHOLES and "parent" not in given:
            more |= {"parent": self._items[_WHOLES[kind]]}
        if kind in {"recommendation", "clause", "progress"}:
            more |= {"number": 1_000 + next(_NUMBERS)}
        marked = {} if kind == "body" else _columns(thing)
        item = NOUNS[kind](ref=ref, external_id=ref, title="A thing", owner=self._owners[thing.owner], **marked, **more)
        self._session.add(item)
        self._things[ref] = thing
        return item

    def _link(self, thing: Thing, type_: str = "supports", target: Item | None = None) -> str:
        """Make a link between two items, the evidence one that is PUBLIC, as is the other unless it is given."""
        source = self._item("evidence", Thing("evidence", NOBODYS, "PUBLIC"))
        said = {"type": type_, "basis": "stated", "rationale": "Because of the test.", "asserted_by": "a test"}
        ends = {"source": source, "target": target or self._items[_WHOLES["link"]]}
        link = Link(ref=new_ref(), owner=self._owners[thing.owner], **ends, **said, **_columns(thing))
        self._session.add(link)
        self._things[link.ref] = thing
        return link.ref

    def _standing(self, thing: Thing) -> str:
        """Make a recommendation that stands so; what stands under it is marked as it is, and so is the link to that."""
        lead = self._owners[_LED.get(thing.kind, OTHER)]
        asked = self._item("recommendation", thing, bodies=[Involvement(role="lead", body=lead, position=1)])
        under = {kind: thing._replace(kind=kind) for kind in ("clause", "decision", "link")}
        if thing.kind in _STEPS:
            said = {"decision": _STEPS[thing.kind], "decided_by": ASKED_BY, **_SAID}
            self._item("decision", under["decision"], parent=asked, **said)
        if thing.kind == DEMONSTRATED:
            clause = self._item("clause", under["clause"], parent=asked)
            self._link(under["link"], "demonstrates", clause)
        return asked.ref

    def _about(self, thing: Thing) -> str:
        """Make a piece of evidence, and what somebody asked for it, or the override that let it pass."""
        of = {"ref": new_ref(), "kind": "evidence", "of_ref": self._item("evidence", thing).ref}
        asked = {"asked_by": ASKED_BY, "state": "open"}
        if thing.kind == "approval":
            self._session.add(Approval(action="release", handling="PUBLIC", **asked, **of))
        elif thing.kind == "erasure":
            self._session.add(Approval(action="redact", **asked, **of))
        else:
            self._session.add(Override(found="/statement nhs_number 0-10", why="It is none.", by=ASKED_BY, **of))
        return of["ref"]

    def _grant(self, thing: Thing) -> str:
        """Make a key or an account for which somebody has asked, and which waits for a second person."""
        ref, content = new_ref(), {"key": "machine", "account": "officer"}[thing.kind]
        asked: dict[str, Any] = {"asked_by": ASKED_BY, "second_needed": True, "confirmed_by": None, "ref": ref}
        role = content if BODY_OF[thing.owner] else "auditor"
        caller = Caller(ref, role, thing.marking, thing.owner)
        if thing.kind == "key":
            self._session.add(key_of(caller, **asked))
        else:
            told = {"name": ref, "role": role, "body": BODY_OF[thing.owner], "clearance": thing.marking}
            self._session.add(Account(subject_id=f"the sub of {ref}", **told, **asked))
        return ref


def _columns(thing: Thing) -> dict[str, Any]:
    """The columns by which a thing is marked so; under an embargo its owner's body sees it, or that which wrote it."""
    marking = MARKINGS[thing.marking]
    columns: dict[str, Any] = {"handling": marking.handling}
    if marking.limited_to is not None:
        columns["limited_to"] = BODY_OF[marking.limited_to]
    if marking.embargo is not None:
        columns |= {"embargo_until": DAYS[marking.embargo], "embargo_bodies": BODY_OF[thing.owner] or BODY_OF[OTHER]}
    return columns
