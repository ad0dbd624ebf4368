"""A browser, and a record of which some is hidden from whoever has not signed in.

A test module takes the fixtures by name: `arranged, browser = signing_in.arranged, signing_in.browser`.
"""

from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.database import Database
from api.keykeeping import OPERATOR
from models.queries.grants import list_grants
from models.queries.paging import Wanted
from models.queries.rows import Row
from models.writing.grants import end_grant
from tests.explorer.conftest import Opens, give_key
from tests.explorer.pages import BROWSER
from tests.explorer.reading import Reading
from tests.factories import an

HIDDEN, SHOWN = "What is official", "What is public"
SENT = {"Origin": "null", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}


@dataclass
class Browser:
    """A browser: it keeps cookies and sends forms as they stand on their pages."""

    client: FlaskClient

    def open(self, address: str, **headers: str) -> TestResponse:
        """A page."""
        return self.client.get(address, headers=BROWSER | headers)

    def token(self, address: str = "/sign-in", action: str = "/sign-in") -> str:
        """What a form on a page sends of its own."""
        page = Reading(self.open(address).get_data(as_text=True))
        form = next(form for form in page.all("form") if form.get("action") == action)
        return next(child.get("value") for child in form.children if child.get("name") == "token")

    def send(self, address: str, fields: dict[str, str], **headers: str) -> TestResponse:
        """A form."""
        return self.client.post(address, data=fields, headers=BROWSER | SENT | headers)

    def sign_in(self, key: str) -> TestResponse:
        """Give a key."""
        return self.send("/sign-in", {"token": self.token(), "key": key})

    @property
    def cookie(self) -> str:
        """What it keeps."""
        kept = self.client.get_cookie("mappa")
        return kept.value if kept else ""


@dataclass
class Arranged:
    """The service on a record of which some is marked, and a key that shows it."""

    app: Flask
    database: Database
    key: str

    def browser(self) -> Browser:
        """A new browser."""
        return Browser(self.app.test_client())

    def end_key(self) -> None:
        """Take the key away."""
        with self.database.writing(OPERATOR, "Take a key away") as session:
            ref = next(row["ref"] for row in keys_of(session))
            end_grant(session, "key", ref)


def keys_of(session: Session) -> list[Row]:
    """The keys that there are."""
    return list(list_grants(session, "key", Wanted(limit=10)).rows)


@pytest.fixture
def arranged(database: Database, opens: Opens) -> Arranged:
    with database.writing("a test", "Arrange") as session:
        an("body", session, ref="B-1")
        review = an("review", session, ref="V-1", published_on=date(2015, 11, 26))
        an("recommendation", session, ref="R-1", parent=review, number=1, title=SHOWN, text=SHOWN)
        hidden = {"title": HIDDEN, "text": HIDDEN, "handling": "OFFICIAL"}
        an("recommendation", session, ref="R-2", parent=review, number=2, **hidden)
    key = give_key(database, "inspector", name="an-inspector", body="B-1", clearance="OFFICIAL")
    return Arranged(opens(database), database, key)


@pytest.fixture
def browser(arranged: Arranged) -> Browser:
    """A browser in which nobody has signed in."""
    return arranged.browser()


@pytest.fixture
def signed_in(arranged: Arranged) -> Browser:
    """A browser in which somebody has signed in."""
    browser = arranged.browser()
    assert browser.sign_in(arranged.key).status_code == 303
    return browser
