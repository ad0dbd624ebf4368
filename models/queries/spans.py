"""Reading everything there is of something, so many at a time: no statement takes longer the more there is."""

from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import Integer, Select, bindparam
from sqlalchemy.orm import Session

from models.base import first
from models.lens import Lens

# How many rows one statement reads: about a second of work, where a statement may take ten.
SPAN = 200_000


def by_spans(statement: Select[Any], most: int) -> Select[Any]:
    """The statement that reads so many rows after one of them (`after_id`); its first column is the id of a row."""
    key = statement.selected_columns[0]
    return statement.where(key > bindparam("after_id", type_=Integer)).order_by(key).limit(first(most))


def everything_of(session: Session, lens: Lens, made: Callable[..., Select[Any]], *asked: Any) -> Iterator[Any]:
    """Every row in the order of its id, by statements that `made` makes by spans. One for every 200,000 rows."""
    statement, most, after = made(lens, *asked, SPAN), SPAN, 0
    found = most
    while found == most:
        found = 0
        for row in lens.read(session, statement, after_id=after):
            found += 1
            yield row
        if found:
            after = row[0]
