"""Gaps: what their list takes and shows."""

from api.schemas.base import ListQuery, Strict, a_day, a_text, one_of, refs
from models.vocabulary import GAP_REASONS, KINDS

GAP_KINDS = (*KINDS, "link")


class GapSchema(Strict):
    """Something that should be there and is not, with the reason."""

    reason = a_text("Why it is a gap.", required=True, words=GAP_REASONS)
    kind = a_text("The kind of item that has the gap, or `link`.", required=True, words=GAP_KINDS)
    ref = a_text("The item that has the gap.", required=True)
    self = a_text("Where that item is.", required=True)
    title = a_text("Its title.")
    recommendation = a_text("The one recommendation concerned; null for none or for several.", null=True)
    since = a_day("The day since which it is a gap, as far as known.")
    explanation = a_text("The reason in a sentence.")


class GapQuery(ListQuery):
    """What the list of gaps takes."""

    reason = one_of("Only gaps for this reason.", GAP_REASONS)
    kind = one_of("Only gaps of this kind of item, or of links.", GAP_KINDS)
    ref = refs("Only gaps of this item or link.")
    recommendation = refs("Only gaps of this recommendation, its clauses and its actions.")
