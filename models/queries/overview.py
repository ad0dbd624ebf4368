"""Overview: one recommendation with what a reader wants to know of it first."""

from sqlalchemy.orm import Session

from models.queries.gaps import gaps_of
from models.queries.judging import Asked
from models.queries.listing import list_items
from models.queries.lookup import find
from models.queries.matrix import grid
from models.queries.paging import Wanted
from models.queries.rows import Row
from models.queries.standing import Question
from models.queries.status import with_status

_ALL_CLAUSES = 10_000


def overview(session: Session, asked: Asked, ref: str) -> Row:
    """A recommendation with its status, its clauses with theirs, the evidence counted by kind, and its gaps.

    A fixed number of statements; the counts are those of the default matrix, restricted to this row.
    """
    row = find(session, asked.lens, "recommendation", ref)
    wanted = Wanted(filters={"recommendation": [ref]}, sort="number", limit=_ALL_CLAUSES)
    row["clauses"] = list_items(session, asked.lens, "clause", wanted).rows
    with_status(session, asked.lens, [row, *row["clauses"]])
    found = grid(session, asked.lens, Question(row=(ref,)))
    (line,) = found.lines()
    row["evidence_counts"] = [
        {"evidence_kind": column["ref"], "count": len(cell.items), "inferred": len(cell.inferred)}
        for column, cell in zip(found.columns, line.cells, strict=True)
    ]
    row["gaps"] = gaps_of(session, asked, ref)
    return row
