"""In a browser: how pages look on paper and in colours that the reader forces; what a picture says is seen in both."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.explorer import browsing
from tests.explorer.browsing import CHROMIUM, WIDE, Opened, sideways_at

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine: no page was looked at")
site, browser, looking, opened = browsing.site, browsing.browser, browsing.looking, browsing.opened
# An A4 sheet between its margins, in pixels of CSS.
SHEET = 703
# The least contrast of a text with what is behind it, by WCAG 2.2 (1.4.3).
LEAST_CONTRAST = 4.5
# A page with statuses of every tone, with pieces of evidence, and with a picture.
FULL = "/recommendations/R7"
ForcedIn = Callable[[str], Page]


def _printed(page: Page) -> Page:
    """A page as it comes on paper."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET, "height": 1000})
    return page


@pytest.fixture
def printed(looking: Page) -> Page:
    """A page of the browser, to be shown as it comes on paper."""
    return _printed(looking)


@pytest.fixture
def forced_in(browser: Browser, site: str) -> Iterator[ForcedIn]:
    """Makes a page in forced colours, light or dark."""
    contexts = []

    def make(scheme: Any) -> Page:
        context = browser.new_context(base_url=site, forced_colors="active", color_scheme=scheme)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def _seen(page: Page, selector: str) -> list[str]:
    """What is selected and takes any room, by its beginning."""
    return list(
        page.eval_on_selector_all(
            selector,
            "all => all.filter(one => one.getClientRects().length).map(one => one.outerHTML.slice(0, 60))",
        )
    )


def _edges(page: Page) -> dict[str, str]:
    """How the edges of statuses look, by their tone."""
    return dict(
        page.eval_on_selector_all(
            ".tag",
            "all => all.map(one => [one.classList[1] || 'plain',"
            " getComputedStyle(one).borderStyle + getComputedStyle(one).borderWidth])",
        )
    )


def test_on_paper_a_page_is_whole_and_has_nothing_that_only_a_screen_can_do(opened: Opened) -> None:
    printed = _printed(opened.page)

    cut = printed.eval_on_selector_all(".scroll", "all => all.filter(one => one.scrollWidth > one.clientWidth).length")
    assert _seen(printed, "nav, form, button, summary, .skip, header.top, footer.bottom, .data") == []
    assert sideways_at(printed, SHEET) == 0
    assert cut == 0
    _says_what_it_is_and_where_it_can_be_looked_at_again(printed, opened.path)


def _says_what_it_is_and_where_it_can_be_looked_at_again(printed: Page, path: str) -> None:
    said = printed.locator(".paper-only").inner_text()
    assert said.startswith(f"MAPPA recommendations: {printed.title().removesuffix(' - MAPPA recommendations')}.")
    assert f"Check it at {path.partition('?')[0]}" in said
    if printed.locator(".data").count():
        assert "Known at change 424 of the record. Handling: PUBLIC." in said
        assert "As at no chosen day, undated items included." in said
        assert "known_at=424" in said


def test_on_paper_a_page_says_of_which_review_day_and_point_it_is(printed: Page) -> None:
    printed.goto(f"{FULL}?as_of=2017-06-29&known_at=300")

    said = printed.locator(".paper-only").inner_text()
    assert "Review MAPPA-2015." in said
    assert "As at 29 June 2017. Known at change 300 of the record." in said
    assert said.endswith(f"Check it at {FULL}?as_of=2017-06-29&known_at=300")


def test_what_paper_says_of_a_page_is_not_shown_on_a_screen(looking: Page) -> None:
    looking.goto(FULL)

    assert _seen(looking, ".paper-only") == []


def test_on_paper_a_published_page_is_named_by_its_address(printed: Page) -> None:
    printed.goto("/evidence")

    told = printed.eval_on_selector_all(
        "main a[rel~=external]", "all => all.map(one => getComputedStyle(one, '::after').content)"
    )
    assert len(told) > 30
    assert [text for text in told if not re.search(r"https?://", text) and "attr(href)" not in text] == []


def test_on_paper_the_picture_of_a_chain_is_there(printed: Page) -> None:
    printed.goto(FULL)

    assert len(_seen(printed, "svg.chain rect")) > 10
    assert _seen(printed, ".strip") == []


