"""In a browser: every page for everybody, without script and by keyboard too; nothing of it comes from elsewhere."""

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.explorer import browsing
from tests.explorer.browsing import CHROMIUM, WIDE, Opened, sideways_at

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine: no page was looked at")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what is in order, that it was looked at is enough.
OPTIONS = {"runOnly": RULES, "resultTypes": ["violations"]}
NARROW, NARROWEST, ZOOMED = 390, 320, 640
# WCAG 2.2 (1.4.12): so much room between lines, paragraphs, letters and words may be asked for.
SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
# As a reader's own style sheet: the policy of the page forbids one that is written into it.
STYLED = """rules => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
}"""
site, browser, looking, opened = browsing.site, browsing.browser, browsing.looking, browsing.opened


def test_a_page_has_no_barrier_that_axe_knows(opened: Opened) -> None:
    for width in (WIDE, NARROW):
        opened.page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(opened.page, options=OPTIONS).response
        assert found["passes"]
        assert [(fault["id"], fault["help"], fault["nodes"][0]["html"]) for fault in found["violations"]] == [], width


def test_a_page_says_nothing_on_the_console_and_asks_nobody_else(opened: Opened, site: str) -> None:
    assert opened.status == 200
    assert opened.said == ()
    assert [url for url in opened.asked if not url.startswith((f"{site}/", "data:"))] == []
    assert 1 < len(opened.asked) <= 7


def test_a_page_never_goes_sideways_and_has_room_for_wider_text(opened: Opened) -> None:
    widths = (NARROWEST, NARROW, ZOOMED)

    wider = {width: sideways_at(opened.page, width) for width in widths}
    opened.page.evaluate(STYLED, SPACED)
    spacing = opened.page.evaluate("getComputedStyle(document.body).letterSpacing")
    spaced = sideways_at(opened.page, NARROW)
    opened.page.evaluate(STYLED, "")

    assert wider == dict.fromkeys(widths, 0)
    assert spacing != "normal"
    assert spaced == 0


@pytest.mark.parametrize("script", [True, False])
def test_the_published_page_behind_a_piece_of_evidence_is_four_clicks_away(
    browser: Browser, site: str, script: bool
) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=script)
    looking = context.new_page()
    looking.goto("/")

    looking.click("text=Usage of ViSOR")
    looking.click("main article a.ref")
    published = looking.locator("main a[rel~=external]").first.get_attribute("href")

    assert "/evidence/" in looking.url
    assert published is not None
    assert published.startswith("https://")
    context.close()


def test_who_has_a_keyboard_alone_sees_where_he_is_and_gets_to_a_recommendation(looking: Page) -> None:
    looking.goto("/")
    reached: list[str] = []

    while "/recommendations/R7" not in (reached or [""])[-1]:
        assert len(reached) < 60, reached
        looking.keyboard.press("Tab")
        looking.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        reached.append(looking.evaluate("document.activeElement.getAttribute('href') || document.activeElement.id"))
        outline = looking.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        hidden = looking.evaluate(
            "(({top, left}) => document.elementFromPoint(left + 2, top + 2) !== document.activeElement"
            " && !document.activeElement.contains(document.elementFromPoint(left + 2, top + 2)))"
            "(document.activeElement.getBoundingClientRect())"
        )
        assert outline != "none", reached
        assert not hidden, reached
    looking.keyboard.press("Enter")
    looking.wait_for_url("**/recommendations/R7")

    assert reached[0] == "#main"
    assert looking.locator("h1").inner_text() == "Usage of ViSOR"


def _taken_away(looking: Page, name: str, within: str) -> bytes:
    """The file behind a link of the page."""
    with looking.expect_download() as taken:
        looking.click(f"{within} >> text={name}")
    return Path(taken.value.path()).read_bytes()


@pytest.mark.parametrize("script", [True, False])
def test_the_matrix_is_filtered_pinned_and_taken_into_a_meeting(browser: Browser, site: str, script: bool) -> None:
    context = browser.new_context(base_url=site, java_script_enabled=script)
    looking = context.new_page()
    looking.goto("/matrix")

    looking.click("text=Filter, and pin columns")
    looking.check("input[name=basis][value=stated]")
    looking.check("input[name=recommendation][value=R8]")
    looking.click("form.choose button[type=submit]")
    heads = looking.locator("table.matrix thead th a").all_inner_texts()
    book = openpyxl.load_workbook(BytesIO(_taken_away(looking, "Excel", "p.as")))

    assert heads == ["R8"]
    assert "basis=stated" in looking.url
    assert "basis = stated" in str([row for sheet in book for row in sheet.iter_rows(values_only=True)])
    if looking.locator("p.on-paper").count():  # where papers can be made
        assert _taken_away(looking, "PDF", "p.on-paper").startswith(b"%PDF-")
    context.close()


def test_two_days_are_compared_by_keyboard_alone(looking: Page) -> None:
    looking.goto("/compare")

    _tab_to(looking, "#from")
    looking.keyboard.type("177")
    _tab_to(looking, "#to")
    looking.keyboard.type("now")
    looking.keyboard.press("Enter")
    looking.wait_for_url("**/compare?from=177&to=now*")

    assert "From change 177 to change 424 of the record." in looking.locator("main").inner_text()
    assert looking.locator("main section h2").count() > 3


def test_the_matrix_is_filtered_by_keyboard_alone(looking: Page) -> None:
    looking.goto("/matrix")

    _tab_to(looking, "summary")
    looking.keyboard.press("Enter")
    _tab_to(looking, "input[value=R8]")
    looking.keyboard.press("Space")
    looking.keyboard.press("Enter")
    looking.wait_for_url("**recommendation=R8*")

    assert looking.locator("table.matrix thead th a").all_inner_texts() == ["R8"]


def _tab_to(looking: Page, selector: str) -> None:
    """Go on by the keyboard to the next element that this selects."""
    for _step in range(90):
        looking.keyboard.press("Tab")
        if looking.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")
