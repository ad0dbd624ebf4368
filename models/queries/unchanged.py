"""What was found of everything is kept as long as the record stays what it is, for each reader apart.

For questions about the whole programme, which look at all of it to answer: they are asked again far more often than
anything changes. What is kept was read through the lens that asks for it, and no other lens is given it: the key holds
the whole lens, the day on which it reads, and the role to which the database confines it.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from models.changes import version_known
from models.keeping import Shelf
from models.lens import Lens

# Rows in all of what is kept of one database; a row takes so many bytes, or thereabouts.
MOST, ROW_BYTES = 200_000, 600
# As many rows as a count takes the room of, and one for each word that it was asked with.
COUNT = 10
# Databases of one process of which something is kept: a service has one, or two.
_DATABASES = 4

Found = TypeVar("Found")


@lru_cache(_DATABASES)
def _shelf_of(_database: Any) -> Shelf:
    """The shelf of a database; a thing weighs as much as it has rows."""
    return Shelf(MOST)


def keeps(session: Session) -> bool:
    """Whether anything is kept of what this session finds."""
    return version_known(session) is not None


def while_unchanged(
    session: Session, lens: Lens, question: Hashable, find: Callable[[], Found], rows: Callable[[Found], int]
) -> Found:
    """What `find` finds for a question through a lens, or found at this version of the record; never to be altered.

    Nothing is kept of a session that writes, nor of one that has not read yet where the record stands. `rows`
    says how many rows what was found has, by which it is judged whether it is small enough to be kept.
    """
    version = version_known(session)
    if version is None:
        return find()
    shelf = _shelf_of(session.get_bind())
    key = (question, lens, lens.values["today_read"], session.info.get("confined"))
    if (kept := shelf.found(key, version)) is not None:
        there: Found = kept[0]
        return there
    found = while_reading(session, lens, question, find)
    if (weight := rows(found)) <= MOST and lens.values["today_read"] == key[2]:
        shelf.keep(key, version, found, weight)
    return found


def count_while_unchanged(
    session: Session, lens: Lens, what: Hashable, asked: Mapping[str, Sequence[Any]], count: Callable[[], int]
) -> int:
    """How many of something there are by `count`, or were at this version of the record, asked with these words."""
    words = frozenset((name, tuple(given)) for name, given in asked.items())
    room = COUNT + sum(len(given) for given in asked.values())
    return while_unchanged(session, lens, ("count", what, words), count, lambda _found: room)


def while_reading(session: Session, lens: Lens, question: Hashable, find: Callable[[], Found]) -> Found:
    """What `find` finds for a question through a lens, found once in a transaction; never to be altered.

    For what several answers of one reading are made from, as a page's are: every statement of it sees one and the same
    state. Nothing is kept of a session that writes.
    """
    if not keeps(session):
        return find()
    there: dict[Hashable, Found] = session.info.setdefault("found", {})
    key = (question, lens, session.info.get("confined"))
    if key not in there:
        there[key] = find()
    return there[key]
