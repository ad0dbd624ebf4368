"""The traceability matrix: which items stand behind each row, in which column, by which links, and what is missing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, literal, select
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.gaps import gaps
from models.queries.judging import Asked
from models.queries.listing import Wanted
from models.queries.rows import Row
from models.queries.standing import Hit, Question, hits, named_hits, undated_behind
from models.queries.ties import TARGETS, targets_of
from models.queries.unchanged import while_reading, while_unchanged
from models.queries.undated import undated_kinds
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


@dataclass(frozen=True)
class Matrix:
    """Rows and columns, empty ones too; cells are kept sparse and laid out a line at a time."""

    question: Question
    rows: list[Row]
    columns: list[Row]
    hits: list[Hit]
    reviews: list[Row] = field(default_factory=list)
    gaps: dict[str, tuple[str, ...]] = field(default_factory=dict)
    undated: int | None = None

    def lines(self) -> Iterator[Line]:
        """The lines in order, one at a time."""
        by_row: dict[str, dict[str, list[Hit]]] = defaultdict(lambda: defaultdict(list))
        for hit in self.hits:
            by_row[hit.row][hit.column].append(hit)
        for row in self.rows:
            found = by_row.get(row["ref"], {})
            cells = tuple(_cell(found[column["ref"]]) if column["ref"] in found else EMPTY for column in self.columns)
            yield Line(row["ref"], row["title"], cells, self.gaps.get(row["ref"], ()))

    def summary(self) -> Row:
        """How many rows are covered, and how; which are not. What is mere context covers nothing."""
        arguing = [hit for hit in self.hits if hit.type != "contextualises"]
        covered, in_context = {hit.row for hit in arguing}, {hit.row for hit in self.hits}
        stated = {hit.row for hit in arguing if hit.basis == "stated"}
        used = {hit.column for hit in self.hits}
        refs = [row["ref"] for row in self.rows]
        return {
            "rows": len(refs),
            "columns": len(self.columns),
            "links": len({hit.link for hit in self.hits}),
            "covered": len(covered),
            "covered_by_stated": len(stated),
            "only_inferred": [ref for ref in refs if ref in covered - stated],
            "only_context": [ref for ref in refs if ref in in_context - covered],
            "uncovered": [ref for ref in refs if ref not in in_context],
            "empty_columns": [column["ref"] for column in self.columns if column["ref"] not in used],
        }


def _cell(hits: Sequence[Hit]) -> Cell:
    """One cell: each item once; inferred if no stated way leads to it, suspect if no way free of suspect links."""
    items = tuple(dict.fromkeys(hit.item for hit in hits))
    stated = {hit.item for hit in hits if hit.basis == "stated"}
    sound = {hit.item for hit in hits if not hit.suspect}
    rated = [hit.strength for hit in hits if hit.strength]
    return Cell(
        items,
        tuple(dict.fromkeys(hit.link for hit in hits)),
        tuple(item for item in items if item not in stated),
        min(rated, key=STRENGTHS.index) if rated else None,
        tuple(item for item in items if item not in sound),
    )


@kept(STATEMENTS)
def _titled(lens: Lens, kind: str, review: tuple[str, ...], some: bool) -> Select[Any]:  # noqa: FBT001 - as it is kept
    """The statement that finds the items of a kind, or some of them (`targets`), in the order of the record."""
    item, parent = lens.items(), lens.items("parent")
    whole = lens.items("whole")
    statement = select(item.c.ref, item.c.title).where(item.c.kind == kind).order_by(item.c.id)
    if review and kind in {"recommendation", "clause"}:
        statement = (
            statement.join_from(item, parent, parent.c.id == item.c.parent_id)
            .outerjoin(whole, and_(whole.c.id == parent.c.parent_id, item.c.kind == "clause"))
            .where(literal(kind == "clause") & whole.c.ref.in_(review) | parent.c.ref.in_(review))
        )
    return statement.where(among(item.c.id, TARGETS)) if some else statement


def _headings(
    session: Session, lens: Lens, kind: str, review: Sequence[str] = (), ids: Sequence[int] | None = None
) -> list[Row]:
    """The items of a kind as rows or columns, or those with these ids, in the order of the record. One statement."""
    if kind == "evidence_kind":
        return [{"ref": name, "title": name.replace("_", " ")} for name in EVIDENCE_KINDS]
    found = lens.read(session, _titled(lens, kind, tuple(review), ids is not None), targets=ids or ())
    return [{"ref": ref, "title": title} for ref, title in found]


def grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells, without the gaps. Three statements, four where bodies are the columns.

    None for a whole matrix that this reader has asked for since the record last changed.
    """
    if question.row:
        return _grid_of_some(session, lens, question)
    return while_unchanged(
        session, lens, question, lambda: _grid(session, lens, question), lambda found: len(found.hits)
    )


def _grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells, found anew."""
    rows, columns = (_headings(session, lens, kind, question.review) for kind in (question.rows, question.columns))
    return Matrix(question, rows, columns, _asked_for(question, rows, hits(session, lens, question)))


def _grid_of_some(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows that are named, and of columns that are items those that they have something in."""
    targets = targets_of(session, lens, question.row, (question.rows,))
    rows = _headings(session, lens, question.rows, question.review, targets)
    found, titles = named_hits(session, lens, question, targets)
    left = _asked_for(question, rows, found)
    if question.columns == "evidence_kind":
        return Matrix(question, rows, _headings(session, lens, question.columns), left)
    used = sorted({hit.column for hit in left}, key=titles.__getitem__)
    return Matrix(question, rows, [{"ref": ref, "title": titles[ref][1]} for ref in used], left)


def _asked_for(question: Question, rows: list[Row], found: list[Hit]) -> list[Hit]:
    """What was found of these rows, by ties with a basis that was asked for."""
    wanted = {row["ref"] for row in rows}
    return [hit for hit in found if hit.row in wanted and (not question.basis or hit.basis in question.basis)]


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

    Two statements more than its grid, and one or two more for a day, whatever the depth of derivation.
    """
    lens, kinds = asked.lens, {question.rows, _COUNTED.get(question.columns, question.columns)}
    reviews = _headings(session, lens, "review")
    return replace(
        grid(session, lens, question),
        reviews=[row for row in reviews if not question.review or row["ref"] in question.review],
        gaps=_reasons(session, asked, question),
        undated=(
            undated_behind(session, lens, question, kinds) if question.row else undated_kinds(session, lens, kinds)
        ),
    )
