"""Trace links: what their list takes and shows."""

from api.schemas.base import ListQuery, Strict, a_day, a_flag, a_number, a_text, flags, one_of, refs, some_texts
from api.schemas.given import MarkingBody, given_day, given_ref, given_text, given_url, given_word, patch_of
from models.queries.graph import EDGE_TYPES
from models.vocabulary import BASES, FINDINGS, HANDLINGS, STRENGTHS, TRACE_TYPES


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
    limited_to = some_texts("The only bodies whose readers see it; null where it is limited to none.", null=True)
    embargo_until = a_day("The day from which others than the body that holds it see it; null where it has none.")
    suspect = a_flag(
        "Whether an end has changed since the link was last reviewed, or the review found the link invalid.", null=True
    )
    changed_ends = some_texts("Which ends say something else than when the link was last reviewed.", null=True)
    finding = a_text("What the last review found; null where nobody has reviewed it.", null=True, words=FINDINGS)
    review_note = a_text("What the reviewer noted.", null=True)
    reviewed_by = a_text("Who reviewed it.", null=True)
    reviewed_at = a_text("When, in UTC.", null=True)
    source_content = a_text("A fingerprint of what the source says now.", null=True)
    target_content = a_text("A fingerprint of what the target says now.", null=True)
    version = a_number("Which version of the link this is.", null=True)
    self = a_text("Where the link is; null for a structural edge.", required=True, null=True)


class LinkQuery(ListQuery):
    """What the list of links takes."""

    type = one_of("Only links of this type.", TRACE_TYPES)
    source = refs("Only links from this item.")
    target = refs("Only links to this item.")
    basis = one_of("Only links with this basis.", BASES)
    strength = one_of("Only links of this strength.", STRENGTHS)
    suspect = flags("Only suspect links (true), or only others (false).")


class LinkBody(MarkingBody):
    """A link to be added."""

    type = given_word("Its type.", TRACE_TYPES, required=True)
    source = given_ref("The item that it leads from.", required=True)
    target = given_ref("The item that it leads to.", required=True)
    basis = given_word("Whether a published page states the tie or an analyst inferred it.", BASES, required=True)
    strength = given_word("How strong the tie is.", STRENGTHS)
    rationale = given_text("Why the two are tied.", 2_000, required=True)
    asserted_by = given_text("Who says so; without it, whoever writes it.")
    effective_from = given_day("The day from which it holds; without it, for as long as both ends do.")
    effective_to = given_day("The day from which it no longer holds.")
    url = given_url("The published page that it rests on.")
    locator = given_text("The place on that page.")


class LinkReviewBody(Strict):
    """What somebody found who looked at a link and both of its ends again."""

    finding = given_word("Whether the link still holds.", FINDINGS, required=True)
    note = given_text("What was looked at, and why the finding.", 2_000, required=True)


class _SaidLinkBody(LinkBody):
    """A link of which somebody says that it is so."""

    asserted_by = given_text("Who says so.", null=False)


LinkPatch = patch_of(_SaidLinkBody, "type", "source", "target")
