"""The traceability matrix: which items stand behind each row, in which column, by which links, and what is missing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import CTE, CompoundSelect, Integer, Select, and_, case, cast, literal, select, union_all
from sqlalchemy.orm import Session

from models.lens import Lens
from models.queries.gaps import Asked, gaps
from models.queries.listing import Wanted
from models.queries.rows import Row
from models.vocabulary import BEARING_TYPES, EVIDENCE_KINDS, STRENGTHS

ROWS = ("recommendation", "clause", "evidence")
COLUMNS = ("evidence_kind", "evidence", "source", "action", "body", "recommendation", "clause")
CELLS = ("count", "refs", "strength")
# The links followed where a request names none: how the column's items bear on the row.
_TO_ROW = {"action": ("addresses",), "body": ("addresses", "led_by", "partnered_by")}
_FROM_ROW = {
    "recommendation": BEARING_TYPES,
    "clause": BEARING_TYPES,
    "action": ("demonstrates",),
    "body": ("demonstrates",),
}
_ROLE_TYPES = {"led_by": "lead", "partnered_by": "partner"}
VIA = (*BEARING_TYPES, "addresses", "demonstrates", "derived_from", *_ROLE_TYPES)


@dataclass(frozen=True)
class Question:
    """Which matrix is asked for."""

    rows: str = "recommendation"
    columns: str = "evidence_kind"
    via: tuple[str, ...] = ()
    cell: str = "count"
    direct: bool = False
    review: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    row: str | None = None

    def followed(self) -> tuple[str, ...]:
        """The link types followed: those named, or those that fit the rows and columns."""
        if self.via:
            return self.via
        if self.rows == "evidence":
            return _FROM_ROW.get(self.columns, ("derived_from",))
        return _TO_ROW.get(self.columns, BEARING_TYPES)


class Hit(NamedTuple):
    """One item in one cell, by one link: the link's own attributes, and whether any step to it was inferred."""

    row: str
    column: str
    item: str
    link: str
    type: str
    strength: str | None
    basis: str
    rationale: str | None


class Cell(NamedTuple):
    """What a cell holds: the items, the links by which they are there, and which of the items are only inferred."""

    items: tuple[str, ...]
    links: tuple[str, ...]
    inferred: tuple[str, ...]
    strength: str | None


class Line(NamedTuple):
    """One row of the matrix: the item, a cell for each column in order, and the reasons of its gaps."""

    ref: str
    title: str
    cells: tuple[Cell, ...]
    gaps: tuple[str, ...]


EMPTY = Cell((), (), (), None)


@dataclass(frozen=True)
class Matrix:
    """Rows and columns, empty ones too; cells are kept sparse and laid out a line at a time."""

    question: Question
    rows: list[Row]
    columns: list[Row]
    hits: list[Hit]
    gaps: dict[str, tuple[str, ...]]

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
    """One cell: each item once; it is inferred only if no stated way leads to it."""
    items = tuple(dict.fromkeys(hit.item for hit in hits))
    stated = {hit.item for hit in hits if hit.basis == "stated"}
    rated = [hit.strength for hit in hits if hit.strength]
    return Cell(
        items,
        tuple(dict.fromkeys(hit.link for hit in hits)),
        tuple(item for item in items if item not in stated),
        min(rated, key=STRENGTHS.index) if rated else None,
    )


def _first_links(lens: Lens, question: Question) -> CompoundSelect[Any] | Select[Any]:
    """Each row with the items one link away, and that link; a clause's links count for its recommendation too."""
    types = question.followed()
    link, row = lens.links("first"), lens.items("row_item")
    inferred = case((link.c.basis == "inferred", 1), else_=0).label("inferred")
    near, far = ("source_id", "target_id") if question.rows == "evidence" else ("target_id", "source_id")
    directly = (
        select(row.c.id.label("row_id"), link.c[far].label("item_id"), link.c.id.label("link_id"), inferred)
        .join_from(link, row, row.c.id == link.c[near])
        .where(row.c.kind == question.rows, link.c.type.in_(types))
    )
    if question.row is not None:
        directly = directly.where(row.c.ref == question.row)
    if question.rows != "recommendation" or question.direct:
        return directly
    clause = lens.items("row_clause")
    by_clause = (
        select(clause.c.parent_id.label("row_id"), link.c[far].label("item_id"), link.c.id.label("link_id"), inferred)
        .join_from(link, clause, clause.c.id == link.c[near])
        .where(clause.c.kind == "clause", link.c.type.in_(types))
    )
    if question.row is not None:
        whole = lens.items("row_whole")
        by_clause = by_clause.join(whole, whole.c.id == clause.c.parent_id).where(whole.c.ref == question.row)
    return union_all(directly, by_clause)


