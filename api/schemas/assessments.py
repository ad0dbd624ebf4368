"""Assessments and decisions: what their lists take and show."""

from api.limits import LONG
from api.schemas.base import ItemQuery, ItemSchema, a_number, a_text, one_of, refs, some_texts, the_kind
from api.schemas.given import ItemBody, given_number, given_ref, given_refs, given_text, given_word
from models.vocabulary import DECISIONS, RESPONSES, VERDICTS


class AssessmentSchema(ItemSchema):
    """A verdict on a recommendation or a clause, or, on a review, how many recommendations stand where."""

    kind = the_kind("assessment")
    subject = a_text("What it assesses.")
    subject_kind = a_text("What kind of item that is.")
    verdict = a_text("The verdict; null where only the tally over a review was given.", null=True, words=VERDICTS)
    tally_fully_met = a_number("How many recommendations were fully met; only on a review.", null=True)
    tally_partially_met = a_number("How many were partially met; only on a review.", null=True)
    tally_not_met = a_number("How many were not met; only on a review.", null=True)
    statement = a_text("What the page says.", null=True)
    assessors = some_texts("The bodies that gave it.")


class SubjectAssessmentQuery(ItemQuery):
    """What the list of one recommendation's verdicts takes."""

    verdict = one_of("Only this verdict.", VERDICTS)
    assessor = refs("Only verdicts given by this body.")


class AssessmentQuery(SubjectAssessmentQuery):
    """What the list of all verdicts takes."""

    subject = refs("Only verdicts on this recommendation, clause or review.")
    progress_review = refs(
        "Only verdicts of this progress review: those of the same day as this assessment of a review, on"
        " recommendations of the review and their clauses."
    )


class DecisionSchema(ItemSchema):
    """What a body decided about a recommendation: its response, or a step towards closing it or away from it."""

    kind = the_kind("decision")
    recommendation = a_text("The recommendation that it is about.")
    decision = a_text("What was decided.", words=DECISIONS)
    statement = a_text("Why; of a proposal of closure, what was done.", null=True)
    impact = a_text("Of a proposal of closure: what came of it.", null=True)
    depends_on = a_text("Of a response that it is not ours: the programme that it depends on.", null=True)
    decided_by = a_text("Who decided it, for the body that owns it; null where that is not known.", null=True)
    rules_version = a_number("Of a discharge: the version of the rules by which it was judged.", null=True)
    unmet = some_texts("The conditions that an override sets aside; null where there is none.", null=True)


class ResponseQuery(ItemQuery):
    """What the list of the responses to one recommendation takes."""

    response = one_of("Only such answers.", RESPONSES)


class DecisionQuery(ItemQuery):
    """What the list of decisions takes."""

    recommendation = refs("Only decisions on this recommendation.")
    decision = one_of("Only such decisions.", DECISIONS)


class AssessmentBody(ItemBody):
    """A verdict to be added; it is never altered."""

    subject = given_ref("The recommendation, clause or review that it assesses.", required=True)
    verdict = given_word("The verdict; on a review a tally is given instead.", VERDICTS)
    tally_fully_met = given_number("On a review: how many recommendations were fully met.")
    tally_partially_met = given_number("On a review: how many were partially met.")
    tally_not_met = given_number("On a review: how many were not met.")
    statement = given_text("What the page says.", LONG.most)
    assessors = given_refs("The bodies that gave it.")
    evidence = given_refs("The evidence that it rests on.")
