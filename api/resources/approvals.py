"""What needs a second person: to lower a marking, to erase a text. One asks for it, another confirms or declines."""

from flask import Blueprint

from api.access import Permission, may
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.results import a_list, an_item
from api.paging import Listing
from api.problems import Forbidden, Stale
from api.schemas.about import PlainQuery
from api.schemas.approvals import ApprovalBody, ApprovalQuery, ApprovalSchema
from api.schemas.given import ReasonQuery
from api.upkeep import REASON
from models.errors import Conflict, NotFound
from models.queries.approvals import APPROVAL_FIELDS, find_approval, list_approvals
from models.queries.rows import Row
from models.queries.sight import owner_of
from models.writing.markings import approval_of, ask_release, confirm_release, decline
from models.writing.redaction import ask_redaction, confirm_redaction

blueprint = Blueprint("approvals", __name__, url_prefix="/api/v1/approvals")
_NEEDED = {"release": Permission.LOWER_HANDLING, "redact": Permission.REDACT}
_ASK = {"release": ask_release, "redact": ask_redaction}
_CONFIRM = {"release": confirm_release, "redact": confirm_redaction}
_EXAMPLE = {"action": "release", "kind": "evidence", "ref": "F028", "handling": "PUBLIC"}


def _read(call: Call, ref: str) -> Row:
    """One approval as a GET shows it."""
    return find_approval(call.session, call.lens, ref)


def _refuse_strangers(call: Call, action: str, kind: str, ref: str) -> None:
    """Refuse a caller whose role does not do this, or whose body does not own the thing.

    What nobody owns, as links, is erased by whoever may erase at all: otherwise nobody could.
    """
    if not may(call.principal, _NEEDED[action]):
        raise Forbidden(f"The role '{call.principal.role}' may not do this.")
    owner = owner_of(call.session, call.lens, kind, ref)
    if not (call.principal.owns(owner) or (owner is None and action == "redact")):
        raise Forbidden(f"Only the body that owns this {kind} may do this.")


@blueprint.get("")
@endpoint(
    Permission.APPROVE,
    query=ApprovalQuery(exclude=["as_of", "known_at"]),
    returns=a_list(ApprovalSchema()),
    example="/api/v1/approvals?state=open",
    example_answered=False,
)
def list_all_approvals(call: Call) -> Listing:
    """List what waits, or waited, for a second person."""
    return call.listing(list_approvals(call.session, call.lens, call.wanted()), APPROVAL_FIELDS)


@blueprint.post("")
@endpoint(
    Permission.APPROVE,
    query=ReasonQuery(),
    returns=an_item(ApprovalSchema()),
    raises=(NotFound, Conflict),
    example=f"/api/v1/approvals{REASON}",
    write=Write(body=ApprovalBody(), shows=_read, example=_EXAMPLE),
    example_answered=False,
)
def ask_approval(call: Call) -> str:
    """Ask for a thing to be released (a lower marking, by which more readers see it), or for its texts to be erased.

    Nothing changes until a second person of a body that may do this confirms it. What is erased (`redact`) is gone for
    ever, from every earlier point and from the record too: every text of the item or link, and the reasons of its
    changes. Who and when, references, days, numbers and words of the vocabulary stay. Do not repeat the text in
    `reason`.
    """
    _refuse_strangers(call, call.body["action"], call.body["kind"], call.body["ref"])
    return _ASK[call.body["action"]](call.session, call.lens, call.body, call.principal.name)


@blueprint.get("/<ref>")
@endpoint(
    Permission.APPROVE,
    query=PlainQuery(),
    returns=an_item(ApprovalSchema()),
    raises=(NotFound,),
    example="/api/v1/approvals/REF",
    example_answered=False,
)
def get_approval(call: Call, ref: str) -> Row:
    """Read what was asked for, and what a second person said to it."""
    return _read(call, ref)


@blueprint.post("/<ref>/confirmation")
@endpoint(
    Permission.APPROVE,
    query=ReasonQuery(),
    returns=an_item(ApprovalSchema()),
    raises=(NotFound, Conflict, Stale),
    example=f"/api/v1/approvals/REF/confirmation{REASON}",
    write=Write(changes=_read, shows=_read),
    example_answered=False,
)
def confirm_approval(call: Call, ref: str) -> str:
    """Confirm, as a second person, what another asked for; it is done at once."""
    approval = approval_of(call.session, ref)
    _refuse_strangers(call, approval.action, approval.kind, approval.of_ref)
    _CONFIRM[approval.action](call.session, call.lens, approval, call.principal.name)
    return ref


@blueprint.post("/<ref>/refusal")
@endpoint(
    Permission.APPROVE,
    query=ReasonQuery(),
    returns=an_item(ApprovalSchema()),
    raises=(NotFound, Conflict, Stale),
    example=f"/api/v1/approvals/REF/refusal{REASON}",
    write=Write(changes=_read, shows=_read),
    example_answered=False,
)
def decline_approval(call: Call, ref: str) -> str:
    """Decline what another asked for, or take back what one has asked for oneself."""
    approval = approval_of(call.session, ref)
    _refuse_strangers(call, approval.action, approval.kind, approval.of_ref)
    decline(call.session, approval, call.principal.name)
    return ref
