"""Ways: what stands behind the rows of a matrix, and by which links, in numbers; the words stand once beside them."""

import operator
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from models.queries.adjacency import BITS, NUMBER, SUSPECT, basis_of
from models.queries.unchanged import ROW_BYTES

# A way: the state of what stands behind a row, and the id of the row's own link that leads towards it.
Way = tuple[int, int]
# Of a link: its reference, type, strength and rationale. Of an item: the column that it is in, and its reference.
Told = tuple[str, str, str | None, str | None]
End = tuple[str, str]
# About how many bytes a way takes, and what is told of a link and of an item.
_WAY, _LINK, _ITEM = 16, 300, 250


class Hit(NamedTuple):
    """A way in words: an item in a cell, by one link; whether any step was inferred or suspect."""

    row: str
    column: str
    item: str
    link: str
    type: str
    strength: str | None
    basis: str
    rationale: str | None
    suspect: bool = False


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways from each row, in the order of the rows: those of row `i` stand from `begins[i]` up to `begins[i + 1]`.

    Two are the same if they are in words, whatever else is told beside them.
    """

    rows: Sequence[str]
    begins: "array[int]"
    states: "array[int]"
    links: "array[int]"
    told: Mapping[int, Told]
    ends: Mapping[int, End]

    @classmethod
    def of(
        cls, rows: Mapping[int, str], found: Iterable[Sequence[Way]], told: Mapping[int, Told], ends: Mapping[int, End]
    ) -> "Ways":
        """Those that were found from some rows (by id, each with its reference), a sequence for each."""
        begins, states, links = array(NUMBER, [0]), array(NUMBER), array(NUMBER)
        for ways in found:
            states.extend([state for state, _link in ways])
            links.extend([link for _state, link in ways])
            begins.append(len(states))
        return cls(tuple(rows.values()), begins, states, links, told, ends)

    def __eq__(self, other: object) -> bool:
        """Whether every way is the same."""
        return isinstance(other, Ways) and len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]  # as of all that is compared by what it holds

    def __len__(self) -> int:
        """How many ways there are."""
        return len(self.states)

    def __iter__(self) -> Iterator[Hit]:
        """Each way as a hit."""
        for place, row in enumerate(self.rows):
            for state, link in self.of_row(place):
                column, item = self.ends[state >> BITS]
                ref, type_, strength, rationale = self.told[link]
                yield Hit(row, column, item, ref, type_, strength, basis_of(state), rationale, bool(state & SUSPECT))

    def of_row(self, place: int) -> Iterator[Way]:
        """The ways from the row at a place."""
        part = slice(self.begins[place], self.begins[place + 1])
        return zip(self.states[part], self.links[part], strict=True)

    @property
    def weight(self) -> int:
        """How many rows what is kept takes the room of."""
        return (_WAY * len(self) + _LINK * len(self.told) + _ITEM * len(self.ends)) // ROW_BYTES
