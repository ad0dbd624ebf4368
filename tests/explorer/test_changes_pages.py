"""The pages of the record: what was done, by whom and why, and what differs between two points of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from api.database import Database
from models.links import Link
from tests.explorer import looking
from tests.explorer.looking import Reader, ReaderOf, Shown, a_recommendation
from tests.factories import an, link

reader, reader_of = looking.reader, looking.reader_of


def _numbers(page: Shown) -> list[int]:
    """The numbers of the changes on a page, in order."""
    words = page.text.split()
    return [int(after) for word, after in pairwise(words) if word == "Change" and after.isdigit()]


@pytest.fixture
def told(reader_of: ReaderOf, database: Database) -> Reader:
    """A record of three writers: one adds things, one changes a statement, one withdraws a link."""
    with database.writing("the first", "To begin with") as session:
        made = a_recommendation(session)
        piece = an("evidence", session, ref="E1", title="A thing seen", statement="The door was open.")
        an("evidence", session, ref="SECRET", title="A secret thing", handling="OFFICIAL")
        tie = link(session, piece, "supports", made)
    with database.writing("the second", "Read again") as session:
        session.merge(piece).statement = "The door was <shut>."
    with database.writing("the third", "It was a mistake") as session:
        session.get_one(Link, tie.id).withdraw()
    return reader_of(database)


def test_tells_the_whole_record_newest_first_page_by_page(reader: Reader) -> None:
    page = reader.see("/changes?limit=200")
    found = _numbers(page)
    while "Older changes" in page.text:
        page = reader.see(page.place("Older changes"))
        found += _numbers(page)

    total = reader.ask("/api/v1/changes?limit=1&count=true")["total"]
    assert found == list(range(total, 0, -1))
    assert "The first 50 changes" in reader.see("/changes").text
    assert f"{total} changes" in reader.see("/changes?count=true").text


def test_says_who_did_what_when_and_why(told: Reader) -> None:
    page = told.see("/changes")

    newest = told.ask("/api/v1/changes?sort=-recorded&limit=1")["items"][0]
    assert f"{newest['at'][11:16]} UTC by the third" in page.text
    assert "withdrawn link E1-supports-R1 Why: It was a mistake" in page.text
    assert (
        "updated evidence E1 statement: The door was open. → became The door was <shut>. Why: Read again" in page.text
    )
    assert "created evidence E1 A thing seen Why: To begin with" in page.text
    assert "<shut>" not in page.html
    assert page.place("E1") == "/evidence/E1"
    assert page.places.count("/links/E1-supports-R1") == 1  # where it was created, and not where it was withdrawn


@pytest.mark.parametrize("asked", ["", "?kind=evidence", "?ref=SECRET", "?principal=the+first"])
def test_tells_nothing_of_what_is_hidden(told: Reader, asked: str) -> None:
    page = told.see(f"/changes{asked}")

    assert "secret" not in page.html.replace('value="SECRET"', "").lower().replace("ref=secret", "")
    assert _numbers(page) == [row["seq"] for row in told.ask(f"/api/v1/changes{asked}")["items"]][::-1]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("kind=evidence", "2 changes"),
        ("kind=evidence&action=updated", "1 change"),
        ("ref=E1", "2 changes"),
        ("principal=the+second", "1 change"),
        ("principal=nobody", "0 changes"),
        ("ref=&principal=&first_day=&last_day=", "6 changes"),
        ("first_day=2000-01-01&last_day=2001-01-01", "0 changes"),
    ],
)
def test_narrows_the_record_by_a_form(told: Reader, asked: str, said: str) -> None:
    page = told.see(f"/changes?{asked}")

    assert said in page.text
    assert ("Nothing on record matches" in page.text) == said.startswith("0")


def test_takes_a_first_and_a_last_day_both_whole(told: Reader) -> None:
    day = datetime.fromisoformat(told.ask("/api/v1/changes")["items"][0]["at"]).astimezone(UTC).date()
    before, after = day - timedelta(days=1), day + timedelta(days=1)

    counts = {
        asked: len(_numbers(told.see(f"/changes?{asked}")))
        for asked in (
            f"first_day={day}&last_day={after}",
            f"last_day={before}",
            f"first_day={after + timedelta(days=1)}",
            "last_day=9999-12-31",
        )
    }

    assert list(counts.values()) == [6, 0, 0, 6]


@pytest.mark.parametrize("wrong", ["kind=rumour", "first_day=yesterday", "since=2020-01-01T00:00:00Z", "after=x"])
def test_tells_whoever_asks_the_record_what_cannot_be(reader: Reader, wrong: str) -> None:
    assert wrong.partition("=")[0] in reader.see(f"/changes?{wrong}", 422).text


def test_tells_the_whole_record_whatever_day_is_shown(reader: Reader) -> None:
    page = reader.see("/changes?as_of=2016-01-01")

    assert _numbers(page) == _numbers(reader.see("/changes"))
    assert "leaves none of it out" in page.text
    assert len(_numbers(reader.see("/changes?known_at=3"))) == 3


def test_shows_side_by_side_what_differs(told: Reader) -> None:
    page = told.see("/compare?from=4&to=now")

    differences = told.ask("/api/v1/baselines/4/diff/now")
    for sort, count in differences["summary"].items():
        what = {"item": "Things", "link": "Links", "status": "Statuses", "verdict": "Verdicts", "gap": "Gaps"}
        assert any(f"{what[sort.split('_')[0]]} that " in said for said, _ in page.links), sort
        assert count <= 50
    assert "Evidence E1 Statement The door was open. The door was <shut>." in page.text
    assert "Link E1-supports-R1 The whole of it E1 supports R1 not there" in page.text
    assert "<shut>" not in page.html
    assert "secret" not in page.html.lower()


def test_compares_both_ways_and_with_now_where_no_end_is_given(told: Reader) -> None:
    forth, back, open_ended = (told.see(f"/compare?{asked}") for asked in ("from=3&to=4", "from=4&to=3", "from=3&to="))

    assert "Links that were added 1" in forth.text
    assert "Links that were withdrawn 1" in back.text
    assert "What changed from 3 to now" in open_ended.text


def test_takes_days_and_moments(reader: Reader) -> None:
    day = reader.ask("/api/v1/changes?limit=1")["items"][0]["at"][:10]

    page = reader.see(f"/compare?from=2016-01-01&to={datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")

    assert f"From change 0 to change {reader.ask('/api/v1/changes?limit=1&count=true')['total']}" in page.text
    assert f"{day}" >= "2020"


def test_says_that_nothing_differs(reader: Reader) -> None:
    assert "Nothing differs between these two points" in reader.see("/compare?from=100&to=100").text


def test_asks_for_two_points_where_there_are_none(reader: Reader) -> None:
    for asked in ("", "?from=&to="):
        page = reader.see(f"/compare{asked}")

        assert "No point of the record has a name yet" in page.text
        assert {"from", "to"} <= {name for name, _ in page.fields}


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("nonsense", "now"),
        ("now", "nonsense"),
        ("2999-01-01", ""),
        ("99999", ""),
        ("2017-02-30", ""),
        ("1/2", "now"),
        ("%3Cb%3E", "now"),
        ("..", "now"),
        ("?", "#"),
    ],
)
def test_says_what_to_write_where_a_point_is_none(reader: Reader, start: str, end: str) -> None:
    page = reader.see(f"/compare?from={start.replace('?', '%3F')}&to={end.replace('#', '%23')}")

    assert "There is no such point." in page.text
    assert "Write a day that is over" in page.text
    assert "<b>" not in page.html


def test_a_comparison_is_no_larger_however_much_differs(reader: Reader) -> None:
    page = reader.see("/compare?from=0&to=now")

    assert page.html.count("<tr>") <= 10 * 51
    assert "Only the first 50 are shown" in page.text
    assert len(page.html.encode()) < 200_000
