"""The page of the gaps: a table for each reason, with what would mend it, and no gap is lost to a filter."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from api.database import Database
from explorer.ages import for_how_long
from explorer.mending import MENDING
from explorer.views.gaps import MOST, PAGE
from models.vocabulary import GAP_REASONS
from tests.explorer.conftest import Opens
from tests.explorer.reading import Reading
from tests.explorer.tables import inside, links_in, look, marked, paragraphs, rows_of, text_of, told
from tests.factories import an
from tests.large import as_if_large

GAPS = "/api/v1/gaps?limit=200&count=true"


def _tables(page: Reading) -> dict[str, list[str]]:
    """For each reason that has a table, what has that gap."""
    return {
        region.get("aria-labelledby"): [text_of(inside(row, "th")[0]) for row in inside(region, "tr")[1:]]
        for region in marked(page, "scroll")
    }


def _there(client: FlaskClient, query: str = "") -> dict[str, list[str]]:
    """The same of the API's list."""
    found: dict[str, list[str]] = {}
    for gap in told(client, f"{GAPS}{query}")["items"]:
        found.setdefault(gap["reason"], []).append(" ".join(f"{gap['title']} {gap['ref']}".split()))
    return found


@pytest.mark.parametrize(
    "query",
    ["", "&recommendation=R3", "&kind=action", "&reason=no_owner&reason=single_source", "&ref=A2", "&reason=no_owner"],
)
def test_has_a_table_for_each_reason_with_every_gap(reader: FlaskClient, query: str) -> None:
    page = look(reader, f"/gaps?{query[1:]}")

    there = _there(reader, query)
    assert there
    assert _tables(page) == there


def test_counts_each_reason_at_the_top_and_over_its_table(reader: FlaskClient) -> None:
    page = look(reader, "/gaps")
    there = {reason: len(found) for reason, found in _there(reader).items()}

    (contents,) = marked(page, "reasons")
    heads = {head.get("id"): text_of(head).rpartition(" ")[2] for head in page.all("h2") if head.get("id") in there}

    assert links_in(contents) == [f"#{reason}" for reason in there]
    assert [text_of(count) for count in inside(contents, "span")] == [str(count) for count in there.values()]
    assert heads == {reason: str(count) for reason, count in there.items()}


def test_every_reason_has_a_sentence_that_says_what_would_mend_it(reader: FlaskClient) -> None:
    said = " ".join(paragraphs(look(reader, "/gaps")))

    assert list(MENDING) == list(GAP_REASONS)
    assert all(sentence.endswith(".") for sentence in MENDING.values())
    for reason in _there(reader):
        assert GAP_REASONS[reason] in said
        assert MENDING[reason] in said


def test_says_since_when_and_for_how_long(reader: FlaskClient) -> None:
    page = look(reader, "/gaps?reason=no_evidence&as_of=2018-11-26")

    assert [[text_of(cell) for cell in inside(row, "td")] for row in rows_of(page)][:1] == [
        ["26 November 2015", "3 years"]
    ]


def test_says_that_it_is_not_known_since_when(reader: FlaskClient) -> None:
    page = look(reader, "/gaps?reason=no_owner&ref=A10")

    assert [text_of(cell) for cell in inside(rows_of(page)[0], "td")] == ["R5", "Not known", "Not known"]


def test_filters_leave_the_number_of_all_gaps_standing(reader: FlaskClient) -> None:
    whole, some = told(reader, GAPS)["total"], told(reader, f"{GAPS}&recommendation=R3")["total"]

    said = paragraphs(look(reader, "/gaps?recommendation=R3&kind=&reason="))

    assert 0 < some < whole
    assert any(line.startswith(f"Your filters show {some} of {whole} gaps.") for line in said)


def test_says_that_nothing_is_missing_of_what_is_asked_for(reader: FlaskClient) -> None:
    page = look(reader, "/gaps?recommendation=R99")

    assert [text_of(found) for found in marked(page, "missing")] == [
        "Nothing is missing of what is asked for. Show every gap"
    ]
    assert rows_of(page) == []


def test_a_record_without_gaps_says_so(database: Database, opens: Opens) -> None:
    page = look(opens(database).test_client(), "/gaps")

    assert [text_of(found) for found in marked(page, "missing")] == ["There is no gap."]


def _having(database: Database, many: int) -> None:
    """Let there be so many actions without an owner and without a due date."""
    with database.writing("a test", "Many") as session:
        for number in range(many):
            an("action", session, ref=f"A{number}", effective_from=date(2020, 1, 1))


def _page_by_page(client: FlaskClient, address: str) -> list[str]:
    """Where the rows of a page lead, and of all that come after it."""
    found = []
    while address:
        page = look(client, address)
        found += [links_in(row)[0] for row in rows_of(page)]
        address = next((link.get("href") for link in page.all("a") if link.get("rel") == "next"), "")
    return found


def test_many_gaps_are_counted_shown_in_part_and_reached_page_by_page(database: Database, opens: Opens) -> None:
    many = PAGE + 30
    _having(database, many)
    client, further = opens(database).test_client(), "/gaps?reason=no_owner"

    page = look(client, "/gaps")
    found = _page_by_page(client, further)

    assert {reason: len(rows) for reason, rows in _tables(page).items()} == {"no_owner": MOST, "no_due_date": MOST}
    assert further in page.links()
    assert f"All {many} for this reason" in [text_of(link) for link in page.all("a")]
    assert len(found) == many
    assert set(found) == {f"/actions/A{number}" for number in range(many)}


def test_of_a_large_programme_it_shows_the_first_and_says_that_they_are_not_counted(
    database: Database, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if_large(monkeypatch, 3)
    _having(database, 7)
    client = opens(database).test_client()

    page = look(client, "/gaps?reason=no_owner&reason=no_due_date")

    assert told(client, GAPS)["total"] is None
    assert "There is too much on record for its gaps to be counted" in " ".join(paragraphs(page))
    assert {reason: [row.split()[-1] for row in rows] for reason, rows in _tables(page).items()} == {
        reason: [f"A{number}" for number in range(3)] for reason in ("no_owner", "no_due_date")
    }
    assert [text_of(link) for link in page.all("a")].count("More for this reason") == 2
    assert _page_by_page(client, "/gaps?reason=no_owner") == [f"/actions/A{number}" for number in range(7)]


def test_of_a_large_programme_it_says_where_nothing_was_found_yet(
    database: Database, opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_if_large(monkeypatch, 3)
    _having(database, 7)

    page = look(opens(database).test_client(), "/gaps?reason=overdue")

    assert [text_of(found) for found in marked(page, "missing")] == ["None among those looked at so far."]
    assert [link.get("rel") for link in page.all("a")].count("next") == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [
        *((None, "not known"), (0, "0 days"), (1, "1 day"), (89, "89 days"), (90, "2 months"), (729, "23 months")),
        *((730, "2 years"), (1094, "2 years"), (1095, "3 years"), (4018, "11 years")),
    ],
)
def test_tells_an_age_in_words(days: int | None, words: str) -> None:
    assert for_how_long(days) == words
