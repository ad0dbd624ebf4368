"""The wiring: an application from settings."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask, Response
from waitress.proxy_headers import proxy_headers_middleware

from api.access import POLICY
from api.call import Service
from api.consistency import Tokens as Consistency
from api.database import Database, Following
from api.identity import Identities
from api.limits import BODY
from api.metrics import Metrics
from api.problems import register_problems
from api.rates import Rate
from api.resources import (
    about,
    accounts,
    action_plan,
    actions,
    approvals,
    assessments,
    baselines,
    bodies,
    calendar,
    changes,
    clauses,
    closure,
    decisions,
    disagreements,
    document,
    evidence,
    exports,
    gaps,
    graph,
    keys,
    links,
    matrix,
    me,
    metrics,
    personal_data,
    progress,
    recommendations,
    responses,
    reviews,
    sources,
)
from api.settings import Settings
from api.telemetry import watch
from api.tokens import Tokens

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
    responses,
    closure,
    bodies,
    links,
    graph,
    matrix,
    gaps,
    disagreements,
    action_plan,
    calendar,
    changes,
    baselines,
    exports,
    me,
    metrics,
    keys,
    accounts,
    approvals,
    personal_data,
)
# Nothing may be framed, guessed at, or loaded from elsewhere; the documentation page alone loads its own files.
API_POLICY = "default-src 'none'; frame-ancestors 'none'"


def create_app(settings: Settings, before: Sequence[Blueprint] = ()) -> Flask:
    """An application that serves the database of these settings; it opens no connection before the first request.

    `before` are views of a layer above, which come before those of the API where they have the same address.
    """
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = BODY.most
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    tokens = Tokens(settings.provider) if settings.provider is not None else None
    identities = Identities(settings.development_keys, tokens, Rate(settings.failures_a_minute))
    replica = settings.replica_url
    following = Following(replica, settings.replica_seconds) if replica is not None else None
    database = Database(settings.database_url, settings.rules, settings.statement_seconds, following)
    service = Service(
        settings,
        database,
        identities,
        Metrics(database.in_use),
        Rate(settings.requests_a_minute),
        Rate(settings.public_requests_a_minute),
        Consistency(settings.secret_key),
    )
    app.extensions["mappa"] = service
    watch(app, service)
    for blueprint in (*before, *(resource.blueprint for resource in RESOURCES)):
        app.register_blueprint(blueprint)
    undeclared = [name for name, view in app.view_functions.items() if not hasattr(view, "declared")]
    if undeclared:
        raise RuntimeError(f"These views have no policy: {', '.join(undeclared)}. Declare them with @endpoint.")
    granted = [granted for role, granted in POLICY.items() if role != "developer"]
    views: dict[str, Any] = dict(app.view_functions)
    asked = {name: frozenset(view.declared.permissions) for name, view in views.items()}
    if idle := [name for name, all_of_it in asked.items() if not any(all_of_it <= role for role in granted)]:
        raise RuntimeError(f"The policy has no row for: {', '.join(idle)}. Nobody may do this.")
    register_problems(app)
    app.after_request(_harden)
    app.wsgi_app = _told_by_proxy(app.wsgi_app, settings.trusted_proxy)  # type: ignore[method-assign]  # as Flask says
    return app


def _told_by_proxy(application: Any, proxy: str | None) -> Any:
    """The application, which knows a caller behind the proxy by the address that the proxy adds; no other adds any."""
    trusted = {"x-forwarded-for"} if proxy else None
    return proxy_headers_middleware(application, trusted_proxy=proxy, trusted_proxy_headers=trusted)


def _harden(response: Response) -> Response:
    """Headers that every answer has."""
    response.headers.setdefault("Content-Security-Policy", API_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
