"""Neutral records of a wanted size, for what takes a whole record in hand."""

from contextlib import closing

from api.database import Database
from api.loading import bring_up_to_date
from bench.filling import fill
from bench.programme import Size
from models.changes import last_seq


def size_of(changes: int) -> Size:
    """A programme whose record has about so many changes: a quarter items, the rest links, and a few that alter."""
    evidence = max(changes // 4, 20)
    recommendations = max(changes // 100, 2)
    links = changes - int(1.25 * evidence) - 6 * recommendations
    return Size("wanted", recommendations, evidence, max(links, evidence))


def filled(url: str, changes: int, *, altered: float = 0.1) -> int:
    """Fill a database without a schema with a record of about so many changes; how many there are.

    `altered` is the share of the evidence that is changed after it was added; a tenth as many links are withdrawn.
    """
    with closing(Database(url)) as database:
        bring_up_to_date(database)
        fill(database, size_of(changes), lambda _count: None, changed=altered)
        with database.reading() as session:
            return last_seq(session)
