"""Every way behind every row of a whole matrix, found with arrays from statements that each read only so much."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.errors import Fault, Invalid
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.adjacency import BITS, NUMBER, Adjacency, basis_of, derivations, state
from models.queries.spans import by_spans, everything_of
from models.queries.standing import Question, role_ways
from models.queries.ways import End, Told, Way, Ways
from models.several import one_of

# How many steps are looked at to find what stands behind all rows; ten times what the largest programme measured has.
MOST_STEPS = 50_000_000


@kept(STATEMENTS)
def _links(lens: Lens, question: Question, most: int) -> Select[Any]:
    """The statement that reads the links of the types that are followed, some at a time."""
    link, (near, far) = lens.links(), question.ends
    told = (link.c.ref, link.c.type, link.c.strength, link.c.rationale)
    found = select(link.c.id, link.c[near], state(link, far), *told)
    return by_spans(found.where(one_of(link.c.type, question.followed())), most)


@kept(STATEMENTS)
def _parts(lens: Lens, most: int) -> Select[Any]:
    """The statement that reads the clauses, each with the id of its recommendation."""
    clause = lens.items("row_clause")
    return by_spans(select(clause.c.id, clause.c.parent_id).where(clause.c.kind == "clause"), most)


@kept(STATEMENTS)
def _ends(lens: Lens, columns: str, most: int) -> Select[Any]:
    """The statement that reads the items in columns that are not items themselves."""
    item = lens.items()
    if columns == "body":
        owner = lens.items("owner")
        found = select(item.c.id, owner.c.ref, item.c.ref).join_from(item, owner, owner.c.id == item.c.owner_id)
        return by_spans(found.where(item.c.kind == "action"), most)
    own = lens.details("evidence")
    found = select(item.c.id, own.c.evidence_kind, item.c.ref).join_from(item, own, own.c.id == item.c.id)
    return by_spans(found.where(item.c.kind == "evidence"), most)


def _ends_of(session: Session, lens: Lens, columns: str) -> dict[int, End]:
    """The items in columns that are not items themselves: pieces of evidence by their kind, actions by their owner."""
    return {item: (column, ref) for item, column, ref in everything_of(session, lens, _ends, columns)}


def whole_ways(
    session: Session, lens: Lens, question: Question, rows: Mapping[int, str], ends: dict[int, End] | None
) -> Ways:
    """All ways from some rows (by id, each with its reference) to what stands behind them and is in a column.

    `ends` are the items that are columns themselves, None where columns are kinds of evidence or bodies. Up to five
    statements, each again for every 200,000 rows that it reads. Refuses to look at more than `MOST_STEPS` steps.
    """
    if ends is None:
        ends = _ends_of(session, lens, question.columns)
    steps, told = _first_steps(session, lens, question, rows)
    adjacency = Adjacency.of(()) if question.direct else derivations(session, lens)
    behind = _behind(adjacency, (steps.get(row, ()) for row in rows), ends)
    named: dict[int, list[Way]] = defaultdict(list)
    for role in role_ways(session, lens, question):
        named[role.row].append(role.way)
        told[role.link], ends[role.body] = role.told, role.end
    found = ([*ways, *named[row]] for row, ways in zip(rows, behind, strict=True))
    if question.basis:
        found = ([way for way in ways if basis_of(way[0]) in question.basis] for ways in found)
    return Ways.of(rows, found, told, ends)


def _behind(adjacency: Adjacency, firsts: Iterator[Sequence[int]], ends: Mapping[int, End]) -> Iterator[list[Way]]:
    """For each row the ways to what is in a column, in the order of items, links and doubts."""
    left = MOST_STEPS
    for first in firsts:
        found, pairs = [], iter(first)
        for link, start in zip(pairs, pairs, strict=True):
            behind, looked = adjacency.below(start)
            left -= looked
            if left < 0:
                raise Invalid(Fault("rows", "So much stands behind them that some have to be named (`row`)."))
            found += [(there >> BITS, link, there) for there in behind if there >> BITS in ends]
        found.sort()
        yield [(there, link) for _item, link, there in found]


def _first_steps(
    session: Session, lens: Lens, question: Question, rows: Mapping[int, str]
) -> tuple[dict[int, "array[int]"], dict[int, Told]]:
    """The links of each row, each followed by the state that it leads to; and what is told of each link.

    Those of a clause are its recommendation's, too.
    """
    row_of = {row: row for row in rows}
    if question.rows == "recommendation" and not question.direct:
        parts = everything_of(session, lens, _parts)
        row_of |= {clause: whole for clause, whole in parts if whole in rows}
    steps: dict[int, array[int]] = defaultdict(lambda: array(NUMBER))
    told: dict[int, Told] = {}
    for link, near, far, ref, type_, strength, rationale in everything_of(session, lens, _links, question.shape):
        if (row := row_of.get(near)) is not None:
            steps[row].extend((link, far))
            told[link] = ref, type_, strength, rationale
    return steps, told
