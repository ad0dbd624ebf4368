"""Bodies: what their lists take and show."""

from marshmallow import fields

from api.schemas.base import ItemQuery, ItemSchema, a_flag, the_kind


class BodySchema(ItemSchema):
    """An organisation, or a group of them that a text names as one."""

    kind = the_kind("body")
    is_group = a_flag("Whether it is a group of bodies.")


class BodyQuery(ItemQuery):
    """What the list of bodies takes."""

    is_group = fields.List(
        fields.Boolean(truthy={"true"}, falsy={"false"}),
        metadata={"description": "Only groups (true), or only single bodies (false)."},
    )
