"""Wording: what things of each kind are given by a random script; all of it sound, much of it alike."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from models.vocabulary import (
    BASES,
    CATEGORIES,
    CLAIMED_STATUSES,
    CONFIDENCES,
    DELAYS,
    EVIDENCE_KINDS,
    HANDLINGS,
    METHODS,
    PARENTS,
    PUBLICATION_TYPES,
    RESPONSES,
    ROLES,
    ROLL_UPS,
    SOURCE_CLASSES,
    STRENGTHS,
    VERDICTS,
)
from tests.leaks.readers import BODIES
from tests.leaks.script import Values

AUTHORS = ("clerk", "analyst", "inspector-b", "officer-a")
TEXT = "The first body should do the thing, and the second should look at it."
_TITLES = ("Alpha", "Beta", "Gamma", "Delta, and more", "=Epsilon", "Zeta")
_DAYS = ("2015-06-30", "2017-06-29", "2019-12-31", "2020-01-20", "2020-03-01", "2020-05-15", "2020-09-09")
WHOLES = {kind: tuple(rule.parent_kind for rule in PARENTS if rule.kind == kind) for kind in {p.kind for p in PARENTS}}
ROLES_OF = {kind: tuple(rule.role for rule in ROLES if rule.kind == kind) for kind in {rule.kind for rule in ROLES}}
NUMBERED = ("recommendation", "clause", "progress")
# What may be altered of each kind, and in what that is seen.
AMENDED = {
    "review": ("title", "locator"),
    "recommendation": ("title", "short_name", "lead", "roll_up"),
    "clause": ("span_end", "title"),
    "source": ("title", "statement", "sample_size"),
    "evidence": ("statement", "title", "effective_from", "owner", "locator"),
    "action": ("title", "due_on", "owner", "partners"),
}


class Wording:
    """Draws what a thing is given."""

    def __init__(self, random: Random) -> None:
        """Keep what to draw by."""
        self._random, self._due = random, 0

    def due(self) -> str:
        """A day on which something falls due; never the same twice."""
        self._due += 1
        return (date(2019, 12, 1) + timedelta(days=37 * self._due % 401)).isoformat()

    def day(self) -> str:
        """A day on which something was so."""
        return self._random.choice(_DAYS)

    def title(self) -> str:
        """A title; others may have the same."""
        return self._random.choice(_TITLES)

    def _maybe(self, share: float, **values: Any) -> Values:
        return values if self._random.random() < share else {}

    def of(self, kind: str, whole_kind: str | None) -> Values:
        """The fields of a new thing of a kind."""
        choice = self._random.choice
        own: Values = {"title": self.title()}
        own |= self._maybe(0.6, effective_from=self.day()) | self._maybe(0.2, locator="page 7")
        own |= self._maybe(0.3, publication_type=choice(PUBLICATION_TYPES), confidence=choice(CONFIDENCES))
        ways: dict[str, Callable[[], Values]] = {
            "review": lambda: {"published_on": self.day()} | self._maybe(0.3, new_handling=choice(HANDLINGS)),
            "recommendation": lambda: (
                {"category": choice(CATEGORIES), "text": TEXT, "short_name": self.title()[:16]}
                | self._maybe(0.3, roll_up=choice(ROLL_UPS))
            ),
            "clause": lambda: {"span_start": choice((0, 4)), "span_end": choice((20, 34, 50))},
            "source": lambda: {"source_class": choice(SOURCE_CLASSES)} | self._fieldwork(),
            "evidence": lambda: {"evidence_kind": choice(EVIDENCE_KINDS), "statement": "A thing was observed."},
            "action": lambda: self._maybe(0.6, due_on=self.due()) | self._maybe(0.5, set_by_its_writer=True),
            "progress": self._done,
            "assessment": lambda: self._verdict(whole_kind),
            "decision": self._answer,
        }
        own |= ways[kind]()
        return own | self._bodies(kind)

    def _fieldwork(self) -> Values:
        sample = self._maybe(0.5, sample="more than 30", sample_size=30, population="cases")
        return self._maybe(0.6, method=self._random.choice(METHODS)) | sample

    def _done(self) -> Values:
        """What progress says: what is complete has no reason to wait."""
        own = {"statement": "A thing was done."} | self._maybe(0.3, impact="There is less of it.")
        own |= self._maybe(0.7, claimed_status=self._random.choice(CLAIMED_STATUSES))
        late = self._maybe(0.3, delay=self._random.choice(DELAYS))
        return own | (late if own.get("claimed_status") != "complete" else {})

    def _answer(self) -> Values:
        """What a response says; the steps of closure are drawn in their order."""
        answer = self._random.choice(RESPONSES)
        own = {"decision": answer} | self._maybe(0.5, statement="It is looked at.", decided_by=self.author())
        return own | ({"depends_on": "Another programme"} if answer == "not_ours" else {})

    def author(self, *but: str | None) -> str:
        """Somebody who writes, and is none of these."""
        return self._random.choice([name for name in AUTHORS if name not in but])

    def of_step(self, step: str, by: str) -> Values:
        """What a step of closure says that somebody takes."""
        own: Values = {"title": self.title(), "decision": step, "decided_by": by}
        own |= self._maybe(0.4 if step == "discharged" else 1, statement="It was looked at.")
        return own | ({"impact": "There is less of it."} if step == "proposed" else {})

    def _verdict(self, whole_kind: str | None) -> Values:
        if whole_kind != "review":
            return {"verdict": self._random.choice(VERDICTS)}
        tally = ("tally_fully_met", "tally_partially_met", "tally_not_met")
        return {name: self._random.randrange(5) for name in tally}

    def _bodies(self, kind: str) -> Values:
        bodies = {
            role: self._random.sample(BODIES, 1 if role == "lead" else self._random.choice((1, 2)))
            for role in ROLES_OF.get(kind, ())
            if self._random.random() < 0.6
        }
        return {"bodies": bodies} if bodies else {}

    def of_link(self) -> Values:
        """The fields of a new link, but for its ends and type."""
        choice = self._random.choice
        own = {"basis": choice(BASES), "rationale": "It bears on it.", "asserted_by": "an analyst"}
        return own | self._maybe(0.6, strength=choice(STRENGTHS)) | self._maybe(0.2, effective_from=self.day())

    def amended(self, kind: str, *, due: bool = False) -> Values:
        """A change of a thing of this kind; of an action, one that falls `due` already or not."""
        if kind == "link":
            return {"rationale": f"It bears on it, {self.title()}.", "strength": self._random.choice(STRENGTHS)}
        name = self._random.choice(AMENDED[kind])
        ways: dict[str, Callable[[], Values]] = {
            "due_on": lambda: (
                {"due_on": self.due(), "due_note": "Moved"}
                | self._maybe(0.5 if due else 0, due_delay=self._random.choice(DELAYS))
            ),
            "roll_up": lambda: {name: self._random.choice(ROLL_UPS)},
            "effective_from": lambda: {name: self.day()},
            "span_end": lambda: {name: self._random.choice((21, 33, 51))},
            "sample_size": lambda: {name: self._random.randrange(31, 99)},
            "owner": lambda: {name: self._random.choice(BODIES)},
            "lead": lambda: {name: self._random.choice(BODIES)},
            "partners": lambda: {name: self._random.sample(BODIES, 2)},
            "short_name": lambda: {name: f"S{self._random.randrange(999)}"},
        }
        return ways.get(name, lambda: {name: f"{self.title()}, said anew {self._random.randrange(9999)}"})()
