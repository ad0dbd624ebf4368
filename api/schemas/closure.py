"""Closure: where a recommendation stands, the rules of it, and what its steps take."""

from marshmallow import fields

from api.limits import LONG
from api.schemas.assessments import DecisionSchema
from api.schemas.base import Strict, a_day, a_flag, a_number, a_text, some_texts
from api.schemas.given import MarkingBody, given_day, given_ref, given_refs, given_text, given_url, given_word
from models.closure_rules import CURRENT_RULES, OPEN
from models.queries.closure import STEP_FIELDS
from models.vocabulary import CLOSURE_STEPS, PUBLICATION_TYPES, RESPONSES

_NAMES = tuple(condition.name for condition in CURRENT_RULES.conditions)


class RuleSchema(Strict):
    """A condition of a discharge."""

    name = a_text("Its name.", required=True, words=_NAMES)
    meaning = a_text("When it is met.", required=True)
    may_be_overridden = a_flag("Whether two inspectors may set it aside together.", required=True)


class ConditionSchema(RuleSchema):
    """A condition of a discharge, and whether it is met."""

    met = a_flag("Whether it is met; null where nobody is judged as yet.", required=True, null=True)
    why = a_text("Why it is met or not.", required=True)
    refs = some_texts("The references that this rests on, or of what is lacking.", required=True)


class RulesSchema(Strict):
    """One version of the rules of closure."""

    version = a_number("Its number.", required=True)
    since = a_day("The day from which it is asked.", null=False)
    conditions = fields.List(fields.Nested(RuleSchema), required=True)


class ClosureRulesSchema(Strict):
    """Every version of the rules of closure, the one in force last."""

    items = fields.List(fields.Nested(RulesSchema), required=True)


class StepSchema(DecisionSchema):
    """A step of closure that was taken."""

    class Meta:
        """What is shown of it here; the decision itself has the rest."""

        fields = (*STEP_FIELDS, "self")


class ClosureSchema(Strict):
    """Where a recommendation stands on the way to its discharge."""

    recommendation = a_text("The recommendation.", required=True)
    state = a_text("Its state: the last step, `open` before any.", required=True, words=(OPEN, *CLOSURE_STEPS))
    since = a_day("The day of that step; null before any.")
    rules_version = a_number("The version of the rules by which it is judged.", required=True)
    conditions = fields.List(fields.Nested(ConditionSchema), required=True)
    steps = fields.List(fields.Nested(StepSchema), required=True)
    self = a_text("Where this is.", required=True)


class StepBody(Strict):
    """What every step of closure takes; it is marked as its recommendation is."""

    owner = given_ref("The body in whose name it is taken: the caller's own, as without it.")
    effective_from = given_day("The day on which it was taken; today, where none is given.")


class ReasonedBody(StepBody):
    """A step of closure that needs a reason."""

    statement = given_text("Why.", LONG.most, required=True)


class ProposalBody(StepBody):
    """A proposal of closure."""

    statement = given_text("What was done.", LONG.most, required=True)
    impact = given_text("What came of it.", LONG.most, required=True)
    evidence = given_refs("The evidence for that.")


class DischargeBody(StepBody):
    """A discharge."""

    statement = given_text("What is said of it.", LONG.most)


class EndBody(ReasonedBody):
    """Closing a recommendation that is not discharged."""

    outcome = given_word("As what it is closed.", ("no_longer_relevant", "superseded"), required=True)
    superseded_by = given_ref("The recommendation that takes its place, where it is superseded.")


class ResponseBody(MarkingBody):
    """What a body answers to a recommendation."""

    response = given_word("Its answer.", RESPONSES, required=True)
    statement = given_text("What it says.", LONG.most)
    depends_on_body = given_ref("The body whose the recommendation is, with `not_ours`.")
    depends_on = given_text("The programme that it depends on, with `not_ours`.")
    owner = given_ref("The body that answers: the caller's own, as without it.")
    effective_from = given_day("The day of the answer; today, where none is given.")
    url = given_url("The published page it stands on.")
    locator = given_text("The place on that page.")
    publisher = given_text("Who published the page.")
    publication_type = given_word("What sort of publication it is.", PUBLICATION_TYPES)
