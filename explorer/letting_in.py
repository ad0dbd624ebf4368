"""Letting in: the key that a browser keeps in its cookie says who reads, on pages alone.

No cookie ever authorises the API, and none counts where a request says itself who is calling.
"""

from collections.abc import Set

from flask import Flask, Response, request

from api.call import Service
from explorer.problems import prefers_pages
from explorer.session import let_in, session_of

_READING = {"GET", "HEAD"}


def let_readers_in(app: Flask, pages: Set[str]) -> None:
    """Let readers in by their cookie on the pages of these blueprints; no cache gives one reader's page to another."""
    service: Service = app.extensions["mappa"]

    @app.before_request
    def _let_in() -> None:
        of_ours = request.blueprint in pages and not request.path.startswith("/api/")
        if not of_ours or request.method not in _READING or not prefers_pages():
            return
        session = session_of(request, service.settings)
        if session is not None and session.key and "Authorization" not in request.headers:
            let_in(request, session)

    @app.after_request
    def _keep_apart(response: Response) -> Response:
        if request.blueprint in pages:
            response.vary.add("Cookie")
        return response
