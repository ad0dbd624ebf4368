"""Papers: what they say, on which sheets, and what is answered where they cannot be made."""

import re
import sys
import threading

import pytest
from flask.testing import FlaskClient

import explorer.printing
from api.database import Database
from api.settings import ROOT
from tests.explorer import printed
from tests.explorer.printed import (
    BASE,
    CHAIN,
    MATRIX,
    PDFS,
    SHEET,
    Opens,
    drawing,
    millimetres,
    need,
    paper,
    read_pdf,
    recommend,
    size,
    words_of,
)
from tests.factories import an, link

published_app, everybody = printed.published_app, printed.everybody
opens, forgetful = printed.opens, printed.forgetful
ALL = (f"{CHAIN}.svg", f"{CHAIN}.png", *PDFS)
A4, A4_LANDSCAPE, A3_LANDSCAPE = (210, 297), (297, 210), (420, 297)


@pytest.mark.parametrize(
    ("path", "pages"), [(f"{CHAIN}.pdf", [A4_LANDSCAPE] * 2), (SHEET, [A4]), (MATRIX, [A3_LANDSCAPE])]
)
def test_lays_each_paper_out_on_its_sheets(everybody: FlaskClient, path: str, pages: list[tuple[int, int]]) -> None:
    content = paper(everybody, path)

    assert content.startswith(b"%PDF-")
    assert millimetres(content) == pages


@pytest.mark.parametrize("number", range(1, 11))
def test_tells_each_published_recommendation_on_one_sheet(everybody: FlaskClient, number: int) -> None:
    content = paper(everybody, f"/recommendations/R{number}.pdf")

    assert millimetres(content) == [A4]
    assert f"Recommendation {number}, Joint Thematic Review of MAPPA in Scotland" in words_of(content)
    assert "gaps: what is missing" in words_of(content)


@pytest.mark.parametrize("path", PDFS)
def test_tags_its_pages_for_those_who_hear_them(everybody: FlaskClient, path: str) -> None:
    read = read_pdf(paper(everybody, path))

    assert read.trailer["/Root"]["/MarkInfo"]["/Marked"].value is True
    assert read.trailer["/Root"]["/Lang"] == "en-GB"
    assert "/StructTreeRoot" in read.trailer["/Root"]
    assert read.metadata.title


@pytest.mark.parametrize("path", PDFS)
def test_says_of_what_day_and_point_it_is_and_for_whom(everybody: FlaskClient, path: str) -> None:
    words = words_of(paper(everybody, f"{path}?as_of=2017-06-29&known_at=400"))

    assert "As at 29 June 2017. Known at change 400 of the record. Handling: PUBLIC, for everybody." in words
    assert "Joint Thematic Review of MAPPA in Scotland" in words
    assert f"Check it at {BASE}/" in words


def test_says_the_same_on_a_picture_alone(everybody: FlaskClient) -> None:
    tree = drawing(paper(everybody, f"{CHAIN}.svg?as_of=2017-06-29&known_at=400"))
    words = " ".join("".join(tree.itertext()).split())

    assert "As at 29 June 2017. Known at change 400 of the record. Handling: PUBLIC, for everybody." in words
    assert f"Check it at {BASE}{CHAIN}?as_of=2017-06-29&known_at=400" in words


@pytest.mark.parametrize("path", ["/recommendations/R7", CHAIN])
def test_names_an_address_that_still_shows_it_later(everybody: FlaskClient, path: str) -> None:
    content = paper(everybody, f"{path}.pdf" if path != CHAIN else f"{CHAIN}.svg")
    words = words_of(content) if path != CHAIN else content.decode()

    named = re.search(rf"Check it at {BASE}({path}\?known_at=\d+)", words)

    assert named is not None
    assert everybody.get(named[1]).status_code == 200


def test_draws_a_picture_sharp_enough_to_read_and_no_larger_than_it_has_to_be(everybody: FlaskClient) -> None:
    tree = drawing(paper(everybody, f"{CHAIN}.svg"))
    wide, high = size(paper(everybody, f"{CHAIN}.png"))

    assert wide == pytest.approx(2 * float(tree.attrib["width"]), abs=2)
    assert high == pytest.approx(2 * float(tree.attrib["height"]), abs=2)


def test_bounds_the_pixels_of_a_large_picture() -> None:
    need("resvg_py")
    from explorer.as_png import write  # noqa: PLC0415 - only where it is installed

    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1100" height="90000" viewBox="0 0 1100 90000"/>'

    wide, high = size(write(svg, 1_100, 90_000))

    assert wide * high <= 8_100_000


