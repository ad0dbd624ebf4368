"""What the service says of itself: its index, vocabulary, kinds of problem, and health."""

from flask import Blueprint

from api.access import Permission
from api.call import Call, Service
from api.endpoint import endpoint
from api.formats.results import an_item
from api.problems import PROBLEMS, Unavailable
from api.schemas.about import (
    IndexSchema,
    LiveSchema,
    PlainQuery,
    ProblemKindSchema,
    ProblemKindsSchema,
    ReadySchema,
    VocabularySchema,
)
from api.settings import VERSION
from models.errors import NotFound
from models.queries.numbers import newest_number
from models.queries.rows import Row
from models.queries.vocabulary import vocabulary
from models.vocabulary import COLLECTIONS

blueprint = Blueprint("about", __name__)
_QUESTIONS = (
    "graph",
    "matrix",
    "gaps",
    "disagreements",
    "action-plan",
    "calendar.ics",
    "changes",
    "baselines",
    "exports",
    "vocabulary",
    "problems",
    "me",
)
_KEEPING = ("keys", "accounts", "approvals", "pii-overrides")


@blueprint.get("/")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(IndexSchema()), example="/")
def get_root(call: Call) -> Row:
    """Find everything that the service has, from its root."""
    return _index(call)


@blueprint.get("/api/v1")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(IndexSchema()), example="/api/v1")
def get_index(call: Call) -> Row:
    """Find everything that the API has."""
    return _index(call)


def _index(call: Call) -> Row:
    """Names and addresses of the collections, the questions, and what runs the service."""
    collections = {name: f"/api/v1/{name}" for name in (*COLLECTIONS.values(), "links")}
    questions = {name: f"/api/v1/{name}" for name in (*_QUESTIONS, *_KEEPING)}
    running = {
        "live": "/api/v1/live",
        "ready": "/api/v1/ready",
        "openapi": "/api/v1/openapi.json",
        "docs": "/api/docs",
    }
    return {
        "service": "MAPPA recommendations-to-evidence traceability",
        "version": VERSION,
        "record": newest_number(call.session, call.lens),
        "links": collections | questions | running,
    }


@blueprint.get("/api/v1/vocabulary")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(VocabularySchema()), example="/api/v1/vocabulary")
def get_vocabulary(_call: Call) -> Row:
    """Read the words of the service: kinds, link types, what may be joined, why there are gaps and disagreements."""
    return vocabulary()


@blueprint.get("/api/v1/problems")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(ProblemKindsSchema()), example="/api/v1/problems")
def list_problems(_call: Call) -> Row:
    """List the kinds of problem that an answer can be."""
    return {"items": [_problem(name) for name in PROBLEMS]}


@blueprint.get("/api/v1/problems/<name>")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=an_item(ProblemKindSchema()),
    raises=(NotFound,),
    example="/api/v1/problems/not-acceptable",
)
def get_problem(_call: Call, name: str) -> Row:
    """Read what a kind of problem means and what to do about it; the type of every problem leads here."""
    if name not in PROBLEMS:
        raise NotFound("kind of problem", name)
    return _problem(name)


def _problem(name: str) -> Row:
    """One kind of problem as shown."""
    kind = PROBLEMS[name]
    return {"name": name, **kind._asdict(), "self": f"/api/v1/problems/{name}"}


@blueprint.get("/api/v1/live")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=an_item(LiveSchema()),
    transaction=False,
    example="/api/v1/live",
)
def get_live(_service: Service) -> Row:
    """Ask whether the process answers; touches nothing else."""
    return {"status": "live"}


@blueprint.get("/api/v1/ready")
@endpoint(
    Permission.OPEN,
    query=PlainQuery(),
    returns=an_item(ReadySchema()),
    raises=(Unavailable,),
    transaction=False,
    example="/api/v1/ready",
)
def get_ready(service: Service) -> Row:
    """Ask whether the service can answer questions: the database is there and has the schema of this version."""
    return service.health()
