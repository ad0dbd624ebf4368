"""What needs a second person: what its requests take and show."""

from api.schemas.base import ListQuery, Strict, a_day, a_text, one_of, some_texts
from api.schemas.given import MarkingBody, given_ref, given_word
from models.vocabulary import APPROVAL_STATES, APPROVED_ACTIONS, HANDLINGS, KINDS

_KINDS = (*KINDS, "link")


class ApprovalSchema(Strict):
    """What somebody asked for, and what a second person said to it."""

    ref = a_text("Its reference.", required=True)
    kind = a_text("Always 'approval'.", required=True, words=("approval",))
    action = a_text("What is asked for: to lower a marking, or to erase texts.", required=True, words=APPROVED_ACTIONS)
    of_kind = a_text("Of what kind of thing.", required=True, words=_KINDS)
    of_ref = a_text("Of which.", required=True)
    handling = a_text(
        "The handling that it is to have; null where texts are to be erased.", required=True, null=True, words=HANDLINGS
    )
    limited_to = some_texts("The bodies that it is to be limited to.", required=True, null=True)
    embargo_until = a_day("The day of the embargo that it is to have.")
    state = a_text("What became of it.", required=True, words=APPROVAL_STATES)
    asked_by = a_text("Who asked for it.", required=True)
    asked_at = a_text("When, in UTC.", required=True)
    decided_by = a_text("Who confirmed or declined it.", required=True, null=True)
    self = a_text("Where it is.", required=True)


class ApprovalQuery(ListQuery):
    """What the list of approvals takes."""

    state = one_of("Only those of which this became.", APPROVAL_STATES)


class ApprovalBody(MarkingBody):
    """What is asked for."""

    action = given_word("What is asked for.", APPROVED_ACTIONS, required=True)
    kind = given_word("Of what kind of thing.", _KINDS, required=True)
    ref = given_ref("Of which.", required=True)
