"""The pages of evidence and of sources: what is held, where it is from, what rests on it."""

from itertools import pairwise

import pytest

from api.database import Database
from tests.explorer import looking
from tests.explorer.looking import Reader, ReaderOf, Shown, a_recommendation
from tests.factories import an, link

reader, reader_of = looking.reader, looking.reader_of
# How many bytes a page of a list, or of one thing with many others about it, may have before it is compressed.
MOST_BYTES = 120_000


def _listed(page: Shown, under: str) -> list[str]:
    """The references of the things that a page leads to, in order, each once."""
    found = [place.removeprefix(under).partition("?")[0] for place in page.places if place.startswith(under)]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("/evidence", ""),
        ("/evidence", "evidence_kind=statistic"),
        ("/evidence", "evidence_kind=statistic&evidence_kind=observation&confidence=high"),
        ("/evidence", "recommendation=R8&link_type=supports"),
        ("/evidence", "recommendation=R3&basis=inferred"),
        ("/evidence", "publication_type=press"),
        ("/evidence", "source=S01"),
        ("/evidence", "q=VISOR"),
        ("/evidence", "sort=-effective_from"),
        ("/evidence", "as_of=2017-01-01"),
        ("/sources", ""),
        ("/sources", "source_class=fieldwork&method=observe"),
        ("/sources", "q=meetings"),
    ],
)
def test_lists_and_counts_what_the_api_answers_to_the_same_question(reader: Reader, page: str, asked: str) -> None:
    found = reader.ask(f"/api/v1{page}?{asked}&count=true")

    shown = reader.see(f"{page}?{asked}")

    assert _listed(shown, f"{page}/") == [row["ref"] for row in found["items"]]
    assert f"{found['total']} {'piece' if page == '/evidence' else 'source'}" in shown.text
    assert found["next"] is None
    for said, place in shown.links:
        if place.startswith(f"{page}/") and "as_of" in asked:
            assert place.endswith("?as_of=2017-01-01"), said


def test_takes_a_form_as_a_browser_sends_it(reader: Reader) -> None:
    blank = "q=&recommendation=&source=&sort=recorded"

    whole, some = reader.see(f"/evidence?{blank}"), reader.see(f"/evidence?{blank}&basis=inferred&q=+police+")

    assert _listed(whole, "/evidence/") == _listed(reader.see("/evidence"), "/evidence/")
    assert _listed(some, "/evidence/") == _listed(reader.see("/evidence?basis=inferred&q=police"), "/evidence/")
    assert {("q", "police"), ("basis", "inferred")} <= set(some.fields)
    assert ("basis", "stated") not in some.fields


def test_goes_on_to_the_next_page_until_all_is_shown(reader: Reader) -> None:
    page = reader.see("/evidence?limit=7&sort=title&q=")
    found = _listed(page, "/evidence/")
    while "Next page" in page.text:
        page = reader.see(page.place("Next page"))
        found += _listed(page, "/evidence/")

    rows = reader.ask("/api/v1/evidence?sort=title&limit=200")["items"]
    assert found == [row["ref"] for row in rows]


def test_says_that_nothing_matches(reader: Reader) -> None:
    for page in ("/evidence", "/sources"):
        assert "matches what was asked for" in reader.see(f"{page}?q=nowhere-at-all").text


@pytest.mark.parametrize("wrong", ["evidence_kind=rumour", "limit=0", "colour=red", "as_of=yesterday", "after=x"])
def test_tells_whoever_asks_what_cannot_be_what_to_do(reader: Reader, wrong: str) -> None:
    page = reader.see(f"/evidence?{wrong}", 422)

    assert wrong.partition("=")[0] in page.text
    assert "Mend what errors names" in page.text


def test_shows_of_every_piece_what_it_says_and_where_it_is_from(reader: Reader) -> None:
    for row in reader.ask("/api/v1/evidence?limit=200")["items"]:
        page = reader.see(f"/evidence/{row['ref']}")

        assert " ".join(row["statement"].split()) in page.text
        assert row["url"] in page.places
        for name in ("locator", "publisher", "publication_type", "confidence"):
            assert row[name] is None or " ".join(row[name].split()).lower() in page.text.lower(), (row["ref"], name)
        assert ("Undated" in page.text) == (row["effective_from"] is None)


def test_leads_to_everything_that_rests_on_a_piece_and_to_every_tie(reader: Reader) -> None:
    for row in reader.ask("/api/v1/evidence?limit=200")["items"]:
        page = reader.see(f"/evidence/{row['ref']}")

        reach = reader.ask(f"/api/v1/evidence/{row['ref']}/reach")
        ends = {f"/recommendations/{path['to']}" for path in reach["paths"] if path["kind"] == "recommendation"}
        assert ends <= set(page.places)
        links = reader.ask(f"/api/v1/links?source={row['ref']}")["items"]
        links += reader.ask(f"/api/v1/links?target={row['ref']}")["items"]
        assert {f"/links/{link['id']}" for link in links} == {
            place for place in page.places if place.startswith("/links/")
        }
        assert all(" ".join(link["rationale"].split()) in page.text for link in links)
        sources = {link["target"] for link in links if link["type"] == "derived_from"}
        assert {f"/sources/{ref}" for ref in sources} <= set(page.places)


def test_tells_an_inferred_tie_from_a_stated_one(reader: Reader) -> None:
    inferred, stated = reader.see("/evidence/F028"), reader.see("/evidence/F018")

    assert "Contextualises R7: about this link R7 Usage of ViSOR inferred by an analyst" in inferred.text
    assert "Supports R8: about this link R8 Engagement stated on the page" in stated.text
    assert "inferred by an analyst" not in stated.text


