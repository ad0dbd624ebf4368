"""The traceability matrix: which items stand behind each row, in which column, by which links, and what is missing."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, literal, select
from sqlalchemy.orm import Session

from models.errors import Fault, Invalid
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.adjacency import BITS, INFERRED, SUSPECT
from models.queries.alone import alone
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.paging import Wanted
from models.queries.rows import Row
from models.queries.standing import Question, named_ways, undated_behind
from models.queries.stretches import is_large
from models.queries.ties import TARGETS, targets_of
from models.queries.unchanged import while_reading, while_unchanged
from models.queries.undated import undated_kinds
from models.queries.ways import Way, Ways
from models.queries.whole import whole_ways
from models.several import among
from models.vocabulary import EVIDENCE_KINDS, STRENGTHS


class Cell(NamedTuple):
    """What a cell holds: the items, the links to them, which of the items are only inferred, and which are suspect."""

    items: tuple[str, ...]
    links: tuple[str, ...]
    inferred: tuple[str, ...]
    strength: str | None
    suspect: tuple[str, ...] = ()


class Line(NamedTuple):
    """One row of the matrix: the item, a cell for each column in order, and the reasons of its gaps."""

    ref: str
    title: str
    cells: tuple[Cell, ...]
    gaps: tuple[str, ...]


# Columns that are not items themselves: what is counted in their cells.
_COUNTED = {"evidence_kind": "evidence", "body": "action"}
EMPTY = Cell((), (), (), None)
_KINDS = [{"ref": name, "title": name.replace("_", " ")} for name in EVIDENCE_KINDS]
# Rows times columns.
MOST_CELLS = 1_000_000


@dataclass(frozen=True)
class Matrix:
    """Rows and columns, empty ones too; cells are laid out a line at a time, from hits in the order of the rows."""

    question: Question
    rows: list[Row]
    columns: list[Row]
    hits: Ways
    summary: Row
    reviews: list[Row] = field(default_factory=list)
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    undated: int | None = None

    @property
    def weight(self) -> int:
        """How many rows what is kept takes the room of."""
        return len(self.rows) + len(self.columns) + self.hits.weight

    def lines(self) -> Iterator[Line]:
        """The lines in order, one at a time."""
        for place, row in enumerate(self.rows):
            cells = _cells(self.hits, place)
            shown = tuple(cells.get(column["ref"], EMPTY) for column in self.columns)
            yield Line(row["ref"], row["title"], shown, self.gaps.get(row["ref"], ()))


def _cells(hits: Ways, place: int) -> dict[str, Cell]:
    """The cells of a row that hold something, by their columns."""
    columns: dict[str, list[Way]] = defaultdict(list)
    for way in hits.of_row(place):
        columns[hits.ends[way[0] >> BITS][0]].append(way)
    return {column: _cell(hits, ways) for column, ways in columns.items()}


def _cell(hits: Ways, ways: Sequence[Way]) -> Cell:
    """One cell: each item once; inferred if no stated way leads to it, suspect if no way free of suspect links."""
    items = {state >> BITS: hits.ends[state >> BITS][1] for state, _link in ways}
    links = {link: hits.told[link] for _state, link in ways}
    stated = {state >> BITS for state, _link in ways if not state & INFERRED}
    sound = {state >> BITS for state, _link in ways if not state & SUSPECT}
    rated = {strength for _ref, _type, strength, _rationale in links.values() if strength}
    return Cell(
        tuple(items.values()),
        tuple([ref for ref, _type, _strength, _rationale in links.values()]),
        tuple([ref for item, ref in items.items() if item not in stated]),
        min(rated, key=STRENGTHS.index) if rated else None,
        tuple([ref for item, ref in items.items() if item not in sound]),
    )


def _summary(rows: list[Row], columns: list[Row], hits: Ways) -> Row:
    """How many rows are covered, and how; which are not. What is mere context covers nothing."""
    context = {link for link, (_ref, type_, _strength, _rationale) in hits.told.items() if type_ == "contextualises"}
    covered, in_context, stated, used = (set[str]() for _set in range(4))
    links = 0
    for place, row in enumerate(rows):
        ways = list(hits.of_row(place))
        arguing = [state for state, link in ways if link not in context]
        if ways:
            in_context.add(row["ref"])
        if arguing:
            covered.add(row["ref"])
        if any(not state & INFERRED for state in arguing):
            stated.add(row["ref"])
        used |= {hits.ends[state >> BITS][0] for state, _link in ways}
        links += len({link for _state, link in ways})  # a link is of one row alone
    refs = [row["ref"] for row in rows]
    return {
        "rows": len(refs),
        "columns": len(columns),
        "links": links,
        "covered": len(covered),
        "covered_by_stated": len(stated),
        "only_inferred": [ref for ref in refs if ref in covered - stated],
        "only_context": [ref for ref in refs if ref in in_context - covered],
        "uncovered": [ref for ref in refs if ref not in in_context],
        "empty_columns": [column["ref"] for column in columns if column["ref"] not in used],
    }


def _matrix_of(question: Question, rows: list[Row], columns: list[Row], hits: Ways) -> Matrix:
    """The matrix of rows, columns and what was found, with its summary."""
    return Matrix(question, rows, columns, hits, _summary(rows, columns, hits))


@kept(STATEMENTS)
def _titled(lens: Lens, kind: str, review: tuple[str, ...], some: bool) -> Select[Any]:  # noqa: FBT001 - as it is kept
    """The statement that finds the items of a kind, or some of them (`targets`), in the order of the record."""
    item, parent = lens.items(), lens.items("parent")
    whole = lens.items("whole")
    statement = select(item.c.id, item.c.ref, item.c.title).where(item.c.kind == kind).order_by(item.c.id)
    if review and kind in {"recommendation", "clause"}:
        statement = (
            statement.join_from(item, parent, parent.c.id == item.c.parent_id)
            .outerjoin(whole, and_(whole.c.id == parent.c.parent_id, item.c.kind == "clause"))
            .where(literal(kind == "clause") & whole.c.ref.in_(review) | parent.c.ref.in_(review))
        )
    return statement.where(among(item.c.id, TARGETS)) if some else statement


def _titles(
    session: Session, lens: Lens, kind: str, review: Sequence[str] = (), ids: Sequence[int] | None = None
) -> dict[int, Row]:
    """The items of a kind, or those with these ids, by id, in the order of the record. One statement."""
    found = lens.read(session, _titled(lens, kind, tuple(review), ids is not None), targets=ids or ())
    return {item: {"ref": ref, "title": title} for item, ref, title in found}


def grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells, without the gaps. A fixed number of statements where rows are named.

    None for a whole matrix that this reader has asked for since the record last changed.
    """
    if question.row:
        return _grid_of_some(session, lens, question)
    return while_unchanged(
        session, lens, question, lambda: _whole_grid(session, lens, question), lambda found: found.weight
    )