def test_statuses_are_told_apart_on_paper_without_colour(printed: Page) -> None:
    printed.goto(FULL)

    edges = _edges(printed)
    assert set(edges) == {"plain", "going", "done", "bad", "unknown"}
    assert len(set(edges.values())) == len(edges)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_statuses_are_told_apart_in_forced_colours(forced_in: ForcedIn, scheme: str) -> None:
    looking = forced_in(scheme)
    looking.goto(FULL)

    edges = _edges(looking)
    assert set(edges) == {"plain", "going", "done", "bad", "unknown"}
    assert len(set(edges.values())) == len(edges)
    assert not any("none" in edge for edge in edges.values())


def test_in_forced_colours_the_section_and_the_focus_are_seen_and_nothing_goes_sideways(opened: Opened) -> None:
    looking = opened.page
    looking.emulate_media(media="screen", forced_colors="active", color_scheme="dark")
    lines = looking.eval_on_selector_all(
        ".sections a", "all => all.map(one => [one.ariaCurrent !== null, getComputedStyle(one).borderBottomColor])"
    )
    looking.keyboard.press("Tab")
    looking.keyboard.press("Tab")
    outline = looking.evaluate("getComputedStyle(document.activeElement).outlineStyle")

    assert outline == "solid"
    assert {line for current, line in lines if current}.isdisjoint(line for current, line in lines if not current)
    assert sideways_at(looking, WIDE) == sideways_at(looking, 390) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_bars_and_missing_evidence_are_seen(forced_in: ForcedIn, scheme: str) -> None:
    looking = forced_in(scheme)
    looking.goto("/")

    bars = looking.eval_on_selector_all("progress", "all => all.map(one => getComputedStyle(one).borderTopStyle)")
    none = looking.eval_on_selector_all("td.heat0", "all => all.map(one => getComputedStyle(one).outlineStyle)")
    assert set(bars) == {"solid"}
    assert set(none) == {"dashed"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_the_marks_of_the_matrix_stand_out(forced_in: ForcedIn, scheme: str) -> None:
    looking = forced_in(scheme)
    looking.goto("/matrix")

    ground = looking.evaluate("getComputedStyle(document.body).backgroundColor")
    fills = looking.eval_on_selector_all(".mark .shape", "all => all.map(one => getComputedStyle(one).fill)")
    rings = looking.eval_on_selector_all(".mark.ringed", "all => all.map(one => getComputedStyle(one).borderTopStyle)")
    assert fills
    assert ground not in fills
    assert set(rings) == {"dashed"}


_CONTRASTS = """() => {
  const light = colour => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map(part => part / 255)
      .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
  };
  const ground = getComputedStyle(document.body).backgroundColor;
  return [...document.querySelectorAll("svg.chain text")].map(text => {
    const box = text.parentElement.querySelector("rect");
    const behind = box ? getComputedStyle(box).fill : ground;
    const [dark, bright] = [light(getComputedStyle(text).fill), light(behind)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  });
}"""


@pytest.mark.parametrize("ref", ["R2", "R7", "R10"])
def test_what_a_picture_says_can_be_read(looking: Page, ref: str) -> None:
    looking.goto(f"/recommendations/{ref}/chain")

    contrasts = looking.evaluate(_CONTRASTS)

    assert len(contrasts) > 20
    assert min(contrasts) >= LEAST_CONTRAST


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_a_picture_says_can_be_read_in_forced_colours(forced_in: ForcedIn, scheme: str) -> None:
    looking = forced_in(scheme)
    looking.goto(f"{FULL}/chain")

    contrasts = looking.evaluate(_CONTRASTS)

    assert len(contrasts) > 20
    assert min(contrasts) >= LEAST_CONTRAST


@pytest.mark.parametrize("ref", ["R2", "R3", "R7", "R10"])
def test_what_a_picture_says_stays_in_its_boxes(looking: Page, ref: str) -> None:
    looking.goto(f"/recommendations/{ref}/chain")
    looking.evaluate("document.fonts.ready.then(() => true)")

    over = looking.eval_on_selector_all(
        "svg.chain text:not(.column)",
        "all => all.filter(text => text.getBBox().x + text.getBBox().width"
        " > text.parentElement.querySelector('rect').getBBox().x + 176 - 3).map(text => text.textContent)",
    )
    assert over == []
