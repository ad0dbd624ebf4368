"""Histories of things that are hidden, raised and released, played whole or without what one reader does not see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.changes import last_seq
from models.keys import Key
from models.lens import Lens
from models.markings import Marking, listed
from tests.factories import an, link
from tests.models.releasing import asked_for, release

TODAY = date(2026, 1, 1)
OFFICIAL, OWN = Marking("OFFICIAL"), Marking("PUBLIC", frozenset({"own"}))
HELD = Marking("OFFICIAL", None, date(2026, 6, 1), frozenset({"own"}))
MARKINGS = (Marking(), Marking(), OFFICIAL, Marking("OFFICIAL-SENSITIVE"), OWN, HELD)


@dataclass
class History:
    """What is done, step by step; what a `lens` does not see is left out, where one is given."""

    session: Session
    lens: Lens | None = None
    things: dict[int, tuple[Any, Marking]] = field(default_factory=dict)
    marking: bool = True

    def __post_init__(self) -> None:
        """Begin with the bodies that markings name."""
        for ref in ("own", "other"):
            an("body", self.session, ref=ref)

    def seen(self, *markings: Marking) -> bool:
        """Whether the reader sees what is marked so."""
        return self.lens is None or all(
            marking.shows_to(self.lens.clearance, self.lens.body, TODAY) for marking in markings
        )

    def do(self, what: str, number: int, marking: Marking) -> None:
        """Do one step, if the reader sees what comes of it."""
        step: Callable[[int, Marking], None] = getattr(self, what)
        step(number, marking)
        self.session.flush()

    def add(self, number: int, marking: Marking) -> None:
        """Add an item of its own number, once."""
        if number not in self.things:
            made = an("evidence", self.session, ref=f"E{number}", **marked(marking)) if self.seen(marking) else None
            self.things[number] = (made, marking)

    def tie(self, number: int, marking: Marking) -> None:
        """Tie an item to the one before it."""
        (one, first), (other, second) = (self.things.get(at, (None, Marking())) for at in (number, number - 1))
        there = {number, number - 1} <= self.things.keys() and number + 100 not in self.things
        if there and self._active(one) and self._active(other):
            made = None
            if self.seen(marking, first, second):
                made = link(self.session, one, "derived_from", other, ref=f"L{number}", **marked(marking))
            self.things[number + 100] = (made, marking)

    @staticmethod
    def _active(thing: Any) -> bool:
        """Whether a thing is there: one that is left out counts as there."""
        return thing is None or thing.withdrawn_seq is None

    def alter(self, number: int, _marking: Marking) -> None:
        """Change an item."""
        thing, _was = self.things.get(number, (None, None))
        if thing is not None and thing.withdrawn_seq is None:
            thing.title = f"{thing.title}'"

    def withdraw(self, number: int, _marking: Marking) -> None:
        """Withdraw a link."""
        thing, _was = self.things.get(number + 100, (None, None))
        if thing is not None and thing.withdrawn_seq is None:
            thing.withdraw()

    def mark(self, number: int, marking: Marking) -> None:
        """Mark a thing otherwise; not where things are left out by how they are marked."""
        thing, _was = self.things.get(number + 100, self.things.get(number, (None, None)))
        if self.lens is None and self.marking and thing is not None:
            self.session.refresh(thing)  # what it was has to be known
            if marking.covers(thing.marking):
                thing.mark(marking)
            elif thing.withdrawn_seq is None:
                release(self.session, thing, marking)

    def name(self, number: int, _marking: Marking) -> None:
        """Name a point of the record, ask for a release, and grant a key: the last two are no reader's to know."""
        if not self.session.query(Baseline).filter_by(name=f"b{number}").count():
            self.session.add(Baseline(name=f"b{number}", seq=1, digest="0" * 64))
        thing, _was = self.things.get(number, (None, None))
        if self.lens is None and thing is not None:
            asked_for(self.session, thing, Marking())
            word = f"{number} {last_seq(self.session)}"
            grant = {"role": "auditor", "clearance": "PUBLIC", "asked_by": "x", "expires_at": "2999"}
            self.session.add(Key(ref=word, name=word, secret_digest=word, **grant))


def marked(marking: Marking) -> dict[str, Any]:
    """The columns of a marking."""
    until_then = {"embargo_until": marking.embargo_until, "embargo_bodies": listed(marking.until_then)}
    return {"handling": marking.handling, "limited_to": listed(marking.limited_to), **until_then}
