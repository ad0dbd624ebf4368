"""A neutral programme of any size, the same each time: nothing of it is real, or says that it is."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from models.items import content_of
from models.vocabulary import CONTENT_FIELDS, EVIDENCE_KINDS

_FIRST_DAY = date(2020, 1, 1)
_DAYS = [(_FIRST_DAY + timedelta(days=place)).isoformat() for place in range(1_000)]
_ARGUING = ("supports", "qualifies", "contradicts")
# What bears on the first recommendation is the same at every size, so that its chain is too.
FIXED = 19
# Evidence is derived in fours: the first from a source, each other one from the one before it.
_RUN = 4


class Size(NamedTuple):
    """How many of what: S, M and L of the measurements."""

    name: str
    recommendations: int
    evidence: int
    links: int

    @property
    def things(self) -> int:
        """How many items and links there are, and so how many changes their creation is."""
        return 2 + 6 * self.recommendations + self.evidence // 10 + self.evidence + self.links


S = Size("S", 10, 200, 400)
M = Size("M", 1_000, 20_000, 60_000)
L = Size("L", 10_000, 1_000_000, 3_000_000)
SIZES = {size.name: size for size in (S, M, L)}


class Thing(NamedTuple):
    """An item: its kind and reference, what it says beside what all say, and what it stands under or belongs to."""

    kind: str
    ref: str
    day: str
    says: dict[str, Any]
    parent: str | None = None
    owner: str | None = None

    @property
    def title(self) -> str:
        """What it is called."""
        return self.ref.replace("-", " ")

    @property
    def content(self) -> str:
        """The fingerprint of what it says."""
        told = {"title": self.title} | self.says
        return content_of({name: told.get(name) for name in CONTENT_FIELDS[self.kind]})


class Tie(NamedTuple):
    """A link: from which item, of which type, to which item; references."""

    source: str
    type: str
    target: str


def _thing(kind: str, place: int, says: dict[str, Any], parent: str | None = None, owner: str | None = None) -> Thing:
    """An item of a kind, by its place among those of the kind."""
    return Thing(kind, f"{kind}-{place}", _DAYS[place % len(_DAYS)], says, parent, owner)


def things(size: Size) -> Iterator[Thing]:
    """Every item: a review, its recommendations with three clauses each, actions with progress, sources, evidence."""
    yield _thing("body", 1, {})
    yield _thing("review", 1, {"published_on": _DAYS[0]})
    for number in range(1, size.recommendations + 1):
        text = f"The body should do the first thing, the second thing and thing {number}."
        words = {"category": "recommendation", "short_name": f"Thing {number}", "text": text}
        yield _thing("recommendation", number, {"number": number} | words, "review-1")
        for part in (1, 2, 3):
            span = {"number": part, "span_start": part, "span_end": part + 9}
            yield _thing("clause", number * 10 + part, span, f"recommendation-{number}")
        yield _thing("action", number, {}, owner="body-1")
        yield _thing("progress", number, {"number": 1, "statement": "A thing was done."}, f"action-{number}")
    for number in range(1, size.evidence // 10 + 1):
        yield _thing("source", number, {"source_class": "fieldwork"})
    for number in range(1, size.evidence + 1):
        kind = EVIDENCE_KINDS[number % len(EVIDENCE_KINDS)]
        yield _thing("evidence", number, {"evidence_kind": kind, "statement": f"Thing {number} was seen."})


def ties(size: Size) -> Iterator[Tie]:
    """Every link: each piece of evidence derived from something, each action for one recommendation, the rest bearing.

    A tenth of the recommendations have nothing that bears on them, as one that was forgotten would.
    """
    for number in range(1, size.evidence + 1):
        below = f"evidence-{number - 1}" if (number - 1) % _RUN else f"source-{1 + number % (size.evidence // 10)}"
        yield Tie(f"evidence-{number}", "derived_from", below)
    for number in range(1, size.recommendations + 1):
        yield Tie(f"action-{number}", "addresses", f"recommendation-{number}")
    fixed = min(FIXED, size.evidence // _RUN)
    for number in range(1, fixed + 1):
        yield Tie(f"evidence-{number * _RUN}", _ARGUING[number % 3], "recommendation-1")
    chosen = random.Random(size.evidence)  # noqa: S311 - the same programme each time
    places = [number for number in range(2, size.recommendations + 1) if number % 10]
    left, known = size.links - size.evidence - size.recommendations - fixed, set()
    while left > 0:
        evidence, at, part = chosen.randrange(size.evidence), chosen.randrange(len(places)), chosen.randrange(6)
        if (key := (evidence * len(places) + at) * 4 + max(0, part - 2)) in known:
            continue
        known.add(key)
        left -= 1
        number = places[at]
        target = f"recommendation-{number}" if part <= 2 else f"clause-{number * 10 + part - 2}"  # noqa: PLR2004 - half
        yield Tie(f"evidence-{evidence + 1}", _ARGUING[key % 3], target)
