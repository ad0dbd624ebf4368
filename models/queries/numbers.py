"""The numbers of changes: each reader counts those that he may see, so that no gap tells of what is hidden from him."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from models.changes import last_seq
from models.lens import Lens
from models.queries.unchanged import while_unchanged
from models.record_lens import hidden_changes
from models.sight import beyond_sight

# How many numbers take as much room as a row.
_IN_A_ROW = 75


@dataclass(frozen=True)
class Numbers:
    """What a reader calls the changes of the record: `hidden` are the numbers, in order, of those he may not see.

    As long as nothing is hidden from him, his numbers are those of the record.
    """

    hidden: Sequence[int]

    def of(self, seq: int) -> int:
        """The number by which the reader knows the last change that he sees, up to one of the record."""
        return seq - bisect_right(self.hidden, seq)

    def seq(self, number: int) -> int:
        """The number in the record of the change that the reader knows by this number; 0 stands for none."""
        before = bisect_left(range(len(self.hidden)), number, key=lambda place: self.hidden[place] - place - 1)
        return number + before if number else 0


def numbers_of(session: Session, lens: Lens) -> Numbers:
    """What a reader calls the changes, whatever the day and the point that he asks for.

    One statement; it grows with what is hidden from him, and with nothing else. None while the record stays what it is.
    """
    if lens.sees_record:
        return Numbers(())
    reader = replace(lens, as_of=None, known_at=None)

    def find() -> Sequence[int]:
        with beyond_sight(session):
            return array("q", sorted(reader.read(session, hidden_changes(reader)).scalars()))

    return Numbers(while_unchanged(session, reader, "hidden_changes", find, lambda found: len(found) // _IN_A_ROW))


def newest_number(session: Session, lens: Lens) -> int:
    """The number of the newest change that a reader sees; 0 where there is none."""
    return numbers_of(session, lens).of(last_seq(session))
