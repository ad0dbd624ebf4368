"""Clauses: what their lists take and show."""

from api.schemas.base import ItemQuery, ItemSchema, number, refs, text


class ClauseSchema(ItemSchema):
    """A part of a recommendation that can be met or not by itself."""

    recommendation = text("The recommendation that it is part of.")
    number = number("Its number in the recommendation.")
    span_start = number("The first character of it in the recommendation's text, counted from 0 in code points.")
    span_end = number("The character after its last.")
    text = text("The words of the span.")


class ClauseQuery(ItemQuery):
    """What the list of clauses takes."""

    recommendation = refs("Only clauses of this recommendation.")
