"""Keys, accounts and who is calling: what their requests take and show."""

from marshmallow import fields, validate

from api.access import SCOPES, Permission
from api.schemas.base import ListQuery, Strict, Whole, a_format, a_text, some_texts
from api.schemas.given import given_ref, given_text, given_word
from models.keys import MOST_DAYS
from models.vocabulary import CALLER_ROLES, HANDLINGS

_NAME = Whole(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$", error="must have 1 to 60 letters, digits, . _ -")
_STATES = ("in force", "not confirmed", "expired", "revoked")


class GrantSchema(Strict):
    """What somebody may do, and who granted it."""

    ref = a_text("Its reference.", required=True)
    kind = a_text("Whether it is a key or an account.", required=True, words=("key", "account"))
    name = a_text("The name under which the record knows its holder.", required=True)
    role = a_text("In which role its holder acts.", required=True, words=CALLER_ROLES)
    body = a_text("For which body.", required=True, null=True)
    clearance = a_text("The highest handling that its holder sees.", required=True, words=HANDLINGS)
    asked_by = a_text("Who asked for it.", required=True)
    asked_at = a_text("When, in UTC.", required=True)
    confirmed_by = a_text("Who put it in force; null while it waits for a second person.", required=True, null=True)
    state = a_text("Whether it is in force.", required=True, words=_STATES)
    self = a_text("Where it is.", required=True)


class KeySchema(GrantSchema):
    """A key; its secret is never shown again."""

    kind = a_text("Always 'key'.", required=True, words=("key",))
    scopes = some_texts("The permissions of a machine.", required=True)
    expires_at = a_text("Until when it is in force, in UTC.", required=True)
    last_used_at = a_text("When it was last used, to the minute, in UTC; null if never.", required=True, null=True)


class NewKeySchema(KeySchema):
    """A key that was just created, with its secret."""

    secret = a_text(
        "What its holder sends: Authorization: Bearer SECRET. Shown this once; null where a request is repeated.",
        null=True,
    )


class AccountSchema(GrantSchema):
    """An account of a person whom the identity provider knows."""

    kind = a_text("Always 'account'.", required=True, words=("account",))
    subject_id = a_text("The identity provider's name of the person (`sub`).", required=True)


class GrantQuery(ListQuery):
    """What the lists of keys and of accounts take."""


class OneQuery(Strict):
    """What one of them takes."""

    format = a_format()


class _GrantBody(Strict):
    """What every grant is asked for with."""

    name = fields.String(
        required=True,
        validate=_NAME,
        metadata={"description": "The name under which the record is to know its holder; no name of a person."},
    )
    body = given_ref("For which body.")
    clearance = given_word("The highest handling that its holder is to see; without it, PUBLIC.", HANDLINGS)


class KeyBody(_GrantBody):
    """A key to be created."""

    role = given_word(
        "In which role: machine; an administrator may also give keys to auditors and administrators.",
        ("machine", "auditor", "admin"),
        required=True,
    )
    scopes = fields.List(
        fields.String(validate=validate.OneOf([scope.value for scope in SCOPES])),
        validate=validate.Length(max=len(SCOPES)),
        metadata={"description": "The permissions of a machine, besides reading."},
    )
    expires_in_days = fields.Integer(
        strict=True,
        validate=validate.Range(1, MOST_DAYS, error=f"must be from 1 to {MOST_DAYS}"),
        metadata={"description": f"After how many days it ends, at most {MOST_DAYS}; without it, {MOST_DAYS}."},
    )


class AccountBody(_GrantBody):
    """An account to be given."""

    subject_id = given_text("The identity provider's name of the person (`sub`).", 255, required=True)
    role = given_word("In which role.", [role for role in CALLER_ROLES if role != "machine"], required=True)


class MeSchema(Strict):
    """Who is calling, and what it may do."""

    name = a_text("The name under which the record knows the caller.", required=True)
    role = a_text("The role.", required=True)
    body = a_text("The body that the caller acts for.", required=True, null=True)
    clearance = a_text("The highest handling that the caller sees.", required=True, words=HANDLINGS)
    permissions = some_texts("What the caller may do.", required=True)
    meanings = fields.Dict(
        keys=fields.String(validate=validate.OneOf([permission.value for permission in Permission])),
        values=fields.String(),
        required=True,
        metadata={"description": "What each of these permissions lets do."},
    )
