"""Sources: what their lists take and show."""

from api.limits import LONG
from api.schemas.base import ItemQuery, ItemSchema, a_number, a_text, one_of, refs, the_kind, the_ties
from api.schemas.given import ItemBody, given_number, given_text, given_word, patch_of
from models.vocabulary import BASES, CONFIDENCES, METHODS, PUBLICATION_TYPES, SOURCE_CLASSES


class SourceSchema(ItemSchema):
    """A piece of fieldwork, or a publication."""

    kind = the_kind("source")
    source_class = a_text("Fieldwork or publication.", words=SOURCE_CLASSES)
    method = a_text("How it was done; null where the page does not say, or names several.", null=True, words=METHODS)
    population = a_text("What was looked at or asked.", null=True)
    sample = a_text("How much of it, as published.", null=True)
    sample_size = a_number("The number in the sample; a lower bound where the sample says 'more than'.", null=True)
    statement = a_text("What the page says of it.", null=True)
    ties = the_ties()


class SourceQuery(ItemQuery):
    """What the list of sources takes."""

    source_class = one_of("Only fieldwork, or only publications.", SOURCE_CLASSES)
    method = one_of("Only by this method.", METHODS)
    publication_type = one_of("Only from this sort of publication.", PUBLICATION_TYPES)
    confidence = one_of("Only of this confidence.", CONFIDENCES)
    recommendation = refs("Only sources tied to this recommendation.")
    link_type = one_of("Only by a link of this type.", ("contextualises",))
    basis = one_of("Only by a tie with this basis.", BASES)


class SourceBody(ItemBody):
    """A source to be added."""

    source_class = given_word("Fieldwork or publication.", SOURCE_CLASSES, required=True)
    method = given_word("How it was done; null where the page does not say.", METHODS)
    population = given_text("What was looked at or asked.")
    sample = given_text("How much of it, as published.")
    sample_size = given_number("The number in the sample.")
    statement = given_text("What the page says of it.", LONG.most)


SourcePatch = patch_of(SourceBody, "external_id")
