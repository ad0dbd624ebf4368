"""The search: a reference leads straight to its page, a word to everything that has it."""

from datetime import date

import pytest

from api.database import Database
from tests.explorer import looking
from tests.explorer.looking import Reader, ReaderOf, a_recommendation
from tests.factories import an, link
from tests.large import as_if_large

reader, reader_of = looking.reader, looking.reader_of


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ("R7", "/recommendations/R7"),
        ("r7", "/recommendations/R7"),
        ("+R7+", "/recommendations/R7"),
        ("R7.1", "/recommendations/R7"),
        ("F028", "/evidence/F028"),
        ("f028", "/evidence/F028"),
        ("F004", "/sources/F004"),
        ("S06", "/sources/S06"),
        ("A1", "/actions/A1"),
        ("F111", "/actions/"),
        ("F034", "/recommendations/"),
        ("F018-supports-R8", "/links/F018-supports-R8"),
        ("MAPPA-2015", "/recommendations?review=MAPPA-2015"),
        ("R7&as_of=2017-01-01&known_at=424", "/recommendations/R7?as_of=2017-01-01&known_at=424"),
    ],
)
def test_goes_straight_to_what_is_named_exactly(reader: Reader, asked: str, place: str) -> None:
    for _again in range(2):
        answer = reader.get(f"/search?q={asked}")

        assert (answer.status_code, answer.headers["Location"].startswith(place)) == (302, True), answer.headers
        assert answer.headers["Location"].startswith(place)


def test_answers_a_word_the_same_each_time(reader: Reader) -> None:
    first, second = (reader.see("/search?q=visor") for _time in range(2))

    assert first.html == second.html
    assert "Search: visor" in first.text


@pytest.mark.parametrize("word", ["ViSOR", "police", "sex offenders", "91%", "a"])
def test_finds_of_each_kind_what_has_a_word(reader: Reader, word: str) -> None:
    page = reader.see(f"/search?q={word.replace('%', '%25').replace(' ', '+')}")

    total = 0
    for collection in (
        *("recommendations", "clauses", "evidence", "sources", "actions"),
        *("progress", "assessments", "decisions", "reviews", "bodies"),
    ):
        asked = word.replace("%", "%25").replace(" ", "+")
        found = reader.ask(f"/api/v1/{collection}?q={asked}&limit=10")
        total += len(found["items"])
        for row in found["items"]:
            assert f"{row['ref']} {' '.join(row['title'].split())}" in page.text
    assert f"“{word}” in the title or statement" in page.text
    assert f"{total} thing" in page.text
    assert page.marked
    assert {mark.lower() for mark in page.marked} == {word.lower()}


def test_says_that_nothing_has_a_word_and_what_to_do(reader: Reader) -> None:
    page = reader.see("/search?q=xyzzy")

    assert "Nothing on record that you may see has “xyzzy”" in page.text
    assert "Try a shorter word" in page.text
    assert ("q", "xyzzy") in page.fields


@pytest.mark.parametrize("asked", ["/search", "/search?q=", "/search?q=+++"])
def test_asks_for_a_word_where_there_is_none(reader: Reader, asked: str) -> None:
    page = reader.see(asked)

    assert "A word, or a reference such as R7, F028 or A1" in page.text
    assert page.marked == []


def test_refuses_a_word_that_is_too_long(reader: Reader) -> None:
    assert "may have at most 200 characters" in reader.see(f"/search?q={'x' * 201}", 422).text
    assert reader.see(f"/search?q={'x' * 200}").status == 200


@pytest.mark.parametrize("asked", ["_", "%25", "..", "/", "R7/chain", "-1", "%F0%9F%98%80", "%27%22%3E%3Cb%3E", "R99"])
def test_takes_any_sign_for_itself(reader: Reader, asked: str) -> None:
    page = reader.see(f"/search?q={asked}")

    assert "<b>" not in page.html
    assert "Search: " in page.text


def test_neither_goes_to_nor_tells_of_what_is_hidden(reader_of: ReaderOf, database: Database) -> None:
    with database.writing("a test", "Hide things") as session:
        made = a_recommendation(session)
        piece = an("evidence", session, ref="E1", title="Plain sight")
        an("evidence", session, ref="E2", title="Plain secret", handling="OFFICIAL")
        link(session, piece, "supports", made, handling="OFFICIAL")
    public = reader_of(database)

    for hidden, never in (("E2", "E9"), ("E1-supports-R1", "E1-supports-R9")):
        assert public.see(f"/search?q={hidden}").text.replace(hidden, never) == public.see(f"/search?q={never}").text
    found = public.see("/search?q=plain")
    assert "1 thing has" in found.text
    assert "secret" not in found.html


