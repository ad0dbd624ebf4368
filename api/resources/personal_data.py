"""The guard of personal data: a dry run, and the list of what it was told to let pass."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.schemas.about import PlainQuery
from api.schemas.personal_data import CheckBody, CheckSchema, OverrideQuery, OverrideSchema
from models.personal import RULES_VERSION, findings
from models.queries.overrides import OVERRIDE_FIELDS, list_overrides
from models.queries.rows import Row

blueprint = Blueprint("personal_data", __name__, url_prefix="/api/v1")


@blueprint.post("/pii-check")
@endpoint(
    Permission.CHECK_TEXT,
    query=PlainQuery(),
    returns=an_item(CheckSchema()),
    example="/api/v1/pii-check",
    body=CheckBody(),
    body_example={"texts": ["More than 500 cases were examined."]},
    example_answered=False,
)
def check_texts(call: Call) -> Row:
    """Ask whether texts look like personal data, before they are sent; nothing of them is kept.

    What is refused would be answered with `pii-suspected`; for the rest there is a warning.
    """
    rules = call.session.info["rules"]
    found = [
        {"pointer": f"/texts/{place}", **one._asdict(), "refused": one.refused}
        for place, text in enumerate(call.body["texts"])
        for one in findings(text, rules)
    ]
    return {"rules": RULES_VERSION, "findings": found}


@blueprint.get("/pii-overrides")
@endpoint(
    Permission.OVERRIDE_GUARD,
    query=OverrideQuery(exclude=["as_of", "known_at"]),
    returns=a_list(OverrideSchema()),
    example="/api/v1/pii-overrides",
    example_answered=False,
)
def list_pii_overrides(call: Call) -> Listing:
    """List what looked like personal data and was stored all the same: where, by whose decision, and why."""
    return call.listing(list_overrides(call.session, call.lens, call.wanted()), OVERRIDE_FIELDS)
