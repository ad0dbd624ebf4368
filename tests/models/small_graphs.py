"""Random small graphs, made by Hypothesis, and put into a database."""

from datetime import date
from typing import Any

from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models.items import Item
from models.vocabulary import BASES, EVIDENCE_KINDS, LINK_TYPES, STRENGTHS
from tests.factories import an, link
from tests.models.naive import Edge, Plain

_MOST_LINKS = 14


@st.composite
def small_graphs(draw: st.DrawFn) -> Plain:
    """At most twelve items under one review, linked as the rules allow; circles too."""
    plain = Plain(kinds={"v": "review"})
    for kind, most in (("recommendation", 2), ("clause", 2), ("source", 1), ("evidence", 4), ("action", 1)):
        least = 1 if kind in {"recommendation", "evidence"} else 0
        for number in range(draw(st.integers(least, most))):
            plain.kinds[f"{kind[0]}{number}"] = kind
    parents = {"recommendation": ["v"], "clause": plain.of("recommendation")}
    for ref, kind in plain.kinds.items():
        if kind in parents:
            plain.parents[ref] = draw(st.sampled_from(parents[kind]))
        if kind == "evidence":
            plain.columns[ref] = draw(st.sampled_from(EVIDENCE_KINDS[:2]))
    if "a0" in plain.kinds and draw(st.booleans()):
        plain.kinds["p0"], plain.parents["p0"] = "progress", "a0"
    plain.links = draw(_links(plain))
    return plain


def _links(plain: Plain) -> Any:
    """Some of the links that the rules allow between these items, at most one of a type between two."""
    possible = [
        (source, kind.type, target)
        for kind in LINK_TYPES
        for pair in kind.pairs
        for source in plain.of(pair[0])
        for target in plain.of(pair[1])
        if source != target
    ]
    held = st.tuples(st.sampled_from(possible), st.sampled_from(BASES), st.sampled_from((None, *STRENGTHS)))
    chosen = st.lists(held, unique_by=lambda one: one[0], max_size=_MOST_LINKS)
    return chosen.map(lambda found: [Edge(*ends, basis, strength) for ends, basis, strength in found])


def store(session: Session, plain: Plain) -> dict[str, Item]:
    """Put the graph into the database; the items by their references."""
    made: dict[str, Item] = {}
    for ref, kind in plain.kinds.items():
        values: dict[str, Any] = {"published_on": date(2020, 1, 1)} if kind == "review" else {}
        if ref in plain.parents:
            values["parent"] = made[plain.parents[ref]]
        if ref in plain.columns:
            values["evidence_kind"] = plain.columns[ref]
        made[ref] = an(kind, session, ref=ref, **values)
    for edge in plain.links:
        link(session, made[edge.source], edge.type, made[edge.target], basis=edge.basis, strength=edge.strength)
    return made
