"""Playing a script: every operation done to a database, at its moment, in its author's name."""

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.database import Database
from models.actions import Due
from models.approvals import Approval
from models.changes import author, last_seq
from models.items import Involvement, Item
from models.keys import Key, digest
from models.lens import Lens
from models.links import Link
from models.markings import Marking
from models.nouns import NOUNS
from models.overrides import Override
from models.vocabulary import HANDLINGS
from models.writing.baselines import add_baseline
from models.writing.items import amend_item, withdraw_item
from models.writing.links import amend_link, review_link, withdraw_link
from models.writing.markings import raise_marking
from tests.leaks.readers import BODIES
from tests.leaks.sameness import NOW, Same
from tests.leaks.script import Operation, Script, Values
from tests.leaks.sight import Mark

WHOLE = Lens(whole=True)
_DAYS = {"effective_from", "published_on", "due_on"}
# What the record has to know of before it is altered.
_ALTERED = {"locator", "statement", "sample_size", "effective_from", "roll_up"}


def play(database: Database, script: Script, same: Same) -> None:
    """Do what a script says, all of it in one transaction."""
    with database.writing("operator", "The script") as session:
        playing = _Playing(session)
        for operation in script:
            same.now = operation.at
            author(session, operation.principal, operation.reason, operation.request)
            getattr(playing, operation.what)(operation)
            session.flush()
    same.now = NOW


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _dated(values: Values) -> Values:
    """Values with their days as days."""
    return {name: _day(value) if name in _DAYS else value for name, value in values.items()}


def marking(mark: Mark) -> Marking:
    """A plain marking as the service has it."""
    return Marking(HANDLINGS[mark.level], mark.limited, _day(mark.until), mark.then)


def as_asked(mark: Mark) -> dict[str, Any]:
    """A plain marking as a request asks for it."""
    limited = {} if mark.limited is None else {"limited_to": sorted(mark.limited)}
    until = {} if mark.until is None else {"embargo_until": date.fromisoformat(mark.until)}
    return {"handling": HANDLINGS[mark.level]} | limited | until


class _Playing:
    """The things of a script by their references, and what each operation does; flushed after each."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._of: dict[str, Any] = {
            item.ref: item for item in session.scalars(select(Item).where(Item.ref.in_(BODIES)))
        }

    def add(self, operation: Operation) -> None:
        """Add an item, whatever else is there."""
        values = _dated(operation.values)
        mark, whole, owner = values.pop("mark"), values.pop("whole", None), values.pop("owner", None)
        bodies, due_on = values.pop("bodies", {}), values.pop("due_on", None)
        known = values.pop("set_by_its_writer", False)
        parts = [(role, ref) for role, refs in bodies.items() for ref in refs]
        empty = dict.fromkeys(_ALTERED.intersection(NOUNS[operation.kind].__mapper__.columns.keys()))
        item = NOUNS[operation.kind](
            **empty | {"ref": operation.ref, "external_id": operation.ref} | values,
            parent=self._of.get(whole),
            owner=self._of.get(owner),
            bodies=[Involvement(role=role, body=self._of[ref], position=at) for at, (role, ref) in enumerate(parts, 1)],
        )
        if due_on is not None:
            told = {"set_on": _day(operation.at[:10]), "set_by": operation.principal} if known else {}
            item.fall_due(Due(due_on, **told))
        self._put(operation.ref, item, mark)

    def link(self, operation: Operation) -> None:
        """Add a link, whatever else is there."""
        values = _dated(operation.values)
        mark, owner = values.pop("mark"), values.pop("owner", None)
        ends = {end: self._of[values.pop(end)] for end in ("source", "target")}
        empty = dict.fromkeys(("strength", "finding", "review_note", "reviewed_by", "reviewed_at"))
        fields = empty | {"ref": operation.ref} | values | ends
        self._put(operation.ref, Link(**fields, owner=self._of.get(owner)), mark)

    def _put(self, ref: str, thing: Any, mark: Mark) -> None:
        thing.mark(marking(mark))
        self._session.add(thing)
        self._of[ref] = thing

    def amend(self, operation: Operation) -> None:
        """Change fields of a thing."""
        values = _dated(operation.values)
        if operation.kind == "link":
            amend_link(self._session, WHOLE, operation.ref, values)
        else:
            amend_item(self._session, WHOLE, operation.kind, operation.ref, values)

    def review(self, operation: Operation) -> None:
        """Look at a link again."""
        review_link(self._session, WHOLE, operation.ref, operation.values, operation.principal)

    def withdraw(self, operation: Operation) -> None:
        """Withdraw a thing, by whoever sees no more than the public; what stands on it unseen goes too."""
        if operation.kind == "link":
            withdraw_link(self._session, WHOLE, operation.ref)
        else:
            lens = Lens() if operation.values.get("blindly") else WHOLE
            withdraw_item(self._session, lens, operation.kind, operation.ref)

    def mark(self, operation: Operation) -> None:
        """Mark a thing more strictly, and what stands under it."""
        asked, by = as_asked(operation.values["mark"]), operation.values.get("by")
        if by is None:
            asked.pop("embargo_until", None)
        raise_marking(self._session, Lens(whole=True, body=by), operation.kind, operation.ref, asked)

    def release(self, operation: Operation) -> None:
        """Lower a marking, as two persons do."""
        thing, mark = self._of[operation.ref], operation.values["mark"]
        approval = self._ask(operation)
        self._session.flush()
        approval.decide("confirmed", "another")
        approval.applied_version = thing.version + 1
        self._session.flush()
        thing.mark(marking(mark))

    def ask(self, operation: Operation) -> None:
        """Ask for a lower marking."""
        self._ask(operation)

    def decline(self, operation: Operation) -> None:
        """Decline what was asked for."""
        self._of[operation.values["approval"]].decide("declined", operation.principal)

    def _ask(self, operation: Operation) -> Approval:
        asked = marking(operation.values["mark"])
        approval = Approval(
            ref=operation.values["approval"],
            action="release",
            kind=operation.kind,
            of_ref=operation.ref,
            handling=asked.handling,
            limited_to=None if asked.limited_to is None else " ".join(sorted(asked.limited_to)),
            embargo_until=asked.embargo_until,
            asked_by=operation.principal,
            state="open",
            decided_by=None,
            applied_version=None,
        )
        self._session.add(approval)
        self._of[approval.ref] = approval
        return approval

    def override(self, operation: Operation) -> None:
        """Say of what looks like personal data that it is none."""
        told = {"found": "/title phone_number 0-9", "why": operation.values["why"], "by": operation.principal}
        self._session.add(Override(ref=operation.values["override"], kind=operation.kind, of_ref=operation.ref, **told))

    def baseline(self, operation: Operation) -> None:
        """Give the point that the record has reached a name."""
        add_baseline(self._session, operation.ref, operation.values["description"], last_seq(self._session))

    def key(self, operation: Operation) -> None:
        """Give a machine a key."""
        self._of[operation.ref] = Key(
            ref=operation.ref,
            name=operation.values["name"],
            role="machine",
            body=operation.values["body"],
            clearance="PUBLIC",
            asked_by=operation.principal,
            confirmed_by=operation.principal,
            second_needed=False,
            secret_digest=digest(operation.ref),
            expires_at="2999-01-01T00:00:00.000000Z",
        )
        self._session.add(self._of[operation.ref])

    def end(self, operation: Operation) -> None:
        """Take a key away."""
        self._of[operation.ref].withdraw()
