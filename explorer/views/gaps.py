"""Gaps: what is missing, since when, and what would mend it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import Blueprint

from api.call import Call
from api.schemas.gaps import GapQuery
from explorer.ages import for_how_long
from explorer.asking import Answered, ask
from explorer.declaring import page
from explorer.mending import MENDING
from explorer.page import Page
from models.vocabulary import GAP_REASONS, kind_of_gap

blueprint = Blueprint("gap_pages", __name__, url_prefix="/gaps")
# How many gaps a table shows where there are several, how many a page of one reason, and how many names are offered.
MOST, PAGE, NAMES = 25, 200, 200
_GAPS, _FILTERS = "/api/v1/gaps", ("reason", "kind", "ref", "recommendation")
KINDS = tuple(dict.fromkeys(kind_of_gap(reason) for reason in GAP_REASONS))


@dataclass(frozen=True)
class Table:
    """The gaps for one reason: some of them, and how many there are, unless the programme is too large to tell."""

    reason: str
    rows: list[Mapping[str, Any]]
    total: int | None
    more: bool

    @property
    def kind(self) -> str:
        """The kind of what has such a gap."""
        return kind_of_gap(self.reason)


@blueprint.get("")
@page("/gaps", query=GapQuery(exclude=["format", "fields_", "limit", "count"]))
def list_gaps_page(call: Call) -> Page:
    """See what is missing, since when, and what would mend it."""
    asked = {name: call.query[name] for name in _FILTERS if call.query.get(name)}
    alone = len(asked.get("reason", ())) == 1
    after = call.query.get("after") if alone else None
    found = ask(call, _GAPS, **asked, limit=PAGE, count=True, after=after)
    whole = ask(call, _GAPS, limit=1, count=True)
    names = ask(call, "/api/v1/recommendations", limit=NAMES, fields="short_name,number")
    tables = [_table(asked["reason"][0], found)] if alone else _tables(call, asked, found)
    return Page(
        "gaps.html",
        "Gaps",
        (found,),
        {
            "tables": [table for table in tables if table.rows or table.more],
            "alone": alone,
            "chosen": asked,
            "total": found.result.total,
            "whole": whole.result.total,
            "names": {row["ref"]: f"{row['ref']} {row['short_name'] or ''}" for row in names.result.rows},
            "kinds": KINDS,
            "reasons": GAP_REASONS,
            "mending": MENDING,
            "age": lambda since: _age(since, call.today),
            "listing": found.result,
        },
        "Gaps",
        lead="What should be there and is not, since when, and what would mend it.",
    )


def _tables(call: Call, asked: Mapping[str, Any], found: Answered) -> list[Table]:
    """A table for each reason, in their order; asked one by one where there are more than one answer holds."""
    if found.result.next is None:
        grouped = ((reason, list(rows)) for reason, rows in groupby(found.result.rows, lambda row: str(row["reason"])))
        return [Table(reason, rows[:MOST], len(rows), len(rows) > MOST) for reason, rows in grouped]
    reasons = asked.get("reason", GAP_REASONS)
    return [
        _table(reason, ask(call, _GAPS, **{**asked, "reason": [reason]}, limit=MOST, count=True)) for reason in reasons
    ]


def _table(reason: str, found: Answered) -> Table:
    """The table of what was found for one reason."""
    return Table(reason, found.result.rows, found.result.total, found.result.next is not None)


def _age(since: date | None, today: date) -> str:
    """For how long something has been a gap, up to a day."""
    return for_how_long(None if since is None else max(0, (today - since).days))
