"""An item as the API shows it: one row of fields for each, whatever its kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, String, Subquery, and_, case, func, not_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.keeping import PARTS, STATEMENTS, kept
from models.lens import Lens
from models.markings import read_list
from models.queries.latest import claims_of
from models.redaction import REDACTED
from models.several import among, one_of, several
from models.vocabulary import KINDS, ROLES

Row = dict[str, Any]

# What every item shows first, and last; `owner` and the parent's field are references.
HEAD = ("ref", "kind", "title", "external_id", "handling", "limited_to", "embargo_until")
TAIL = (
    "owner",
    "effective_from",
    "effective_to",
    "effective_note",
    "period",
    "period_from",
    "period_to",
    "period_note",
    "url",
    "locator",
    "publisher",
    "publication_type",
    "confidence",
    "version",
)
# What a parent is called on its child.
PARENT_FIELDS = {
    "recommendation": "review",
    "clause": "recommendation",
    "progress": "action",
    "assessment": "subject",
    "decision": "recommendation",
}
# The columns of a kind's own table, in the order in which they are shown.
OWN_FIELDS = {
    "review": ("published_on", "new_handling", "stubs_for"),
    "recommendation": ("category", "short_name", "text", "roll_up"),
    "clause": ("span_start", "span_end"),
    "source": ("source_class", "method", "population", "sample", "sample_size", "statement"),
    "evidence": ("evidence_kind", "statement"),
    "action": (),
    "progress": ("claimed_status", "statement", "impact", "delay"),
    "assessment": ("verdict", "tally_fully_met", "tally_partially_met", "tally_not_met", "statement"),
    "decision": ("decision", "statement", "impact", "depends_on", "decided_by", "rules_version", "unmet"),
    "body": ("is_group",),
}
# Kinds that trace links tie to what they bear on; their rows say which, and on what basis.
TIED_KINDS = ("source", "evidence", "action")
TIE_FIELDS = ("id", "type", "target", "basis", "strength")
DUE_FIELDS = ("number", "due_on", "note", "delay", "set_on", "set_by")
NUMBERED = ("recommendation", "clause", "progress")
# The role under which a body may stand on an item, and the field that shows it.
ROLE_FIELDS = {
    ("review", "publisher"): "publishers",
    ("recommendation", "lead"): "lead",
    ("recommendation", "partner"): "partners",
    ("action", "partner"): "partners",
    ("assessment", "assessor"): "assessors",
}
# What a statement for some items is given when it is run.
_IDS = several("ids")
INVOLVED_KINDS = tuple(dict.fromkeys(role.kind for role in ROLES))


@kept(PARTS)
def shown(lens: Lens, kinds: tuple[str, ...] = KINDS) -> tuple[Select[Any], Subquery]:
    """The statement that reads items of these kinds with all their columns, and the items in it, to filter by.

    The columns of a kind's own table are labelled `kind.column`; those of other kinds are NULL on a row.
    """
    item = lens.items()
    parent, owner = lens.items("parent"), lens.items("owner")
    joined: FromClause = item.outerjoin(parent, parent.c.id == item.c.parent_id).outerjoin(
        owner, owner.c.id == item.c.owner_id
    )
    columns: list[Any] = [*item.c, parent.c.ref.label("parent_ref"), owner.c.ref.label("owner")]
    for kind in kinds:
        own = lens.details(kind)
        joined = joined.outerjoin(own, and_(own.c.id == item.c.id, item.c.kind == kind))
        columns += [own.c[name].label(f"{kind}.{name}") for name in OWN_FIELDS[kind]]
        if kind == "clause":
            whole = lens.details("recommendation", "whole")
            joined = joined.outerjoin(whole, whole.c.id == parent.c.id)
            part = func.substr(whole.c.text, own.c.span_start + 1, own.c.span_end - own.c.span_start)
            span = case((whole.c.text == REDACTED, REDACTED), else_=part)
            columns.append(span.label("clause.text"))
    statement = select(*columns).select_from(joined)
    return (statement if kinds == KINDS else statement.where(one_of(item.c.kind, kinds))), item


@kept(STATEMENTS)
def some(lens: Lens, kinds: tuple[str, ...] = KINDS) -> Select[Any]:
    """The statement that reads some items (`ids`) of these kinds with all their columns, in the order of the record."""
    statement, item = shown(lens, kinds)
    return statement.where(among(item.c.id, _IDS)).order_by(item.c.id)


def limits_of(raw: Any, name: str = "limited_to") -> list[str] | None:
    """The bodies that a thing is limited to, in order, or another list of a column; None where there is none."""
    bodies = read_list(raw[name])
    return None if bodies is None else sorted(bodies)


def _assemble(raw: RowMapping) -> Row:
    """One row as shown, without what is kept in tables of many rows."""
    kind = raw["kind"]
    row: Row = {name: raw[name] for name in HEAD} | {"limited_to": limits_of(raw)}
    if kind in PARENT_FIELDS:
        row[PARENT_FIELDS[kind]] = raw["parent_ref"]
    if kind == "assessment":
        row["subject_kind"] = raw["parent_kind"]
    if kind in NUMBERED:
        row["number"] = raw["number"]
    own = OWN_FIELDS[kind] + (("text",) if kind == "clause" else ())
    row |= {name: raw[f"{kind}.{name}"] for name in own}
    if kind == "review":
        row["stubs_for"] = limits_of(raw, "review.stubs_for")
    if kind == "decision":
        row["unmet"] = None if row["unmet"] is None else row["unmet"].split()
    for (role_kind, role), field in ROLE_FIELDS.items():
        if role_kind == kind:
            row[field] = None if role == "lead" else []
    return row | {name: raw[name] for name in TAIL}


def complete(session: Session, lens: Lens, raws: Iterable[RowMapping], kinds: Sequence[str] = KINDS) -> list[Row]:
    """The rows as shown, in the order given: bodies, due dates and claimed status added. At most three statements."""
    raws = list(raws)
    ids = [raw["id"] for raw in raws]
    rows = {raw["id"]: _assemble(raw) for raw in raws}
    if set(kinds) & set(INVOLVED_KINDS):
        _add_bodies(session, lens, rows, ids)
    if "action" in kinds:
        _add_plan(session, lens, rows, [raw["id"] for raw in raws if raw["kind"] == "action"])
    return [rows[item_id] for item_id in ids]


@kept(STATEMENTS)
def _ties(lens: Lens) -> Select[Any]:
    """The links that tie some items (`refs`) to what they bear on, with the fields that are shown of them."""
    link = lens.links("tie")
    return (
        select(link.c.source_ref, link.c.ref, link.c.type, link.c.target_ref, link.c.basis, link.c.strength)
        .where(among(link.c.source_ref, several("refs", String)))
        .where(not_(one_of(link.c.type, ("derived_from", "supersedes", "depends_on", "contributes_to"))))
        .order_by(link.c.id)
    )


@kept(STATEMENTS)
def _parts(lens: Lens) -> Select[Any]:
    """The parts of bodies in some items (`ids`)."""
    part = lens.involvements()
    return select(part).where(among(part.c.item_id, _IDS)).order_by(part.c.position)


@kept(STATEMENTS)
def _due_dates(lens: Lens) -> Select[Any]:
    """The due dates of some actions (`ids`)."""
    due = lens.due_dates()
    return select(due).where(among(due.c.action_id, _IDS)).order_by(due.c.number)


def with_ties(session: Session, lens: Lens, kind: str, rows: list[Row]) -> list[Row]:
    """The rows with the links that tie each to what it bears on, so that no inferred tie goes unseen. One statement."""
    if kind not in TIED_KINDS:
        return rows
    ties: dict[str, list[Row]] = {row["ref"]: [] for row in rows}
    for source, *tie in lens.read(session, _ties(lens), refs=list(ties)):
        ties[source].append(dict(zip(TIE_FIELDS, tie, strict=True)))
    return [row | {"ties": ties[row["ref"]]} for row in rows]


def _add_bodies(session: Session, lens: Lens, rows: dict[int, Row], ids: Sequence[int]) -> None:
    """Put onto each row the references of the bodies that have a part in it."""
    for found in lens.read(session, _parts(lens), ids=list(ids)).mappings():
        field = ROLE_FIELDS[found["item_kind"], found["role"]]
        if found["role"] == "lead":
            rows[found["item_id"]][field] = found["body_ref"]
        else:
            rows[found["item_id"]][field].append(found["body_ref"])


def _add_plan(session: Session, lens: Lens, rows: dict[int, Row], ids: Sequence[int]) -> None:
    """Put onto each action its due dates, and what its latest progress claims."""
    dates: dict[int, list[Row]] = defaultdict(list)
    for found in lens.read(session, _due_dates(lens), ids=list(ids)).mappings():
        dates[found["action_id"]].append({name: found[name] for name in DUE_FIELDS})
    claims = claims_of(session, lens, ids)
    for item_id in ids:
        claimed = claims.get(item_id)
        rows[item_id] |= {
            "claimed_status": claimed and claimed["claimed_status"],
            "claimed_on": claimed and claimed["effective_from"],
            "claimed_by": claimed and claimed["ref"],
            "due_on": dates[item_id][-1]["due_on"] if item_id in dates else None,
            "due_dates": dates.get(item_id, []),
        }


def fields_of(kind: str) -> tuple[str, ...]:
    """The names of the fields that a row of this kind has, in the order of the row."""
    parent = ((PARENT_FIELDS[kind],) if kind in PARENT_FIELDS else ()) + (
        ("subject_kind",) if kind == "assessment" else ()
    )
    number = ("number",) if kind in NUMBERED else ()
    text = ("text",) if kind == "clause" else ()
    roles = tuple(field for (role_kind, _), field in ROLE_FIELDS.items() if role_kind == kind)
    plan = ("claimed_status", "claimed_on", "claimed_by", "due_on", "due_dates") if kind == "action" else ()
    ties = ("ties",) if kind in TIED_KINDS else ()
    return HEAD + parent + number + OWN_FIELDS[kind] + text + roles + TAIL + plan + ties
