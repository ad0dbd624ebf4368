"""The action plan: what its list and its calendar take, and what a row shows."""

from marshmallow import fields, validate

from api.limits import SILENCE
from api.schemas.base import (
    Day,
    ItemQuery,
    ReadQuery,
    Strict,
    WholeNumber,
    a_day,
    a_flag,
    a_number,
    a_text,
    flags,
    one_of,
    refs,
    some_texts,
    the_kind,
)
from models.queries.paging import PLAN_SORTS
from models.vocabulary import AGE_BANDS, BASES, CLAIMED_STATUSES, DELAYS, PLAN_STATES


class PlannedActionSchema(Strict):
    """An action in the plan: whose it is, what it is for, when it is due, and how it stands on the day."""

    ref = a_text("The action's reference.", required=True)
    kind = the_kind("action")
    self = a_text("Where the action is.", required=True)
    title = a_text("Its title.")
    owner = a_text("The body that owns it; null where none is on record.", null=True)
    partners = some_texts("The bodies that take part.")
    recommendations = some_texts("The recommendations that pages state it addresses, themselves or by a clause.")
    related_to = some_texts("The recommendations that only an analyst tied it to.")
    related_development = a_flag("Whether no page states that it addresses a recommendation: it is progress on none.")
    state = a_text("What its latest progress claims; null where it is not known.", null=True, words=CLAIMED_STATUSES)
    claimed_on = a_day("The day of that progress; null where it is undated.")
    claimed_by = a_text("The reference of that progress.", null=True)
    demonstrated = a_number("How many pieces of evidence demonstrate it, or progress on it.")
    due_first = a_day("The first due date; null where none is on record.")
    due_on = a_day("The due date in force; null where none is on record.")
    revisions = a_number("How often the due date was revised.")
    slip_days = fields.Integer(
        allow_none=True,
        strict=True,
        metadata={"description": "Days from the first due date to that in force; null where none is on record."},
    )
    delay = a_text("What sort of reason the last revision had; null where that is not known.", null=True, words=DELAYS)
    overdue = a_flag(
        "Whether the due date in force has passed on the day, and it is not claimed complete; null where it has no due "
        "date and is not claimed complete.",
        null=True,
    )
    days_overdue = a_number(
        "Days since the due date in force; 0 where it is not overdue, null where `overdue` is.", null=True
    )
    days_since_publication = a_number(
        "Days since the review was published whose recommendations it is stated to address, the first of several; null "
        "where it is stated to address none.",
        null=True,
    )
    age_band = a_text("The same in years of 365 days.", null=True, words=AGE_BANDS)
    days_since_progress = a_number("Days since its latest dated progress; null where it has none.", null=True)


class ActionPlanQuery(ItemQuery):
    """What the action plan takes."""

    sort = fields.String(
        load_default="recorded",
        validate=validate.OneOf([*PLAN_SORTS, *(f"-{name}" for name in PLAN_SORTS)]),
        metadata={"description": "The order; with a minus the other way round. What has no value comes last."},
    )
    body = refs("Only actions that this body owns or takes part in.")
    state = one_of("Only those whose latest progress claims this; `unknown` where none claims anything.", PLAN_STATES)
    due_before = Day(
        error_messages={"invalid": "is not a day; write it as YYYY-MM-DD"},
        metadata={
            "description": "Only those with a due date in force before this day (YYYY-MM-DD); not those without one.",
            "example": "2024-01-01",
        },
    )
    overdue = flags("Only those that are overdue on the day (true), or are not (false); neither where it is not known.")
    revised = flags("Only those whose due date was revised (true), or was not (false); without a due date it was not.")
    stale_for = WholeNumber(
        error_messages={"invalid": f"is not a whole number; give one from 0 to {SILENCE.most}"},
        validate=validate.Range(min=0, max=SILENCE.most, error=f"must be from 0 to {SILENCE.most}"),
        metadata={
            "description": "Only those with no progress dated within so many days up to the day, undated ones too.",
            "example": 365,
        },
    )
    recommendation = refs("Only actions tied to this recommendation or to a clause of it.")
    basis = one_of("Only by a tie with this basis; an inferred one is a related development.", BASES)


class CalendarQuery(ReadQuery):
    """What the calendar takes."""

    body = refs("Only due dates of actions that this body owns or takes part in.")
