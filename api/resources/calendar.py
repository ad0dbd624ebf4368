"""The calendar of due dates."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.endpoint import endpoint
from api.formats.results import a_calendar
from api.schemas.action_plan import CalendarQuery
from models.queries.calendar import Calendar, calendar

blueprint = Blueprint("calendar", __name__, url_prefix="/api/v1/calendar.ics")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=CalendarQuery(),
    returns=a_calendar(),
    example="/api/v1/calendar.ics?body=lanarkshire-mappa",
)
def get_calendar(call: Call) -> Calendar:
    """Subscribe to the due dates that are in force, of the actions of a body or of all, that none claims complete.

    An event of a day for each; a revision moves it, under the same UID and with the next SEQUENCE. A body that is not
    there has no due dates.
    """
    return calendar(call.session, call.asked, call.query.get("body", ()))
