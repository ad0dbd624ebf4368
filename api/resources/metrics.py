"""What the service counts of its own work, for whoever watches over it."""

from flask import Blueprint
from prometheus_client import CONTENT_TYPE_LATEST

from api.access import Permission
from api.call import Service
from api.endpoint import endpoint
from api.formats.results import as_is
from api.schemas.about import PlainQuery

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@endpoint(
    Permission.READ_METRICS,
    query=PlainQuery(),
    returns=as_is("prometheus", CONTENT_TYPE_LATEST, streams=True),
    transaction=False,
    example="/metrics",
    example_answered=False,
)
def get_metrics(service: Service) -> bytes:
    """Read the counts of this process: answers by route and status, how long they took, what is under way."""
    return service.metrics.text()
