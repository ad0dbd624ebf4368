"""A neutral programme of any size, written through the one write path: nothing of it is real, or says that it is."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import select

from api.database import Database
from models.items import Item
from models.links import Link
from models.nouns import NOUNS
from models.vocabulary import EVIDENCE_KINDS

_BATCH = 1_000
_FIRST_DAY = date(2020, 1, 1)


class Size(NamedTuple):
    """How many of what: S, M and L of the measurements."""

    name: str
    recommendations: int
    evidence: int
    links: int


S, M = Size("S", 10, 200, 400), Size("M", 1_000, 20_000, 60_000)


def _batches(things: Sequence[Any]) -> Iterator[list[Any]]:
    """Some things at a time."""
    rest = iter(things)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _item(kind: str, place: int, **values: Any) -> Item:
    """A neutral item."""
    ref = f"{kind}-{place}"
    day = _FIRST_DAY + timedelta(days=place % 1_000)
    given = {"ref": ref, "external_id": ref, "title": f"{kind} {place}", "handling": "PUBLIC", "effective_from": day}
    return NOUNS[kind](**given | values)


def _items(size: Size) -> list[Item]:
    """Every item: a review, its recommendations with three clauses each, sources, evidence, actions with progress."""
    body = _item("body", 1)
    review = _item("review", 1, published_on=_FIRST_DAY)
    found = [body, review]
    for number in range(1, size.recommendations + 1):
        text = f"The body should do the first thing, the second thing and thing {number}."
        words = {"category": "recommendation", "short_name": f"Thing {number}"[:16], "text": text}
        recommendation = _item("recommendation", number, parent=review, number=number, **words)
        found.append(recommendation)
        for part in (1, 2, 3):
            span = {"span_start": part, "span_end": part + 9}
            found.append(_item("clause", number * 10 + part, parent=recommendation, number=part, **span))
        action = _item("action", number, owner=body)
        found += [action, _item("progress", number, parent=action, number=1, statement="A thing was done.")]
    found += [_item("source", number, source_class="fieldwork") for number in range(1, size.evidence // 10 + 1)]
    for number in range(1, size.evidence + 1):
        kind = EVIDENCE_KINDS[number % len(EVIDENCE_KINDS)]
        found.append(_item("evidence", number, evidence_kind=kind, statement=f"Thing {number} was seen."))
    return found


def _ends(size: Size, chosen: random.Random) -> list[tuple[str, str, str]]:
    """The ends and types of every link: each piece of evidence from a source, the rest bearing on recommendations."""
    found = {
        (f"evidence-{n}", "derived_from", f"source-{1 + n % (size.evidence // 10)}")
        for n in range(1, size.evidence + 1)
    }
    found |= {(f"action-{n}", "addresses", f"recommendation-{n}") for n in range(1, size.recommendations + 1)}
    while len(found) < size.links:
        evidence, number = chosen.randint(1, size.evidence), chosen.randint(1, size.recommendations)
        target = f"recommendation-{number}" if chosen.randint(0, 1) else f"clause-{number * 10 + chosen.randint(1, 3)}"
        found.add((f"evidence-{evidence}", chosen.choice(("supports", "qualifies", "contradicts")), target))
    return sorted(found)


def fill(database: Database, size: Size, advance: Callable[[int], None], *, changed: float = 0.1) -> None:
    """Fill an empty database with a programme, then change a share of its evidence and withdraw some links."""
    chosen = random.Random(size.evidence)  # noqa: S311 - the same programme each time
    items = _items(size)
    ids: dict[str, int] = {}
    for batch in _batches(items):
        with database.writing("bench", "Fill") as session:
            session.add_all(batch)
            session.flush()
            ids |= {item.ref: item.id for item in batch}
        advance(len(batch))
    for ends in _batches(_ends(size, chosen)):
        with database.writing("bench", "Fill") as session:
            refs = {ref for source, _type, target in ends for ref in (source, target)}
            named = {item.ref: item for item in session.scalars(select(Item).where(Item.ref.in_(refs)))}
            session.add_all(
                Link(
                    ref=f"{source}-{type_}-{target}",
                    type=type_,
                    source=named[source],
                    target=named[target],
                    basis="stated",
                    rationale="Because of the measurement.",
                    asserted_by="bench",
                    handling="PUBLIC",
                )
                for source, type_, target in ends
            )
        advance(len(ends))
    _change(database, size, chosen, changed)
    database.take_stock()


def _change(database: Database, size: Size, chosen: random.Random, share: float) -> None:
    """Change a share of the evidence, and withdraw a tenth as many links."""
    evidence = chosen.sample(range(1, size.evidence + 1), int(size.evidence * share))
    for numbers in _batches(evidence):
        with database.writing("bench", "Change") as session:
            refs = [f"evidence-{number}" for number in numbers]
            for item in session.scalars(select(NOUNS["evidence"]).where(NOUNS["evidence"].ref.in_(refs))):
                item.title = f"{item.title}, looked at again"
    with database.writing("bench", "Withdraw") as session:
        found = session.scalars(
            select(Link).where(Link.type == "qualifies").order_by(Link.id).limit(len(evidence) // 10)
        )
        for link in found.all():
            link.withdraw()
