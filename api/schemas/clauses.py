"""Clauses: what their lists take and show."""

from marshmallow import fields

from api.schemas.base import ItemQuery, ItemSchema, StatusSchema, a_number, a_text, refs, the_kind
from api.schemas.given import ItemBody, given_number, given_ref, patch_of


class ClauseSchema(ItemSchema):
    """A part of a recommendation that can be met or not by itself."""

    kind = the_kind("clause")
    recommendation = a_text("The recommendation that it is part of.")
    number = a_number("Its number in the recommendation.")
    span_start = a_number("The first character of it in the recommendation's text, counted from 0 in code points.")
    span_end = a_number("The character after its last.")
    text = a_text("The words of the span.")
    status = fields.Nested(StatusSchema, metadata={"description": "Its status; in a chain or graph it has none."})


class ClauseQuery(ItemQuery):
    """What the list of clauses takes."""

    recommendation = refs("Only clauses of this recommendation.")


class ClauseBody(ItemBody):
    """A clause to be added: a span of its recommendation's text."""

    recommendation = given_ref("The recommendation that it is part of.", required=True)
    number = given_number("Its number in the recommendation; the next where none is given.", 1)
    span_start = given_number("The first character, counted from 0 in code points.", required=True)
    span_end = given_number("The character after the last.", 1, required=True)


ClausePatch = patch_of(ClauseBody, "external_id", "recommendation", "number")