PAPERS = (".pdf", ".png", ".svg")


def test_the_published_page_behind_any_piece_is_four_clicks_away_at_most(reader: Reader) -> None:
    rows = reader.ask("/api/v1/evidence?limit=200")["items"]
    far, seen, level = {row["ref"]: row["url"] for row in rows}, {"/"}, ["/"]

    for _click in range(3):
        pages = {path: reader.see(path) for path in level}
        for path, page in pages.items():
            ref = path.removeprefix("/evidence/")
            if far.get(ref) in page.places:
                del far[ref]
        ahead = {place.partition("#")[0] for page in pages.values() for place in page.places}
        level = sorted(
            place
            for place in ahead - seen
            if place.startswith(("/recommendations", "/evidence")) and not place.endswith(PAPERS)
        )
        seen |= set(level)

    assert far == {}


def test_shows_of_a_source_how_it_was_done_and_what_was_drawn_from_it(reader: Reader) -> None:
    for row in reader.ask("/api/v1/sources?limit=200")["items"]:
        page = reader.see(f"/sources/{row['ref']}")

        for name in ("method", "population", "sample", "sample_size", "locator"):
            assert row[name] is None or " ".join(str(row[name]).split()).lower() in page.text.lower(), row["ref"]
        assert ("the page does not say, or names several" in page.text) == (row["method"] is None)
        drawn = reader.ask(f"/api/v1/evidence?source={row['ref']}&count=true")
        assert _listed(page, "/evidence/") == [item["ref"] for item in drawn["items"]]
        assert ("No evidence on record was drawn from it" in page.text) == (drawn["total"] == 0)
        assert {f"/links/{tie['id']}" for tie in row["ties"]} <= set(page.places)


def test_keeps_day_and_point_in_every_link_to_a_page(reader: Reader) -> None:
    times = "as_of=2018-01-01&known_at=420"

    for path in (f"/evidence/F018?{times}", f"/sources/F004?{times}", f"/evidence?recommendation=R8&{times}"):
        links = [link for link in reader.see(path).links if link[0] != "Show it as it is now"]
        places = [place for _, place in links if place.startswith(("/evidence/", "/recommendations", "/links/"))]

        assert len(places) > 2
        assert all("as_of=2018-01-01" in place and "known_at=420" in place for place in places), path


@pytest.mark.parametrize("path", ["/evidence/{}", "/sources/{}"])
def test_has_no_page_of_what_is_hidden_or_never_was(reader_of: ReaderOf, database: Database, path: str) -> None:
    kind = "evidence" if "evidence" in path else "source"
    with database.writing("a test", "Hide a thing") as session:
        an(kind, session, ref="HIDDEN", title="A hidden title", handling="OFFICIAL")
        an(kind, session, ref="SEEN", title="A title for all")
    public = reader_of(database)

    hidden, never = public.see(path.format("HIDDEN"), 404), public.see(path.format("NEVER"), 404)
    whole = public.see(path.removesuffix("/{}"))

    assert hidden.text.replace("HIDDEN", "NEVER") == never.text
    assert _listed(whole, path.removesuffix("{}")) == ["SEEN"]
    assert "hidden title" not in whole.html
    assert "1 piece of" in whole.text or "1 source" in whole.text


def test_says_that_nothing_rests_on_a_piece_and_that_it_comes_from_nowhere(
    reader_of: ReaderOf, database: Database
) -> None:
    with database.writing("a test", "Add a piece by itself") as session:
        an("evidence", session, ref="E1", title="<b>Bold</b>", statement="<script>alert(1)</script>")

    page = reader_of(database).see("/evidence/E1")

    assert "Nothing rests on it" in page.text
    assert "It is tied to nothing" in page.text
    assert "No source is on record that it was drawn from" in page.text
    assert "no page on record" in page.text
    assert "<script>alert" not in page.html
    assert "<b>" not in page.html


def test_shows_what_was_made_of_a_piece_and_from_what_its_own_origin_comes(
    reader_of: ReaderOf, database: Database
) -> None:
    with database.writing("a test", "Draw one from another") as session:
        source = an("source", session, ref="S1")
        pieces = [an("evidence", session, ref=f"E{number}") for number in (1, 2, 3)]
        link(session, pieces[0], "derived_from", source)
        for later, earlier in pairwise(reversed(pieces)):
            link(session, later, "derived_from", earlier)
        made = a_recommendation(session)
        link(session, pieces[2], "supports", made, basis="inferred")
    public = reader_of(database)

    first, last = public.see("/evidence/E1"), public.see("/evidence/E3")

    assert "Gives rise to E2" in first.text
    assert "R1 Thing recommendation, through E2, E3 inferred by an analyst" in first.text
    assert "Those in turn were drawn from E1" in last.text
    assert "/sources/S1" in last.places


def test_a_page_is_no_larger_however_much_there_is(reader_of: ReaderOf, database: Database) -> None:
    with database.writing("a test", "Add much") as session:
        source = an("source", session, ref="S1")
        made = a_recommendation(session)
        for number in range(320):
            piece = an("evidence", session, ref=f"E{number}")
            link(session, piece, "derived_from", source)
            link(session, piece, "supports", made)
    public = reader_of(database)

    for path in ("/evidence", "/evidence?source=S1", "/sources/S1", "/evidence/E7"):
        page = public.see(path)

        assert len(page.html.encode()) < MOST_BYTES, path
        assert len(_listed(page, "/evidence/")) <= 50
    assert "The first 50 pieces of evidence" in public.see("/evidence").text
    assert "320 pieces of evidence" in public.see("/evidence?count=true").text
    assert public.see("/sources/S1").place("All evidence drawn from S1") == "/evidence?source=S1"
