"""Metrics: what the service counts of its own work, in Prometheus' form; never of what is stored, nor by whom."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The counts of one process since it started."""

    def __init__(self, connections: Callable[[], int]) -> None:
        """Begin to count; `connections` tells how many of the database are in use."""
        self._registry = CollectorRegistry()
        self._answers = Counter(
            "mappa_requests", "Requests answered.", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "mappa_request_seconds",
            "Seconds from a request to its answer's first byte.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._working = Gauge("mappa_requests_in_progress", "Requests that are worked on.", registry=self._registry)
        lent = Gauge("mappa_database_connections", "Connections to the database in use.", registry=self._registry)
        lent.set_function(connections)

    def begin(self) -> None:
        """A request has come."""
        self._working.inc()

    def end(self) -> None:
        """Nothing more is done for a request."""
        self._working.dec()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request of a route (as a pattern, never its path) was answered."""
        self._answers.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Every count, as Prometheus reads it."""
        return generate_latest(self._registry)
