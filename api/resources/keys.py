"""Keys: by which machines say who they are."""

from flask import Blueprint

from api.access import SCOPES, Permission, may
from api.call import Call
from api.granting import Granting, offer
from api.problems import Forbidden
from api.schemas.grants import KeyBody, KeySchema, NewKeySchema
from models.queries.grants import KEY_FIELDS
from models.vocabulary import HANDLINGS
from models.writing.grants import add_key

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1/keys")


def _add(call: Call) -> str:
    """Create a key; its secret is in this answer, and nowhere else ever.

    Whoever is no administrator gives keys to machines of his own body, with no more rights than his own. What an
    administrator asks for waits for a second one.
    """
    caller, asked = call.principal, dict(call.body)
    administers = may(caller, Permission.MANAGE_ACCOUNTS)
    if asked["role"] != "machine" and not administers:
        raise Forbidden("Only an administrator gives keys to auditors and administrators.")
    if not administers:
        asked["body"] = asked.get("body") or caller.body
        if asked["body"] != caller.body:
            raise Forbidden("You may give keys to machines of your own body alone.")
        _refuse_more(call, asked.get("clearance") or HANDLINGS[0], asked.get("scopes") or ())
    ref, call.session.info["secret"] = add_key(call.session, call.lens, asked, caller.name, alone=not administers)
    return ref


def _refuse_more(call: Call, clearance: str, scopes: object) -> None:
    """Refuse a key by which a machine could do what its giver may not."""
    caller = call.principal
    if HANDLINGS.index(clearance) > HANDLINGS.index(caller.clearance):
        raise Forbidden(f"You are cleared for {caller.clearance}: a key of yours sees no more.")
    if any(scope.value in set(scopes) and not may(caller, scope) for scope in SCOPES):  # type: ignore[call-overload]
        raise Forbidden("You may not do yourself what this key would do.")


offer(
    blueprint,
    Granting(
        "key",
        "a key",
        Permission.MANAGE_KEYS,
        KeySchema(),
        KEY_FIELDS,
        KeyBody(),
        _add,
        {"name": "records-system", "role": "machine", "body": "police-scotland", "scopes": ["write-evidence"]},
        NewKeySchema(),
        "secret",
    ),
)
