"""What was derived from what, of everything that a reader sees, in arrays: for questions about the whole programme.

A statement that goes down the derivations of everything goes down the same ones again for each link that leads to
them, and takes longer than a statement may. The arrays are read once, and kept while the record stays what it is.
"""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import BigInteger, FromClause, Label, Select, case, cast, select
from sqlalchemy.orm import Session

from models.keeping import PARTS, kept
from models.lens import Lens
from models.queries.spans import by_spans, everything_of
from models.queries.unchanged import ROW_BYTES, while_unchanged
from models.several import one_of

# A state is an item with what is doubtful of the way to it: its id, followed by two bits.
INFERRED, SUSPECT = 2, 1
DOUBTS = INFERRED | SUSPECT
BITS = 2
# What the arrays of ids and states are made of: numbers of 64 bits.
NUMBER = "q"


def state(link: FromClause, end: str) -> Label[int]:
    """The state that a link leads to at one of its ends (`source_id` or `target_id`), as a column."""
    inferred = case((link.c.basis == "inferred", INFERRED), else_=0)
    suspect = case((link.c.suspect, SUSPECT), else_=0)
    return (cast(link.c[end], BigInteger) * (1 << BITS) + inferred + suspect).label("state")


def basis_of(state: int) -> str:
    """The basis of the way to it: stated if every link of it is."""
    return "inferred" if state & INFERRED else "stated"


@dataclass(frozen=True)
class Adjacency:
    """The steps down from each item, as states: those from item `i` stand from `begins[i]` up to `begins[i + 1]`."""

    begins: "array[int]"
    steps: "array[int]"

    @classmethod
    def of(cls, steps: Iterable[tuple[int, int]]) -> "Adjacency":
        """Arrays of steps, each an id and the state that it leads to."""
        starts, ends = array(NUMBER), array(NUMBER)
        for start, end in steps:
            starts.append(start)
            ends.append(end)
        counts = array(NUMBER, bytes(starts.itemsize * (max(starts, default=0) + 2)))
        for start in starts:
            counts[start + 1] += 1
        begins = array(NUMBER, accumulate(counts))
        places, sorted_ends = begins[:], ends[:]
        for start, end in zip(starts, ends, strict=True):
            sorted_ends[places[start]] = end
            places[start] += 1
        return cls(begins, sorted_ends)

    def below(self, state: int) -> tuple[list[int], int]:
        """A state and all below it, each once, and how many steps were looked at to find them.

        A way is as doubtful as any step of it. Circles end.
        """
        found, known, looked = [state], {state}, 1
        begins, steps, last = self.begins, self.steps, len(self.begins) - 2
        for here in found:
            item, doubts = here >> BITS, here & DOUBTS
            if item > last:
                continue
            onward = steps[begins[item] : begins[item + 1]]
            looked += len(onward)
            for step in onward:
                there = step | doubts
                if there not in known:
                    known.add(there)
                    found.append(there)
        return found, looked

    @property
    def weight(self) -> int:
        """How many rows what is kept takes the room of."""
        return self.begins.itemsize * (len(self.begins) + len(self.steps)) // ROW_BYTES


@kept(PARTS)
def _derivations(lens: Lens, most: int) -> Select[Any]:
    """The statement that reads what was derived from what, some links at a time."""
    link = lens.links()
    told = select(link.c.id, link.c.source_id, state(link, "target_id"))
    return by_spans(told.where(one_of(link.c.type, ("derived_from",))), most)


def derivations(session: Session, lens: Lens) -> Adjacency:
    """What was derived from what, of all that this reader sees. None read while the record stays what it is."""

    def find() -> Adjacency:
        found = everything_of(session, lens, _derivations)
        return Adjacency.of((source, target) for _link, source, target in found)

    return while_unchanged(session, lens, "derivations", find, lambda found: found.weight)
