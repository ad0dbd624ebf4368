"""The lens on the record: which changes a reader is shown, and which are hidden from him."""

from dataclasses import replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    Subquery,
    Table,
    and_,
    literal,
    not_,
    or_,
    select,
    text,
    union,
)

from models.base import Base, InOrder
from models.everything import everything
from models.keeping import PARTS, kept
from models.lens import BODY, MARKED, POINT, Lens, restricted_sql
from models.several import one_of
from models.versions import VERSIONS
from models.vocabulary import ADMINISTRATION, RECORDED_KINDS


def changes(lens: Lens) -> Subquery:
    """The changes that this reader is shown, of what was withdrawn too; at a point of the record, those up to it.

    A thing's change is seen if the thing is seen now, and was to be seen as the change left it.
    """
    return _changes(lens, lens.record)


@kept(PARTS)
def _changes(lens: Lens, record: str) -> Subquery:
    """The changes that a reader is shown to whom the record shows these."""
    lens = replace(lens, record=record)
    change = Base.metadata.tables["change"]
    known = [] if lens.known_at is None else [change.c.seq <= POINT]
    if lens.sees_record:
        return everything("change_seen", change, where=known)
    public = replace(lens, clearance="PUBLIC", body=None) if lens.record != "seen" else lens
    seen = [change.c.kind == "baseline", *_of_things(public, change)]
    if lens.record in {"own", "plan"}:
        seen += _of_things(lens, change, own=True)
    if lens.record == "plan":
        seen.append(and_(change.c.kind == "action", or_(*_of_things(lens, change))))
    if lens.record == "accounts":
        seen.append(one_of(change.c.kind, ADMINISTRATION))
    return everything("change_seen", change, where=[or_(*seen), *known])


def submitters(seen: Subquery) -> Select[Any]:
    """Who has brought in the items or links that a lens shows, each by the change that created it; to be narrowed.

    That change may have left the thing hidden from the reader who sees it now, and so is not one that he is shown:
    an answer may tell by it what he has done himself, and of nobody else.
    """
    change = Base.metadata.tables["change"]
    return select(change.c.principal).join_from(seen, change, change.c.seq == seen.c.created_seq)


def _of_things(lens: Lens, change: Table, *, own: bool = False) -> list[ColumnElement[bool]]:
    """The predicates that a change is of an item or link that is seen; with `own`, that the reader's body owns."""
    tables = Base.metadata.tables
    item, link = tables["item"].alias(), tables["link"].alias()
    source, target = tables["item"].alias(), tables["item"].alias()
    owned: dict[str, list[ColumnElement[bool]]] = {"item": [], "link": []}
    if own:
        body = tables["item"].alias()
        mine = select(body.c.id).where(literal(" ") + body.c.ref + " " == BODY, body.c.kind == "body")
        owned = {name: [row.c.owner_id.in_(mine)] for name, row in (("item", item), ("link", link))}
    of_item = select(item.c.id).where(
        item.c.ref == change.c.ref,
        item.c.kind == change.c.kind,
        *_then_and_now(lens, "item", item, change),
        *owned["item"],
    )
    of_link = (
        select(link.c.id)
        .join_from(link, source, source.c.id == link.c.source_id)
        .join(target, target.c.id == link.c.target_id)
        .where(link.c.ref == change.c.ref, *_then_and_now(lens, "link", link, change), *owned["link"])
        .where(lens.allowed(source), lens.allowed(target))
    )
    return [of_item.exists(), and_(change.c.kind == "link", of_link.exists())]


def _then_and_now(lens: Lens, name: str, row: FromClause, change: Table) -> list[ColumnElement[bool]]:
    """The predicates that a thing is seen now, and was to be seen as a change left it."""
    left = VERSIONS[name].alias()
    then = select(left.c.id).where(left.c.id == row.c.id, left.c.from_seq == change.c.seq, lens.allowed(left))
    return [lens.allowed(row), then.correlate_except(left).exists()]


def hidden_changes(lens: Lens) -> CompoundSelect[Any]:
    """The numbers of the changes that the record never shows this reader, found from what is restricted alone."""
    return _hidden_changes(lens, lens.record)


@kept(PARTS)
def _hidden_changes(lens: Lens, record: str) -> CompoundSelect[Any]:
    """The numbers of the changes that the record never shows a reader to whom it shows these."""
    tables = Base.metadata.tables
    change, item, link = tables["change"], tables["item"], tables["link"]

    def hidden(row: FromClause) -> list[ColumnElement[bool]]:
        return [text(restricted_sql(row.name)), not_(lens.allowed(row))]  # type: ignore[attr-defined,list-item]

    of_item = and_(change.c.ref == item.c.ref, change.c.kind == item.c.kind)
    of_link = and_(change.c.ref == link.c.ref, change.c.kind == "link")
    tied = [InOrder(item, link, end == item.c.id) for end in (link.c.source_id, link.c.target_id)]
    found = [
        select(change.c.seq).select_from(InOrder(item, change, of_item)).where(*hidden(item)),
        select(change.c.seq).select_from(InOrder(link, change, of_link)).where(*hidden(link)),
        *(select(table.c.from_seq).where(*hidden(table)) for table in (VERSIONS[name] for name in MARKED)),
        *(select(change.c.seq).select_from(InOrder(both, change, of_link)).where(*hidden(item)) for both in tied),
    ]
    kinds = set(RECORDED_KINDS) - {"baseline"} - (set(ADMINISTRATION) if record == "accounts" else set())
    found.append(select(change.c.seq).where(one_of(change.c.kind, sorted(kinds))))
    return union(*found)
