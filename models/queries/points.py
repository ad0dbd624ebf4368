"""Points of the record: which change a sequence number, a moment, a day or a baseline stands for."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.baselines import Baseline
from models.changes import Change, moment, newest_change
from models.errors import Fault, Invalid
from models.lens import Lens
from models.queries.numbers import numbers_of

_SEQ = re.compile(r"[0-9]{1,10}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
NOW = "now"


@dataclass(frozen=True)
class Seen:
    """The last change that a reader sees: the number by which he knows it (0: none), and when it was recorded."""

    number: int
    at: str | None


@dataclass(frozen=True)
class Point:
    """A point of the record: the number of the last change known there, and the day on which that was the last."""

    seq: int
    day: date


def point_of(session: Session, lens: Lens, name: str, pointer: str = "known_at") -> Point:
    """The point that a name stands for; refused where there is none, or where it lies ahead.

    A number is that by which the reader knows a change; a moment (ISO 8601 with Z or an offset) stands for what was
    recorded up to it, a day for what was recorded up to its end in UTC; anything else is the name of a baseline, whose
    day is that of the last change there that the reader sees. At most four statements.
    """
    newest, at, _ = newest_change(session)
    if name == NOW:
        return Point(newest, _day(moment()))
    if _SEQ.fullmatch(name):
        numbers = numbers_of(session, lens)
        if int(name) > (last := numbers.of(newest)):
            raise Invalid(Fault(pointer, f"the record has no change {name} yet; its newest is {last}"))
        known = numbers.seq(int(name))
        return Point(known, _day(_at(session, known) or at or moment()))
    if _DAY.fullmatch(name) or _MOMENT.fullmatch(name):
        return _point_at(session, _moment(name, pointer), pointer)
    seq: int | None = session.scalar(select(Baseline.seq).where(Baseline.name == name))
    if seq is None:
        raise Invalid(
            Fault(pointer, "is neither a number of a change, a day, a moment with Z or an offset, nor a baseline here")
        )
    numbers = numbers_of(session, lens)
    return Point(seq, _day(_at(session, numbers.seq(numbers.of(seq))) or at))


def last_seen(session: Session, lens: Lens) -> Seen:
    """The last change that the reader sees at his point of the record. Three statements, two for who sees all."""
    newest, numbers = newest_change(session)[0], numbers_of(session, replace(lens, known_at=None))
    number = numbers.of(newest if lens.known_at is None else lens.known_at)
    return Seen(number, _at(session, numbers.seq(number)))


def _day(at: str) -> date:
    """The day of a moment as the record writes it."""
    return date.fromisoformat(at[:10])


def _at(session: Session, seq: int) -> str | None:
    """When a change was recorded."""
    return session.scalar(select(Change.at).where(Change.seq == seq))


def _moment(name: str, pointer: str) -> str:
    """A moment, or the last one of a day, as the record writes it."""
    try:
        if _DAY.fullmatch(name):
            found = datetime.combine(date.fromisoformat(name), time.max, UTC)
        else:
            found = datetime.fromisoformat(name.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid(Fault(pointer, "is not a moment that the calendar has")) from error
    return found.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _point_at(session: Session, at: str, pointer: str) -> Point:
    """The last change up to a moment that has passed."""
    if at >= moment():
        raise Invalid(
            Fault(pointer, "is not over yet: what will be known then nobody knows; leave it out for the present")
        )
    return Point(session.scalar(select(func.max(Change.seq)).where(Change.at <= at)) or 0, _day(at))
