"""Reviews: what their lists take and show."""

from marshmallow import fields, validate

from api.schemas.base import ItemQuery, ItemSchema, ReadQuery, a_day, a_text, refs, some_texts, the_kind
from api.schemas.given import ItemBody, given_day, given_refs, given_word, patch_of
from models.vocabulary import HANDLINGS, STUB_ROLES


class ReviewSchema(ItemSchema):
    """A published review."""

    kind = the_kind("review")
    published_on = a_day("The day on which the review was published.", null=False)
    publishers = some_texts("The bodies that published it.")
    new_handling = a_text(
        "The handling of what is added under it and not marked otherwise; null for PUBLIC.", null=True, words=HANDLINGS
    )
    stubs_for = some_texts(
        "The roles that are told where something in its chains is withheld; null for none.", null=True
    )


class ReviewQuery(ItemQuery):
    """What the list of reviews takes."""

    publisher = refs("Only reviews published by this body.")


class ReportQuery(ReadQuery):
    """What the report on a review takes."""

    recommendation = refs("Only these recommendations of the review.")


class ReviewBody(ItemBody):
    """A review to be added."""

    published_on = given_day("The day on which the review was published.", required=True)
    publishers = given_refs("The bodies that published it.")
    new_handling = given_word("The handling of what is added under it and not marked otherwise.", HANDLINGS)
    stubs_for = fields.List(
        fields.String(validate=validate.OneOf(STUB_ROLES, error=f"must be one of: {', '.join(STUB_ROLES)}")),
        allow_none=True,
        validate=validate.Length(max=len(STUB_ROLES)),
        metadata={"description": "The roles that are to be told where something in its chains is withheld."},
    )


ReviewPatch = patch_of(ReviewBody, "external_id")
