"""The guard of personal data: what its requests take and show."""

from marshmallow import fields, validate

from api.limits import LONG, TEXTS
from api.schemas.base import ListQuery, Strict, a_flag, a_number, a_text
from models.personal import REFUSED, WARNED


class FindingSchema(Strict):
    """What looks like personal data; never the text itself."""

    pointer = a_text("In which text, as a JSON pointer.", required=True)
    type = a_text("What it looks like.", required=True, words=(*REFUSED, *WARNED))
    start = a_number("Its first character, counted from 0.", required=True)
    end = a_number("The character after its last.", required=True)
    refused = a_flag("Whether it would be refused; otherwise there is a warning.", required=True)


class CheckSchema(Strict):
    """What the guard finds in some texts."""

    rules = a_number("Which version of the rules found it.", required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)


class CheckBody(Strict):
    """Texts to be looked at; nothing of them is kept."""

    texts = fields.List(
        fields.String(validate=validate.Length(max=LONG.most, error=f"must have at most {LONG.most}")),
        required=True,
        validate=validate.Length(1, TEXTS.most, error=f"must be 1 to {TEXTS.most} texts"),
        metadata={"description": "The texts, in any order."},
    )


class OverrideSchema(Strict):
    """A decision that what was found is no personal data."""

    ref = a_text("Its reference.", required=True)
    kind = a_text("Always 'override'.", required=True, words=("override",))
    of_kind = a_text("On what kind of thing the text stands.", required=True)
    of_ref = a_text("On which.", required=True)
    found = a_text("Where, what sort, and from which character to which; never the text.", required=True)
    why = a_text("Why it is none.", required=True)
    by = a_text("Who said so.", required=True)
    at = a_text("When, in UTC.", required=True)


class OverrideQuery(ListQuery):
    """What the list of overrides takes."""
