"""Reviews: what their lists take and show."""

from api.schemas.base import ItemQuery, ItemSchema, a_day, refs, some_texts, the_kind


class ReviewSchema(ItemSchema):
    """A published review."""

    kind = the_kind("review")
    published_on = a_day("The day on which the review was published.", null=False)
    publishers = some_texts("The bodies that published it.")


class ReviewQuery(ItemQuery):
    """What the list of reviews takes."""

    publisher = refs("Only reviews published by this body.")