def test_shows_where_a_statement_has_the_word_and_no_more(reader_of: ReaderOf, database: Database) -> None:
    statement = f"{'before it ' * 60}The NEEDLE is here{' after it' * 60}"
    with database.writing("a test", "Add a long statement") as session:
        an("evidence", session, ref="E1", title="A thing", statement=statement)

    page = reader_of(database).see("/search?q=needle")

    assert page.marked == ["NEEDLE"]
    assert "before it The NEEDLE is here after it" in page.text
    assert page.text.count("before it") < 12


def test_shows_ten_of_a_kind_and_leads_to_all(reader_of: ReaderOf, database: Database) -> None:
    with database.writing("a test", "Add many") as session:
        for number in range(30):
            an("evidence", session, ref=f"E{number}", title=f"Common thing {number}")
    public = reader_of(database)

    page = public.see("/search?q=common")

    assert len({place for place in page.places if place.startswith("/evidence/")}) == 10
    whole = public.see(page.place("All evidence with it"))
    assert "At least 10 things have" in page.text
    assert "30 pieces of evidence" in whole.text


def _a_long_list(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve pieces of evidence and as many actions, the eighth of each with the word, where five are looked at."""
    as_if_large(monkeypatch, 5)
    with database.writing("a test", "Add many") as session:
        for number in range(12):
            for kind, prefix in (("evidence", "E"), ("action", "A")):
                title = "A needle" if number == 7 else "A straw"
                an(kind, session, ref=f"{prefix}{number}", title=title, effective_from=date(2020, 1, 1))


def test_says_of_which_kinds_not_all_was_looked_through(
    reader_of: ReaderOf, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _a_long_list(database, monkeypatch)
    public = reader_of(database)

    none_yet, none, some = (public.see(f"/search?q={word}") for word in ("needle", "xyzzy", "straw"))

    for page, word in ((none_yet, "needle"), (none, "xyzzy")):
        assert f"So far nothing has “{word}” in its title or statement" in page.text
        assert "Nothing on record that you may see" not in page.text
        assert page.text.count("None among those looked at so far.") == 2
    assert "At least 10 things have “straw”" in some.text


def test_goes_on_page_by_page_to_what_was_not_looked_at(
    reader_of: ReaderOf, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _a_long_list(database, monkeypatch)
    public = reader_of(database)

    first = public.see(public.see("/search?q=needle").place("Look through all evidence"))
    second = public.see(first.place("Next page"))
    third = public.see(second.place("Next page"))

    assert [("None among those looked at so far." in page.text) for page in (first, second)] == [True, False]
    assert "No piece of evidence yet" in first.text
    assert "/evidence/E7" in second.places
    assert "No more." in third.text
    assert "Next page" not in third.text
    for page in (first, third):
        assert "No evidence on record matches" not in page.text


@pytest.mark.parametrize("page", ["recommendations", "sources", "evidence", "action-plan"])
def test_no_list_says_that_there_is_nothing_before_it_has_looked_at_all(
    reader_of: ReaderOf, database: Database, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    as_if_large(monkeypatch, 5)
    with database.writing("a test", "Add many") as session:
        review = a_recommendation(session).parent
        for number in range(2, 8):
            an("recommendation", session, parent=review, number=number)
            for kind in ("action", "source", "evidence"):
                an(kind, session)

    shown = reader_of(database).see(f"/{page}?q=xyzzy&sort=recorded")

    assert "None among those looked at so far." in shown.text
    assert "Next page" in shown.text
    assert "ore than 100,000" not in shown.text


@pytest.mark.parametrize("place", ["/search?q=straw", "/evidence?q=straw"])
def test_says_for_a_day_that_the_undated_were_not_counted(
    reader_of: ReaderOf, database: Database, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    said = "How much that is was not counted."
    _a_long_list(database, monkeypatch)
    public = reader_of(database)

    assert said in public.see(f"{place}&as_of=2021-01-01").text
    assert said not in public.see(place).text
