"""The upkeep of a noun: adding, changing and withdrawing its things, and the history of each, declared once for all."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint
from marshmallow import Schema

from api.access import Permission
from api.call import Call
from api.changing import Reading, Write
from api.endpoint import endpoint
from api.formats.as_json import item_json
from api.formats.results import NOTHING, a_list, an_item
from api.paging import Listing
from api.problems import Forbidden, Stale
from api.schemas.given import HandlingBody, ReasonQuery
from api.schemas.record import ChangeSchema, HistoryQuery
from models.errors import Conflict, Fault, Invalid, NotFound
from models.queries.record import CHANGE_FIELDS, history
from models.queries.rows import Row
from models.queries.sight import before_withdrawal
from models.writing.items import add_item, amend_item, withdraw_item
from models.writing.markings import raise_marking
from models.writing.naming import Named

# What is done for other bodies by whoever has the permission: nobody's own, so there is nothing to compare.
_FOR_OTHERS = {Permission.PLAN_ACTIONS, Permission.WRITE_BODIES}
REASON = "?reason=Read+again+on+the+page"


@dataclass(frozen=True)
class Upkeep:
    """What is kept up: the kind and what one of it is called, how one is shown and read, and the address of a real one.

    `permission` is asked of whoever adds, changes or withdraws one; `revising` of whoever changes one, where that is
    less. What is `own` is added for, and changed by, the body that owns it alone.
    `add` gives the reference of what it adds; without `body` nothing is added here, without `patch` nothing altered.
    `shape` gives one the form in which a GET shows it.
    """

    kind: str
    called: str
    schema: Schema
    reads: Reading
    example: str
    permission: Permission
    revising: Permission | None = None
    own: bool = False
    body: Schema | None = None
    patch: Schema | None = None
    add: Callable[[Call], str] | None = None
    amend: Callable[[Call, str], None] | None = None
    withdraw: Callable[[Call, str], None] | None = None
    shape: Callable[[Row], Row] = item_json


def keep_up(blueprint: Blueprint, upkeep: Upkeep) -> None:
    """Give a noun the endpoints of its upkeep."""
    if upkeep.body is not None:
        _offer_adding(blueprint, upkeep, upkeep.body)
    if upkeep.patch is not None:
        _offer_changing(blueprint, upkeep, upkeep.patch)
    _offer_withdrawing(blueprint, upkeep)
    if upkeep.kind != "body":  # whose name stands on everything that it owns
        _offer_marking(blueprint, upkeep)
    offer_history(blueprint, upkeep.kind, upkeep.called, upkeep.example)


def owned(call: Call) -> Call:
    """The call of whoever adds what is to be his own body's; refused for another's."""
    if call.principal.role == "developer":
        return call
    if call.principal.body is None:
        raise Forbidden("You act for no body, and so own nothing.")
    owner = call.body.get("owner") or call.principal.body
    if owner != call.principal.body:
        raise Forbidden("You may add this for your own body alone.")
    return replace(call, body={**call.body, "owner": owner})


def acting(call: Call) -> Call:
    """The call of whoever decides something in the name of a body, which is then the owner of the decision."""
    call = owned(call)
    owner = call.body.get("owner")
    if not owner:
        raise Invalid(Fault("/owner", "is needed: in the name of which body?"))
    Named(call.session, call.lens, [owner]).at("/owner", owner, ("body",))
    return call


def named(view: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    """A view under its own name and description."""
    view.__name__ = view.__qualname__ = name
    view.__doc__ = doc
    return view


def _offer_adding(blueprint: Blueprint, upkeep: Upkeep, body: Schema) -> None:
    """Offer to add a thing."""

    def add(call: Call) -> str:
        call = owned(call) if upkeep.own else call
        return upkeep.add(call) if upkeep.add else add_item(call.session, call.lens, upkeep.kind, call.body)

    about = f"Add {upkeep.called}.\n\nIts reference is given by the service; what it names must be there."
    declare = endpoint(
        upkeep.permission,
        query=ReasonQuery(),
        returns=an_item(upkeep.schema, upkeep.shape),
        raises=(Conflict,),
        example=upkeep.example.rpartition("/")[0] + REASON,
        write=Write(body=body, shows=upkeep.reads, shape=upkeep.shape, example=upkeep.example),
        example_answered=False,
    )
    blueprint.post("")(declare(named(add, f"add_{upkeep.kind}", about)))


def _offer_changing(blueprint: Blueprint, upkeep: Upkeep, patch: Schema) -> None:
    """Offer to change a thing."""

    def change(call: Call, ref: str) -> str:
        if upkeep.own and "owner" in call.body and not call.principal.owns(call.body["owner"]):
            raise Forbidden("You may give this to your own body alone.")
        if upkeep.amend:
            upkeep.amend(call, ref)
        else:
            amend_item(call.session, call.lens, upkeep.kind, ref, call.body)
        return ref

    about = f"Change {upkeep.called}.\n\nFields that are not there stay as they are; its earlier state stays readable."
    declare = endpoint(
        upkeep.revising or upkeep.permission,
        query=ReasonQuery(),
        returns=an_item(upkeep.schema, upkeep.shape),
        raises=(NotFound, Conflict, Stale),
        example=upkeep.example + REASON,
        write=Write(
            body=patch,
            changes=upkeep.reads,
            shows=upkeep.reads,
            shape=upkeep.shape,
            example=upkeep.example,
            own=upkeep.kind if upkeep.own or upkeep.revising else None,
            unless=upkeep.permission if upkeep.revising else None,
        ),
        example_answered=False,
    )
    blueprint.patch("/<ref>")(declare(named(change, f"change_{upkeep.kind}", about)))


def _offer_withdrawing(blueprint: Blueprint, upkeep: Upkeep) -> None:
    """Offer to withdraw a thing."""

    def withdraw(call: Call, ref: str) -> None:
        if upkeep.withdraw:
            upkeep.withdraw(call, ref)
        else:
            withdraw_item(call.session, call.lens, upkeep.kind, ref)

    about = f"Withdraw {upkeep.called}.\n\nNothing is deleted: its history stays, and known_at shows it as it was."
    declare = endpoint(
        upkeep.permission,
        query=ReasonQuery(),
        returns=NOTHING,
        raises=(NotFound, Conflict, Stale),
        example=upkeep.example + REASON,
        write=Write(
            changes=upkeep.reads,
            shape=upkeep.shape,
            own=upkeep.kind,
            unless=upkeep.permission if upkeep.permission in _FOR_OTHERS else None,
        ),
        also=Permission.WITHDRAW,
        example_answered=False,
    )
    blueprint.delete("/<ref>")(declare(named(withdraw, f"withdraw_{upkeep.kind}", about)))


def _offer_marking(blueprint: Blueprint, upkeep: Upkeep) -> None:
    """Offer to raise the marking of a thing."""

    def read(call: Call, ref: str) -> Row:
        try:
            return upkeep.reads(call, ref)
        except NotFound:  # it may have been withdrawn
            point, marked = before_withdrawal(call.session, call.lens, upkeep.kind, ref)
            return upkeep.reads(replace(call, lens=replace(call.lens, known_at=point)), ref) | marked

    def mark(call: Call, ref: str) -> str:
        raise_marking(call.session, call.lens, upkeep.kind, ref, call.body)
        return ref

    about = (
        f"Raise the marking of {upkeep.called}: fewer readers see it from now on, at earlier points of the record too."
        "\n\nWhat stands under it is marked at least as strictly. What was withdrawn can be hidden too (`If-Match: *`)."
        " To lower a marking, ask for a release (`/approvals`)."
    )
    declare = endpoint(
        Permission.RAISE_HANDLING,
        query=ReasonQuery(),
        returns=an_item(upkeep.schema, upkeep.shape),
        raises=(NotFound, Conflict, Stale),
        example=f"{upkeep.example}/handling{REASON}",
        write=Write(
            body=HandlingBody(),
            changes=read,
            shows=read,
            shape=upkeep.shape,
            example={"handling": "OFFICIAL"},
            own=upkeep.kind,
        ),
        example_answered=False,
    )
    blueprint.post("/<ref>/handling")(declare(named(mark, f"mark_{upkeep.kind}", about)))


def offer_history(blueprint: Blueprint, kind: str, called: str, example: str) -> None:
    """Offer the history of a thing."""

    def list_history(call: Call, ref: str) -> Listing:
        page = history(call.session, call.lens, (kind, ref), call.wanted_feed())
        return call.feed(page, CHANGE_FIELDS)

    about = f"Read the history of {called}: who did what to it, when, why; of one that was withdrawn too."
    declare = endpoint(
        Permission.READ_RECORD,
        query=HistoryQuery(),
        returns=a_list(ChangeSchema()),
        raises=(NotFound,),
        example=f"{example}/history" if example else "",
        example_answered=False,
    )
    blueprint.get("/<ref>/history")(declare(named(list_history, f"list_{kind}_history", about)))
