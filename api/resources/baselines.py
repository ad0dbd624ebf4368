"""Baselines: the points of the record that have names, and what differs between two of them."""

from flask import Blueprint

from api.access import Permission
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import a_difference, a_list, an_item
from api.paging import Listing
from api.schemas.given import ReasonQuery
from api.schemas.record import BaselineBody, BaselineQuery, BaselineSchema, DiffSchema, PastQuery
from api.upkeep import offer_history
from models.errors import Conflict, NotFound
from models.queries.baselines import BASELINE_FIELDS, find_baseline, list_baselines
from models.queries.differences import Difference, differences
from models.queries.points import point_of
from models.queries.rows import Row
from models.writing.baselines import add_baseline

blueprint = Blueprint("baselines", __name__, url_prefix="/api/v1/baselines")


def _read(call: Call, name: str) -> Row:
    """One baseline as a GET shows it."""
    return find_baseline(call.session, call.lens, name)


@blueprint.get("")
@endpoint(
    Permission.READ, query=BaselineQuery(), returns=a_list(BaselineSchema()), example="/api/v1/baselines?count=true"
)
def list_all_baselines(call: Call) -> Listing:
    """List the baselines."""
    return call.listing(list_baselines(call.session, call.lens, call.wanted()), BASELINE_FIELDS)


@blueprint.post("")
@endpoint(
    Permission.NAME_BASELINES,
    query=ReasonQuery(),
    returns=an_item(BaselineSchema()),
    raises=(Conflict,),
    example="/api/v1/baselines?reason=Before+the+progress+review",
    write=Write(
        body=BaselineBody(),
        shows=_read,
        example={
            "name": "as-published",
            "description": "The published record as it was first loaded",
            "known_at": "424",
        },
    ),
    example_answered=False,
)
def name_baseline(call: Call) -> str:
    """Name a point of the record, so that it can be asked for and compared with.

    Its digest is that of the export at that point: whoever makes the export again can tell that nothing has changed.
    """
    seq = point_of(call.session, call.lens, call.body["known_at"], "/known_at").seq
    return add_baseline(call.session, call.body["name"], call.body.get("description"), seq)


@blueprint.get("/<ref>")
@endpoint(Permission.READ, query=PastQuery(), returns=an_item(BaselineSchema()), raises=(NotFound,), example="")
def get_baseline(call: Call, ref: str) -> Row:
    """Read one baseline."""
    return _read(call, ref)


@blueprint.get("/<start>/diff/<end>")
@endpoint(
    Permission.READ,
    query=PastQuery(exclude=["known_at"]),
    returns=a_difference(DiffSchema()),
    raises=(NotFound,),
    example="/api/v1/baselines/422/diff/now",
)
def compare_baselines(call: Call, start: str, end: str) -> Difference:
    """Ask what differs between two points of the record: baselines, or `now`, or anything that known_at takes.

    Items and links that were added, withdrawn, or changed field by field; statuses, verdicts and gaps that moved.
    """
    return differences(call.session, (start, call.asked_at(start)), (end, call.asked_at(end)))


offer_history(blueprint, "baseline", "a baseline", "")
