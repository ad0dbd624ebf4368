"""Hostile texts: whatever anybody wrote is shown as text, and leads nowhere that is no address of the web."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from api.database import Database
from api.settings import Settings
from explorer.app import create_app
from models.actions import DueDate
from tests.conftest import Databases
from tests.explorer.conftest import url_of
from tests.explorer.pages import BROWSER, PAGES
from tests.explorer.reading import Reading
from tests.factories import an, link

SCRIPT = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>{{ 7919 * 7919 }}"
SHORT = "\"'><b>&{{7919}}"
LEADS = "javascript:alert(1)"
_TEXTS: dict[str, Any] = {"title": SCRIPT, "effective_note": SCRIPT, "period_note": SCRIPT, "locator": SCRIPT}
_EVERYWHERE: dict[str, Any] = _TEXTS | {"publisher": SCRIPT, "url": LEADS}
_REFS = {
    "recommendations": "R-1",
    "evidence": "E-1",
    "sources": "S-1",
    "actions": "A-1",
    "reviews": "V-1",
    "bodies": "B-1",
}


@pytest.fixture(scope="module")
def hostile(databases: Databases) -> Iterator[FlaskClient]:
    """The pages of a record in which every text that can be is hostile."""
    database = databases.copy("empty")
    _write(database)
    app = create_app(Settings(url_of(database), "test"))
    yield app.test_client()
    app.extensions["mappa"].database.close()
    database.close()


def _write(database: Database) -> None:
    on = {"effective_from": date(2017, 6, 29)}
    tie: dict[str, Any] = {"rationale": SCRIPT, "asserted_by": SCRIPT, "url": LEADS, "locator": SCRIPT}
    with database.writing(SCRIPT, SCRIPT) as session:
        body = an("body", session, ref="B-1", title=SCRIPT)
        review = an("review", session, ref="V-1", published_on=date(2015, 11, 26), **_EVERYWHERE)
        named: dict[str, Any] = {"parent": review, "number": 1, "lead": body, "text": SCRIPT, "short_name": SHORT}
        recommendation = an("recommendation", session, ref="R-1", **_EVERYWHERE, **named, **on)
        an("clause", session, ref="R-1.1", parent=recommendation, number=1, **_EVERYWHERE)
        told = {"population": SCRIPT, "sample": SCRIPT, "statement": SCRIPT}
        source = an("source", session, ref="S-1", owner=body, **_EVERYWHERE, **told, **on)
        evidence = an("evidence", session, ref="E-1", statement=SCRIPT, owner=body, **_EVERYWHERE, **on)
        action: Any = an("action", session, ref="A-1", owner=body, **_EVERYWHERE, **on)
        action.due_dates = [DueDate(number=n, due_on=date(2020, n, 1), note=SCRIPT, set_by=SCRIPT) for n in (1, 2)]
        done = {"statement": SCRIPT, "impact": SCRIPT, "claimed_status": "under_way"}
        an("progress", session, ref="P-1", parent=action, number=1, **_EVERYWHERE, **done, **on)
        an("assessment", session, ref="Z-1", parent=recommendation, statement=SCRIPT, **_EVERYWHERE, **on)
        an(
            "decision",
            session,
            ref="D-1",
            parent=recommendation,
            statement=SCRIPT,
            decided_by=SCRIPT,
            **_EVERYWHERE,
            **on,
        )
        link(session, evidence, "supports", recommendation, **tie)
        link(session, evidence, "derived_from", source, **tie)
        link(session, action, "addresses", recommendation, **tie)
        link(session, evidence, "demonstrates", action, **tie)


def _address(path: str) -> str:
    """The address of a page about what is on this record."""
    place = path.split("/")[1]
    ref = _REFS.get(place, "E-1-supports-R-1" if place == "links" else "E-1")
    return re.sub(r"<\w+>", ref, path)


@pytest.mark.parametrize("path", [page.path for page in PAGES])
def test_what_was_written_is_text(hostile: FlaskClient, path: str) -> None:
    answer = hostile.get(_address(path), headers=BROWSER)
    page = Reading(answer.get_data(as_text=True))

    assert answer.status_code in {200, 422}, answer.text  # what has to be asked something says so
    _assert_harmless(page)


def test_is_shown_at_all(hostile: FlaskClient) -> None:
    shown = [
        Reading(hostile.get(path, headers=BROWSER).text).said for path in ("/recommendations", "/recommendations/R-1")
    ]

    assert all(SCRIPT in said for said in shown)


@pytest.mark.parametrize("path", [page.path for page in PAGES if "<" not in page.path])
def test_what_was_asked_is_text(hostile: FlaskClient, path: str) -> None:
    for name in ("q", "as_of", "known_at", "after", "recommendation", "nonsense", SCRIPT):
        answer = hostile.get(f"{path}?{urlencode({name: SCRIPT})}", headers=BROWSER)

        assert answer.status_code in {200, 404, 422}, answer.text
        _assert_harmless(Reading(answer.get_data(as_text=True)))


def test_a_path_that_is_not_there_is_text(hostile: FlaskClient) -> None:
    _assert_harmless(Reading(hostile.get(f"/{SCRIPT}", headers=BROWSER).text))


def _assert_harmless(page: Reading) -> None:
    assert page.wrong == []
    assert [element for element in page.all("script") if element.text.strip()] == []
    assert page.all("img", "b") == []
    assert [name for element in page.elements for name in element.attributes if name.startswith("on")] == []
    led = [element.get(name) for element in page.elements for name in ("href", "src", "action", "cite")]
    assert {urlsplit(address).scheme for address in led} <= {"", "http", "https"}
    assert str(7919 * 7919) not in page.said
