"""Accounts: what the people may do whom the identity provider knows."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.granting import Granting, offer
from api.schemas.grants import AccountBody, AccountSchema
from models.queries.grants import ACCOUNT_FIELDS
from models.writing.grants import add_account

blueprint = Blueprint("accounts", __name__, url_prefix="/api/v1/accounts")


def _add(call: Call) -> str:
    """Give a person an account: role, body and clearance, which no token can say.

    It waits for a second administrator.
    """
    return add_account(call.session, call.lens, call.body, call.principal.name, alone=False)


offer(
    blueprint,
    Granting(
        "account",
        "an account",
        Permission.MANAGE_ACCOUNTS,
        AccountSchema(),
        ACCOUNT_FIELDS,
        AccountBody(),
        _add,
        {"name": "first-inspector", "subject_id": "the sub of the token", "role": "inspector", "body": "hmics"},
        AccountSchema(),
    ),
)
