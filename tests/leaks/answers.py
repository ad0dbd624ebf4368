"""Answers: what a reader is told, whole: status, headers and bytes, page after page, and when asked again."""

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from typing import Any, NamedTuple

import orjson
from flask import Flask
from werkzeug.test import TestResponse

from api.database import Database
from api.settings import Settings
from explorer.app import create_app
from tests.leaks.questions import PII_CHECK
from tests.leaks.readers import KEEPER, KEEPERS_KEY, Reader

# The time of an answer and the name of a request differ each time, and are no part of what is told.
_NOT_TOLD = {"Date", "X-Request-Id"}
_CONTEXT = 160
_NEXT = re.compile(r'rel="next" href="([^"]+)"')
NOTHING: Mapping[str, str] = {}


class Answer(NamedTuple):
    """What was asked, and what was told."""

    asked: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Difference(NamedTuple):
    """Two answers that should be one: what was asked by whom, of which graph, and where they part."""

    graph: str
    reader: str
    asked: str
    told: str
    without: str

    def __str__(self) -> str:
        """In a few lines, for people."""
        return (
            f"graph {self.graph}, read by {self.reader}: {self.asked}\n"
            f"  with what is hidden:    {self.told}\n  without what is hidden: {self.without}"
        )


class Stage:
    """An application in front of a database."""

    def __init__(self, database: Database) -> None:
        """Make the application, and have it use this very database."""
        url = database.url.render_as_string(hide_password=False)
        app: Flask = create_app(Settings(url, "test", {KEEPERS_KEY: KEEPER}))
        app.extensions["mappa"] = replace(app.extensions["mappa"], database=database)
        app.testing = False
        self.app, self._client = app, app.test_client()

    def ask(self, asked: str, headers: dict[str, str], method: str = "GET", **options: Any) -> Answer:
        """The answer to one request."""
        answer: TestResponse = self._client.open(asked, method=method, headers=headers, **options)
        told = tuple(sorted((name, value) for name, value in answer.headers if name not in _NOT_TOLD))
        return Answer(f"{method} {asked}", answer.status_code, told, answer.data)

    def read(self, asked: str, reader: Reader, pages: int, accept: Mapping[str, str] = NOTHING) -> list[Answer]:
        """The answers to a read: so many pages of it, and the first of some asked for again by its tag."""
        headers = reader.headers | dict(accept)
        if asked.startswith(PII_CHECK):
            texts = {"texts": ["A thing was observed, in 2019.", "Call 0131 496 0000."]}
            return [self.ask(PII_CHECK, reader.headers, "POST", json=texts)]
        answers = [self.ask(asked, headers)]
        etag = dict(answers[0].headers).get("ETag")
        if etag is not None and len(asked) % 3 == 0:
            answers.append(self.ask(asked, headers | {"If-None-Match": etag}))
        told = answers[0]
        while len(answers) < pages and (further := _further(told)):
            told = self.ask(further, headers)
            answers.append(told)
        return answers


def _further(told: Answer) -> str | None:
    """Where the next page is; after the last of a feed, where it would go on later."""
    headers = dict(told.headers)
    if headers.get("Content-Type", "").startswith("text/html"):
        found = _NEXT.search(told.body.decode())
        return unescape(found[1]) if found else None
    if "Link" in headers:
        return headers["Link"].partition(">")[0][1:]
    if headers.get("Content-Type") != "application/json" or b'"resume":' not in told.body:
        return None
    resume: str | None = orjson.loads(told.body).get("resume")
    return resume if resume and f"GET {resume}" != told.asked else None


def first_difference(told: list[Answer], without: list[Answer]) -> tuple[str, str, str] | None:
    """Where two runs of answers part, and what each says there; None where they are the same."""
    for one, other in zip(told, without, strict=False):
        if one != other:
            return one.asked, *_apart(one, other)
    if len(told) != len(without):
        return told[0].asked, f"{len(told)} pages", f"{len(without)} pages"
    return None


def _apart(one: Answer, other: Answer) -> tuple[str, str]:
    """The smallest part of each of two answers that shows their difference."""
    if one.status != other.status or one.body == other.body:
        apart = [dict(told.headers) for told in (one, other)]
        names = sorted({name for name in apart[0] | apart[1] if apart[0].get(name) != apart[1].get(name)})
        shown = [{name: told.get(name) for name in names} for told in apart]
        return f"{one.status} {shown[0]} {one.body[:300]!r}", f"{other.status} {shown[1]} {other.body[:300]!r}"
    pairs = zip(one.body, other.body, strict=False)
    at = next((place for place, (left, right) in enumerate(pairs) if left != right), 0)
    start = max(0, at - _CONTEXT)
    return repr(one.body[start : at + _CONTEXT]), repr(other.body[start : at + _CONTEXT])
