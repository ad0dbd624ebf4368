"""Bodies: what their lists take and show."""

from api.schemas.base import ItemQuery, ItemSchema, a_flag, flags, the_kind
from api.schemas.given import Flag, ItemBody, patch_of


class BodySchema(ItemSchema):
    """An organisation, or a group of them that a text names as one."""

    kind = the_kind("body")
    is_group = a_flag("Whether it is a group of bodies.")


class BodyQuery(ItemQuery):
    """What the list of bodies takes."""

    is_group = flags("Only groups (true), or only single bodies (false).")


class BodyBody(ItemBody):
    """A body to be added."""

    is_group = Flag(
        load_default=False,
        metadata={"description": "Whether it is a group of bodies that a text names as one."},
    )


BodyPatch = patch_of(BodyBody, "external_id")
