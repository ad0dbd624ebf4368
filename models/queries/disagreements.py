"""Disagreements: where what is claimed, verified, discharged and shown by the evidence does not agree; a row for each.

Judged on all that the reader may see, never on a filtered page of it.
"""

from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.queries.disagreement_rules import JUDGED
from models.queries.judged import judge
from models.queries.judging import Asked, Rules
from models.queries.paging import Page, Wanted
from models.queries.rows import Row
from models.vocabulary import DISAGREEMENTS, kinds_of_disagreement

DISAGREEMENT_FIELDS = ("reason", "kind", "ref", "title", "recommendation", "since", "explanation", "grounds")


def _grounds(raw: RowMapping) -> Row:
    """The references of what disagrees, each once, in the order of their letters."""
    return {"grounds": sorted(set(raw["grounds"].split()))}


_RULES = Rules("disagreements", DISAGREEMENTS, JUDGED, kinds_of_disagreement, DISAGREEMENT_FIELDS, told=_grounds)


def disagreements(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the disagreements, by reason and then in the order of the record.

    How many statements, which filters, and what a large programme is answered: as `judge` has it.
    """
    return judge(session, _RULES, asked, wanted)
