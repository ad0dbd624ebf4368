"""Reviews: what their lists take and show."""

from api.schemas.base import ItemQuery, ItemSchema, a_day, refs, some_texts, the_kind
from api.schemas.given import ItemBody, given_day, given_refs, patch_of


class ReviewSchema(ItemSchema):
    """A published review."""

    kind = the_kind("review")
    published_on = a_day("The day on which the review was published.", null=False)
    publishers = some_texts("The bodies that published it.")


class ReviewQuery(ItemQuery):
    """What the list of reviews takes."""

    publisher = refs("Only reviews published by this body.")


class ReviewBody(ItemBody):
    """A review to be added."""

    published_on = given_day("The day on which the review was published.", required=True)
    publishers = given_refs("The bodies that published it.")


ReviewPatch = patch_of(ReviewBody, "external_id")