def _standing(lens: Lens, question: Question) -> CTE:
    """Each row with every item that stands behind it: along derived_from as far as it goes, unless only direct."""
    first = _first_links(lens, question).subquery("first_links")
    base = select(first).cte("standing", recursive=True)
    if question.direct:
        return select(first).distinct().cte("standing")
    down = lens.links("down")
    return base.union(
        select(
            base.c.row_id,
            down.c.target_id,
            base.c.link_id,
            cast(case((down.c.basis == "inferred", 1), else_=base.c.inferred), Integer),
        )
        .join_from(base, down, down.c.source_id == base.c.item_id)
        .where(down.c.type == "derived_from")
    )


def _hits(session: Session, lens: Lens, question: Question) -> list[Hit]:
    """Every item of the column's kind that stands behind a row. One statement."""
    standing, row, item, link = _standing(lens, question), lens.items("row"), lens.items(), lens.links()
    joined = (
        standing.join(row, row.c.id == standing.c.row_id)
        .join(item, item.c.id == standing.c.item_id)
        .join(link, link.c.id == standing.c.link_id)
    )
    kind, column = question.columns, item.c.ref
    if question.columns == "evidence_kind":
        own = lens.details("evidence")
        joined, kind, column = joined.join(own, own.c.id == item.c.id), "evidence", own.c.evidence_kind
    elif question.columns == "body":
        owner = lens.items("owner")
        joined, kind, column = joined.join(owner, owner.c.id == item.c.owner_id), "action", owner.c.ref
    basis = case((standing.c.inferred == 1, "inferred"), else_="stated").label("basis")
    found = session.execute(
        select(
            row.c.ref.label("row"),
            column.label("column"),
            item.c.ref.label("item"),
            link.c.ref.label("link"),
            link.c.type,
            link.c.strength,
            basis,
            link.c.rationale,
        )
        .select_from(joined)
        .where(item.c.kind == kind)
        .order_by(row.c.id, item.c.id, link.c.id, standing.c.inferred)
    )
    return [Hit(*raw) for raw in found]


def _role_hits(session: Session, lens: Lens, question: Question) -> list[Hit]:
    """The bodies that lead or are partners in a row, as the published text names them. One statement."""
    roles = {role: name for name, role in _ROLE_TYPES.items() if name in question.followed()}
    part, row = lens.involvements(), lens.items("row")
    found = session.execute(
        select(row.c.ref, part.c.body_ref, part.c.role)
        .join_from(part, row, row.c.id == part.c.item_id)
        .where(part.c.role.in_(roles), row.c.kind == question.rows)
        .order_by(row.c.id, part.c.position)
    )
    return [
        Hit(ref, body, body, f"{ref}-{roles[role]}-{body}", roles[role], None, "stated", None)
        for ref, body, role in found
    ]


def _headings(
    session: Session, lens: Lens, kind: str, review: Sequence[str] = (), only: str | None = None
) -> list[Row]:
    """The items of a kind as rows or columns, in the order of the record. One statement."""
    if kind == "evidence_kind":
        return [{"ref": name, "title": name.replace("_", " ")} for name in EVIDENCE_KINDS]
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
    return [dict(raw) for raw in session.execute(statement).mappings()]


def matrix(session: Session, asked: Asked, question: Question) -> Matrix:
    """The whole matrix that is asked for: every row and column, covered or not, and each row's gaps.

    Four statements, five where bodies are the columns, whatever the depth of derivation.
    """
    rows = _headings(session, asked.lens, question.rows, question.review, question.row)
    columns = _headings(session, asked.lens, question.columns)
    hits = _hits(session, asked.lens, question)
    if question.columns == "body":
        hits += _role_hits(session, asked.lens, question)
    wanted = {row["ref"] for row in rows}
    only = {"ref": [question.row]} if question.row is not None else {}
    hits = [hit for hit in hits if hit.row in wanted and (not question.basis or hit.basis in question.basis)]
    reasons: dict[str, list[str]] = defaultdict(list)
    for gap in gaps(session, asked, Wanted(filters={"kind": [question.rows], **only}, limit=0)).rows:
        reasons[gap["ref"]].append(gap["reason"])
    return Matrix(question, rows, columns, hits, {ref: tuple(words) for ref, words in reasons.items()})
