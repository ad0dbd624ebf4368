"""Keyset cursors: opaque, signed, and good only for the list that they were given with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from itsdangerous import BadSignature, URLSafeSerializer

from models.errors import Fault, Invalid
from models.queries.paging import Key
from models.queries.rows import Row

# What may differ between two pages of one list.
_DIGITS = 10
_FREE = {"after", "limit", "count", "fields", "format"}


@dataclass(frozen=True)
class Listing:
    """One page of a list as a client gets it: rows of these fields, and where the next page is (None on the last).

    A list that was `counted` and has no total has more than are counted. `resume` is where a feed goes on when there
    is more than there is now.
    """

    rows: list[Row]
    fields: tuple[str, ...]
    next: str | None = None
    total: int | None = None
    undated: int | None = None
    resume: str | None = None
    counted: bool = False


@dataclass(frozen=True)
class Cursors:
    """Makes and reads cursors for one request: its path and query decide which cursors fit."""

    secret: str
    path: str
    query: Mapping[str, list[str]]

    def _list(self) -> str:
        """A short name of the list: its path, filters and order."""
        asked = sorted((name, values) for name, values in self.query.items() if name not in _FREE)
        return hashlib.sha256(repr((self.path, asked)).encode()).hexdigest()[:16]

    def _serializer(self) -> URLSafeSerializer:
        """The signer; cursors of one list do not fit another."""
        return URLSafeSerializer(self.secret, salt=f"cursor:{self._list()}")

    def read(self, cursor: str | None) -> Key | None:
        """The key that a cursor stands for; a cursor of another list or service is refused."""
        if cursor is None:
            return None
        try:
            kind, value, last = self._serializer().loads(cursor)
        except (BadSignature, ValueError) as error:
            wrong = "is not a cursor of this list; take it from 'next', and keep filters, sort and as_of as they were"
            raise Invalid(Fault("after", wrong)) from error
        return (date.fromisoformat(value) if kind == "day" else value), last

    def next(self, key: Key | None) -> str | None:
        """The URL of the page after a key, relative to the server; None where there is none."""
        return None if key is None else self._address(self.cursor(key))

    def cursor(self, key: Key) -> str:
        """The cursor of what comes after a key."""
        value, last = key
        tagged = ("day", value.isoformat()) if isinstance(value, date) else ("value", value)
        told: str = self._serializer().dumps([*tagged, last])
        return told

    def read_feed(self, place: str | None) -> Key | None:
        """Where a feed goes on: after the number of a change, or after what a page said in `next` or `resume`."""
        if place is None:
            return None
        if place.isascii() and place.isdecimal() and len(place) <= _DIGITS:
            return None, int(place)
        try:
            subject, had = self._feed().loads(place)
        except (BadSignature, ValueError) as error:
            wrong = "is neither the number of a change nor a place of this record; take it from 'next' or 'resume'"
            raise Invalid(Fault("after", wrong)) from error
        return (tuple(subject) if subject else None), had

    def feed(self, key: Key | None) -> str | None:
        """The URL of what comes after a key of the record; None where there is none."""
        return None if key is None else self._address(self._feed().dumps(key))

    def _feed(self) -> URLSafeSerializer:
        """The signer of places in the record, which every list of changes shares."""
        return URLSafeSerializer(self.secret, salt="feed")

    def _address(self, cursor: str | int) -> str:
        """The URL of the page after a cursor."""
        query: dict[str, Any] = {name: values for name, values in self.query.items() if name != "after"}
        return f"{self.path}?{urlencode(query | {'after': cursor}, doseq=True)}"
