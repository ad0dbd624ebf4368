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
from models.queries.standing import Hit, Question, hits, role_hits
from models.queries.unchanged import while_unchanged
from models.queries.undated import undated_kinds
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
def _titled(lens: Lens, kind: str, review: tuple[str, ...], only: str | None) -> Select[Any]:
    """The statement that finds the items of a kind, in the order of the record."""
    item, parent = lens.items(), lens.items("parent")
    whole = lens.items("whole")
    statement = select(item.c.ref, item.c.title).where(item.c.kind == kind).order_by(item.c.id)
    if review and kind in {"recommendation", "clause"}:
        statement = (
            statement.join_from(item, parent, parent.c.id == item.c.parent_id)
            .outerjoin(whole, and_(whole.c.id == parent.c.parent_id, item.c.kind == "clause"))
            .where(literal(kind == "clause") & whole.c.ref.in_(review) | parent.c.ref.in_(review))
        )
    if only is not None:
        statement = statement.where(item.c.ref == only)
    return statement


def _headings(
    session: Session, lens: Lens, kind: str, review: Sequence[str] = (), only: str | None = None
) -> list[Row]:
    """The items of a kind as rows or columns, in the order of the record. One statement."""
    if kind == "evidence_kind":
        return [{"ref": name, "title": name.replace("_", " ")} for name in EVIDENCE_KINDS]
    found = lens.read(session, _titled(lens, kind, tuple(review), only))
    return [{"ref": ref, "title": title} for ref, title in found]


def grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells, without the gaps. Three statements, four where bodies are the columns.

    None for a whole matrix that this reader has asked for since the record last changed.
    """
    if question.row is not None:
        return _grid(session, lens, question)
    return while_unchanged(
        session, lens, question, lambda: _grid(session, lens, question), lambda found: len(found.hits)
    )


def _grid(session: Session, lens: Lens, question: Question) -> Matrix:
    """Rows, columns and cells, found anew."""
    rows = _headings(session, lens, question.rows, question.review, question.row)
    columns = _headings(session, lens, question.columns)
    found = hits(session, lens, question)
    if question.columns == "body":
        found += role_hits(session, lens, question)
    wanted = {row["ref"] for row in rows}
    found = [hit for hit in found if hit.row in wanted and (not question.basis or hit.basis in question.basis)]
    return Matrix(question, rows, columns, found)


def matrix(session: Session, asked: Asked, question: Question) -> Matrix:
    """The whole matrix that is asked for: every row and column, covered or not, and each row's gaps.

    Two statements more than its grid, and one more for a day, whatever the depth of derivation.
    """
    reviews = _headings(session, asked.lens, "review")
    reasons: dict[str, list[str]] = defaultdict(list)
    for gap in gaps(session, asked, Wanted(filters={"kind": [question.rows]}, limit=0)).rows:
        reasons[gap["ref"]].append(gap["reason"])
    return replace(
        grid(session, asked.lens, question),
        reviews=[row for row in reviews if not question.review or row["ref"] in question.review],
        gaps={ref: tuple(words) for ref, words in reasons.items()},
        undated=undated_kinds(session, asked.lens, {question.rows, _COUNTED.get(question.columns, question.columns)}),
    )
