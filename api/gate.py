"""Limits and hygiene of input, before anything is parsed."""

import re
from urllib.parse import unquote_to_bytes

from api.limits import HEADERS, URL
from models.errors import DomainError

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class TooLong(DomainError):
    """The URL is longer than the service reads."""


class Unreadable(DomainError):
    """The request has bytes in its URL that are no text."""


def inspect_request(path: str, query: bytes, headers: int) -> None:
    """Refuse a request that no rule further in should have to think about.

    `path` is the decoded path as WSGI gives it (one character for each byte), `query` the query string as sent.
    """
    if len(path) + len(query) + 1 > URL.most:
        raise TooLong(f"The URL may have at most {URL.most} bytes.")
    if headers > HEADERS.most:
        raise Unreadable(f"A request may have at most {HEADERS.most} headers.")
    for name, raw in (("path", path.encode("latin-1", "replace")), ("query", unquote_to_bytes(query))):
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(f"The {name} of the URL is not valid UTF-8; percent-encode text as UTF-8.") from error
        if _CONTROL.search(text):
            raise Unreadable(f"The {name} of the URL has a control character (such as NUL); remove it.")
