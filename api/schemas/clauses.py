"""Clauses: what their lists take and show."""

from api.schemas.base import ItemQuery, ItemSchema, a_number, a_text, refs, the_kind


class ClauseSchema(ItemSchema):
    """A part of a recommendation that can be met or not by itself."""

    kind = the_kind("clause")
    recommendation = a_text("The recommendation that it is part of.")
    number = a_number("Its number in the recommendation.")
    span_start = a_number("The first character of it in the recommendation's text, counted from 0 in code points.")
    span_end = a_number("The character after its last.")
    text = a_text("The words of the span.")


class ClauseQuery(ItemQuery):
    """What the list of clauses takes."""

    recommendation = refs("Only clauses of this recommendation.")
