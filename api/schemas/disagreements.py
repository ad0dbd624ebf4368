"""Disagreements: what their list takes and shows."""

from api.schemas.base import ListQuery, Strict, a_day, a_text, one_of, refs, some_texts
from models.vocabulary import DISAGREEMENTS

_KINDS = ("recommendation", "clause")


class DisagreementSchema(Strict):
    """Two things on record that do not agree about a recommendation or clause, with the reason."""

    reason = a_text("In what they disagree.", words=DISAGREEMENTS)
    kind = a_text("The kind of item that they are about.", required=True, words=_KINDS)
    ref = a_text("The item that they are about.", required=True)
    self = a_text("Where that item is.", required=True)
    title = a_text("Its title.")
    recommendation = a_text("The recommendation that it is or is part of; null where it is not seen.", null=True)
    since = a_day("The day since which they disagree, as far as known: the later of theirs.")
    explanation = a_text("The reason in a sentence.")
    grounds = some_texts("The references of what disagrees; withdrawn things have only their history left.")


class DisagreementQuery(ListQuery):
    """What the list of disagreements takes."""

    reason = one_of("Only disagreements for this reason.", DISAGREEMENTS)
    kind = one_of("Only disagreements about this kind of item.", _KINDS)
    ref = refs("Only disagreements about this item.")
    recommendation = refs("Only disagreements about this recommendation and its clauses.")
