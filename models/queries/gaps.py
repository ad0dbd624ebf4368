"""Gaps: what should be there and is not; each is a row with its reason, never an omission.

Judged on all that the reader may see, never on a filtered page of it.
"""

from typing import Any

from sqlalchemy.orm import Session

from models.queries.gap_rules import JUDGED
from models.queries.judging import Asked, Rules, judge
from models.queries.listing import Page, Wanted
from models.vocabulary import GAP_REASONS, kind_of_gap

GAP_FIELDS = ("reason", "kind", "ref", "title", "recommendation", "since", "explanation")
_RULES = Rules(
    "gaps", GAP_REASONS, JUDGED, lambda reason: (kind_of_gap(reason),), GAP_FIELDS, unrelated=("orphan_evidence",)
)


def gaps(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the gaps, by reason and then in the order of the record.

    One statement, one more to count, and one more where it is about some recommendations. No statement where nothing
    but `reason` and `kind` is asked for, and was since the record last changed. Filters: `reason`, `kind`, `ref`,
    `recommendation`. A `limit` of 0 gives all of them.
    """
    return judge(session, _RULES, asked, wanted)


def gaps_of(session: Session, asked: Asked, ref: str) -> list[Any]:
    """Every gap that bears on one recommendation: its own, its clauses' and its actions'."""
    return gaps(session, asked, Wanted(filters={"recommendation": [ref]}, limit=0)).rows
