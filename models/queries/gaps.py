"""Gaps: what should be there and is not; each is a row with its reason, never an omission.

Judged on all that the reader may see, never on a filtered page of it.
"""

from typing import Any

from sqlalchemy.orm import Session

from models.queries.gap_rules import JUDGED
from models.queries.judged import judge
from models.queries.judging import Asked, Rules
from models.queries.paging import Page, Wanted
from models.vocabulary import GAP_REASONS, kind_of_gap

GAP_FIELDS = ("reason", "kind", "ref", "title", "recommendation", "since", "explanation")
_RULES = Rules(
    "gaps", GAP_REASONS, JUDGED, lambda reason: (kind_of_gap(reason),), GAP_FIELDS, unrelated=("orphan_evidence",)
)


def gaps(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the gaps, by reason and then in the order of the record.

    How many statements, which filters, and what a large programme is answered: as `judge` has it.
    """
    return judge(session, _RULES, asked, wanted)


def gaps_of(session: Session, asked: Asked, ref: str) -> list[Any]:
    """Every gap that bears on one recommendation: its own, its clauses' and its actions'."""
    return gaps(session, asked, Wanted(filters={"recommendation": [ref]}, limit=0)).rows
