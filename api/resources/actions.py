"""Actions: list and one, and the progress on them."""

from flask import Blueprint

from api.access import Permission, may
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.problems import Forbidden, Stale
from api.schemas.actions import (
    ActionBody,
    ActionPatch,
    ActionProgressQuery,
    ActionQuery,
    ActionSchema,
    ProgressBody,
    ProgressSchema,
    SplitBody,
)
from api.schemas.base import ReadQuery
from api.schemas.given import ReasonQuery
from api.upkeep import REASON, Upkeep, keep_up, owned
from models.errors import Conflict, NotFound
from models.queries.listing import list_items
from models.queries.lookup import find, id_of
from models.queries.rows import Row, fields_of
from models.writing.items import add_item, amend_item
from models.writing.splitting import split

blueprint = Blueprint("actions", __name__, url_prefix="/api/v1/actions")


@blueprint.get("")
@endpoint(
    Permission.READ,
    query=ActionQuery(),
    returns=a_list(ActionSchema()),
    example="/api/v1/actions?owner=police-scotland",
)
def list_actions(call: Call) -> Listing:
    """List the actions."""
    return call.listing(list_items(call.session, call.lens, "action", call.wanted()), fields_of("action"))


@blueprint.get("/<ref>")
@endpoint(
    Permission.READ,
    query=ReadQuery(),
    returns=an_item(ActionSchema()),
    raises=(NotFound,),
    example="/api/v1/actions/A1",
)
def get_action(call: Call, ref: str) -> Row:
    """Read one action."""
    return _read(call, ref)


def _read(call: Call, ref: str) -> Row:
    """One action as a GET shows it."""
    return find(call.session, call.lens, "action", ref)


@blueprint.get("/<ref>/progress")
@endpoint(
    Permission.READ,
    query=ActionProgressQuery(),
    returns=a_list(ProgressSchema()),
    raises=(NotFound,),
    example="/api/v1/actions/A1/progress?sort=-effective_from&limit=1",
)
def list_action_progress(call: Call, ref: str) -> Listing:
    """List the progress reported on an action."""
    id_of(call.session, call.lens, ref, ("action",))
    page = list_items(call.session, call.lens, "progress", call.wanted(action=[ref]))
    return call.listing(page, fields_of("progress"))


@blueprint.post("/<ref>/progress")
@endpoint(
    Permission.REPORT_PROGRESS,
    query=ReasonQuery(),
    returns=an_item(ProgressSchema()),
    raises=(NotFound, Conflict, Stale),
    example=f"/api/v1/actions/A1/progress{REASON}",
    write=Write(
        body=ProgressBody(),
        changes=_read,
        shows=lambda call, ref: find(call.session, call.lens, "progress", ref),
        example="/api/v1/progress/F111",
        own="action",
    ),
    example_answered=False,
)
def report_progress(call: Call, ref: str) -> str:
    """Report progress on an action.

    It is appended and never altered; whoever reports says by If-Match which state of the action he has seen.
    """
    return add_item(call.session, call.lens, "progress", {**owned(call).body, "action": ref})


@blueprint.post("/<ref>/split")
@endpoint(
    Permission.PLAN_ACTIONS,
    query=ReasonQuery(),
    returns=an_item(ActionSchema()),
    raises=(NotFound, Conflict, Stale),
    example=f"/api/v1/actions/A1/split{REASON}",
    write=Write(body=SplitBody(), changes=_read, shows=_read, example={"parts": [{"title": "See the reason"}]}),
    example_answered=False,
)
def split_action(call: Call, ref: str) -> str:
    """Split an action into parts or milestones, each an action with its own owner, due date and progress.

    They are listed by `/actions?part_of=`; what names no owner belongs to the body that owns the whole.
    """
    split(call.session, call.lens, ref, call.body["parts"], call.principal.name)
    return ref


def _amend(call: Call, ref: str) -> None:
    """Change an action; whoever does not plan actions revises its due date alone."""
    if not may(call.principal, Permission.PLAN_ACTIONS) and not call.body.keys() <= {"due_on", "due_note", "due_delay"}:
        raise Forbidden("You may revise the due date of the action, and nothing else of it.")
    amend_item(call.session, call.lens, "action", ref, call.body)


keep_up(
    blueprint,
    Upkeep(
        "action",
        "an action",
        ActionSchema(),
        _read,
        "/api/v1/actions/A1",
        Permission.PLAN_ACTIONS,
        revising=Permission.REVISE_ACTIONS,
        body=ActionBody(),
        patch=ActionPatch,
        amend=_amend,
    ),
)
