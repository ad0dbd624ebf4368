"""Dates as published: an ISO 8601 day, month, year or interval of them, and the days that it spans."""

import re
from calendar import monthrange
from datetime import date

from models.errors import Fault, Invalid

_PART = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def _span(part: str) -> tuple[date, date]:
    """The first and last day of a day, month or year."""
    match = _PART.fullmatch(part)
    if match is None:
        raise Invalid(Fault("/period", f"'{part}' is not an ISO 8601 day, month or year"))
    year, month, day = match.groups()
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        last_month = int(month or 12)
        return first, date(int(year), last_month, int(day or monthrange(int(year), last_month)[1]))
    except ValueError as error:
        raise Invalid(Fault("/period", f"'{part}' is not a date")) from error


def span_of(period: str) -> tuple[date, date]:
    """The first and the last day of a published period, both inclusive, read literally as ISO 8601.

    `2015-11` is 1 to 30 November 2015; `2021/2022` ends on 31 December 2022, whatever year a body plans in.
    """
    begins, slash, ends = period.partition("/")
    if slash and not ends:
        raise Invalid(Fault("/period", "the interval has no end"))
    first, last = _span(begins)[0], _span(ends or begins)[1]
    if last < first:
        raise Invalid(Fault("/period", "the interval ends before it begins"))
    return first, last
