"""The page of a link: why two things are joined, who said so, and whether it still holds."""

import pytest

from api.database import Database
from models.lens import Lens
from models.writing.links import review_link
from tests.explorer import looking
from tests.explorer.looking import Reader, ReaderOf, a_recommendation
from tests.factories import an, link

reader, reader_of = looking.reader, looking.reader_of


def test_says_of_every_link_what_it_joins_and_why(reader: Reader) -> None:
    words = {word["type"]: word for word in reader.ask("/api/v1/vocabulary")["link_types"]}
    links = [*reader.ask("/api/v1/links?limit=60")["items"], *reader.ask("/api/v1/links?type=qualifies")["items"]]

    for found in links:
        page = reader.see(f"/links/{found['id']}")

        told = words[found["type"]]
        assert f"{found['source']} {found['type'].replace('_', ' ')} {found['target']}" in page.text
        assert told["meaning"] in page.text
        assert f"{found['target']} {told['inverse'].replace('_', ' ')} {found['source']}" in page.text
        for name in ("rationale", "locator", "asserted_by"):
            assert " ".join((found[name] or "").split()) in page.text, (found["id"], name)
        assert found["url"] is None or found["url"] in page.places
        assert ("stated on the page" in page.text) == (found["basis"] == "stated")
        assert ("inferred by an analyst" in page.text) == (found["basis"] == "inferred")
        assert "This link is suspect" not in page.text


def test_leads_to_both_ends_and_to_what_was_done_to_it(reader: Reader) -> None:
    page = reader.see("/links/F018-supports-R8")

    assert (page.place("F018"), page.place("R8")) == ("/evidence/F018", "/recommendations/R8")
    done = reader.see(page.place("What was done to this link on the record"))
    assert "1 change" in done.text
    assert "created link F018-supports-R8" in done.text


def test_says_that_nobody_has_reviewed_it(reader: Reader) -> None:
    assert (
        "Nobody has reviewed it since it was made. Neither end has changed since"
        in reader.see("/links/F018-supports-R8").text
    )


def test_says_which_end_has_changed_and_what_a_review_found(reader_of: ReaderOf, database: Database) -> None:
    with database.writing("a test", "Join two things") as session:
        made = a_recommendation(session)
        pieces = [an("evidence", session, ref=ref) for ref in ("E1", "E2")]
        link(session, pieces[0], "supports", made)
        link(session, pieces[1], "supports", made, basis="inferred", strength="weak")
        found = {"finding": "invalid", "note": "It says no such thing."}
        review_link(session, Lens(), "E2-supports-R1", found, "a reviewer")
    with database.writing("a test", "Say something else") as session:
        session.merge(pieces[0]).statement = "Something else was observed."
    public = reader_of(database)

    changed, refuted = public.see("/links/E1-supports-R1"), public.see("/links/E2-supports-R1")

    assert "The source, E1, says something else than when the link was last reviewed" in changed.text
    assert "Whoever reviewed it last found that it does not hold" in refuted.text
    assert "Found invalid by a reviewer, " in refuted.text
    assert "It says no such thing." in refuted.text
    assert "Weak" in refuted.text


@pytest.mark.parametrize("hidden", ["E1", "R1", "link"])
def test_has_no_page_where_it_or_an_end_of_it_is_hidden(reader_of: ReaderOf, database: Database, hidden: str) -> None:
    with database.writing("a test", "Hide a part") as session:
        made = a_recommendation(session)
        made.handling = "OFFICIAL" if hidden == "R1" else "PUBLIC"
        piece = an("evidence", session, ref="E1", handling="OFFICIAL" if hidden == "E1" else "PUBLIC")
        link(session, piece, "supports", made, handling="OFFICIAL")

    assert (
        "No link has the reference 'E1-supports-R1' here" in reader_of(database).see("/links/E1-supports-R1", 404).text
    )
