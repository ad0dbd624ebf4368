"""Disagreements: where what is claimed, verified, discharged and shown by the evidence does not agree; a row for each.

Judged on all that the reader may see, never on a filtered page of it.
"""

from sqlalchemy.engine import RowMapping
from sqlalchemy.orm import Session

from models.queries.disagreement_rules import JUDGED
from models.queries.judging import Asked, Rules, judge
from models.queries.listing import Page, Wanted
from models.queries.rows import Row
from models.vocabulary import DISAGREEMENTS, kinds_of_disagreement

DISAGREEMENT_FIELDS = ("reason", "kind", "ref", "title", "recommendation", "since", "explanation", "grounds")


def _grounds(raw: RowMapping) -> Row:
    """The references of what disagrees, each once, in the order of their letters."""
    return {"grounds": sorted(set(raw["grounds"].split()))}


_RULES = Rules("disagreements", DISAGREEMENTS, JUDGED, kinds_of_disagreement, DISAGREEMENT_FIELDS, told=_grounds)


def disagreements(session: Session, asked: Asked, wanted: Wanted) -> Page:
    """One page of the disagreements, by reason and then in the order of the record.

    One statement, one more to count, and one more where it is about some recommendations. No statement where nothing
    but `reason` and `kind` is asked for, and was since the record last changed. Filters: `reason`, `kind`, `ref`,
    `recommendation`. A `limit` of 0 gives all of them.
    """
    return judge(session, _RULES, asked, wanted)
