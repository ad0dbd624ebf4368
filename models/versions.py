"""The versions of every row: what each item and link was, from which change until which.

A table of versions has the columns of its table, and keeps a thing whole at each change: its row, the row of its kind,
the parts of bodies in it, its due dates. So a question about an earlier point of the record is asked of other tables,
and is otherwise the same question.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Index, Integer, Select, Table, Update, bindparam, insert, literal, select, update
from sqlalchemy.orm import Session

from models.actions import DueDate
from models.base import Base
from models.changes import FOREVER
from models.items import Involvement, Item
from models.links import Link
from models.markings import restricted_index
from models.nouns import NOUNS

# Tables with many rows for one item, and the column that says which.
PARTS = {"involvement": "item_id", "due_date": "action_id"}


def _versions_of(table: Table) -> Table:
    """A table for the versions of the rows of a table: its columns without its rules, from which change until which."""
    columns = [
        Column(column.name, column.type, primary_key=column.primary_key, nullable=column.nullable, autoincrement=False)
        for column in table.columns
    ]
    return Table(
        f"{table.name}_version",
        Base.metadata,
        *columns,
        Column("from_seq", Integer, primary_key=True, autoincrement=False),
        Column("until_seq", Integer, nullable=False),
        sqlite_strict=True,
    )


_TABLES: Sequence[Any] = (Item, *NOUNS.values(), Involvement, DueDate, Link)
VERSIONS: dict[str, Table] = {kind.__table__.name: _versions_of(kind.__table__) for kind in _TABLES}

_ITEM, _LINK = VERSIONS["item"].c, VERSIONS["link"].c
# With from_seq, so that SQLite, which keeps no statistics here, prefers the narrow ones to the kind.
Index("ix_item_version_ref", _ITEM.ref, _ITEM.from_seq)
Index("ix_item_version_kind", _ITEM.kind, _ITEM.id)
Index("ix_item_version_parent", _ITEM.parent_id, _ITEM.kind, _ITEM.from_seq)
Index("ix_item_version_owner", _ITEM.owner_id, _ITEM.from_seq)
for _versions in ("item_version", "link_version"):
    _columns = VERSIONS[_versions.removesuffix("_version")].c
    restricted_index(_versions, _columns.from_seq, _columns.id)
Index("ix_link_version_ref", _LINK.ref, _LINK.from_seq)
Index("ix_link_version_forward", _LINK.source_id, _LINK.type, _LINK.target_id)
Index("ix_link_version_backward", _LINK.target_id, _LINK.type, _LINK.source_id)
Index("ix_involvement_version_body", VERSIONS["involvement"].c.body_id, VERSIONS["involvement"].c.from_seq)


def _copied(table: Table) -> Select[Any]:
    """The rows of one thing as they are now, as its version from a change on."""
    owner = table.c[PARTS.get(table.name, "id")]
    from_seq = bindparam("seq", type_=Integer)
    return select(*table.c, from_seq, literal(FOREVER)).where(owner == bindparam("thing"))


def _ended(versions: Table, name: str) -> Update:
    """The end of the newest version of one thing."""
    owner = versions.c[PARTS.get(name, "id")]
    return (
        update(versions)
        .where(owner == bindparam("thing"), versions.c.until_seq == FOREVER)
        .values(until_seq=bindparam("seq", type_=Integer))
    )


def tables_of(kind: str) -> tuple[str, ...]:
    """The tables that a thing of a kind is stored in."""
    if kind == "link":
        return ("link",)
    return ("item", kind, "involvement", *(("due_date",) if kind == "action" else ()))


_ENDS = {name: _ended(versions, name) for name, versions in VERSIONS.items()}
_COPIES = {
    name: insert(versions).from_select(list(versions.c.keys()), _copied(Base.metadata.tables[name]))
    for name, versions in VERSIONS.items()
}


class Left(NamedTuple):
    """A thing as a change left it: its kind and id, the change, and whether it was new."""

    kind: str
    thing: int
    seq: int
    new: bool


def keep_versions(session: Session, things: Iterable[Left]) -> None:
    """Keep things as their changes left them; what they were before ends there. A few statements for each table."""
    ended: dict[str, list[dict[str, int]]] = defaultdict(list)
    copied: dict[str, list[dict[str, int]]] = defaultdict(list)
    for kind, thing, seq, new in things:
        for name in tables_of(kind):
            copied[name].append({"thing": thing, "seq": seq})
            if not new:
                ended[name].append({"thing": thing, "seq": seq})
    connection = session.connection()
    for statements, found in ((_ENDS, ended), (_COPIES, copied)):
        for name, values in found.items():
            connection.execute(statements[name], values)
