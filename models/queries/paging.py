"""Pages: what is wanted of a list, and what a page of it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Result, Select

from models.queries.counting import counted, told
from models.queries.rows import Row

# What a list can be sorted by: a column of the item, or the order in which things entered the record.
SORTS = ("recorded", "ref", "title", "number", "effective_from")
# What actions can be sorted by besides: the due date in force.
PLAN_SORTS = (*SORTS, "due_on")

# Where a page ended: what its last row is sorted by, and its reference. Never an id, which would count what is hidden.
Key = tuple[Any, Any]


@dataclass(frozen=True)
class Wanted:
    """Which page of which list: filters by name (each a list of alternatives), sort, after which key, how many."""

    filters: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    sort: str = "recorded"
    after: Key | None = None
    limit: int = 50
    count: bool = False

    @property
    def as_recorded(self) -> bool:
        """Whether it is in the order of the record, or against it."""
        return self.sort.endswith("recorded")

    @property
    def backwards(self) -> bool:
        """Whether it is sorted the other way round."""
        return self.sort.startswith("-")


@dataclass(frozen=True)
class Page:
    """Rows, the key to continue after (None on the last page), the total where asked for, and the undated left out.

    Of a feed, which goes on for ever, the key is there on the last page too, and `more` says whether this is it.
    """

    rows: list[Row]
    after: Key | None = None
    total: int | None = None
    undated: int | None = None
    more: bool = False


def page_of(
    read: Callable[[Select[Any]], Result[*tuple[Any, ...]]],
    statement: Select[Any],
    wanted: Wanted,
    shown: Callable[[Any], Row],
) -> Page:
    """One page of what is in a table of its own (`id`, `ref`), in the order of the record; `shown` makes a row of it.

    One statement, one more to go on, one more to count.
    """
    table = statement.selected_columns
    total = told(read(counted(statement.with_only_columns(table.id))).scalar()) if wanted.count else None
    if wanted.after is not None:
        last = read(statement.with_only_columns(table.id).where(table.ref == wanted.after[1])).scalar()
        statement = statement.where(table.id > (last or 0))
    raws = read(statement.order_by(table.id).limit(wanted.limit + 1)).mappings().all()
    rows = [shown(raw) for raw in raws[: wanted.limit]]
    return Page(rows, (None, raws[wanted.limit - 1]["ref"]) if len(raws) > wanted.limit else None, total)
