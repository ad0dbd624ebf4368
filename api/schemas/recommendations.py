"""Recommendations: what their lists take and show."""

from marshmallow import fields

from api.limits import LONG
from api.schemas.base import (
    ItemQuery,
    ItemSchema,
    StatusSchema,
    Strict,
    a_number,
    a_text,
    one_of,
    refs,
    some_texts,
    the_kind,
)
from api.schemas.clauses import ClauseSchema
from api.schemas.gaps import GapSchema
from api.schemas.given import ItemBody, given_number, given_ref, given_refs, given_text, given_word, patch_of
from models.vocabulary import CATEGORIES, EVIDENCE_KINDS, ROLL_UPS


class RecommendationSchema(ItemSchema):
    """A recommendation, word for word, with its status seen three ways."""

    kind = the_kind("recommendation")
    review = a_text("The review that makes it.")
    number = a_number("Its number in the review.")
    category = a_text("Strategic (recommendation) or operational (area for development).", words=CATEGORIES)
    short_name = a_text("A name of at most 16 letters.")
    text = a_text("The text, word for word as published.")
    roll_up = a_text("Which bodies must have done their part; null means all.", null=True, words=ROLL_UPS)
    lead = a_text("The body that the text gives the lead to.", null=True)
    partners = some_texts("The bodies that the text names as partners.")
    status = fields.Nested(StatusSchema)


class EvidenceCountSchema(Strict):
    """How much evidence of one kind bears on the recommendation."""

    evidence_kind = a_text("The kind of evidence.", required=True, words=EVIDENCE_KINDS)
    count = a_number("How many items of this kind are tied to it or to its clauses, each once.", required=True)
    inferred = a_number("How many of them only by an inferred tie.", required=True)


class RelatedSchema(Strict):
    """Where to go on from a recommendation."""

    chain = a_text("Everything behind it and done about it.", required=True)
    evidence = a_text("The evidence tied to it.", required=True)
    actions = a_text("The actions tied to it.", required=True)
    assessments = a_text("The verdicts on it.", required=True)
    responses = a_text("What bodies have answered to it.", required=True)
    closure = a_text("Whether it may be discharged, and the steps so far.", required=True)
    bodies = a_text("The bodies that have a part in it.", required=True)
    timeline = a_text("What happened, in order.", required=True)
    gaps = a_text("What is missing.", required=True)
    disagreements = a_text("What does not agree.", required=True)


class RecommendationDetailSchema(RecommendationSchema):
    """A recommendation with its clauses, the evidence counted by kind, and its gaps."""

    clauses = fields.List(fields.Nested(ClauseSchema))
    evidence_counts = fields.List(fields.Nested(EvidenceCountSchema))
    gaps = fields.List(fields.Nested(GapSchema))
    related = fields.Nested(RelatedSchema)


class RecommendationQuery(ItemQuery):
    """What the list of recommendations takes."""

    review = refs("Only recommendations of this review.")
    category = one_of("Only of this category.", CATEGORIES)
    lead = refs("Only those that this body leads.")
    partner = refs("Only those that this body is a partner in.")


class RecommendationBody(ItemBody):
    """A recommendation to be added, word for word."""

    review = given_ref("The review that makes it.", required=True)
    number = given_number("Its number in the review; the next where none is given.", 1)
    category = given_word("Strategic or operational.", CATEGORIES, required=True)
    short_name = given_text("A name of at most 16 letters.", 16, required=True)
    text = given_text("The text, word for word as published; it never changes.", LONG.most, required=True)
    lead = given_ref("The body that the text gives the lead to.")
    partners = given_refs("The bodies that the text names as partners.")
    roll_up = given_word("Which bodies must have done their part: all (as without it), any, or the lead.", ROLL_UPS)


RecommendationPatch = patch_of(RecommendationBody, "external_id", "review", "number")
