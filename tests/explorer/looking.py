"""Reading pages as the tests do it: what a page says, where its links lead, and what its forms would send.

A test module takes the fixtures by name: `reader, reader_of = looking.reader, looking.reader_of`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.database import Database
from api.settings import Settings
from explorer.app import create_app
from models.items import Item
from tests.conftest import Databases
from tests.factories import an

HTML = {"Accept": "text/html,*/*;q=0.8"}
_INLINE = {"a", "code", "mark", "span", "strong"}
_SILENT = {"style", "script", "title", "svg"}


def _line(words: list[str]) -> str:
    """What was said, on one line."""
    return " ".join("".join(words).split())


@dataclass
class Shown(HTMLParser):
    """A page as its reader has it: its text on one line, its links with what they say, its headings and fields."""

    status: int
    html: str
    links: list[tuple[str, str]] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _open: list[tuple[str, dict[str, str | None], int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read it."""
        super().__init__()
        self.feed(self.html)

    @property
    def text(self) -> str:
        """Everything that it says."""
        return _line(self._words)

    @property
    def places(self) -> list[str]:
        """Where its links lead."""
        return [place for _, place in self.links]

    def place(self, said: str) -> str:
        """Where the link leads that says this."""
        return next(place for words, place in self.links if words == said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what begins."""
        told = dict(attrs)
        self._words += [] if tag in _INLINE else [" "]
        if tag == "input":
            checked = told.get("type") != "checkbox" or "checked" in told
            self.fields += [(str(told.get("name")), str(told.get("value") or ""))] if checked else []
        elif tag not in {"meta", "link", "br"}:
            self._open.append((tag, told, len(self._words)))

    def handle_endtag(self, tag: str) -> None:
        """Note what ends."""
        self._words += [] if tag in _INLINE else [" "]
        while self._open:
            ended, told, start = self._open.pop()
            said = _line(self._words[start:])
            if ended == "a":
                self.links.append((said, str(told.get("href"))))
            if ended == "mark":
                self.marked.append(said)
            if ended == tag:
                return

    def handle_data(self, data: str) -> None:
        """Note what is said."""
        if not any(tag in _SILENT for tag, _, _ in self._open):
            self._words.append(data)


@dataclass(frozen=True)
class Reader:
    """Somebody who looks at pages with a browser."""

    client: FlaskClient

    def get(self, path: str) -> TestResponse:
        """The answer to a browser."""
        return self.client.get(path, headers=HTML)

    def see(self, path: str, status: int = 200) -> Shown:
        """A page."""
        answer = self.get(path)
        assert (answer.status_code, answer.mimetype) == (status, "text/html"), f"{path}: {answer.text[:500]}"
        return Shown(answer.status_code, answer.text)

    def ask(self, path: str) -> Any:
        """What the API answers."""
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


ReaderOf = Callable[[Database], Reader]


def _reading(database: Database) -> Reader:
    """The public, reading what is in a database."""
    return Reader(create_app(Settings(database.url.render_as_string(hide_password=False), "test")).test_client())


def a_recommendation(session: Session) -> Item:
    """The recommendation R1 of a review."""
    review = an("review", session, ref="V1", published_on=date(2015, 11, 26))
    return an("recommendation", session, ref="R1", number=1, parent=review)


@pytest.fixture(scope="module")
def reader(databases: Databases) -> Iterator[Reader]:
    """The public, reading the published record."""
    made = _reading(databases.copy("published"))
    yield made
    made.client.application.extensions["mappa"].database.close()


@pytest.fixture
def reader_of() -> Iterator[ReaderOf]:
    """Makes a reader of a database of the test's own."""
    made: list[Reader] = []

    def make(database: Database) -> Reader:
        made.append(_reading(database))
        return made[-1]

    yield make
    for reader in made:
        reader.client.application.extensions["mappa"].database.close()
