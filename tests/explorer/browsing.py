"""A browser as the tests use one: Chromium without a window, if the machine has it; and what it looks at.

A test module takes the fixtures by name: `site, browser, looking = browsing.site, browsing.browser, browsing.looking`.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import Databases
from tests.explorer.pages import EXAMPLES
from tests.process import served

WIDE = 1280
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Nothing of the browser's own goes out: what is asked for is what pages ask for.
_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)


class Opened(NamedTuple):
    """A page that was opened once, to be looked at in several ways; what came of opening it."""

    path: str
    page: Page
    status: int
    said: tuple[str, ...]
    asked: tuple[str, ...]


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser, gone afterwards."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=[*_QUIET])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(every_engine: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service as it runs, with the published record: where it is."""
    databases: Databases = every_engine("sqlite")  # type: ignore[operator]
    with served(databases.copy("empty"), tmp_path_factory.mktemp("site")) as (address, _session, _log):
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as found:
        yield found


@pytest.fixture
def looking(browser: Browser, site: str) -> Iterator[Page]:
    """A page of the browser, before any address was opened."""
    context = browser.new_context(base_url=site, viewport={"width": WIDE, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module", params=EXAMPLES)
def opened(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Opened]:
    """Each page in turn, as everybody opens it: with what it then said on the console, and what it asked for."""
    said: list[str] = []
    asked: list[str] = []
    context = browser.new_context(base_url=site, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(request.param)
    assert answer is not None
    yield Opened(request.param, page, answer.status, tuple(said), tuple(asked))
    context.close()


def sideways_at(looking: Page, width: int) -> int:
    """By how many pixels the page is wider than a window of this width."""
    looking.set_viewport_size({"width": width, "height": 900})
    return int(looking.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
