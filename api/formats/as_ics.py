"""iCalendar (RFC 5545): due dates as events of a day each, to subscribe to."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar as Component
from icalendar import Event, Timezone, vText

from api.formats.as_json import item_url
from api.formats.format import About
from api.formats.saying import plain
from models.queries.calendar import Calendar
from models.queries.rows import Row

_PRODUCT = "-//MAPPA recommendations-to-evidence traceability//Due dates//EN"
# A name of the due date of an action, the same wherever it is served, however often it is revised.
_DUE = "mappa-trace:{}/due"


def _text(*lines: str) -> vText:
    """A text of some lines; the library escapes and folds it as the RFC says."""
    return vText("\n".join(plain(line) for line in lines))


def _told(row: Row) -> Iterator[str]:
    """What is said of a due date besides the action's name."""
    if row["recommendations"]:
        yield f"Addresses: {', '.join(row['recommendations'])}"
    if row["related_to"]:
        yield f"Related, by an analyst's judgement alone, to: {', '.join(row['related_to'])}"
    if row["related_development"]:
        yield "A related development: no page states that it addresses a recommendation"
    yield f"Owner: {row['owner'] or 'not known'}"
    yield f"Claimed: {row['state'].replace('_', ' ') if row['state'] else 'not known'}"
    if row["revisions"]:
        yield f"First due on {row['due_first']}; revisions: {row['revisions']}"


def _event(row: Row, about: About, revised: datetime) -> Event:
    """The due date of an action as an event of the whole day; a revision has its name and the next number."""
    address = item_url("action", row["ref"])
    event = Event()
    event.add("uid", _text(str(uuid5(NAMESPACE_URL, _DUE.format(address)))))
    event.add("dtstamp", revised)
    event.add("dtstart", row["due_on"])
    event.add("summary", _text(f"{row['ref']} {row['title']}"))
    event.add("description", _text(*_told(row)))
    event.add("url", f"{about.base}{address}")
    event.add("sequence", row["revisions"])
    event.add("class", _text("PUBLIC" if about.marking == "PUBLIC" else "CONFIDENTIAL"))
    event.add("transp", _text("TRANSPARENT"))
    return event


def write(calendar: Calendar, about: About) -> Iterator[bytes]:
    """The bytes of the calendar. An object needs a part (RFC 5545, 3.6): without a due date it has a time zone."""
    name = " ".join(("Due dates of actions", *(("of", ", ".join(calendar.bodies)) if calendar.bodies else ())))
    cut = [f"Cut: only the first {len(calendar.actions)} are here"] if calendar.cut else []
    made = Component()
    made.add("version", "2.0")
    made.add("prodid", _text(_PRODUCT))
    for field in ("name", "x-wr-calname"):
        made.add(field, _text(name))
    made.add("description", _text(*(f"{what}: {value}" for what, value in about.pairs()), *cut))
    revised = datetime.fromisoformat(calendar.seen.at) if calendar.seen.at else datetime(1970, 1, 1, tzinfo=UTC)
    for row in calendar.actions:
        made.add_component(_event(row, about, revised))
    if not calendar.actions:
        made.add_component(Timezone.from_tzid("UTC"))
    yield made.to_ical()
