"""Evidence: what its lists take and show."""

from api.limits import LONG
from api.schemas.base import ItemQuery, ItemSchema, a_text, one_of, refs, the_kind, the_ties
from api.schemas.given import ItemBody, given_text, given_word, patch_of
from models.vocabulary import BASES, BEARING_TYPES, CONFIDENCES, EVIDENCE_KINDS, PUBLICATION_TYPES


class EvidenceSchema(ItemSchema):
    """One statement, from one place."""

    kind = the_kind("evidence")
    evidence_kind = a_text("What kind of evidence it is.", words=EVIDENCE_KINDS)
    statement = a_text("What it says.")
    ties = the_ties()


class TiedEvidenceQuery(ItemQuery):
    """What a list of the evidence of one recommendation takes."""

    evidence_kind = one_of("Only of this kind.", EVIDENCE_KINDS)
    source = refs("Only evidence drawn directly from this source or evidence.")
    publication_type = one_of("Only from this sort of publication.", PUBLICATION_TYPES)
    confidence = one_of("Only of this confidence.", CONFIDENCES)
    link_type = one_of("Only evidence tied by a link of this type.", BEARING_TYPES)
    basis = one_of("Only by a tie with this basis.", BASES)


class EvidenceQuery(TiedEvidenceQuery):
    """What the list of evidence takes."""

    recommendation = refs("Only evidence tied to this recommendation or to a clause of it.")


class EvidenceBody(ItemBody):
    """A piece of evidence to be added."""

    evidence_kind = given_word("What kind of evidence it is.", EVIDENCE_KINDS, required=True)
    statement = given_text("What it says.", LONG.most, required=True)


EvidencePatch = patch_of(EvidenceBody, "external_id")
