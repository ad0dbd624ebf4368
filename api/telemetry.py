"""Telemetry: each request has a name, a line in the log, and its place in the counts; nothing says what was in it."""

import logging
from time import perf_counter

from flask import Flask, Response, request

from api.asking import request_id
from api.call import Service
from models.personal import findings

log = logging.getLogger("mappa.request")
_METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT"})
_NOWHERE = "none"


def watch(app: Flask, service: Service) -> None:
    """Let an application name, count and log its requests."""

    @app.before_request
    def begin() -> None:
        request.environ["mappa.begun"] = perf_counter()
        service.metrics.begin()

    @app.after_request
    def answered(response: Response) -> Response:
        seconds = perf_counter() - request.environ["mappa.begun"]
        method = request.method if request.method in _METHODS else "other"
        route = request.url_rule.rule if request.url_rule is not None else _NOWHERE
        service.metrics.answered(method, route, response.status_code, seconds)
        name = _name(service)
        if name is not None:
            response.headers["X-Request-Id"] = name
        told = {
            "request_id": name,
            "method": method,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "bytes": response.content_length or response.calculate_content_length(),
            "caller": request.environ.get("mappa.caller"),
        }
        log.info("answered", extra=told)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        service.metrics.end()


def _name(service: Service) -> str | None:
    """The name of the request; None where its caller gave it one that looks like personal data."""
    name = request_id()
    given = request.headers.get("X-Request-Id") == name
    return None if given and findings(name, service.settings.rules) else name
