"""Closure: where a recommendation stands, the rules, and the steps by which it is closed and opened again."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint
from marshmallow import Schema

from api.access import Permission
from api.call import Call
from api.changing import Write
from api.endpoint import endpoint
from api.formats.as_json import closure_json
from api.formats.results import an_item
from api.problems import Stale
from api.schemas.about import PlainQuery
from api.schemas.base import ReadQuery
from api.schemas.closure import (
    ClosureRulesSchema,
    ClosureSchema,
    DischargeBody,
    EndBody,
    ProposalBody,
    ReasonedBody,
)
from api.schemas.given import ReasonQuery
from api.upkeep import REASON, acting, named
from models.closure_rules import CLOSURE_RULES
from models.errors import Conflict, NotFound
from models.queries.closure import closure
from models.queries.rows import Row
from models.writing.closing import Closing, ask_override, discharge, end, propose, reopen, send_back

blueprint = Blueprint("closure", __name__, url_prefix="/api/v1")
_EXAMPLE = "/api/v1/recommendations/R6/closure"
_SHOWN = an_item(ClosureSchema(), closure_json)


@blueprint.get("/closure-rules")
@endpoint(Permission.OPEN, query=PlainQuery(), returns=an_item(ClosureRulesSchema()), example="/api/v1/closure-rules")
def list_closure_rules(_call: Call) -> Row:
    """List the rules by which a recommendation may be discharged, in every version; the last is in force."""
    told = ((rules, [condition._asdict() for condition in rules.conditions]) for rules in CLOSURE_RULES)
    return {"items": [{**rules._asdict(), "conditions": conditions} for rules, conditions in told]}


@blueprint.get("/recommendations/<ref>/closure")
@endpoint(Permission.READ, query=ReadQuery(), returns=_SHOWN, raises=(NotFound,), example=_EXAMPLE)
def get_closure(call: Call, ref: str) -> Row:
    """Read whether a recommendation may be discharged: each condition, met or not, and why; and the steps so far.

    That whoever discharges is another person than those who proposed and submitted evidence is judged of an inspector
    who asks.
    """
    return _read(call, ref)


def _read(call: Call, ref: str) -> Row:
    """Where a recommendation stands, as a GET shows it."""
    judged = call.principal.name if call.principal.role in {"inspector", "developer"} else None
    return closure(call.session, call.asked, ref, judged)


def _offer(step: str, permission: Permission, body: Schema, take: Callable[[Closing], None], about: str) -> None:
    """Offer a step of closure; whoever takes it says by If-Match in which state he has seen the recommendation."""

    def view(call: Call, ref: str) -> str:
        call = acting(call)
        take(Closing(call.session, call.asked, ref, call.body, call.principal.name))
        return ref

    declare = endpoint(
        permission,
        query=ReasonQuery(),
        returns=_SHOWN,
        raises=(NotFound, Conflict, Stale),
        example=f"{_EXAMPLE}/{step}{REASON}",
        write=Write(body=body, changes=_read, shows=_read, shape=closure_json, example=_BODIES[step]),
        example_answered=False,
    )
    blueprint.post(f"/recommendations/<ref>/closure/{step}")(declare(named(view, f"{step}_closure", about)))


_WHY = {"statement": "See the reason."}
_BODIES: dict[str, dict[str, Any]] = {
    "propose": {**_WHY, "impact": "See the reason.", "evidence": []},
    "return": _WHY,
    "discharge": _WHY,
    "override": _WHY,
    "end": {**_WHY, "outcome": "no_longer_relevant"},
    "reopen": _WHY,
}
_offer(
    "propose",
    Permission.PROPOSE_CLOSURE,
    ProposalBody(),
    propose,
    "Propose to close a recommendation, with what was done, what came of it, and the evidence.\n\nThe body that leads"
    " on it proposes; where none is on record, one that takes part in it.",
)
_offer(
    "return",
    Permission.DECIDE_CLOSURE,
    ReasonedBody(),
    send_back,
    "Return a proposal of closure, with reasons.\n\nThe recommendation is open again.",
)
_offer(
    "discharge",
    Permission.DECIDE_CLOSURE,
    DischargeBody(),
    discharge,
    "Discharge a recommendation.\n\nWhere a condition is not met, the answer is 409 with all of them. What another"
    " inspector has asked to set aside (`override`) is set aside, and stays visible.",
)
_offer(
    "override",
    Permission.DECIDE_CLOSURE,
    ReasonedBody(),
    ask_override,
    "Ask for a discharge though conditions are not met, with the reason.\n\nAnother inspector then discharges, or"
    " returns the proposal.",
)
_offer(
    "end",
    Permission.DECIDE_CLOSURE,
    EndBody(),
    end,
    "Close a recommendation as no longer relevant, or as superseded by another.\n\nThe one that takes its place is tied"
    " to it by a link, so that the lineage is kept.",
)
_offer(
    "reopen",
    Permission.DECIDE_CLOSURE,
    ReasonedBody(),
    reopen,
    "Open a closed recommendation again, with reasons.",
)
