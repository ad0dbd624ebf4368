"""The wiring: an application from settings."""

from flask import Flask, Response

from api.call import Service
from api.database import Database
from api.problems import register_problems
from api.resources import (
    about,
    actions,
    assessments,
    baselines,
    bodies,
    changes,
    clauses,
    decisions,
    document,
    evidence,
    exports,
    gaps,
    graph,
    links,
    matrix,
    progress,
    recommendations,
    reviews,
    sources,
)
from api.settings import Settings

RESOURCES = (
    about,
    document,
    reviews,
    recommendations,
    clauses,
    sources,
    evidence,
    actions,
    progress,
    assessments,
    decisions,
    bodies,
    links,
    graph,
    matrix,
    gaps,
    changes,
    baselines,
    exports,
)
MAX_BODY = 1024 * 1024
# Nothing may be framed, guessed at, or loaded from elsewhere; the documentation page alone loads its own files.
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def create_app(settings: Settings) -> Flask:
    """An application that serves the database of these settings; it opens no connection before the first request."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions["mappa"] = Service(settings, Database(settings.database_url))
    for resource in RESOURCES:
        app.register_blueprint(resource.blueprint)
    undeclared = [name for name, view in app.view_functions.items() if not hasattr(view, "declared")]
    if undeclared:
        raise RuntimeError(f"These views have no policy: {', '.join(undeclared)}. Declare them with @endpoint.")
    register_problems(app)
    app.after_request(_harden)
    return app


def _harden(response: Response) -> Response:
    """Headers that every answer has."""
    response.headers.setdefault("Content-Security-Policy", API_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
