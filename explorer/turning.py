"""Turning pages: of a list of the API the part that a page is about, and where the parts before and after it begin."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from api.call import Call
from explorer.asking import TIMES, Answered, ask


@dataclass(frozen=True)
class Part:
    """A part of a list in the order of the record: its rows, and what `after` is for the parts beside it.

    `earlier` is None where this is the first part, and empty where the first comes before it; `later` is None where
    this is the last one.
    """

    answer: Answered
    rows: list[Mapping[str, Any]]
    earlier: str | None
    later: str | None

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the list."""
        return self.earlier is None and self.later is None


def part_of(call: Call, path: str, most: int, **wanted: Any) -> Part:
    """The part of a list that a page is about (its `after`), of so many rows at most.

    The list is told by what is wanted and by the day and the point, whatever else a page is asked with.
    """
    told = {name: list(map(str, value)) for name, value in wanted.items() if value}
    times = {name: call.cursors.query[name] for name in TIMES if name in call.cursors.query}
    there = replace(call, cursors=replace(call.cursors, query=told | times))

    def beside(row: Mapping[str, Any]) -> str:
        return there.cursors.cursor((None, row["ref"]))

    after = call.query.get("after")
    answer = ask(there, path, **wanted, limit=most, after=after)
    rows = answer.result.rows
    later = beside(rows[-1]) if answer.result.next else None
    if after is None or not rows:
        return Part(answer, rows, None if after is None else "", later)
    before = ask(there, path, **wanted, limit=most + 1, sort="-recorded", after=beside(rows[0])).result.rows
    earlier = beside(before[most]) if len(before) > most else "" if before else None
    return Part(answer, rows, earlier, later)
