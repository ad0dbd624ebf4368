"""What stands behind what: every item behind each row of a matrix, with the link by which it is there."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import CTE, CompoundSelect, Integer, Label, Select, Subquery, case, cast, select, union_all
from sqlalchemy.orm import Session

from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.several import one_of
from models.vocabulary import BEARING_TYPES

# What the rows can be, and for each what the columns can be: recommendations and clauses stand on evidence, sources
# and actions; evidence stands on other evidence and sources, and bears on recommendations, clauses and actions.
_BEHIND = ("evidence_kind", "evidence", "source", "action", "body")
COLUMNS_OF = {"recommendation": _BEHIND, "clause": _BEHIND, "evidence": (*_BEHIND, "recommendation", "clause")}
ROWS = tuple(COLUMNS_OF)
COLUMNS = COLUMNS_OF["evidence"]
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
    """One item in one cell, by one link: the link's own attributes, and whether any step was inferred or suspect."""

    row: str
    column: str
    item: str
    link: str
    type: str
    strength: str | None
    basis: str
    rationale: str | None
    suspect: bool = False


def _doubts(link: Subquery, inferred: Any, suspect: Any) -> tuple[Label[int], Label[int]]:
    """Whether a way (1 or 0 so far) is inferred, and whether it is suspect, once it goes along this link too."""
    return (
        cast(case((link.c.basis == "inferred", 1), else_=inferred), Integer).label("inferred"),
        cast(case((link.c.suspect, 1), else_=suspect), Integer).label("suspect"),
    )


def _first_links(lens: Lens, question: Question) -> CompoundSelect[Any] | Select[Any]:
    """Each row with the items one link away, and that link; a clause's links count for its recommendation too."""
    types = question.followed()
    link, row = lens.links("first"), lens.items("row_item")
    doubts = _doubts(link, 0, 0)
    near, far = ("source_id", "target_id") if question.rows == "evidence" else ("target_id", "source_id")
    directly = (
        select(row.c.id.label("row_id"), link.c[far].label("item_id"), link.c.id.label("link_id"), *doubts)
        .join_from(link, row, row.c.id == link.c[near])
        .where(row.c.kind == question.rows, one_of(link.c.type, types))
    )
    if question.row is not None:
        directly = directly.where(row.c.ref == question.row)
    if question.rows != "recommendation" or question.direct:
        return directly
    clause = lens.items("row_clause")
    by_clause = (
        select(clause.c.parent_id.label("row_id"), link.c[far].label("item_id"), link.c.id.label("link_id"), *doubts)
        .join_from(link, clause, clause.c.id == link.c[near])
        .where(clause.c.kind == "clause", one_of(link.c.type, types))
    )
    if question.row is not None:
        whole = lens.items("row_whole")
        by_clause = by_clause.join(whole, whole.c.id == clause.c.parent_id).where(whole.c.ref == question.row)
    return union_all(directly, by_clause)


@kept(STATEMENTS)
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
            *_doubts(down, base.c.inferred, base.c.suspect),
        )
        .join_from(base, down, down.c.source_id == base.c.item_id)
        .where(down.c.type == "derived_from")
    )


@kept(STATEMENTS)
def _hits(lens: Lens, question: Question) -> Select[Any]:
    """The statement that finds every item of the column's kind that stands behind a row."""
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
    return (
        select(
            row.c.ref.label("row"),
            column.label("column"),
            item.c.ref.label("item"),
            link.c.ref.label("link"),
            link.c.type,
            link.c.strength,
            basis,
            link.c.rationale,
            (standing.c.suspect == 1).label("suspect"),
        )
        .select_from(joined)
        .where(item.c.kind == kind)
        .order_by(row.c.id, item.c.id, link.c.id, standing.c.inferred, standing.c.suspect)
    )


def hits(session: Session, lens: Lens, question: Question) -> list[Hit]:
    """Every item of the column's kind that stands behind a row. One statement."""
    return list(map(Hit._make, lens.read(session, _hits(lens, question))))


def role_hits(session: Session, lens: Lens, question: Question) -> list[Hit]:
    """The bodies that lead or are partners in a row, as the published text names them. One statement."""
    roles = {role: name for name, role in _ROLE_TYPES.items() if name in question.followed()}
    part, row = lens.involvements(), lens.items("row")
    found = lens.read(
        session,
        select(row.c.ref, part.c.body_ref, part.c.role)
        .join_from(part, row, row.c.id == part.c.item_id)
        .where(one_of(part.c.role, roles), row.c.kind == question.rows)
        .order_by(row.c.id, part.c.position),
    )
    return [
        Hit(ref, body, body, f"{ref}-{roles[role]}-{body}", roles[role], None, "stated", None)
        for ref, body, role in found
    ]