def _whole_grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells of everything, found anew."""
    rows = _titles(session, lens, question.rows, question.review)
    if question.columns == "evidence_kind":
        columns, ends = _KINDS, None
    else:
        titles = _titles(session, lens, question.columns)
        columns = [*titles.values()]
        ends = None if question.columns == "body" else {item: (row["ref"], row["ref"]) for item, row in titles.items()}
    _check_size(rows, columns)
    found = whole_ways(session, lens, question, _refs(rows), ends)
    return _matrix_of(question, [*rows.values()], columns, found)


def _check_size(rows: Sized, columns: Sized) -> None:
    """Refuse a matrix of more cells than one answer has."""
    if len(rows) * len(columns) > MOST_CELLS:
        told = f"A matrix has at most {MOST_CELLS:,} cells; this has {len(rows):,} rows and {len(columns):,} columns."
        raise Invalid(Fault("columns", f"{told} Name some rows (`row`): then its columns are those with something in."))


def _grid_of_some(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows that are named, and of columns that are items those that they have something in."""
    targets = targets_of(session, lens, question.row, (question.rows,))
    rows = _titles(session, lens, question.rows, question.review, targets)
    found, titles = named_ways(session, lens, question, targets, _refs(rows))
    columns = _KINDS
    if question.columns != "evidence_kind":
        columns = [{"ref": ref, "title": titles[ref][1]} for ref in sorted(titles, key=titles.__getitem__)]
    _check_size(rows, columns)
    return _matrix_of(question, [*rows.values()], columns, found)


def _refs(rows: Mapping[int, Row]) -> dict[int, str]:
    """The reference of each row."""
    return {item: row["ref"] for item, row in rows.items()}


def _reasons(session: Session, asked: Asked, question: Question) -> dict[str, tuple[str, ...]]:
    """The reasons of the gaps of each row. One statement, and one more for a day or where some rows are named."""
    if question.row:
        asked = replace(asked, about=targets_of(session, asked.lens, question.row, (question.rows,)))

    def find() -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for gap in gaps(session, asked, Wanted(filters={"kind": [question.rows]}, limit=0)).rows:
            found[gap["ref"]] = (*found.get(gap["ref"], ()), gap["reason"])
        return found

    return while_reading(session, asked.lens, ("reasons", question.rows, asked.about, asked.today), find)


def matrix(session: Session, asked: Asked, question: Question) -> Matrix:
    """The whole matrix that is asked for, or that of some rows: each row, covered or not, and its gaps.

    Two statements more than its grid, one or two more for a day, and one that tells whether the programme is large,
    whatever the depth of derivation. The whole matrix of a large one is worked out for one request at a time, and its
    gaps take more statements; raises Busy.
    """
    if question.row or not is_large(session, asked.lens, ("link",)):
        return _matrix(session, asked, question)
    with alone():
        return _matrix(session, asked, question)


def _matrix(session: Session, asked: Asked, question: Question) -> Matrix:
    """The matrix with its reviews and gaps."""
    lens, kinds = asked.lens, {question.rows, _COUNTED.get(question.columns, question.columns)}
    reviews = _titles(session, lens, "review").values()
    return replace(
        grid(session, lens, question),
        reviews=[row for row in reviews if not question.review or row["ref"] in question.review],
        gaps=_reasons(session, asked, question),
        undated=(
            undated_behind(session, lens, question, kinds) if question.row else undated_kinds(session, lens, kinds)
        ),
    )
