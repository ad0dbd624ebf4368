"""Parts of bodies in a recommendation: what their list shows."""

from api.schemas.base import Strict, a_day, a_number, a_text, some_texts
from models.queries.parts import PARTS_OF_BODIES
from models.vocabulary import CLAIMED_STATUSES, RESPONSES


class PartSchema(Strict):
    """What a body has to do with a recommendation, what it claims of it, and how it responded."""

    body = a_text("The body; null where the actions have no owner on record.", null=True)
    title = a_text("Its name.", null=True)
    part = a_text("What it is to the recommendation; the first that it is.", words=PARTS_OF_BODIES)
    actions = a_number("How many actions it owns that are stated to address the recommendation or a clause of it.")
    claimed_status = a_text("What these claim together; null where none does.", null=True, words=CLAIMED_STATUSES)
    claimed_on = a_day("The day of the latest such claim; null where that is undated or nothing.")
    rests_on = some_texts("The references of the progress that claims it.")
    response = a_text("Its latest response; null where none is on record.", null=True, words=RESPONSES)
    responded_on = a_day("The day of the response.")
    decision = a_text("The reference of the decision that says so.", null=True)
