"""Gaps: what their list takes and shows."""

from api.schemas.base import ListQuery, Strict, day, one_of, refs, text
from models.vocabulary import GAP_REASONS, KINDS


class GapSchema(Strict):
    """Something that should be there and is not, with the reason."""

    reason = text("Why it is a gap.", required=True, words=GAP_REASONS)
    kind = text("The kind of item that has the gap.", required=True, words=KINDS)
    ref = text("The item that has the gap.", required=True)
    self = text("Where that item is.", required=True)
    title = text("Its title.")
    recommendation = text("The one recommendation concerned; null for none or for several.", null=True)
    since = day("The day since which it is a gap, as far as known.")
    explanation = text("The reason in a sentence.")


class GapQuery(ListQuery):
    """What the list of gaps takes."""

    reason = one_of("Only gaps for this reason.", GAP_REASONS)
    kind = one_of("Only gaps of this kind of item.", KINDS)
    ref = refs("Only gaps of this item.")
    recommendation = refs("Only gaps of this recommendation, its clauses and its actions.")
