"""What stands behind what: every item behind each row of a matrix, with the link by which it is there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Integer,
    Label,
    Select,
    Subquery,
    case,
    cast,
    lateral,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from models.base import InOrder
from models.keeping import STATEMENTS, kept
from models.lens import Lens
from models.queries.adjacency import BITS, INFERRED, SUSPECT, basis_of
from models.queries.ties import TARGETS, recommendation_of, targets_of
from models.queries.unchanged import while_reading
from models.queries.undated import count_undated
from models.queries.ways import End, Told, Way, Ways
from models.several import among, one_of
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
    """Which matrix is asked for: of some rows (`row`, references), or of all that there are."""

    rows: str = "recommendation"
    columns: str = "evidence_kind"
    via: tuple[str, ...] = ()
    cell: str = "count"
    direct: bool = False
    review: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    row: tuple[str, ...] = ()

    @property
    def shape(self) -> Self:
        """What its statements are made for: which rows are meant is given when they are run."""
        return replace(self, cell="count", review=(), basis=(), row=("",) if self.row else ())

    @property
    def ends(self) -> tuple[str, str]:
        """The end of a link at which a row stands, and that at which what is one link away does."""
        return ("source_id", "target_id") if self.rows == "evidence" else ("target_id", "source_id")

    def followed(self) -> tuple[str, ...]:
        """The link types followed: those named, or those that fit the rows and columns."""
        if self.via:
            return self.via
        if self.rows == "evidence":
            return _FROM_ROW.get(self.columns, ("derived_from",))
        return _TO_ROW.get(self.columns, BEARING_TYPES)


class RoleWay(NamedTuple):
    """A way without a link: a body that the text of a row names, as who leads or is a partner."""

    row: int
    link: int
    told: Told
    body: int
    ref: str
    title: str

    @property
    def way(self) -> Way:
        """The way, which is stated."""
        return self.body << BITS, self.link

    @property
    def end(self) -> End:
        """Where it ends: the body is its own column."""
        return self.ref, self.ref


def _doubts(link: Subquery, inferred: Any, suspect: Any) -> tuple[Label[int], Label[int]]:
    """Whether a way (1 or 0 so far) is inferred, and whether it is suspect, once it goes along this link too."""
    return (
        cast(case((link.c.basis == "inferred", 1), else_=inferred), Integer).label("inferred"),
        cast(case((link.c.suspect, 1), else_=suspect), Integer).label("suspect"),
    )


def _first_links(lens: Lens, question: Question) -> Select[Any]:
    """Each row that is named with the items one link away, and that link; a clause's count for its recommendation.

    That may be one that the reader does not see, which is no row of his then.
    """
    link = lens.links("first")
    near, far = question.ends
    whole = question.rows == "recommendation" and not question.direct
    row = recommendation_of(link) if whole else link.c[near]
    kinds = ("recommendation", "clause") if whole else (question.rows,)
    return (
        select(row.label("row_id"), link.c[far].label("item_id"), link.c.id.label("link_id"), *_doubts(link, 0, 0))
        .where(one_of(link.c[near.replace("_id", "_kind")], kinds), one_of(link.c.type, question.followed()))
        .where(among(link.c[near], TARGETS))
    )


@kept(STATEMENTS)
def _standing(lens: Lens, question: Question, *, fenced: bool) -> CTE:
    """Each row with every item that stands behind it: along derived_from as far as it goes, unless only direct.

    PostgreSQL looks step by step, fenced (OFFSET 0), and never joins the whole link table.
    """
    first = _first_links(lens, question).subquery("first_links")
    base = select(first).cte("standing", recursive=True)
    if question.direct:
        return select(first).distinct().cte("standing")
    down = lens.links("down")
    doubts = _doubts(down, base.c.inferred, base.c.suspect)
    further = down.c.source_id == base.c.item_id, down.c.type == "derived_from"
    if not fenced:
        return base.union(
            select(base.c.row_id, down.c.target_id, base.c.link_id, *doubts)
            .join_from(base, down, further[0])
            .where(further[1])
        )
    found = select(down.c.target_id, *doubts).where(*further).correlate(base).offset(literal_column("0"))
    step = lateral(found, "step")
    return base.union(
        select(base.c.row_id, step.c.target_id, base.c.link_id, step.c.inferred, step.c.suspect).join_from(
            base, step, true()
        )
    )


def _is_fenced(session: Session) -> bool:
    """Whether a question is asked of PostgreSQL."""
    return session.get_bind().dialect.name == "postgresql"


@kept(STATEMENTS)
def _ways(lens: Lens, question: Question, *, fenced: bool) -> Select[Any]:
    """The statement that finds every way to an item of the column's kind from a row that is named.

    Each with what is told of its link and of its end, the id and the title of the item that is its column, and of
    evidence its kind.
    """
    standing, item, link = _standing(lens, question, fenced=fenced), lens.items(), lens.details("link")
    joined = InOrder(standing, item, item.c.id == standing.c.item_id).join(link, link.c.id == standing.c.link_id)
    kind, column, heading = question.columns, item.c.ref, item
    sort: ColumnElement[Any] = null()
    if question.columns == "evidence":
        own = lens.details("evidence")
        joined, sort = joined.join(own, own.c.id == item.c.id), own.c.evidence_kind
    elif question.columns == "body":
        owner = lens.items("owner")
        joined, kind = joined.join(owner, owner.c.id == item.c.owner_id), "action"
        column, heading = owner.c.ref, owner
    return (
        select(
            standing.c.row_id,
            item.c.id.label("item_id"),
            link.c.id.label("link_id"),
            standing.c.inferred * INFERRED + standing.c.suspect * SUSPECT,
            *(link.c.ref.label("link"), link.c.type, link.c.strength, link.c.rationale),
            column.label("column"),
            item.c.ref.label("item"),
            heading.c.id.label("column_id"),
            heading.c.title,
            sort.label("sort"),
        )
        .select_from(joined)
        .where(item.c.kind == kind, among(link.c[question.ends[0]], TARGETS))
        .order_by(standing.c.row_id, item.c.id, link.c.id, standing.c.inferred, standing.c.suspect)
    )


def _told_ways(session: Session, lens: Lens, question: Question, targets: Sequence[int]) -> Sequence[Any]:
    """Every way from rows that are named; evidence is looked for once, whether it or its kinds are the columns."""
    of_kinds = question.columns == "evidence_kind"
    shape = replace(question, columns="evidence").shape if of_kinds else question.shape

    def find() -> Sequence[Any]:
        statement = _ways(lens, shape, fenced=_is_fenced(session))
        return lens.read(session, statement, targets=targets).all()

    return while_reading(session, lens, ("ways", shape, tuple(targets)), find)


def named_ways(
    session: Session, lens: Lens, question: Question, targets: Sequence[int], rows: Mapping[int, str]
) -> tuple[Ways, dict[str, tuple[int, str]]]:
    """The ways from rows that are named (by id, each with its reference), and of each column its id and its title.

    `targets` are the ids of the rows, and of their clauses. One statement, two where bodies are the columns; none where
    the same was looked for in this reading.
    """
    found: dict[int, list[Way]] = {row: [] for row in rows}
    told: dict[int, Told] = {}
    ends: dict[int, End] = {}
    titles: dict[str, tuple[int, str]] = {}

    def add(row: int, way: Way, link: Told, end: End, heading: tuple[int, str]) -> None:
        if row in found and (not question.basis or basis_of(way[0]) in question.basis):
            found[row].append(way)
            told[way[1]], ends[way[0] >> BITS], titles[end[0]] = link, end, heading

    of_kinds = question.columns == "evidence_kind"
    for row, item, link, doubts, *words in _told_ways(session, lens, question, targets):
        ref, type_, strength, rationale, column, item_ref, column_id, title, sort = words
        way = item << BITS | doubts, link
        end = sort if of_kinds else column, item_ref
        add(row, way, (ref, type_, strength, rationale), end, (column_id, title))
    for role in role_ways(session, lens, question, targets):
        add(role.row, role.way, role.told, role.end, (role.body, role.title))
    return Ways.of(rows, found.values(), told, ends), titles


def role_ways(session: Session, lens: Lens, question: Question, targets: Sequence[int] = ()) -> list[RoleWay]:
    """The bodies that lead or are partners in a row, as the published text names them, where bodies are the columns."""
    if question.columns != "body":
        return []
    roles = {role: name for name, role in _ROLE_TYPES.items() if name in question.followed()}
    part, row, body = lens.involvements(), lens.items("row"), lens.items("named")
    statement = (
        select(row.c.id, row.c.ref, part.c.role, body.c.id.label("body_id"), body.c.ref.label("body"), body.c.title)
        .join_from(part, row, row.c.id == part.c.item_id)
        .join(body, body.c.id == part.c.body_id)
        .where(one_of(part.c.role, roles), row.c.kind == question.rows)
        .order_by(row.c.id, part.c.position)
    )
    if question.row:
        statement = statement.where(among(row.c.id, TARGETS), among(part.c.item_id, TARGETS))
    found = enumerate(lens.read(session, statement, targets=targets), start=1)
    return [
        RoleWay(row_id, -number, (f"{ref}-{roles[role]}-{name}", roles[role], None, None), body_id, name, title)
        for number, (row_id, ref, role, body_id, name, title) in found
    ]


@kept(STATEMENTS)
def _behind(lens: Lens, question: Question, *, fenced: bool) -> CompoundSelect[Any]:
    """The statement that finds the ids of the rows that are named (`targets`), and of all that stands behind them."""
    standing, row = _standing(lens, question, fenced=fenced), lens.items("named")
    return union_all(select(row.c.id).where(among(row.c.id, TARGETS)), select(standing.c.item_id))


def undated_behind(session: Session, lens: Lens, question: Question, kinds: Collection[str]) -> int | None:
    """How many of the rows that are named, and of what stands behind them, an answer for the lens's day leaves out.

    Things of these kinds alone; None where it is for no day. Two statements.
    """
    if lens.as_of is None:
        return None
    always = lens.at_any_time()
    item, targets = always.items("undated"), targets_of(session, always, question.row, (question.rows,))
    there = item.c.id.in_(_behind(always, question.shape, fenced=_is_fenced(session)))
    return count_undated(session, always, item, there, one_of(item.c.kind, kinds), targets=targets)
