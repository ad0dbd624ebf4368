"""The calendar of due dates: what is in it, and that any calendar can read it (RFC 5545)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar, Event

from api.database import Database
from api.settings import BadSetting, settings_from
from models.actions import DueDate
from models.items import Involvement, Item
from tests.api import people as peopled
from tests.api import writing
from tests.api.people import People
from tests.api.writing import calling
from tests.factories import an, link
from tests.statements import counted

alice, people = writing.alice, peopled.people
CALENDAR = "/api/v1/calendar.ics"
AWKWARD = "=1;2,\\3 \u202ewith\nlines\x07 and an \u00e9\U0001f600" + "\u00e9" * 80


def _read(content: bytes) -> Calendar:
    """The calendar that these bytes are, checked for what the RFC asks of them."""
    lines = content.split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    found = Calendar.from_ical(content)
    assert isinstance(found, Calendar)
    assert (found["VERSION"], bool(found["PRODID"]), bool(found.subcomponents)) == ("2.0", True, True)
    assert not found.errors
    return found


def _events(client: FlaskClient, query: str = "") -> dict[str, Event]:
    """The events of a calendar, each by the action that its summary names."""
    answer = client.get(f"{CALENDAR}?{query}")
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    return {str(event["SUMMARY"]).partition(" ")[0]: event for event in _read(answer.data).walk("VEVENT")}


def _due(number: int, day: date) -> DueDate:
    return DueDate(number=number, due_on=day, note="moved")


@pytest.fixture
def planned(database: Database) -> Database:
    """A database with actions of two bodies: due, revised, complete, and without a due date."""
    with database.writing("test", "test") as session:
        own, other = (an("body", session, ref=ref) for ref in ("own", "other"))
        review = an("review", session, published_on=date(2020, 1, 1))
        asked = [an("recommendation", session, ref=f"R{number}", number=number, parent=review) for number in (1, 2)]
        first = an("action", session, ref="first", owner=own, title=AWKWARD, due_dates=[_due(1, date(2030, 5, 6))])
        partner = [Involvement(role="partner", body=own, position=1)]
        an("action", session, ref="partner", owner=other, bodies=partner, due_dates=[_due(1, date(2029, 1, 1))])
        an("action", session, ref="others", owner=other, due_dates=[_due(1, date(2001, 1, 1))])
        an("action", session, ref="never", owner=own)
        done = an("action", session, ref="done", owner=own, due_dates=[_due(1, date(2001, 1, 1))])
        an("progress", session, parent=done, number=1, claimed_status="complete")
        an("action", session, ref="hidden", owner=own, due_dates=[_due(1, date(2030, 1, 1))], handling="OFFICIAL")
        link(session, first, "addresses", asked[0])
        link(session, first, "addresses", asked[1], basis="inferred")
    return database


def _revise(database: Database, ref: str, day: date) -> None:
    """Give an action another due date."""
    with database.writing("test", "test") as session:
        action: Any = session.query(Item).filter_by(ref=ref).one()
        action.due_dates.append(_due(len(action.due_dates) + 1, day))


def test_has_an_event_for_each_due_date_that_nothing_claims_is_met(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    events = _events(client_of(planned))

    days = {ref: event["DTSTART"].dt for ref, event in events.items()}
    assert days == {"others": date(2001, 1, 1), "partner": date(2029, 1, 1), "first": date(2030, 5, 6)}
    assert list(days) == ["others", "partner", "first"]


def test_has_the_due_dates_that_a_body_owns_or_takes_part_in(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client = client_of(planned)

    assert set(_events(client, "body=own")) == {"first", "partner"}
    assert set(_events(client, "body=own&body=other")) == {"first", "partner", "others"}


def test_tells_whole_days_that_take_no_time(planned: Database, client_of: Callable[[Database], FlaskClient]) -> None:
    event = _events(client_of(planned))["first"]

    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert "DTEND" not in event
    assert str(event["TRANSP"]) == "TRANSPARENT"


def test_escapes_and_folds_whatever_a_title_is(planned: Database, client_of: Callable[[Database], FlaskClient]) -> None:
    event = _events(client_of(planned))["first"]

    assert str(event["SUMMARY"]) == "first =1;2,\\3 with lines and an \u00e9\U0001f600" + "\u00e9" * 80


def test_says_what_a_due_date_is_for_and_which_tie_is_inferred(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    events = _events(client_of(planned))

    assert str(events["first"]["DESCRIPTION"]).splitlines() == [
        "Addresses: R1",
        "Related, by an analyst's judgement alone, to: R2",
        "Owner: own",
        "Claimed: not known",
    ]
    assert "no page states" in str(events["others"]["DESCRIPTION"])


def test_a_revision_moves_the_event_under_its_uid_with_the_next_sequence(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client = client_of(planned)
    before = _events(client)["first"]
    _revise(planned, "first", date(2031, 1, 1))

    after = _events(client)["first"]

    assert after["UID"] == before["UID"]
    assert [(event["SEQUENCE"], event["DTSTART"].dt) for event in (before, after)] == [
        (0, date(2030, 5, 6)),
        (1, date(2031, 1, 1)),
    ]
    assert "First due on 2030-05-06; revisions: 1" in str(after["DESCRIPTION"])


def test_is_stamped_with_the_time_of_the_last_change_that_the_reader_sees(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client = client_of(planned)
    with planned.writing("test", "test") as session:
        an("evidence", session, handling="OFFICIAL")
    seen = client.get("/api/v1/changes?limit=200").get_json()["items"][-1]

    stamps = {event["DTSTAMP"].dt for event in _events(client).values()}

    assert stamps == {datetime.fromisoformat(seen["at"]).replace(microsecond=0)}


def test_gives_each_action_a_uid_of_its_own(planned: Database, client_of: Callable[[Database], FlaskClient]) -> None:
    uids = {str(event["UID"]) for event in _events(client_of(planned)).values()}

    assert len(uids) == 3


def test_shows_an_earlier_point_of_the_record_as_it_was_stamped_then(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client = client_of(planned)
    newest = client.get("/api/v1").get_json()["record"]
    before = client.get(CALENDAR).data
    _revise(planned, "first", date(2031, 1, 1))

    then = _events(client, f"known_at={newest}")

    assert {ref: event["DTSTAMP"].dt for ref, event in then.items()} == {
        str(event["SUMMARY"]).partition(" ")[0]: event["DTSTAMP"].dt for event in _read(before).walk("VEVENT")
    }
    assert then["first"]["SEQUENCE"] == 0


def test_gives_the_same_bytes_and_tag_as_long_as_nothing_changes(
    planned: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client = client_of(planned)

    first, second = client.get(CALENDAR), client.get(CALENDAR)

    assert (first.data, first.headers["ETag"]) == (second.data, second.headers["ETag"])
    assert client.get(CALENDAR, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_without_a_due_date_it_is_a_calendar_still(client: FlaskClient) -> None:
    answer = client.get(f"{CALENDAR}?body=no-such-body")

    found = _read(answer.data)
    assert [part.name for part in found.subcomponents] == ["VTIMEZONE"]


@pytest.mark.parametrize(
    ("public_url", "address"),
    [("", "/api/v1/actions/first"), ("https://traces.test/x", "https://traces.test/x/api/v1/actions/first")],
)
def test_leads_to_the_action_where_the_service_is_known_to_be(
    planned: Database, tmp_path: Any, public_url: str, address: str
) -> None:
    with calling(planned, tmp_path, public_url=public_url) as caller:
        found = _read(caller.get(CALENDAR, body="own").data)

    assert {str(event["URL"]) for event in found.walk("VEVENT")} >= {address}


@pytest.mark.parametrize("given", ["traces.test", "ftp://traces.test", "https://traces.test/?x", "https://a b"])
def test_refuses_a_place_that_is_none(fresh: str, given: str) -> None:
    with pytest.raises(BadSetting, match="PUBLIC_URL"):
        settings_from({"DATABASE_URL": fresh, "SECRET_KEY": "test", "PUBLIC_URL": given})


def test_knows_its_place_without_the_slash_at_its_end(fresh: str) -> None:
    found = settings_from({"DATABASE_URL": fresh, "SECRET_KEY": "test", "PUBLIC_URL": "https://traces.test/"})

    assert found.public_url == "https://traces.test"


def test_takes_the_same_statements_at_any_size(
    database: Database, client_of: Callable[[Database], FlaskClient]
) -> None:
    client, counts = client_of(database), []
    for more in (1, 30):
        with database.writing("test", "test") as session:
            for _ in range(more):
                an("action", session, due_dates=[_due(1, date(2030, 1, 1))])
        with counted(*client.application.extensions["mappa"].database.engines) as ran:
            events = _events(client, "known_at=now")
            counts.append((len(events), len(ran)))

    assert [found for found, _ran in counts] == [1, 31]
    assert counts[0][1] == counts[1][1]


def test_is_marked_by_what_is_in_it(people: People) -> None:
    office = people.office()
    office.a("action", due_on="2030-01-01", owner=people.force)
    public = people.officer().get(CALENDAR)
    office.a("action", due_on="2030-01-01", owner=people.force, handling="OFFICIAL")

    cleared, anybody = people.officer().get(CALENDAR), people.alice.holding(None).get(CALENDAR)

    assert (public.headers.get("Handling"), cleared.headers["Handling"]) == (None, "OFFICIAL")
    assert cleared.headers["Content-Disposition"] == 'attachment; filename="OFFICIAL-calendar.ics"'
    assert anybody.headers["Content-Disposition"] == 'attachment; filename="calendar.ics"'
    assert {str(event["CLASS"]) for event in _read(cleared.data).walk("VEVENT")} == {"CONFIDENTIAL"}
    assert {str(event["CLASS"]) for event in _read(anybody.data).walk("VEVENT")} == {"PUBLIC"}
    assert len(_read(cleared.data).walk("VEVENT")) == len(_read(anybody.data).walk("VEVENT")) + 1
    assert "Handling: OFFICIAL" in str(_read(cleared.data)["DESCRIPTION"])


def test_says_so_where_there_are_too_many(
    planned: Database, client_of: Callable[[Database], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.queries.calendar.MOST_DUE", 2)

    found = _read(client_of(planned).get(CALENDAR).data)

    assert [str(event["SUMMARY"])[:6] for event in found.walk("VEVENT")] == ["others", "partne"]
    assert "Cut: only the first 2 are here" in str(found["DESCRIPTION"])
