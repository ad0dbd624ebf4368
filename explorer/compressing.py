"""Compressing: pages and their assets are sent small to whoever takes gzip."""

import gzip
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

_LEAST = 1_024
# What is the API's own.
_APART = ("/api/v1", "/api/docs")
_TYPES = ("text/html", "text/css", "text/javascript", "image/svg+xml")
_small = lru_cache(64)(lambda content: gzip.compress(content, 6, mtime=0))


def compressed(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The application, whose pages and assets are compressed where the client takes gzip; the API's answers are not."""

    def run(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if "gzip" not in environ.get("HTTP_ACCEPT_ENCODING", "") or environ["PATH_INFO"].startswith(_APART):
            return application(environ, start)
        told: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            told[:] = [status, headers, error]
            return lambda _data: None

        body = application(environ, note)
        status, headers, error = told
        named = {name.lower(): value for name, value in headers}
        whole = named.get("content-type", "").startswith(_TYPES) and "content-encoding" not in named
        if not whole or int(named.get("content-length", "0")) < _LEAST:
            start(status, headers, *error)
            return body
        content = b"".join(body)
        if close := getattr(body, "close", None):
            close()
        small = _small(content) if environ["PATH_INFO"].startswith("/assets/") else gzip.compress(content, 6, mtime=0)
        vary = ", ".join(filter(None, (named.get("vary"), "Accept-Encoding")))
        kept = [(name, value) for name, value in headers if name.lower() not in {"content-length", "vary", "etag"}]
        etag = [("ETag", f"W/{tag}" if not tag.startswith("W/") else tag) for tag in [named.get("etag")] if tag]
        start(
            status,
            [
                *kept,
                *etag,
                ("Vary", vary),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(small))),
            ],
            *error,
        )
        return [small]

    return run