def test_looks_for_other_letters_than_its_own_among_the_fonts_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    need("resvg_py")
    from explorer import as_png  # noqa: PLC0415 - only where it is installed

    told: list[bool] = []
    monkeypatch.setattr(as_png, "svg_to_bytes", lambda **options: told.append(options["skip_system_fonts"]))

    for words in ("Café, “quoted” … £5", "Кафе"):
        as_png.write(f"<svg>{words}</svg>", 10, 10)

    assert told == [True, False]


def test_draws_the_words_of_a_picture_in_the_font_of_the_pages() -> None:
    ttlib = need("fontTools.ttLib")
    vendor = ROOT / "explorer" / "static" / "vendor"
    whole = ttlib.TTFont(vendor / "roboto-latin-wght-normal.woff2")

    for name, weight in (("regular", 400), ("bold", 700)):
        font = ttlib.TTFont(vendor / f"roboto-latin-{name}.ttf")

        assert (font["name"].getDebugName(1), font["OS/2"].usWeightClass) == ("Roboto", weight)
        assert font.getBestCmap() == whole.getBestCmap()
        assert "fvar" not in font  # which would be cut to shape, and dated, in each paper anew


def test_gives_the_same_bytes_each_time(everybody: FlaskClient, forgetful: None) -> None:
    first, again = ([paper(everybody, path) for path in ALL] for _ in range(2))

    assert first == again


@pytest.mark.parametrize("path", ALL)
def test_is_a_file_with_a_name_that_is_made_once_for_everybody(
    everybody: FlaskClient, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper(everybody, path)
    monkeypatch.setattr(explorer.printing, "_maker", lambda name: pytest.fail("made again"))

    again = everybody.get(path)
    known = everybody.get(path, headers={"If-None-Match": again.headers["ETag"]})

    name = path.removeprefix("/").replace("/", "-")
    assert again.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert (again.status_code, known.status_code) == (200, 304)


def test_stays_on_one_sheet_however_much_there_is(database: Database, opens: Opens) -> None:
    with database.writing("a test", "Arrange") as session:
        asked = recommend(session, title="W" * 60, short_name="W" * 16, text="Wide words mend. " * 400)
        for number in range(12):
            long = f"{number} " + "a rather long title that goes on " * 6
            link(session, an("evidence", session, title=long), "supports", asked, basis="inferred")
            link(session, an("action", session, title=long), "addresses", asked)

    content = paper(opens(database).test_client(), SHEET)

    assert millimetres(content) == [A4]
    assert " more, at the address below." in words_of(content)
    assert "The whole text is at the address below." in words_of(content)


@pytest.mark.parametrize("path", [SHEET, f"{CHAIN}.png"])
def test_says_what_to_install_where_it_is_not_there(
    everybody: FlaskClient, forgetful: None, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    name, package = ("pdf", "weasyprint") if path.endswith(".pdf") else ("png", "resvg_py")
    monkeypatch.delitem(sys.modules, f"explorer.as_{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)

    answer = everybody.get(path)

    assert (answer.status_code, answer.get_json()["type"]) == (406, "/api/v1/problems/not-acceptable")
    assert "extra 'papers'" in answer.get_json()["detail"]
    assert "Retry-After" not in answer.headers
    assert not explorer.printing.prints(name)
    assert everybody.get(f"{CHAIN}.svg").status_code == 200


def test_makes_one_paper_at_a_time_and_says_when_to_come_back(
    everybody: FlaskClient, forgetful: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    need("weasyprint")
    monkeypatch.setattr(explorer.printing, "PATIENCE_SECONDS", 0.05)
    there, done = threading.Event(), threading.Event()

    def hold() -> None:
        with explorer.printing.press("pdf"):
            there.set()
            done.wait(10)

    holding = threading.Thread(target=hold)
    holding.start()
    assert there.wait(10)

    busy = everybody.get(MATRIX)
    done.set()
    holding.join()
    after = everybody.get(MATRIX)

    assert (busy.status_code, busy.headers["Retry-After"], after.status_code) == (503, "2", 200)


@pytest.mark.parametrize("path", ["/recommendations/R99.pdf", "/recommendations/R99/chain.svg"])
def test_knows_no_paper_of_what_is_not_there(everybody: FlaskClient, path: str) -> None:
    assert everybody.get(path).status_code == 404


def test_says_that_filters_may_hide_evidence(everybody: FlaskClient) -> None:
    words = words_of(paper(everybody, f"{MATRIX}?basis=stated"))

    assert "Filters: basis = stated. They may hide evidence." in words
    assert f"{BASE}/matrix?basis=stated&known_at=" in words
