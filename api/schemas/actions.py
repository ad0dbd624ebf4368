"""Actions and progress: what their lists take and show."""

from marshmallow import fields, validate

from api.limits import LONG, PARTS
from api.schemas.base import (
    ItemQuery,
    ItemSchema,
    Strict,
    a_day,
    a_number,
    a_text,
    one_of,
    refs,
    some_texts,
    the_kind,
    the_ties,
)
from api.schemas.given import ItemBody, given_day, given_refs, given_text, given_word, patch_of
from models.vocabulary import BASES, CLAIMED_STATUSES, CONFIDENCES, DELAYS, PUBLICATION_TYPES


class DueDateSchema(Strict):
    """A due date: number 1 is the original, each later one a revision."""

    number = a_number("Which due date, from 1.", required=True)
    due_on = a_day("The day.", null=False)
    note = a_text("As published, or the reason of the revision.", null=True)
    delay = a_text("What sort of reason that is; null where it is not known.", null=True, words=DELAYS)
    set_on = a_day("The day on which it was set; null where that is not known.")
    set_by = a_text("Who set it; null where that is not known.", null=True)


class ActionSchema(ItemSchema):
    """Something that a body does or is to do; its owner does it."""

    kind = the_kind("action")
    partners = some_texts("The bodies that take part.")
    claimed_status = a_text("What its latest progress claims; null where none does.", null=True, words=CLAIMED_STATUSES)
    claimed_on = a_day("The day of that progress; null where it is undated.")
    claimed_by = a_text("The reference of that progress.", null=True)
    due_on = a_day("The due date in force; null where none is on record.")
    due_dates = fields.List(fields.Nested(DueDateSchema), metadata={"description": "Every due date, the first first."})
    ties = the_ties()


class TiedActionQuery(ItemQuery):
    """What a list of the actions of one recommendation takes."""

    owner = refs("Only actions of this body.")
    claimed_status = one_of("Only those whose latest progress claims this.", CLAIMED_STATUSES)
    basis = one_of("Only by a tie with this basis; an inferred one is a related development.", BASES)
    part_of = refs("Only parts and milestones of this action.")


class ActionQuery(TiedActionQuery):
    """What the list of actions takes."""

    recommendation = refs("Only actions tied to this recommendation or to a clause of it.")


class ProgressSchema(ItemSchema):
    """What was done on an action."""

    kind = the_kind("progress")
    action = a_text("The action that it reports on.")
    number = a_number("Its number under the action.")
    claimed_status = a_text("What it claims; null where the page claims nothing.", null=True, words=CLAIMED_STATUSES)
    statement = a_text("What was done.")
    impact = a_text("What came of it; null where nothing is said.", null=True)
    delay = a_text("Why it is not done yet; null where nothing is said.", null=True, words=DELAYS)


class ActionProgressQuery(ItemQuery):
    """What the list of one action's progress takes."""

    claimed_status = one_of("Only progress that claims this.", CLAIMED_STATUSES)
    publication_type = one_of("Only from this sort of publication.", PUBLICATION_TYPES)
    confidence = one_of("Only of this confidence.", CONFIDENCES)


class ProgressQuery(ActionProgressQuery):
    """What the list of all progress takes."""

    action = refs("Only progress on this action.")


class ActionBody(ItemBody):
    """An action to be added; its owner does it."""

    partners = given_refs("The bodies that take part.")
    due_on = given_day("The due date; another one later is a revision, and the first stays on record.")
    due_note = given_text("The due date as published, or the reason of its revision.")
    due_delay = given_word("What sort of reason its revision has.", DELAYS)


class ProgressBody(ItemBody):
    """Progress to be reported on an action; it is never altered."""

    claimed_status = given_word("What it claims; null where nothing is claimed.", CLAIMED_STATUSES)
    statement = given_text("What was done.", LONG.most, required=True)
    impact = given_text("What came of it.", LONG.most)
    delay = given_word("Why it is not done yet; not with `complete`.", DELAYS)


class SplitBody(Strict):
    """The parts or milestones that an action is split into."""

    parts = fields.List(
        fields.Nested(ActionBody),
        required=True,
        validate=validate.Length(1, PARTS.most, error=f"must name 1 to {PARTS.most} parts"),
        metadata={"description": "Each an action of its own, with its owner, its due date and its progress."},
    )


ActionPatch = patch_of(ActionBody, "external_id")
