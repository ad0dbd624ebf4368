"""Who is calling, and what it may do."""

from flask import Blueprint

from api.access import MEANINGS, Permission, permissions_of
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import an_item
from api.schemas.about import PlainQuery
from api.schemas.grants import MeSchema
from models.queries.rows import Row

blueprint = Blueprint("me", __name__, url_prefix="/api/v1/me")


@blueprint.get("")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(MeSchema()), example="/api/v1/me")
def get_me(call: Call) -> Row:
    """Ask who you are here, and what you may do."""
    caller, granted = call.principal, permissions_of(call.principal)
    return {
        "name": caller.name,
        "role": caller.role,
        "body": caller.body,
        "clearance": caller.clearance,
        "permissions": [permission.value for permission in granted],
        "meanings": {permission.value: MEANINGS[permission] for permission in granted},
    }
