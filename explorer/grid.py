"""The grid of the matrix: evidence in rows by its kind, recommendations in columns, a mark for each link.

It only lays out what the API found; how a link looks follows from its type, its basis and its strength.
"""

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

LOOKS = ("direct", "partial", "context", "against")
_PARTIAL = ("moderate", "weak")


class Tie(NamedTuple):
    """A link by which a piece of evidence stands behind a recommendation, and how it is marked."""

    recommendation: str
    evidence: str
    kind: str
    link: str
    type: str
    basis: str
    strength: str | None
    rationale: str | None
    suspect: bool

    @property
    def look(self) -> str:
        """Which of the marks it has."""
        if self.type == "supports":
            return "direct" if self.basis == "stated" and self.strength not in _PARTIAL else "partial"
        return "context" if self.type == "contextualises" else "against"


@dataclass(frozen=True)
class Row:
    """A piece of evidence with the marks in each column, and whether that column has direct evidence."""

    ref: str
    title: str
    cells: tuple[tuple[bool, Sequence[Tie]], ...]


@dataclass(frozen=True)
class Group:
    """The rows of one kind of evidence that are shown, and how many there are; None has no link to a recommendation."""

    kind: str | None
    count: int
    rows: tuple[Row, ...]


def ties_of(hits: Iterable[Any], kinds: Mapping[str, str]) -> list[Tie]:
    """Each link once for its evidence and recommendation; of several ways, the API gives the surest one first."""
    found: dict[tuple[str, str, str], Any] = {}
    for hit in hits:
        found.setdefault((hit.row, hit.item, hit.link), hit)
    return [
        Tie(hit.row, hit.item, kinds[hit.item], hit.link, hit.type, hit.basis, hit.strength, hit.rationale, hit.suspect)
        for hit in found.values()
    ]


def groups_of(
    evidence: Sequence[tuple[str, str, str | None]], ties: Iterable[Tie], columns: Mapping[str, bool], shown: slice
) -> list[Group]:
    """The shown part of the evidence (reference, title and kind; each kind together) with its marks.

    `columns` are those in order, each with whether it has direct evidence.
    """
    marks: dict[tuple[str, str], list[Tie]] = defaultdict(list)
    for tie in ties:
        marks[tie.evidence, tie.recommendation].append(tie)
    counts: dict[str | None, int] = defaultdict(int)
    for _ref, _title, kind in evidence:
        counts[kind] += 1
    rows: dict[str | None, list[Row]] = defaultdict(list)
    for ref, title, kind in evidence[shown]:
        cells = tuple((is_direct, marks.get((ref, column), ())) for column, is_direct in columns.items())
        rows[kind].append(Row(ref, title, cells))
    return [Group(kind, counts[kind], tuple(found)) for kind, found in rows.items()]


def only(ties: Iterable[Tie], kinds: Container[str] | None) -> list[Tie]:
    """The ties of these kinds of evidence; None is all of them."""
    return [tie for tie in ties if kinds is None or tie.kind in kinds]


@dataclass(frozen=True)
class Count:
    """How many pieces of evidence there are, how many of them are only inferred, and how many are only context."""

    all: int
    inferred: int
    context: int


def counts_of(ties: Iterable[Tie], rows: Sequence[str], kinds: Sequence[str]) -> list[list[Count]]:
    """For each of these recommendations, the counts of each of these kinds of evidence."""
    found: dict[tuple[str, str], dict[str, list[Tie]]] = defaultdict(lambda: defaultdict(list))
    for tie in ties:
        found[tie.recommendation, tie.kind][tie.evidence].append(tie)
    return [[_count(found.get((row, kind), {}).values()) for kind in kinds] for row in rows]


def _count(items: Collection[Sequence[Tie]]) -> Count:
    """The counts of some pieces of evidence, each with its ties."""
    return Count(
        len(items),
        sum(all(tie.basis == "inferred" for tie in ties) for ties in items),
        sum(all(tie.look == "context" for tie in ties) for ties in items),
    )
