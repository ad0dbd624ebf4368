"""Every item behind every row of a whole matrix, and the links by which it is there, found with arrays."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models.errors import Fault, Invalid
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.adjacency import BITS, SUSPECT, Adjacency, basis_of, derivations, state
from models.queries.spans import by_spans, everything_of
from models.queries.standing import Hit, Question, role_hits
from models.queries.unchanged import ROW_BYTES
from models.several import one_of

# How many steps are looked at to find what stands behind all rows; ten times what the largest programme measured has.
MOST_STEPS = 50_000_000
_ID = "q"
# Of a link: its reference, type, strength and rationale. Of an item: the column that it is in, and its reference.
Told = tuple[str, str, str | None, str | None]
End = tuple[str, str]
# About how many bytes a way takes, and what is told of a link and of an item.
_WAY, _LINK, _ITEM = 16, 300, 250


@dataclass(frozen=True)
class Ways:
    """What stands behind each row: for each way a state and the id of the link by which it is there, shown as hits.

    In the order of the rows, then of items, links and doubts; the ways of row `i` stand from `begins[i]` up to
    `begins[i + 1]`. `named` are bodies that the text of a row names, and so have no link.
    """

    rows: Sequence[str]
    begins: "array[int]"
    states: "array[int]"
    links: "array[int]"
    told: Mapping[int, Told]
    ends: Mapping[int, End]
    named: Mapping[str, Sequence[Hit]] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many hits there are."""
        return len(self.states) + sum(map(len, self.named.values()))

    def __iter__(self) -> Iterator[Hit]:
        """Each way as a hit."""
        told, ends, states, links = self.told, self.ends, self.states, self.links
        for place, row in enumerate(self.rows):
            for at in range(self.begins[place], self.begins[place + 1]):
                there = states[at]
                column, item = ends[there >> BITS]
                link, type_, strength, rationale = told[links[at]]
                suspect = bool(there & SUSPECT)
                yield Hit(row, column, item, link, type_, strength, basis_of(there), rationale, suspect)
            yield from self.named.get(row, ())

    @property
    def weight(self) -> int:
        """How many rows what is kept takes the room of."""
        return (_WAY * len(self) + _LINK * len(self.told) + _ITEM * len(self.ends)) // ROW_BYTES


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


def ways(
    session: Session, lens: Lens, question: Question, rows: Mapping[int, str], ends: Mapping[int, End] | None
) -> Ways:
    """All ways from some rows (by id, each with its reference) to what stands behind them and is in a column.

    `ends` are the items that are columns themselves, None where columns are kinds of evidence or bodies. Up to five
    statements, each again for every 200,000 rows that it reads. Refuses to look at more than `MOST_STEPS` steps.
    """
    if ends is None:
        ends = _ends_of(session, lens, question.columns)
    steps, told = _first_steps(session, lens, question, rows)
    below = (Adjacency.of(()) if question.direct else derivations(session, lens)).below
    begins, states, links = array(_ID, [0]), array(_ID), array(_ID)
    left = MOST_STEPS
    for row in rows:
        found, pairs = [], iter(steps.get(row, ()))
        for link, start in zip(pairs, pairs, strict=True):
            behind, looked = below(start)
            left -= looked
            if left < 0:
                raise Invalid(Fault("rows", "So much stands behind them that some have to be named (`row`)."))
            found += [(there >> BITS, link, there) for there in behind if there >> BITS in ends]
        if question.basis:
            found = [way for way in found if basis_of(way[2]) in question.basis]
        found.sort()
        states.extend([there for _item, _link, there in found])
        links.extend([link for _item, link, _there in found])
        begins.append(len(states))
    refs = tuple(rows.values())
    return Ways(refs, begins, states, links, told, ends, _named(session, lens, question, refs))


def _named(session: Session, lens: Lens, question: Question, refs: Sequence[str]) -> dict[str, list[Hit]]:
    """The bodies that the text of each row names, where bodies are the columns."""
    found: dict[str, list[Hit]] = {}
    if question.columns == "body":
        there = set(refs)
        for hit, _id, _title in role_hits(session, lens, question):
            if hit.row in there and (not question.basis or hit.basis in question.basis):
                found.setdefault(hit.row, []).append(hit)
    return found


def _first_steps(
    session: Session, lens: Lens, question: Question, rows: Mapping[int, str]
) -> tuple[Mapping[int, "array[int]"], Mapping[int, Told]]:
    """The links of each row, each followed by the state that it leads to; and what is told of each link.

    Those of a clause are its recommendation's, too.
    """
    row_of = {row: row for row in rows}
    if question.rows == "recommendation" and not question.direct:
        parts = everything_of(session, lens, _parts)
        row_of |= {clause: whole for clause, whole in parts if whole in rows}
    steps: dict[int, array[int]] = defaultdict(lambda: array(_ID))
    told: dict[int, Told] = {}
    for link, near, far, ref, type_, strength, rationale in everything_of(session, lens, _links, question.shape):
        if (row := row_of.get(near)) is not None:
            steps[row].extend((link, far))
            told[link] = ref, type_, strength, rationale
    return steps, told
