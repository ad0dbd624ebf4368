"""Trace links: what their list takes and shows."""

from api.schemas.base import ListQuery, Strict, a_day, a_number, a_text, one_of, refs
from models.queries.graph import EDGE_TYPES
from models.vocabulary import BASES, HANDLINGS, STRENGTHS, TRACE_TYPES


class LinkSchema(Strict):
    """A typed tie from one item to another; a structural edge has neither rationale nor address."""

    id = a_text("The link's id.", required=True)
    type = a_text("Its type.", required=True, words=EDGE_TYPES)
    source = a_text("The item that it leads from.", required=True)
    target = a_text("The item that it leads to.", required=True)
    basis = a_text("Whether a published page states the tie or an analyst inferred it.", words=BASES)
    strength = a_text("How strong the tie is; null where nothing says.", null=True, words=STRENGTHS)
    rationale = a_text("Why the two are tied, in one line.", null=True)
    asserted_by = a_text("Who says so.", null=True)
    effective_from = a_day("The day from which it holds; null for as long as both ends do.")
    effective_to = a_day("The day from which it no longer holds.")
    url = a_text("The published page that it rests on.", null=True)
    locator = a_text("The place on that page.", null=True)
    handling = a_text("Its handling marking.", null=True, words=HANDLINGS)
    version = a_number("Which version of the link this is.", null=True)
    self = a_text("Where the link is; null for a structural edge.", required=True, null=True)


class LinkQuery(ListQuery):
    """What the list of links takes."""

    type = one_of("Only links of this type.", TRACE_TYPES)
    source = refs("Only links from this item.")
    target = refs("Only links to this item.")
    basis = one_of("Only links with this basis.", BASES)
    strength = one_of("Only links of this strength.", STRENGTHS)
