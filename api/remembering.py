"""Remembering: answers that everybody gets are kept as long as the record and the day stay what they are.

Only what the public is answered is kept, and only the public is answered from it, after the policy has let him ask:
so nothing that is hidden from anyone is ever here, and nobody gets another's answer. What a known caller asks is worked
out each time. A change of any kind, a marking, a release, an erasure, moves the record's newest change, and with it
everything that was kept is let go; so does the first request of a new day, by which embargoes end.
"""

from contextlib import suppress
from datetime import date
from http import HTTPStatus
from typing import Any, NamedTuple

from flask import Response, request
from sqlalchemy.exc import DBAPIError

from api.database import Database
from models.keeping import Shelf
from models.lens import Lens

# Bytes in all, of one answer at most, and what an answer takes beside its content.
MOST, LARGEST, _BESIDE = 32 * 1024 * 1024, 1024 * 1024, 2_048
_NEWEST = "SELECT seq, hash FROM change ORDER BY seq DESC LIMIT 1"
_NOT_KEPT = {"date", "content-length"}
Key = tuple[str, bytes, str]


class Version(NamedTuple):
    """What answers depend on beside what is asked: the newest change, by number and hash, and the day."""

    seq: int
    hash: str
    day: date


class Kept(NamedTuple):
    """An answer: its bytes and its headers."""

    content: bytes
    headers: tuple[tuple[str, str], ...]


class Answers:
    """The answers that are kept, those that were asked for last; of one version of the record."""

    def __init__(self, most: int = MOST) -> None:
        """Keep at most so many bytes."""
        self._shelf = Shelf(most)

    def found(self, key: Key, version: Version) -> Kept | None:
        """The answer to a question at a version of the record, if it is kept."""
        found = self._shelf.found(key, version)
        return None if found is None else found[0]

    def keep(self, key: Key, version: Version, kept: Kept) -> None:
        """Keep an answer; the ones that were asked for longest ago make room for it."""
        if len(kept.content) <= LARGEST:
            self._shelf.keep(key, version, kept, _size(key, kept))


def _size(key: Key, kept: Kept) -> int:
    """About how many bytes an answer takes."""
    return _BESIDE + sum(map(len, key)) + len(kept.content)


def asked_for() -> Key:
    """What this request asks for: its path, its parameters as they were sent, and the formats that it takes."""
    return request.path, request.query_string, request.headers.get("Accept", "")


def version_of(database: Database) -> Version | None:
    """The version of the record now; None where it cannot be told, where nothing is on record, and with a replica.

    Reads that go to a replica are to leave the primary alone, and only the primary knows the newest change.
    """
    if database.replica is not None:
        return None
    driver: Any = database.engine.dialect.loaded_dbapi
    with suppress(driver.Error, DBAPIError):
        newest = database.row(_NEWEST)
        return None if newest is None else Version(newest[0], newest[1], Lens().values["today_read"])
    return None


def response_of(kept: Kept) -> Response:
    """An answer as it was given."""
    return Response(kept.content, HTTPStatus.OK, list(kept.headers))


def remember(answers: Answers, key: Key, version: Version, response: Response) -> Response:
    """Keep a whole answer that every cache may keep, if the day is still the same; the answer itself."""
    public = response.headers.get("Cache-Control") == "no-cache" and "Handling" not in response.headers
    whole = response.status_code == HTTPStatus.OK and not response.is_streamed
    if public and whole and Lens().values["today_read"] == version.day:
        headers = tuple((name, value) for name, value in response.headers if name.lower() not in _NOT_KEPT)
        answers.keep(key, version, Kept(response.get_data(), headers))
    return response
